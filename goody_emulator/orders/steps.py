"""Steps of an order's life: each one changes the order, notes activities and tells webhooks, all or nothing."""

import json
from contextlib import suppress
from typing import Final

from goody_emulator.apps import App
from goody_emulator.catalog import Catalog
from goody_emulator.errors import AcceptanceError, ExpiredError, RefusedError, StepRefusedError
from goody_emulator.inputs import Acceptance
from goody_emulator.money.charging import Charge, Charging
from goody_emulator.money.stored_value import StoredValue
from goody_emulator.orders import lifecycle, pricing
from goody_emulator.orders.acceptance import Changes, changes_by
from goody_emulator.orders.lifecycle import MOVES
from goody_emulator.orders.orders import Orders
from goody_emulator.orders.validation import DIRECT_SEND, STORED_VALUE
from goody_emulator.state.store import Row, Store
from goody_emulator.webhooks.events import Events

MAGIC_DELAY: Final = 1000
"""Milliseconds between one step of a magic word and the next."""

_DATED: Final = frozenset({"notified", "opened", "accepted", "pending_payment", "paid", "shipped", "delivered"})


class Steps:
    """Takes orders through their life."""

    def __init__(
        self,
        store: Store,
        catalog: Catalog,
        orders: Orders,
        stored_value: StoredValue,
        charging: Charging,
        events: Events,
        base_url: str,
    ) -> None:
        self._store = store
        self._stored_value = stored_value
        self._charging = charging
        self._catalog = catalog
        self._orders = orders
        self._events = events
        self._base_url = base_url

    def take(self, order_id: str, step: str, app: App | None = None) -> Row:
        """Take a step that needs nothing but the order; StepRefusedError when it is not possible now."""
        with self._store.transaction():
            return self._take(self._ready(order_id, step, app), step)

    def accept(self, order_id: str, acceptance: Acceptance) -> Row:
        """Accept a gift for its recipient; AcceptanceError when what was chosen is not to be had."""
        with self._store.transaction():
            order = self._ready(order_id, "accept")
            batch = self._orders.batch_of(order)
            if lifecycle.has_expired(order["expires_at"], self._store.clock.now()):
                raise ExpiredError("accept", order["status"], ("cancel",))
            changes = changes_by(acceptance, order, batch, self._catalog.products)
            return self._settle(order, acceptance.mailing_address.state, changes)

    def thank(self, order_id: str, note: str) -> Row:
        """Add the recipient's thank-you note."""
        with self._store.transaction():
            order = self._ready(order_id, "thank_you_note")
            return self._move(order, "thank_you_note", (), {"thank_you_note": note})

    def withdraw(self, app: App, amount: int) -> None:
        """Take money out of an app's account."""
        with self._store.transaction():
            self._stored_value.withdraw(app.id, amount)

    def deposit(self, app: App, amount: int) -> None:
        """Put money into an app's account, then charge the orders that have waited for it, oldest first.

        That an order is charged by itself once it can be is a guess, as is that one too dear does not hold up others.
        """
        with self._store.transaction():
            self._stored_value.deposit(app.id, amount)
            for order in self._store.rows(
                "SELECT orders.id FROM orders JOIN order_batches ON order_batches.id = batch_id"
                " WHERE orders.app_id = ? AND status = 'pending_payment' AND payment_method_id = ? ORDER BY orders.seq",
                app.id,
                STORED_VALUE,
            ):
                with suppress(RefusedError):
                    self._take(self._orders.find(order["id"]), "pay")

    def take_due(self, due: Row) -> None:
        """Take the step an order has been waiting for, unless something else has happened to it since."""
        with self._store.transaction():
            order = self._store.row("SELECT * FROM orders WHERE seq = ?", due["seq"])
            if order is None or order["due_step"] != due["due_step"]:
                return
            step = order["due_step"]
            if order["status"] not in MOVES[step].allowed:
                self._store.execute("UPDATE orders SET due_at = NULL, due_step = NULL WHERE id = ?", order["id"])
            elif step == "accept":
                self._settle(order, json.loads(order["mailing_address"])["state"], {})
            else:
                self._take(order, step)

    def _ready(self, order_id: str, step: str, app: App | None = None) -> Row:
        order = self._orders.find(order_id, app)
        status, refunded = order["status"], order["refunded_at"] is not None
        if status not in MOVES[step].allowed or (step == "refund" and refunded):
            possible = lifecycle.possible_steps(status)
            allowed = tuple(each for each in possible if not (refunded and each == "refund"))
            raise StepRefusedError(step, status, allowed)
        return order

    def _take(self, order: Row, step: str) -> Row:
        changes: Changes = {}
        if step == "open":
            changes["view_count"] = order["view_count"] + 1
        elif step == "refund":
            changes["refunded_at"] = self._store.clock.now()
            self._charging.refund(order)
        elif step == "pay":
            self._charging.pay(order, self._orders.batch_of(order))
        return self._move(order, step, MOVES[step].through, changes)

    def _settle(self, order: Row, state: str, changes: Changes) -> Row:
        """Accept an order: the address settles the tax, and the payment mode what comes next."""
        settled = {**order, **changes}
        pre_tax = settled["amount_product"] + settled["amount_shipping"] + settled["amount_processing_fee"]
        tax = changes["amount_tax"] = pricing.tax(pre_tax, state)
        total = changes["amount_total"] = pre_tax + tax
        credit = changes.setdefault("amount_credit_applied", 0)
        if not 0 <= credit <= total:
            raise AcceptanceError(f"Credit applied must be between 0 and the total of {total}")
        batch = self._orders.batch_of(order)
        through = MOVES["accept"].through
        if batch["send_method"] == DIRECT_SEND:
            through = ("accepted", "pending_payment")
        if self._charging.at_acceptance({**order, **changes}, batch) is Charge.PAID:
            through = (*through[:-1], *MOVES["pay"].through)
        return self._move(order, "accept", through, changes)

    def _move(self, order: Row, step: str, through: tuple[str, ...], changes: Changes) -> Row:
        moment = self._store.clock.now()
        if order["status"] in through:
            through = through[through.index(order["status"]) + 1 :]
        for status in through:
            changes["status"] = status
            if status in _DATED:
                changes[f"{status}_at"] = moment
            self._orders.note_activity(order["app_id"], order["id"], status, moment)
        batch = self._orders.batch_of(order)
        changes["due_step"] = lifecycle.step_by_magic(batch["from_name"], step, through)
        changes["due_at"] = None if changes["due_step"] is None else moment + MAGIC_DELAY
        self._store.update("orders", order["id"], changes)
        moved = self._orders.find(order["id"])
        self._tell(moved, batch, step)
        return moved

    def _tell(self, order: Row, batch: Row, step: str) -> None:
        event = MOVES[step].event
        if event is None or (step == "accept" and batch["send_method"] == DIRECT_SEND):
            return  # A direct send is no gift, so nobody accepts one.
        shown = self._orders.shown(order, self._base_url)
        if step == "accept" and lifecycle.WEBHOOK_STATUS_AT_ACCEPTANCE is not None:
            shown["status"] = lifecycle.WEBHOOK_STATUS_AT_ACCEPTANCE
        self._events.record(order["app_id"], event, shown)
