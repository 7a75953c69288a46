"""Order batches and orders."""

from http import HTTPStatus
from typing import Any

from payments.order_change_states import ChangeState
from payments.queries import OrderFilter
from payments.tables import Order
from storefront.api.access import BACKEND, SHOPPER, allow, caller
from storefront.api.idempotent import HEADER, idempotent
from storefront.api.lists import cut, page, read_position
from storefront.api.schemas.common import PageQuery
from storefront.api.schemas.orders import (
    NewExpirationSchema,
    OrderBatchSchema,
    OrderPageSchema,
    OrderSchema,
    OrdersQuery,
    TimelineSchema,
)
from storefront.api.smorest import Blueprint
from storefront.api.wiring import services
from storefront.presenters import present_batch, present_order, present_timeline

blueprint = Blueprint("orders", __name__, url_prefix="/v1", description="What was ordered, and where it stands")

Answer = tuple[dict[str, Any], int, dict[str, str]]


@blueprint.route("/order_batches/<string:batch_id>")
@blueprint.response(200, OrderBatchSchema)
@allow(SHOPPER)
def get_batch(batch_id: str) -> dict[str, Any]:
    """A batch with its first ten orders."""
    owner = caller().owner
    batch = services().orders.batch(owner, batch_id)
    return present_batch(batch, services().orders.of_batch(owner, batch.id), is_backend=caller().is_secret)


@blueprint.route("/order_batches/<string:batch_id>/orders")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, OrderPageSchema)
@allow(SHOPPER)
def list_batch_orders(query: dict[str, Any], batch_id: str) -> Answer:
    """All orders of a batch, newest first."""
    services().orders.batch(caller().owner, batch_id)
    return _find(OrderFilter(batch_id=batch_id, before=read_position(query["cursor"]), limit=query["limit"]))


@blueprint.route("/orders")
@blueprint.arguments(OrdersQuery, location="query")
@blueprint.response(200, OrderPageSchema)
@allow(SHOPPER)
def list_orders(query: dict[str, Any]) -> Answer:
    """Orders, newest first."""
    return _find(
        OrderFilter(
            status=query["status"],
            customer_id=query["customer"],
            batch_id=query["batch"],
            before=read_position(query["cursor"]),
            limit=query["limit"],
        )
    )


@blueprint.route("/orders/<uuid:order_id>")
@blueprint.response(200, OrderSchema)
@allow(SHOPPER)
def get_order(order_id: object) -> dict[str, Any]:
    """One order."""
    return present_order(services().orders.order(caller().owner, str(order_id)))


@blueprint.route("/orders/<uuid:order_id>/timeline")
@blueprint.response(200, TimelineSchema)
@allow(SHOPPER)
def get_timeline(order_id: object) -> dict[str, Any]:
    """How the order came to stand where it stands: each step with its time and its source."""
    steps = services().orders.timeline(caller().owner, str(order_id))
    return {"data": present_timeline(steps, is_backend=caller().is_secret)}


@blueprint.route("/orders/<string:order_id>/cancel", methods=["POST"])
@idempotent()
@blueprint.response(200, OrderSchema)
@blueprint.alt_response(202, OrderSchema)
@blueprint.header(HEADER, "a new one for each cancellation, the same one for its retries")
@allow(BACKEND)
def cancel_order(order_id: str) -> Answer:
    """Cancel an order that its recipient has not accepted. 202 while it is not known whether the supplier did it.

    A batch can't be cancelled, so a scheduled one can't be either; its orders can be once they exist.
    """
    return _changed(*services().cancellations.cancel(caller().owner, order_id))


@blueprint.route("/orders/<uuid:order_id>/expiration", methods=["POST"])
@idempotent()
@blueprint.arguments(NewExpirationSchema)
@blueprint.response(200, OrderSchema)
@blueprint.alt_response(202, OrderSchema)
@blueprint.header(HEADER, "a new one for each change, the same one for its retries")
@allow(BACKEND)
def change_expiration(data: dict[str, Any], order_id: object) -> Answer:
    """Let a gift expire at another moment; one that has expired can be accepted again. 202 as with a cancellation."""
    return _changed(*services().expirations.change(caller().owner, str(order_id), data["expires_at"]))


@blueprint.route("/orders/<uuid:order_id>/payment_link/resend", methods=["POST"])
@idempotent()
@blueprint.response(200, OrderSchema)
@blueprint.header(HEADER, "a new one for each time, the same one for its retries")
@allow(BACKEND)
def resend_payment_link(order_id: object) -> dict[str, Any]:
    """Tell of the payment link once more, as a new event to every endpoint and stream. Nothing is ordered anew."""
    return present_order(services().payment_links.resend(caller().owner, str(order_id)))


def _changed(order: Order, state: ChangeState) -> Answer:
    return present_order(order), HTTPStatus.OK if state is ChangeState.DONE else HTTPStatus.ACCEPTED, {}


def _find(wanted: OrderFilter) -> Answer:
    orders, cursor = cut(services().orders.find(caller().owner, wanted), wanted.limit)
    return page([present_order(order) for order in orders], cursor)
