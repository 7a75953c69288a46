"""Problem documents (RFC 9457): the one place where an error becomes an HTTP status."""

import math
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from flask import Flask, Response, g, json, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from catalog_sync.browsing.catalog import CursorExpiredError
from catalog_sync.curation.drafts import DraftChangedError
from foundation.database import DatabaseUnavailableError
from foundation.errors import (
    ConflictError,
    Fault,
    ForbiddenError,
    GoodyError,
    GoodyUnavailableError,
    InvalidInputError,
    NotFoundError,
    OverloadedError,
    StorefrontError,
    TooManyRequestsError,
    UnauthenticatedError,
)
from foundation.events import EventsGoneError
from foundation.key_sets import KeysUnavailableError
from foundation.logs import get_logger
from payments.cards import CardDeclinedError, CardRefusedError, CardSaveUnknownError
from payments.order_wishes import ChangeRefusedError
from storefront.api.smorest import PROBLEM
from storefront.checkout.errors import (
    PreconditionFailedError,
    ProductUnavailableError,
    QuoteChangedError,
    QuoteRequiredError,
    RejectedBySupplierError,
)
from storefront.idempotency import KeyReusedError

log = get_logger(__name__)


class StreamsUnavailableError(StorefrontError):
    """No event streams are served by this deployment."""

    code = "streams_unavailable"


STATUSES: Final[tuple[tuple[type[StorefrontError], HTTPStatus], ...]] = (
    (UnauthenticatedError, HTTPStatus.UNAUTHORIZED),
    (ForbiddenError, HTTPStatus.FORBIDDEN),
    (TooManyRequestsError, HTTPStatus.TOO_MANY_REQUESTS),
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (KeyReusedError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (CursorExpiredError, HTTPStatus.GONE),
    (EventsGoneError, HTTPStatus.GONE),
    (PreconditionFailedError, HTTPStatus.PRECONDITION_FAILED),
    (DraftChangedError, HTTPStatus.PRECONDITION_FAILED),
    (QuoteRequiredError, HTTPStatus.PRECONDITION_REQUIRED),
    (KeysUnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
    (RejectedBySupplierError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (ChangeRefusedError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (CardDeclinedError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (CardRefusedError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (CardSaveUnknownError, HTTPStatus.GATEWAY_TIMEOUT),
    (InvalidInputError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (ConflictError, HTTPStatus.CONFLICT),
    (GoodyUnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
    (GoodyError, HTTPStatus.BAD_GATEWAY),
    (DatabaseUnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
    (OverloadedError, HTTPStatus.SERVICE_UNAVAILABLE),
    (StreamsUnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
)
"""The first type that fits decides; anything else is a 500."""

HTTP_CODES: Final = {
    HTTPStatus.BAD_REQUEST: "bad_request",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_TIMEOUT: "body_too_late",
    HTTPStatus.LENGTH_REQUIRED: "length_required",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "body_too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
}
"""Codes of what werkzeug raises. They are written out, since Python renames a phrase now and then."""

SUPPLIER_DETAIL: Final = {
    HTTPStatus.SERVICE_UNAVAILABLE: "The supplier does not answer just now. Nothing was lost; try again in a moment.",
    HTTPStatus.BAD_GATEWAY: "The supplier's answer can't be used. Try again; if it stays so, tell the operator.",
}
"""A supplier's own text is for the log: callers never see it."""


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    faults: Sequence[Fault] = (),
    extra: dict[str, Any] | None = None,
    retry_after: float | None = None,
) -> Response:
    """A problem document. `retry_after` is in seconds."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "instance": request.path,
        "code": code,
        "request_id": g.get("request_id"),
        **(extra or {}),
    }
    if faults:
        body["errors"] = [{"pointer": f.pointer, "code": f.code, "detail": f.detail} for f in faults]
    response = Response(json.dumps(body), status=int(status), mimetype=PROBLEM)
    if retry_after is not None:
        response.headers["Retry-After"] = str(max(1, math.ceil(retry_after)))
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def problem_of(error: StorefrontError) -> Response:
    """The problem document of an error of ours."""
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)
    detail = error.detail
    if isinstance(error, GoodyError):
        log.warning("the supplier failed", why=error.detail, code=error.code)
        detail = SUPPLIER_DETAIL[status]
    elif isinstance(error, DatabaseUnavailableError):
        log.error("the database failed", why=error.detail)
        detail = "The service can't reach its database just now. Try again in a moment."
    elif status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return _internal(error)
    faults = error.faults if isinstance(error, InvalidInputError | ProductUnavailableError) else ()
    return problem(status, error.code, detail, faults=faults, extra=_extra(error), retry_after=error.retry_after)


def _extra(error: StorefrontError) -> dict[str, Any] | None:
    """What an error tells beside its sentence: how to go on."""
    if isinstance(error, QuoteChangedError):
        return {"quote": error.quote}
    return {"after": error.oldest} if isinstance(error, EventsGoneError) else None


def _internal(error: Exception) -> Response:
    """What is wrong here is for the log; the caller learns under which id it stands there."""
    log.error("internal error", exc_info=error)
    detail = "Something went wrong here. The operator's log has it under this request_id."
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, StorefrontError.code, detail)


def register_problems(app: Flask) -> None:
    """Answer every error with a problem document, never with a stack trace."""

    @app.errorhandler(StorefrontError)
    def ours(error: StorefrontError) -> Response:
        return problem_of(error)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
        faults = _faults(error)
        detail = "Some of the input can't be used." if faults else error.description or HTTPStatus(status).phrase
        code = "invalid_input" if faults else HTTP_CODES.get(HTTPStatus(status), "http_error")
        response = problem(status, code, detail, faults=faults)
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return response

    @app.errorhandler(Exception)
    def unforeseen(error: Exception) -> Response:
        return _internal(error)


def _faults(error: HTTPException) -> list[Fault]:
    """What webargs found wrong, flattened to pointers; query parameters are pointed at as members too."""
    messages = (getattr(error, "data", None) or {}).get("messages", {})
    return [fault for found in messages.values() for fault in _flatten(found, "")]


def _flatten(found: object, pointer: str) -> list[Fault]:
    if isinstance(found, dict):
        parts = ((key, value) for key, value in found.items())
        return [
            fault
            for key, value in parts
            for fault in _flatten(value, pointer if key == "_schema" else f"{pointer}/{_escape(str(key))}")
        ]
    texts = found if isinstance(found, list) else [found]
    return [Fault(pointer, _code(str(text)), str(text)) for text in texts]


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _code(text: str) -> str:
    if text.startswith("Missing data"):
        return "required"
    return "unknown_field" if text.startswith("Unknown field") else "invalid"
