"""RFC 9457 problem documents, the errors of the control API."""

from http import HTTPStatus

import msgspec
from flask import Response


def problem(status: HTTPStatus, detail: str, **more: object) -> Response:
    """Return a problem; `more` become members of its own."""
    body = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail, **more}
    return Response(msgspec.json.encode(body), status.value, mimetype="application/problem+json")
