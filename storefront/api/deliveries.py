"""Deliveries: what was sent to webhook endpoints, and what came of it."""

from http import HTTPStatus
from typing import Any

from storefront.api.access import BACKEND, allow, caller, must_not_send_too_often
from storefront.api.idempotent import HEADER, idempotent
from storefront.api.lists import page, read_position, write_position
from storefront.api.schemas.webhook_endpoints import DeliveriesQuery, DeliveryPageSchema, DeliverySchema
from storefront.api.smorest import Blueprint
from storefront.api.wiring import services
from storefront.delivery.log import DeliveryFilter
from storefront.delivery_presenters import present_delivery

blueprint = Blueprint("deliveries", __name__, url_prefix="/v1", description="What was delivered, and what was not")

Answer = tuple[dict[str, Any], int, dict[str, str]]


@blueprint.route("/webhook_endpoints/<string:endpoint_id>/deliveries")
@blueprint.arguments(DeliveriesQuery, location="query")
@blueprint.response(200, DeliveryPageSchema)
@allow(BACKEND)
def list_deliveries(query: dict[str, Any], endpoint_id: str) -> Answer:
    """What was sent to an endpoint, newest first, with every try."""
    limit = query["limit"]
    wanted = DeliveryFilter(query["status"], query["event_type"], read_position(query["cursor"]), limit)
    found = services().deliveries.find(caller().app_id, endpoint_id, wanted)
    cursor = write_position(found[limit - 1][0].created_at, found[limit - 1][0].id) if len(found) > limit else None
    return page([present_delivery(*logged) for logged in found[:limit]], cursor)


@blueprint.route("/webhook_endpoints/<string:endpoint_id>/test", methods=["POST"])
@idempotent()
@blueprint.response(200, DeliverySchema)
@blueprint.header(HEADER, "a new one for each test, the same one for its retries")
@allow(BACKEND)
def send_test(endpoint_id: str) -> dict[str, Any]:
    """Send `webhook_endpoint.test` now, once, and tell what came of it, well or not."""
    must_not_send_too_often()
    return present_delivery(*services().deliveries.test(caller().app_id, endpoint_id))


@blueprint.route("/deliveries/<string:delivery_id>")
@blueprint.response(200, DeliverySchema)
@allow(BACKEND)
def get_delivery(delivery_id: str) -> dict[str, Any]:
    """One delivery."""
    return present_delivery(*services().deliveries.get(caller().app_id, delivery_id))


@blueprint.route("/deliveries/<string:delivery_id>/redeliver", methods=["POST"])
@idempotent(is_accepted_final=True)
@blueprint.response(202, DeliverySchema)
@blueprint.header(HEADER, "a new one for each time, the same one for its retries")
@allow(BACKEND)
def redeliver(delivery_id: str) -> Answer:
    """Deliver it once more, under the same id and as the resource is now; at once, if it waits for a retry."""
    must_not_send_too_often()
    logged = services().deliveries.redeliver(caller().app_id, delivery_id)
    return present_delivery(*logged), HTTPStatus.ACCEPTED, {}
