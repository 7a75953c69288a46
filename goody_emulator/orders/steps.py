"""Steps of an order's life: each one changes the order, notes activities and tells webhooks, all or nothing."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Final, Protocol

import msgspec

from goody_emulator.apps import App
from goody_emulator.catalog import Catalog
from goody_emulator.errors import ExpiredError, RefusedError, StepRefusedError
from goody_emulator.inputs import Acceptance, Address
from goody_emulator.money.charging import CardDeclinedError, Charge, Charging
from goody_emulator.money.stored_value import StoredValue
from goody_emulator.orders import lifecycle, pricing
from goody_emulator.orders.acceptance import Changes, changes_by, final_amounts
from goody_emulator.orders.lifecycle import MOVES
from goody_emulator.orders.orders import Orders
from goody_emulator.orders.shipments import Mishap, Parcel
from goody_emulator.orders.telling import Telling
from goody_emulator.orders.validation import DIRECT_SEND, STORED_VALUE
from goody_emulator.quirks import Quirk, Quirks
from goody_emulator.state.store import Row, Store

MAGIC_DELAY: Final = 1000
"""Milliseconds between one step of a magic word and the next."""

_DATED: Final = frozenset({"notified", "opened", "accepted", "pending_payment", "paid", "shipped", "delivered"})
_AT_ONCE: Final = 500
_EVERYTHING: Final = Parcel()


class _WithDetails(Protocol):
    """A step with details of its own, all of which can be left out."""

    def __call__(self, order_id: str, *, app: App | None) -> Row: ...


class Steps:
    """Takes orders through their life. With an app, only that app's orders are found."""

    def __init__(
        self,
        store: Store,
        catalog: Catalog,
        orders: Orders,
        stored_value: StoredValue,
        charging: Charging,
        telling: Telling,
        quirks: Quirks,
    ) -> None:
        self._store = store
        self._stored_value = stored_value
        self._charging = charging
        self._catalog = catalog
        self._orders = orders
        self._telling = telling
        self._quirks = quirks
        self._with_details: Final[dict[str, _WithDetails]] = {
            "charge": self.charge, "pay": self.pay, "ship": self.ship, "deliver": self.deliver, "refund": self.refund,
            "support_cancel": self.support_cancel, "expire": self.expire,
        }  # fmt: skip

    def take(self, order_id: str, step: str, app: App | None = None) -> Row:
        """Take a step that needs nothing but the order; StepRefusedError when it is not possible now."""
        if step in self._with_details:
            return self._with_details[step](order_id, app=app)
        with self._store.transaction():
            return self._take(self._ready(order_id, step, app), step)

    def accept(self, order_id: str, acceptance: Acceptance, app: App | None = None, *, rest: bool = False) -> Row:
        """Accept a gift for its recipient; one that is to `rest` stays `accepted` until the step `charge`.

        AcceptanceError when what was chosen is not to be had.
        """
        with self._store.transaction():
            order = self._ready(order_id, "accept", app)
            batch = self._orders.batch_of(order)
            if lifecycle.has_expired(order["expires_at"], self._store.clock.now()):
                raise ExpiredError("accept", order["status"], ("cancel",))
            changes = changes_by(acceptance, order, batch, self._catalog.of(order["app_id"]))
            return self._settle(order, acceptance.mailing_address, changes, rest=rest)

    def charge(self, order_id: str, app: App | None = None) -> Row:
        """Charge an order that rests since its acceptance: it is paid, or waits for that."""
        with self._store.transaction():
            order = self._ready(order_id, "charge", app)
            changes: Changes = {}
            return self._move(order, "charge", self._charged(order, self._orders.batch_of(order), changes), changes)

    def pay(self, order_id: str, app: App | None = None, *, rest: bool = False) -> Row:
        """Pay an order; one that is to `rest` stays `paid` until the step `order`, others pass through it.

        RefusedError when the payment fails; a card that is declined counts as an attempt.
        """
        try:
            with self._store.transaction():
                order = self._ready(order_id, "pay", app)
                self._charging.pay(order, self._orders.batch_of(order))
                return self._move(order, "pay", ("paid",) if rest else MOVES["pay"].through, {})
        except CardDeclinedError:
            self.decline(order_id, app)
            raise

    def decline(self, order_id: str, app: App | None = None) -> Row:
        """Let a shopper's payment fail: the order goes on waiting, and the attempt is counted."""
        with self._store.transaction():
            order = self._ready(order_id, "pay", app)
            self._store.update("orders", order["id"], {"payment_attempts": order["payment_attempts"] + 1})
            return self._orders.find(order["id"])

    def ship(self, order_id: str, parcel: Parcel = _EVERYTHING, app: App | None = None) -> Row:
        """Ship what has not been; the order is `shipped` with its first shipment."""
        with self._store.transaction():
            order = self._ready(order_id, "ship", app)
            self._orders.shipments.ship(order, self._orders.cart_of(order), parcel)
            if order["status"] == "shipped":
                return order
            return self._move(order, "ship", MOVES["ship"].through, {})

    def deliver(
        self, order_id: str, parcel: Parcel = _EVERYTHING, app: App | None = None, *, override: bool = False
    ) -> Row:
        """Deliver what is on its way, by the word of others if `override`; the last shipment delivers the order."""
        with self._store.transaction():
            order = self._ready(order_id, "deliver", app)
            if not self._orders.shipments.deliver(order, parcel, override=override):
                return order
            return self._move(order, "deliver", MOVES["deliver"].through, {})

    def mark(self, order_id: str, parcel: Parcel, status: Mishap, app: App | None = None) -> Row:
        """Give shipments a status that no other step gives; the order keeps its own, and no webhook tells."""
        with self._store.transaction():
            order = self._ready(order_id, "mark", app)
            self._orders.shipments.mark(order, self._orders.cart_of(order), parcel, status)
            return order

    def refund(self, order_id: str, amount: int | None = None, app: App | None = None) -> Row:
        """Refund so many cents of an order, or all that is left of it; only a webhook tells of it."""
        with self._store.transaction():
            order = self._ready(order_id, "refund", app)
            if not self._charging.refund(order, amount):
                return self._move(order, "refund", (), {"refunded_at": None})
            through = (lifecycle.REFUNDED,) if self._quirks.has(order["app_id"], Quirk.REFUNDED_STATUS) else ()
            return self._move(order, "refund", through, {"refunded_at": self._store.clock.now()})

    def cancel(self, order_id: str, app: App) -> Row:
        """Cancel an order as its sender does; by a quirk, one that was cancelled becomes an open gift again."""
        with self._store.transaction():
            order = self._orders.find(order_id, app)
            is_canceled = order["status"] in lifecycle.CANCELED and order["accepted_at"] is None
            if is_canceled and self._quirks.has(app.id, Quirk.CANCEL_REVIVES):
                self._store.update("orders", order["id"], {"status": "created"})
                return self._orders.find(order["id"])
            return self.take(order_id, "cancel", app)

    def support_cancel(self, order_id: str, app: App | None = None) -> Row:
        """Cancel an order as Goody's support can, after its acceptance: what was charged is given back."""
        with self._store.transaction():
            order = self._ready(order_id, "support_cancel", app)
            quirks = self._quirks.of_app(order["app_id"])
            if order["paid_at"] is None:
                self._charging.release(order)
            elif Quirk.CANCELED_KEEPS_CHARGE not in quirks and not order["refunded_at"]:
                self._charging.refund(order)
            through = ("canceled",) if Quirk.CANCELED_STATUS in quirks else MOVES["support_cancel"].through
            return self._move(order, "support_cancel", through, {})

    def expire(self, order_id: str, app: App | None = None) -> Row:
        """Let a gift expire now, unless it has already."""
        with self._store.transaction():
            order, moment = self._ready(order_id, "expire", app), self._store.clock.now()
            if not lifecycle.has_expired(order["expires_at"], moment):
                self._store.update("orders", order["id"], {"expires_at": moment})
            return self._orders.find(order["id"])

    def thank(self, order_id: str, note: str, app: App | None = None) -> Row:
        """Add the recipient's thank-you note."""
        with self._store.transaction():
            order = self._ready(order_id, "thank_you_note", app)
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
            for order in self._waiting_for_stored_value(app):
                with suppress(RefusedError):
                    self.pay(order["id"])

    def take_due(self, due: Row) -> None:
        """Take the step an order has been waiting for, unless something else has happened to it since."""
        with self._store.transaction():
            order = self._store.row("SELECT * FROM orders WHERE seq = ?", due["seq"])
            if order is None or order["due_step"] != due["due_step"] or order["due_at"] > self._store.clock.now():
                return
            step = order["due_step"]
            if not self._progress(order).allows(step):
                self._store.execute("UPDATE orders SET due_at = NULL, due_step = NULL WHERE id = ?", order["id"])
            elif step == "accept":
                self._send_directly(order)
            else:
                self.take(order["id"], step)

    def fail_expired(self, expired: Row) -> None:
        """Let an order that has not been accepted in time fail, as a quirk has it."""
        with self._store.transaction():
            order = self._store.row("SELECT * FROM orders WHERE seq = ?", expired["seq"])
            is_late = order is not None and lifecycle.has_expired(order["expires_at"], self._store.clock.now())
            if order is not None and is_late and order["status"] in lifecycle.NOT_ACCEPTED:
                self._charging.release(order)
                self._move(order, "cancel", ("failed",), {})

    def _waiting_for_stored_value(self, app: App) -> Iterator[Row]:
        last = 0
        while rows := self._store.rows(
            "SELECT orders.id, orders.seq FROM orders JOIN order_batches ON order_batches.id = batch_id"
            " WHERE orders.app_id = ? AND status = 'pending_payment' AND payment_method_id = ? AND orders.seq > ?"
            " ORDER BY orders.seq LIMIT ?",
            app.id,
            STORED_VALUE,
            last,
            _AT_ONCE,
        ):
            yield from rows
            last = rows[-1]["seq"]

    def _ready(self, order_id: str, step: str, app: App | None) -> Row:
        order = self._orders.find(order_id, app)
        found = self._progress(order)
        if not found.allows(step):
            raise StepRefusedError(step, order["status"], found.steps)
        return order

    def _progress(self, order: Row) -> lifecycle.Progress:
        return self._orders.progress_of([order])[order["id"]]

    def _take(self, order: Row, step: str) -> Row:
        changes: Changes = {"view_count": order["view_count"] + 1} if step == "open" else {}
        through = MOVES[step].through
        if step == "cancel":
            self._charging.release(order)
            through = ("canceled",) if self._quirks.has(order["app_id"], Quirk.CANCELED_STATUS) else through
        return self._move(order, step, through, changes)

    def _send_directly(self, order: Row) -> None:
        address = msgspec.json.decode(order["mailing_address"], type=Address)
        freight = pricing.global_relay_cost(order["amount_product"], address.country)
        self._settle(order, address, {"amount_global_relay_cost": freight, "amount_credit_applied": 0})

    def _settle(self, order: Row, address: Address, changes: Changes, *, rest: bool = False) -> Row:
        """Accept an order: the address settles what it costs, and the payment mode what comes next."""
        changes |= final_amounts({**order, **changes}, address)
        batch = self._orders.batch_of(order)
        through = ("notified", "accepted") if batch["send_method"] == DIRECT_SEND else MOVES["accept"].through[:-1]
        if not rest:
            through = (*through, *self._charged(order, batch, changes))
        return self._move(order, "accept", through, changes)

    def _charged(self, order: Row, batch: Row, changes: Changes) -> tuple[str, ...]:
        """Charge an order whose total is known, by now or with these changes; returns the statuses that follow."""
        outcome = self._charging.at_acceptance({**order, **changes}, batch)
        if outcome is Charge.PAID:
            return MOVES["pay"].through
        if outcome is Charge.FAILED:
            self._charging.release(order)
            return *MOVES["charge"].through, "failed"
        if outcome is Charge.DECLINED:
            changes["payment_attempts"] = order["payment_attempts"] + 1
        return MOVES["charge"].through

    def _move(self, order: Row, step: str, through: tuple[str, ...], changes: Changes) -> Row:
        moment = self._store.clock.now()
        if order["status"] in through:
            through = through[through.index(order["status"]) + 1 :]
        for status in through:
            changes["status"] = status
            if status in _DATED:
                changes[f"{status}_at"] = moment
            self._note(order, status, moment)
        batch = self._orders.batch_of(order)
        if through or step in lifecycle.MAGIC_WORDS.get(batch["from_name"], ()):
            changes["due_step"] = lifecycle.step_by_magic(batch["from_name"], step, through)
            changes["due_at"] = None if changes["due_step"] is None else moment + MAGIC_DELAY
        self._store.update("orders", order["id"], changes)
        moved = self._orders.find(order["id"])
        self._telling.of_step(moved, batch, step)
        return moved

    def _note(self, order: Row, status: str, moment: int) -> None:
        if status == "paid" and self._quirks.has(order["app_id"], Quirk.USER_APPROVAL):
            self._orders.note_activity(order["app_id"], order["id"], lifecycle.USER_APPROVAL, moment)
        self._orders.note_activity(order["app_id"], order["id"], status, moment)
