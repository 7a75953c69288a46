"""The shipments of orders: one for each brand, which ships and arrives by itself, or does not."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from goody_emulator.errors import RefusedError
from goody_emulator.orders.lifecycle import Progress
from goody_emulator.state.store import Row, Store

UNDER_WAY: Final = "shipped"
ARRIVED: Final = ("delivered", "delivered_override")
"""Brought by the carrier, or said to be there by somebody else."""
Mishap = Literal["pending", "tracking", "failed", "failed_unset_tracking", "failed_with_reship"]
"""What a shipment can be besides: not handed over yet, with a number or without, or not coming."""


class Parcel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which of an order's shipments is meant: one brand's, or the one at a place in the cart; neither means all."""

    brand_id: str | None = None
    shipment: int | None = None
    """Counted from 0, in the order of the cart's brands."""


class Shipments:
    """The shipments of all orders. Those of an order are made when something first happens to one."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, order_ids: Sequence[str]) -> defaultdict[str, list[Row]]:
        """Return the shipments of each order, in the order of its cart; none before something happens to one."""
        found: defaultdict[str, list[Row]] = defaultdict(list)
        marks = ", ".join("?" * len(order_ids))
        query = f"SELECT * FROM shipments WHERE order_id IN ({marks}) ORDER BY order_id, place"  # noqa: S608 - marks
        for row in self._store.rows(query, *order_ids) if order_ids else ():
            found[row["order_id"]].append(row)
        return found

    def ship(self, order: Row, cart: Mapping[str, Any], parcel: Parcel) -> None:
        """Let what is meant of an order leave; RefusedError when it has left already."""
        self._make(order, cart)
        left = [row for row in self._meant(order, parcel) if has_not_left(row)]
        if not left:
            raise RefusedError("That has been shipped already.")
        self._change(left, UNDER_WAY, "shipped_at")

    def deliver(self, order: Row, parcel: Parcel, *, override: bool = False) -> bool:
        """Let what is meant arrive, of what is on its way; RefusedError when nothing is. True when all has arrived."""
        moving = [row for row in self._meant(order, parcel) if is_moving(row)]
        if not moving:
            raise RefusedError("That is not on its way.")
        self._change(moving, ARRIVED[override], "delivered_at")
        return all(row["status"] in ARRIVED for row in self.of([order["id"]])[order["id"]])

    def mark(self, order: Row, cart: Mapping[str, Any], parcel: Parcel, status: Mishap) -> None:
        """Give what is meant, and has not arrived, another status; RefusedError when it can't have that any more."""
        self._make(order, cart)
        meant = [row for row in self._meant(order, parcel) if row["status"] not in ARRIVED]
        if status in {"pending", "tracking"}:
            meant = [row for row in meant if row["shipped_at"] is None]
        if not meant:
            raise RefusedError(f"That can't be {status} any more.")
        self._change(meant, status, None)

    def _make(self, order: Row, cart: Mapping[str, Any]) -> None:
        if self.of([order["id"]]):
            return
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

    def _change(self, rows: Sequence[Row], status: str, dated: str | None) -> None:
        columns = "status = ?" if dated is None else f"status = ?, {dated} = ?"
        values = (status,) if dated is None else (status, self._store.clock.now())
        statement = f"UPDATE shipments SET {columns} WHERE order_id = ? AND place = ?"  # noqa: S608 - own names
        for row in rows:
            self._store.execute(statement, *values, row["order_id"], row["place"])


def brands_of(cart: Mapping[str, Any]) -> dict[str, str]:
    """Return the names of a cart's brands by id, in its order."""
    return {item["product"]["brand"]["id"]: item["product"]["brand"]["name"] for item in cart["items"]}


def is_moving(shipment: Row) -> bool:
    """Tell whether a shipment is on its way."""
    return bool(shipment["status"] == UNDER_WAY)


def has_not_left(shipment: Row) -> bool:
    """Tell whether a shipment can be sent on its way: it has not been, or did not come and goes once more."""
    return shipment["status"] not in {UNDER_WAY, *ARRIVED}


def progress(order: Row, shipments: Sequence[Row]) -> Progress:
    """Return how far an order has come, with its shipments."""
    return Progress(
        status=order["status"],
        is_refunded=order["refunded_at"] is not None,
        has_parcels_to_ship=not shipments or any(map(has_not_left, shipments)),
        has_parcels_to_deliver=any(map(is_moving, shipments)),
        has_parcels_to_mark=not shipments or any(row["status"] not in ARRIVED for row in shipments),
    )
