"""What the listener answers: a stream's head, the answer to a preflight, a problem document (RFC 9457). Pure."""

import json
import math
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any, Final

from foundation.database import DatabaseUnavailableError
from foundation.errors import (
    ForbiddenError,
    NotFoundError,
    OriginNotAllowedError,
    StorefrontError,
    TooManyRequestsError,
    UnauthenticatedError,
)
from foundation.events import EventsGoneError
from storefront.gate.origins import Header, headers_for
from storefront.request_ids import REQUEST_ID, choose_request_id
from storefront.stream.door import NO_PAGE, NoLongerThereError
from storefront.stream.requests import PATH, Request

STATUSES: Final = (
    (UnauthenticatedError, HTTPStatus.UNAUTHORIZED),
    (ForbiddenError, HTTPStatus.FORBIDDEN),
    (TooManyRequestsError, HTTPStatus.TOO_MANY_REQUESTS),
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (EventsGoneError, HTTPStatus.GONE),
    (NoLongerThereError, HTTPStatus.GONE),
)
"""The first type that fits decides; anything else is a 503."""
OPEN: Final = (
    ("Content-Type", "text/event-stream"),
    ("Cache-Control", "no-store"),
    ("X-Accel-Buffering", "no"),
)
PREFLIGHT: Final[tuple[Header, ...]] = (
    ("Access-Control-Allow-Methods", "GET"),
    ("Access-Control-Allow-Headers", "Cache-Control, Last-Event-ID"),
    ("Access-Control-Max-Age", "600"),
    ("Vary", "Origin"),
)


class Answers:
    """Writes answers, each with the headers that all answers have."""

    def __init__(self, security: Sequence[Header]) -> None:
        self._security = security

    def healthy(self) -> bytes:
        """The answer to a probe."""
        return self._whole(HTTPStatus.OK, [("Content-Type", "text/plain; charset=utf-8")], b"ok", choose_request_id(""))

    def beginning(self, request: Request, told: Iterable[Header]) -> bytes:
        """The head of a stream, up to its empty line."""
        return self._head(HTTPStatus.OK, [*OPEN, *told], _request_id(request))

    def preflight(self, request: Request, told: Iterable[Header]) -> bytes:
        """The answer to a browser that asks whether it may ask."""
        return self._head(HTTPStatus.NO_CONTENT, [*told, ("Cache-Control", "no-store")], _request_id(request))

    def refusal(self, error: StorefrontError, request: Request | None = None) -> bytes:
        """A problem document."""
        status = next((status for kind, status in STATUSES if isinstance(error, kind)), HTTPStatus.SERVICE_UNAVAILABLE)
        headers = [("Content-Type", "application/problem+json"), *_readable(error, request)]
        if error.retry_after is not None:
            headers.append(("Retry-After", str(max(1, math.ceil(error.retry_after)))))
        if status == HTTPStatus.UNAUTHORIZED:
            headers.append(("WWW-Authenticate", "Bearer"))
        request_id = choose_request_id("") if request is None else _request_id(request)
        return self._whole(status, headers, json.dumps(_problem(error, status, request_id)).encode(), request_id)

    def _whole(self, status: HTTPStatus, headers: Iterable[Header], body: bytes, request_id: str) -> bytes:
        sized = [*headers, ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
        return self._head(status, sized, request_id) + body

    def _head(self, status: HTTPStatus, headers: Iterable[Header], request_id: str) -> bytes:
        shared = (("Connection", "close"), (REQUEST_ID, request_id), *self._security)
        lines = "".join(f"{name}: {value}\r\n" for name, value in (*headers, *shared))
        return f"HTTP/1.1 {status.value} {status.phrase}\r\n{lines}\r\n".encode("latin-1")


def _request_id(request: Request) -> str:
    return choose_request_id(request.headers.get(REQUEST_ID.lower(), ""))


def _readable(error: StorefrontError, request: Request | None) -> tuple[Header, ...]:
    """What lets a page read why: not the one that may not listen, and none that holds a secret key."""
    if request is None or request.origin == NO_PAGE or isinstance(error, OriginNotAllowedError):
        return (("Vary", "Origin"),)
    if request.token is None and request.authorization:
        return ()
    return headers_for(None, request.origin)


def _problem(error: StorefrontError, status: HTTPStatus, request_id: str) -> dict[str, Any]:
    detail = error.detail
    if isinstance(error, DatabaseUnavailableError):
        detail = "The service can't reach its database just now. Try again in a moment."
    return {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "instance": PATH,
        "code": error.code,
        "request_id": request_id,
        **({"after": error.oldest} if isinstance(error, EventsGoneError) else {}),
    }
