"""What products and brands are called: as Goody called them in the orders that sold them."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

import sqlalchemy as sa

from foundation.database import Session
from payments.tables import Order, OrderBatch

AT_ONCE: Final = 500
Carts = tuple[Mapping[str, Any] | None, ...]


def names_in(session: Session, order_ids: Collection[str]) -> dict[str, str]:
    """The names of all products and brands of these orders, by id."""
    found: dict[str, str] = {}
    ids = sorted(order_ids)
    for start in range(0, len(ids), AT_ONCE):
        told = (
            sa.select(OrderBatch.lines, Order.original_cart, Order.cart)
            .join(OrderBatch, OrderBatch.id == Order.order_batch_id)
            .where(Order.id.in_(ids[start : start + AT_ONCE]))
        )
        for lines, *carts in session.execute(told):
            found.update(_of_lines(lines))
            found.update(_of_carts(tuple(carts)))
    return {name_id: name for name_id, name in found.items() if name}


def _of_lines(lines: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for line in lines:
        yield line["product_id"], line["name"]
        yield line["brand_id"], line["brand_name"]


def _of_carts(carts: Carts) -> Iterator[tuple[str, str]]:
    for item in (item for cart in carts for item in (cart or {}).get("items", ())):
        product = item["product"]
        yield product["id"], product["name"]
        if product.get("brand"):
            yield product["brand"]["id"], product["brand"]["name"]
