"""Steps of an order's life: each one changes the order, notes activities and tells webhooks, all or nothing."""

import json
from typing import Any, Final

import msgspec

from goody_emulator import lifecycle, pricing, timestamps
from goody_emulator.apps import App
from goody_emulator.catalog import Catalog
from goody_emulator.errors import RefusedError, StepRefusedError, UnshippableError
from goody_emulator.events import Events
from goody_emulator.inputs import Acceptance
from goody_emulator.lifecycle import MOVES
from goody_emulator.orders import Orders
from goody_emulator.store import Row, Store
from goody_emulator.validation import (
    DIRECT_SEND,
    STORED_VALUE,
    check_address,
    check_shippable,
    check_variants,
)

MAGIC_DELAY: Final = 1000
"""Milliseconds between one step of a magic word and the next."""

_DATED: Final = frozenset({"notified", "opened", "accepted", "pending_payment", "paid", "shipped", "delivered"})

Changes = dict[str, Any]


class Steps:
    """Takes orders through their life."""

    def __init__(self, store: Store, catalog: Catalog, orders: Orders, events: Events, base_url: str) -> None:
        self._store = store
        self._catalog = catalog
        self._orders = orders
        self._events = events
        self._base_url = base_url

    def take(self, order_id: str, step: str, app: App | None = None) -> Row:
        """Take a step that needs nothing but the order; StepRefusedError when it is not possible now."""
        with self._store.transaction():
            order = self._ready(order_id, step, app)
            return self._move(order, step, MOVES[step].through, self._changes_of(order, step))

    def accept(self, order_id: str, acceptance: Acceptance) -> Row:
        """Accept a gift for its recipient; UnshippableError when it cannot go there or a choice is not offered."""
        with self._store.transaction():
            order = self._ready(order_id, "accept")
            address = acceptance.mailing_address
            changes: Changes = {
                "selections": json.dumps(self._choose(order, acceptance)),
                "mailing_address": json.dumps(msgspec.structs.asdict(address)),
            }
            return self._settle(order, address.state, changes)

    def thank(self, order_id: str, note: str) -> Row:
        """Add the recipient's thank-you note."""
        with self._store.transaction():
            order = self._ready(order_id, "thank_you_note")
            return self._move(order, "thank_you_note", (), {"thank_you_note": note})

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
                self._move(order, step, MOVES[step].through, self._changes_of(order, step))

    def _ready(self, order_id: str, step: str, app: App | None = None) -> Row:
        order = self._orders.find(order_id, app)
        status, refunded = order["status"], order["refunded_at"] is not None
        if status not in MOVES[step].allowed or (step == "refund" and refunded):
            possible = lifecycle.possible_steps(status)
            allowed = tuple(each for each in possible if not (refunded and each == "refund"))
            raise StepRefusedError(step, status, allowed)
        return order

    def _changes_of(self, order: Row, step: str) -> Changes:
        if step == "open":
            return {"view_count": order["view_count"] + 1}
        if step == "refund":
            return {"refunded_at": timestamps.now()}
        if step == "pay" and not self._charge(order, order["amount_total"]):
            raise RefusedError("The balance does not cover this order.")
        return {}

    def _choose(self, order: Row, acceptance: Acceptance) -> dict[str, list[str]]:
        """Return the variants of each product: the recipient's choice, or the first one over and over."""
        cart = json.loads(self._orders.batch_of(order)["cart"])
        ids = [item["product"]["id"] for item in cart["items"]]
        # Kept orders may be of a catalog of another seed, of which nothing is known any more.
        products = [self._catalog.products[each] for each in ids if each in self._catalog.products]
        chosen: dict[str, list[str]] = {}
        try:
            check_address(acceptance.mailing_address)
            check_shippable(acceptance.mailing_address, products)
            for product in products:
                first = [variant.name for variant in product.variants[:1]]
                chosen[product.id] = acceptance.variants.get(product.id, first * (product.variants_num_selectable or 0))
                check_variants(product, chosen[product.id])
        except RefusedError as error:
            raise UnshippableError(str(error)) from error
        return chosen

    def _settle(self, order: Row, state: str, changes: Changes) -> Row:
        """Accept an order: the address settles the tax, and the payment mode what comes next."""
        pre_tax = order["amount_product"] + order["amount_shipping"] + order["amount_processing_fee"]
        tax = pricing.tax(pre_tax, state)
        batch = self._orders.batch_of(order)
        through = MOVES["accept"].through
        if batch["send_method"] == DIRECT_SEND:
            through = ("accepted", "pending_payment")
        if batch["payment_method_id"] == STORED_VALUE and self._charge(order, pre_tax + tax):
            through = (*through[:-1], *MOVES["pay"].through)
        return self._move(order, "accept", through, changes | {"amount_tax": tax, "amount_total": pre_tax + tax})

    def _charge(self, order: Row, total: int) -> bool:
        if self._orders.batch_of(order)["payment_method_id"] != STORED_VALUE:
            return True
        taken = "UPDATE apps SET balance = balance - ? WHERE id = ? AND balance >= ?"
        return self._store.execute(taken, total, order["app_id"], total) == 1

    def _move(self, order: Row, step: str, through: tuple[str, ...], changes: Changes) -> Row:
        moment = timestamps.now()
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
