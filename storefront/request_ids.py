"""The id of a request: taken from the caller or made, logged and given back."""

import secrets
from typing import Final

import structlog

REQUEST_ID: Final = "X-Request-Id"
LONGEST: Final = 128
"""Characters: long enough for any."""


def choose_request_id(given: str) -> str:
    """The caller's own id if it is printable ASCII of a fair length, else a new one."""
    if given and len(given) <= LONGEST and given.isascii() and given.isprintable():
        return given
    return f"req_{secrets.token_hex(12)}"


def begin_request(given: str) -> str:
    """Choose the id, and let all that this thread logs from now on bear it."""
    request_id = choose_request_id(given)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)
    return request_id
