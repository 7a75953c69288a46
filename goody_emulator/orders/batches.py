"""Order batches: taken in, completed at once or later, and found again."""

import json
import sqlite3
import uuid
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from goody_emulator.apps import App, Apps
from goody_emulator.catalog import Catalog
from goody_emulator.errors import NotFoundError, RefusedError
from goody_emulator.inputs import BatchInput, Recipient
from goody_emulator.orders import pricing, wire
from goody_emulator.orders.carts import new_cart
from goody_emulator.orders.orders import Orders
from goody_emulator.orders.pricing import Line
from goody_emulator.orders.references import new_reference
from goody_emulator.orders.validation import STORED_VALUE, check_batch
from goody_emulator.state import timestamps
from goody_emulator.state.store import Row, Store
from goody_emulator.webhooks.events import Events

AT_ONCE: Final = 10
"""The most recipients a batch is completed for while its creator waits."""
COMPLETION_DELAY: Final = 1000
"""Milliseconds until a larger batch is complete."""


class Batches:
    """The order batches of all apps."""

    def __init__(
        self, store: Store, catalog: Catalog, apps: Apps, orders: Orders, events: Events, base_url: str
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._apps = apps
        self._orders = orders
        self._events = events
        self._base_url = base_url
        self.when_created: list[Callable[[Row, Row], None]] = []
        """Called with every new order and its batch, inside the transaction that made it."""

    def create(self, app: App, wanted: BatchInput) -> Row:
        """Take a batch in; RefusedError when it breaks a rule or its reference has been used before."""
        moment = self._store.clock.now()
        lines = check_batch(wanted, self._catalog.products, self._catalog.cards, moment)
        if wanted.workspace_id not in {None, app.workspace_id}:
            raise RefusedError("Workspace not found")
        row = _new_row(app, wanted, lines, moment)
        try:
            with self._store.transaction():
                self._store.insert("order_batches", row)
                self._add_recipients(row["id"], wanted.recipients)
                if row["due_at"] is None:
                    self._complete(row["id"], moment, announced=True)
                else:
                    self._tell("order_batch.created", self.find(row["id"]))
        except sqlite3.IntegrityError as error:
            if "customer_reference_id" not in str(error):
                raise
            raise RefusedError("Customer reference has already been taken") from error
        return self.find(row["id"])

    def complete_due(self, batch: Row) -> None:
        """Create the orders of a batch whose time has come, unless that has happened or it is gone."""
        with self._store.transaction():
            current = self._store.row("SELECT due_at FROM order_batches WHERE id = ?", batch["id"])
            if current is not None and current["due_at"] is not None:
                self._complete(batch["id"], self._store.clock.now(), announced=False)

    def find(self, batch_id: str, app: App | None = None) -> Row:
        """Return a batch, of this app when one is given; NotFoundError otherwise."""
        row = self._store.row("SELECT * FROM order_batches WHERE id = ?", batch_id)
        if row is None or (app is not None and row["app_id"] != app.id):
            raise NotFoundError("Order batch not found")
        return row

    def of_app(self, app: App | None, limit: int, offset: int = 0) -> list[Row]:
        """Return batches of one app, or of all apps, newest first."""
        whose = None if app is None else app.id
        return self._store.rows(
            "SELECT * FROM order_batches WHERE app_id = coalesce(?, app_id) ORDER BY seq DESC LIMIT ? OFFSET ?",
            whose,
            limit,
            offset,
        )

    def count(self, app: App) -> int:
        """Return how many batches an app has."""
        return self._store.count("SELECT count(*) FROM order_batches WHERE app_id = ?", app.id)

    def orders_of(self, batch: Row, limit: int, offset: int = 0) -> list[Row]:
        """Return orders of a batch in the order of its recipients."""
        return self._store.rows(
            "SELECT * FROM orders WHERE batch_id = ? ORDER BY place LIMIT ? OFFSET ?", batch["id"], limit, offset
        )

    def recipients_of(self, batch: Row, limit: int, offset: int = 0) -> list[Row]:
        """Return recipients of a batch in the order they were given."""
        return self._store.rows(
            "SELECT * FROM recipients WHERE batch_id = ? ORDER BY place LIMIT ? OFFSET ?", batch["id"], limit, offset
        )

    def shown(self, batch: Row, base: str) -> wire.Json:
        """Return a batch in Goody's shape, with its previews."""
        orders = self.orders_of(batch, wire.PREVIEW)
        recipients = self.recipients_of(batch, wire.PREVIEW)
        return wire.batch(batch, self._apps.of_id(batch["app_id"]), base, orders, recipients)

    def _add_recipients(self, batch_id: str, recipients: Sequence[Recipient]) -> None:
        for place, recipient in enumerate(recipients):
            address = recipient.mailing_address
            self._store.insert(
                "recipients",
                {
                    "batch_id": batch_id,
                    "place": place,
                    "first_name": recipient.first_name,
                    "last_name": recipient.last_name,
                    "email": recipient.email,
                    "phone": recipient.phone,
                    "mailing_address": None if address is None else json.dumps(msgspec.structs.asdict(address)),
                },
            )

    def _complete(self, batch_id: str, moment: int, *, announced: bool) -> None:
        batch = self.find(batch_id)
        recipients = self.recipients_of(batch, -1)
        orders = [self._orders.create(batch, recipient, moment) for recipient in recipients]
        self._store.execute(
            "UPDATE order_batches SET send_status = 'complete', orders_count = ?, due_at = NULL WHERE id = ?",
            len(orders),
            batch_id,
        )
        complete = self.find(batch_id)
        if announced:
            self._tell("order_batch.created", complete)
        self._tell("order_batch.completed", complete)
        app = self._apps.of_id(batch["app_id"])
        for order in orders:
            self._events.record(app.id, "order.created", wire.order(order, complete, app, self._base_url))
            for act in self.when_created:
                act(order, complete)

    def _tell(self, event_type: str, batch: Row) -> None:
        self._events.record(batch["app_id"], event_type, self.shown(batch, self._base_url))


def _new_row(app: App, wanted: BatchInput, lines: Sequence[Line], moment: int) -> Row:
    scheduled = None if not wanted.scheduled_send_on else timestamps.parsed(wanted.scheduled_send_on)
    due = None if len(wanted.recipients) <= AT_ONCE else moment + COMPLETION_DELAY
    if scheduled is not None and scheduled > moment:
        due = scheduled
    return {
        "id": str(uuid.uuid4()),
        "app_id": app.id,
        "customer_reference_id": wanted.customer_reference_id or None,
        "reference_id": new_reference(),
        "send_status": "pending",
        "send_method": wanted.send_method,
        "swap": wanted.swap or "single",
        "payment_method_id": wanted.payment_method_id or STORED_VALUE,
        "from_name": wanted.from_name,
        "message": wanted.message or None,
        "card_id": wanted.card_id or None,
        "batch_name": _name(wanted.recipients),
        "recipients_count": len(wanted.recipients),
        "scheduled_send_on": scheduled,
        "expires_at": None if not wanted.expires_at else timestamps.parsed(wanted.expires_at),
        "international_shipping_tier": wanted.international_shipping_tier or "disabled",
        "international_gift_cards_enabled": int(bool(wanted.international_gift_cards_enabled)),
        "commerce_end_user_id": wanted.commerce_end_user_id,
        "cart": json.dumps(new_cart(lines)),
        "quote": msgspec.json.encode(pricing.quote(lines)).decode(),
        "selections": json.dumps([[item.variants or []] * item.quantity for item in wanted.cart.items]),
        "created_at": moment,
        "due_at": due,
    }


def _name(recipients: Sequence[Recipient]) -> str:
    names = [f"{recipient.first_name} {recipient.last_name or ''}".strip() for recipient in recipients]
    return f"{len(names)} recipients" if names[2:] else " and ".join(names)
