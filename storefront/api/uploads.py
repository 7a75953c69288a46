"""Files as request bodies: longer than other bodies may be, and of no JSON."""

from collections.abc import Callable
from functools import wraps
from io import BytesIO
from typing import Any, BinaryIO

from flask import request
from werkzeug.exceptions import LengthRequired, UnsupportedMediaType

from foundation.errors import Fault, InvalidInputError
from storefront.gate.bodies import allow_body

View = Callable[..., Any]


def takes_file(largest: int, media_type: str) -> Callable[[View], View]:
    """Let the body be a file of at most so many bytes: 413 beyond, 415 for a body that says to be something else.

    411 for one in chunks: a server does not tell applications that such a body broke off, and the beginning of a file
    would be taken for all of it. (JSON that breaks off is no JSON.)
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapper(*args: object, **kwargs: object) -> Any:  # noqa: ANN401  whatever the view gives
            request.max_content_length = largest
            allow_body(request.environ, largest)
            if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
                raise LengthRequired("Send the file in one piece, with its length as Content-Length: not in chunks.")
            if request.mimetype not in {media_type, "application/octet-stream", "text/plain"}:
                raise UnsupportedMediaType(f"Send the file itself as the body, with Content-Type: {media_type}.")
            return view(*args, **kwargs)

        return wrapper

    return decorate


def uploaded() -> BinaryIO:
    """The body as a file. InvalidInputError if there is none."""
    content = request.get_data()
    if not content:
        raise InvalidInputError("The file is missing.", [Fault("", "required", "Send the file itself as the body.")])
    return BytesIO(content)
