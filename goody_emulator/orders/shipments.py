"""The shipments of orders: one for each brand, which ships and arrives by itself."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from goody_emulator.errors import RefusedError
from goody_emulator.orders.lifecycle import Progress
from goody_emulator.state.store import Row, Store


class Parcel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which of an order's shipments is meant: one brand's, or the one at a place in the cart; neither means all."""

    brand_id: str | None = None
    shipment: int | None = None
    """Counted from 0, in the order of the cart's brands."""


class Shipments:
    """The shipments of all orders. Those of an order are made when its first one leaves."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, order_ids: Sequence[str]) -> defaultdict[str, list[Row]]:
        """Return the shipments of each order, in the order of its cart; none before the first one leaves."""
        found: defaultdict[str, list[Row]] = defaultdict(list)
        marks = ", ".join("?" * len(order_ids))
        query = f"SELECT * FROM shipments WHERE order_id IN ({marks}) ORDER BY order_id, place"  # noqa: S608 - marks
        for row in self._store.rows(query, *order_ids) if order_ids else ():
            found[row["order_id"]].append(row)
        return found

    def ship(self, order: Row, cart: Mapping[str, Any], parcel: Parcel) -> None:
        """Let what is meant of an order leave; RefusedError when it has left already."""
        if not self.of([order["id"]]):
            self._make(order, cart)
        left = [row for row in self._meant(order, parcel) if row["shipped_at"] is None]
        if not left:
            raise RefusedError("That has been shipped already.")
        self._date(left, "shipped_at")

    def deliver(self, order: Row, parcel: Parcel) -> bool:
        """Let what is meant arrive, of what is on its way; RefusedError when nothing is. True when all has arrived."""
        moving = [row for row in self._meant(order, parcel) if is_moving(row)]
        if not moving:
            raise RefusedError("That is not on its way.")
        self._date(moving, "delivered_at")
        return all(row["delivered_at"] is not None for row in self.of([order["id"]])[order["id"]])

    def _make(self, order: Row, cart: Mapping[str, Any]) -> None:
        for place, (brand_id, name) in enumerate(brands_of(cart).items()):
            row = {"order_id": order["id"], "place": place, "brand_id": brand_id, "brand_name": name}
            self._store.insert("shipments", row)

    def _meant(self, order: Row, parcel: Parcel) -> list[Row]:
        rows = self.of([order["id"]])[order["id"]]
        meant = [
            row
            for row in rows
            if parcel.brand_id in {None, row["brand_id"]} and parcel.shipment in {None, row["place"]}
        ]
        if not meant:
            brands = ", ".join(f"{row['place']}: {row['brand_id']} ({row['brand_name']})" for row in rows)
            raise RefusedError(f"There is no such shipment. This order has, by place and brand_id: {brands}.")
        return meant

    def _date(self, rows: Sequence[Row], column: str) -> None:
        statement = f"UPDATE shipments SET {column} = ? WHERE order_id = ? AND place = ?"  # noqa: S608 - one of two names
        for row in rows:
            self._store.execute(statement, self._store.clock.now(), row["order_id"], row["place"])


def brands_of(cart: Mapping[str, Any]) -> dict[str, str]:
    """Return the names of a cart's brands by id, in its order."""
    return {item["product"]["brand"]["id"]: item["product"]["brand"]["name"] for item in cart["items"]}


def is_moving(shipment: Row) -> bool:
    """Tell whether a shipment is on its way."""
    return shipment["shipped_at"] is not None and shipment["delivered_at"] is None


def progress(order: Row, shipments: Sequence[Row]) -> Progress:
    """Return how far an order has come, with its shipments."""
    return Progress(
        status=order["status"],
        is_refunded=order["refunded_at"] is not None,
        has_parcels_to_ship=not shipments or any(row["shipped_at"] is None for row in shipments),
        has_parcels_to_deliver=any(is_moving(row) for row in shipments),
    )
