"""The way to the event streams. They are served beside the API, since an open one would hold a thread here."""

from http import HTTPStatus
from typing import Any

from flask import Response, request

from foundation.errors import Fault, InvalidInputError
from storefront.api.access import ANYONE, SHOPPER, allow, caller
from storefront.api.idempotent import HEADER, idempotent
from storefront.api.problems import StreamsUnavailableError
from storefront.api.schemas.streams import NewStreamTokenSchema, StreamQuery, StreamTokenSchema
from storefront.api.smorest import Blueprint
from storefront.api.wiring import services
from storefront.stream.requests import PATH
from storefront.stream.tokens import Scope

blueprint = Blueprint("streams", __name__, url_prefix="/v1", description="Events as they happen")


@blueprint.route("/stream_tokens", methods=["POST"])
@idempotent(shown_once=("token", "url"))
@blueprint.arguments(NewStreamTokenSchema)
@blueprint.response(201, StreamTokenSchema)
@blueprint.header(HEADER, "a new one for each token; the token is in the first answer alone")
@allow(SHOPPER)
def create_token(data: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """A token for the stream of one checkout's or customer's events; good for 60 seconds, from this moment on."""
    scope = _scope(data["checkout_id"], data["customer_id"])
    token, until = services().stream_tokens.issue(scope, caller().key_id, caller().until)
    return {"token": token, "url": f"{_address()}?token={token}", "expires_at": until}, HTTPStatus.CREATED


@blueprint.route("/events/stream")
@blueprint.described(StreamQuery)
@blueprint.redirect()
@allow(ANYONE)
def find_stream() -> Response:
    """Server-sent events: what happens, as it happens. It resumes after Last-Event-ID.

    The secret key goes in the header, and follows everything of the app; a token goes in the query. Clients that drop
    headers when they are redirected open the address that this one leads to.
    """
    query = request.query_string.decode("latin-1")
    return Response(
        status=HTTPStatus.TEMPORARY_REDIRECT, headers={"Location": _address() + (f"?{query}" if query else "")}
    )


def _address() -> str:
    url = services().settings.stream_url
    if not url:
        raise StreamsUnavailableError("Event streams are not set up here: STOREFRONT_STREAM_BIND says how.")
    return url + PATH


def _scope(checkout_id: str | None, customer_id: str | None) -> Scope:
    who = caller()
    if not who.is_secret:
        if checkout_id is not None or customer_id is not None:
            fault = Fault("", "not_allowed", "Only the secret key may say whose events these are.")
            raise InvalidInputError("Whose events can't be said here.", [fault])
        return Scope(who.app_id, who.checkout_id, who.customer_id)
    if (checkout_id is None) == (customer_id is None):
        fault = Fault("/checkout_id", "required", "Name a checkout or a customer, one of both.")
        raise InvalidInputError("Say whose events.", [fault])
    if checkout_id is not None:
        services().checkouts.get(who, checkout_id)
    return Scope(who.app_id, checkout_id, customer_id)
