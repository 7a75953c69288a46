"""Webhook endpoints: where a partner's backend takes events."""

from http import HTTPStatus
from typing import Any

from storefront.api.access import BACKEND, allow, caller, must_not_send_too_often
from storefront.api.idempotent import HEADER, idempotent
from storefront.api.preconditions import HEADER as IF_MATCH
from storefront.api.preconditions import expected_revision, tag
from storefront.api.schemas.webhook_endpoints import (
    NewWebhookEndpointSchema,
    ReplayQuery,
    ReplaySchema,
    RotationSchema,
    WebhookEndpointChangeSchema,
    WebhookEndpointSchema,
    WebhookEndpointsSchema,
    WebhookEndpointWithSecretSchema,
)
from storefront.api.smorest import Blueprint
from storefront.api.wiring import services
from storefront.delivery.endpoints import Wish
from storefront.delivery_presenters import present_endpoint

blueprint = Blueprint(
    "webhook_endpoints", __name__, url_prefix="/v1/webhook_endpoints", description="Where events are delivered to"
)

ONE = "/<string:endpoint_id>"
Answer = tuple[dict[str, Any], int, dict[str, str]]


@blueprint.route("", methods=["POST"])
@idempotent(shown_once=("secret",))
@blueprint.arguments(NewWebhookEndpointSchema)
@blueprint.response(201, WebhookEndpointWithSecretSchema)
@blueprint.header(HEADER, "a new one for each endpoint, the same one for its retries")
@allow(BACKEND)
def create_endpoint(data: dict[str, Any]) -> Answer:
    """Deliver what happens from now on to this address. The secret is in this answer alone."""
    endpoint, secret = services().webhook_endpoints.create(caller().app_id, Wish(**data))
    return {**present_endpoint(endpoint), "secret": secret}, HTTPStatus.CREATED, tag(endpoint.version)


@blueprint.route("")
@blueprint.response(200, WebhookEndpointsSchema)
@allow(BACKEND)
def list_endpoints() -> dict[str, Any]:
    """The app's endpoints, oldest first."""
    return {"data": [present_endpoint(endpoint) for endpoint in services().webhook_endpoints.all(caller().app_id)]}


@blueprint.route(ONE)
@blueprint.response(200, WebhookEndpointSchema)
@allow(BACKEND)
def get_endpoint(endpoint_id: str) -> Answer:
    """One endpoint."""
    endpoint = services().webhook_endpoints.get(caller().app_id, endpoint_id)
    return present_endpoint(endpoint), HTTPStatus.OK, tag(endpoint.version)


@blueprint.route(ONE, methods=["PATCH"])
@blueprint.arguments(WebhookEndpointChangeSchema)
@blueprint.response(200, WebhookEndpointSchema)
@blueprint.header(IF_MATCH, "the ETag that the change is based on")
@allow(BACKEND)
def change_endpoint(data: dict[str, Any], endpoint_id: str) -> Answer:
    """Change an endpoint, disable it, or enable it again: then it goes on where it stopped."""
    endpoints, app_id = services().webhook_endpoints, caller().app_id
    expected = expected_revision(lambda: endpoints.get(app_id, endpoint_id).version)
    status = data.pop("status", None)
    wish = Wish(**data, is_enabled=None if status is None else status == "enabled")
    endpoint = endpoints.change(app_id, endpoint_id, wish, expected)
    return present_endpoint(endpoint), HTTPStatus.OK, tag(endpoint.version)


@blueprint.route(ONE, methods=["DELETE"])
@blueprint.no_content()
@allow(BACKEND)
def delete_endpoint(endpoint_id: str) -> None:
    """Deliver nothing more to it."""
    services().webhook_endpoints.delete(caller().app_id, endpoint_id)


@blueprint.route(f"{ONE}/secret/rotate", methods=["POST"])
@idempotent(shown_once=("secret",))
@blueprint.arguments(RotationSchema)
@blueprint.response(200, WebhookEndpointWithSecretSchema)
@blueprint.header(HEADER, "a new one for each rotation, the same one for its retries")
@allow(BACKEND)
def rotate_secret(data: dict[str, Any], endpoint_id: str) -> Answer:
    """Sign with a new secret; for a while with the older one too, so that the receiver can change over in peace."""
    endpoint, secret = services().webhook_endpoints.rotate(caller().app_id, endpoint_id, data["overlap_seconds"])
    return {**present_endpoint(endpoint), "secret": secret}, HTTPStatus.OK, tag(endpoint.version)


@blueprint.route(f"{ONE}/replay", methods=["POST"])
@idempotent(is_accepted_final=True)
@blueprint.arguments(ReplayQuery, location="query")
@blueprint.response(202, ReplaySchema)
@blueprint.header(HEADER, "a new one for each replay, the same one for its retries")
@allow(BACKEND)
def replay(query: dict[str, Any], endpoint_id: str) -> Answer:
    """Deliver all events since a time once more, under the ids that they had. What is new goes first."""
    must_not_send_too_often()
    since = query["since"]
    first, last = services().webhook_endpoints.replay(caller().app_id, endpoint_id, since)
    span = {"from_sequence": first, "to_sequence": last} if first <= last else {}
    found = {"webhook_endpoint_id": endpoint_id, "since": since, "from_sequence": None, "to_sequence": None, **span}
    return found, HTTPStatus.ACCEPTED, {}
