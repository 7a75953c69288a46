"""Order batches and orders."""

from typing import Any

from payments.queries import OrderFilter
from storefront.api.access import SHOPPER, allow, caller
from storefront.api.lists import cut, page, read_position
from storefront.api.schemas.common import PageQuery
from storefront.api.schemas.orders import OrderBatchSchema, OrderPageSchema, OrderSchema, OrdersQuery
from storefront.api.smorest import Blueprint
from storefront.api.wiring import services
from storefront.presenters import present_batch, present_order

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


def _find(wanted: OrderFilter) -> Answer:
    orders, cursor = cut(services().orders.find(caller().owner, wanted), wanted.limit)
    return page([present_order(order) for order in orders], cursor)
