"""Orders: made when their batch is completed, found, and shown."""

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from goody_emulator.apps import App, Apps
from goody_emulator.errors import NotFoundError
from goody_emulator.orders import lifecycle, wire
from goody_emulator.orders.references import new_reference
from goody_emulator.orders.shipments import Shipments, progress
from goody_emulator.orders.validation import DIRECT_SEND
from goody_emulator.state.store import Row, Store

FIRST_STEP_DELAY: Final = 1000
"""Milliseconds until a gift's recipient is notified, or a direct send goes ahead."""


class Orders:
    """The orders of all apps."""

    def __init__(self, store: Store, apps: Apps) -> None:
        self._store = store
        self._apps = apps
        self.shipments = Shipments(store)

    def find(self, order_id: str, app: App | None = None) -> Row:
        """Return an order, of this app when one is given; NotFoundError otherwise."""
        row = self._store.row("SELECT * FROM orders WHERE id = ?", order_id)
        if row is None or (app is not None and row["app_id"] != app.id):
            raise NotFoundError("Order not found")
        return row

    def find_all(self, order_ids: Collection[str]) -> list[Row]:
        """Return those of the orders that there are."""
        marks = ", ".join("?" * len(order_ids))
        return self._store.rows(f"SELECT * FROM orders WHERE id IN ({marks})", *order_ids)  # noqa: S608 - marks

    def batch_of(self, order: Row) -> Row:
        """Return the batch an order belongs to."""
        found = self._store.row("SELECT * FROM order_batches WHERE id = ?", order["batch_id"])
        if found is None:
            raise NotFoundError("Order batch not found")
        return found

    def cart_of(self, order: Row) -> wire.Json:
        """Return what an order holds now: the batch's cart, or what the recipient took instead."""
        return wire.cart(order, self.batch_of(order))

    def shown(self, order: Row, base: str) -> wire.Json:
        """Return an order in the shape of Goody's lists and webhooks."""
        return self.shown_all([order], base)[0]

    def shown_in_full(self, order: Row, base: str) -> wire.Json:
        """Return an order in the shape it has when asked for alone."""
        return wire.with_event_times(self.shown(order, base), order)

    def shown_all(self, orders: Sequence[Row], base: str) -> list[wire.Json]:
        """Return orders in the shape of Goody's lists, with two queries for all of them."""
        batches = self._batches_of(orders)
        shipments = self.shipments.of([order["id"] for order in orders])
        return [
            wire.order(
                order, batches[order["batch_id"]], self._apps.of_id(order["app_id"]), base, shipments[order["id"]]
            )
            for order in orders
        ]

    def progress_of(self, orders: Sequence[Row]) -> dict[str, lifecycle.Progress]:
        """Return how far each order has come, by its id."""
        shipments = self.shipments.of([order["id"] for order in orders])
        return {order["id"]: progress(order, shipments[order["id"]]) for order in orders}

    def _batches_of(self, orders: Sequence[Row]) -> Mapping[str, Row]:
        batch_ids = {order["batch_id"] for order in orders}
        marks = ", ".join("?" * len(batch_ids))
        rows = self._store.rows(f"SELECT * FROM order_batches WHERE id IN ({marks})", *batch_ids)  # noqa: S608 - marks
        return {row["id"]: row for row in rows}

    def create(self, batch: Row, recipient: Row, moment: int) -> Row:
        """Insert the order of one recipient; call inside the transaction that completes the batch."""
        amounts = json.loads(batch["quote"])
        order_id = str(uuid.uuid4())
        self._store.insert(
            "orders",
            {
                "id": order_id,
                "app_id": batch["app_id"],
                "batch_id": batch["id"],
                "place": recipient["place"],
                "status": "created",
                "reference_id": new_reference(),
                "gift_token": new_reference(),
                "checkout_key": new_reference(),
                "first_name": recipient["first_name"],
                "last_name": recipient["last_name"],
                "email": recipient["email"],
                "mailing_address": recipient["mailing_address"],
                "selections": batch["selections"],
                "brand_costs": json.dumps(amounts["brands"]),
                "amount_product": amounts["product"],
                "amount_shipping": amounts["shipping"],
                "amount_processing_fee": amounts["processing_fee"],
                "expires_at": batch["expires_at"],
                "created_at": moment,
                "due_at": moment + FIRST_STEP_DELAY,
                "due_step": "accept" if batch["send_method"] == DIRECT_SEND else "notify",
            },
        )
        self.note_activity(batch["app_id"], order_id, "created", moment)
        return self.find(order_id)

    def note_activity(self, app_id: str, order_id: str, status: str, moment: int) -> None:
        """Record a change of status, when it is one Goody lists."""
        if status not in lifecycle.ACTIVITY_STATUSES:
            return
        self._store.insert(
            "order_activities",
            {
                "id": str(uuid.uuid4()),
                "app_id": app_id,
                "order_id": order_id,
                "order_status": status,
                "created_at": moment,
            },
        )
