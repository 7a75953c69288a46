"""Histories: orders of the past, written by the real steps with the clock at the moment of each."""

import uuid
from contextlib import suppress
from random import Random
from typing import Final

import msgspec

from goody_emulator.apps import App
from goody_emulator.catalog import Catalog
from goody_emulator.errors import AcceptanceError, NotFoundError, RefusedError, StepRefusedError
from goody_emulator.money.stored_value import StoredValue
from goody_emulator.orders.batches import Batches
from goody_emulator.orders.steps import Steps
from goody_emulator.orders.validation import STORED_VALUE
from goody_emulator.scenarios.cast import Cast
from goody_emulator.scenarios.chronicle import Chronicle, Event
from goody_emulator.scenarios.lives import Lives
from goody_emulator.scenarios.script import Step
from goody_emulator.state.store import Store

_AT_ONCE: Final = 100
"""How much happens in one transaction: others write in between."""
_LOW: Final = 1_000_000
_TOPPED_UP_BY: Final = 10_000_000
"""Below which balance the partner of a history puts money in, and how much, in cents."""


class Part(msgspec.Struct, frozen=True):
    """One part of an app's history: so many orders from one moment to another, in milliseconds."""

    app: App
    orders: int
    start: int
    end: int
    dice: Random
    payment_method_id: str
    is_silent: bool
    is_first: bool
    is_last: bool


class Histories:
    """Writes histories. All happens in the order of its moments, so that rows and balances are as if lived through."""

    def __init__(
        self, store: Store, catalog: Catalog, batches: Batches, steps: Steps, cast: Cast, stored_value: StoredValue
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._batches = batches
        self._steps = steps
        self._cast = cast
        self._stored_value = stored_value

    def write(self, part: Part) -> None:
        """Write one part, the parts before it being written; RefusedError when the app cannot order that way.

        What lies behind the end of a part is kept for the next one; behind the last part, it has yet to happen.
        """
        lives = Lives(part.dice, self._catalog.of(part.app.id), part.payment_method_id)
        chronicle = Chronicle()
        self._bring_over(part, chronicle)
        for moment, size in lives.batches(part.orders, part.start, part.end):
            chronicle.add(Event(moment, size=size))
        while chronicle.has_any(part.end):
            with self._store.transaction():
                for event in chronicle.take(_AT_ONCE, part.end):
                    with self._store.clock.at(event.moment, is_silent=part.is_silent):
                        self._let_happen(event, part, lives, chronicle)
        if not part.is_last:
            self._keep(part, chronicle)

    def _let_happen(self, event: Event, part: Part, lives: Lives, chronicle: Chronicle) -> None:
        if part.payment_method_id == STORED_VALUE and self._stored_value.balance(part.app.id) < _LOW:
            self._steps.deposit(part.app, _TOPPED_UP_BY)
        if event.step is None:
            self._place(event, part, lives, chronicle)
        elif event.order_id is not None:
            # What is paid at acceptance cannot be paid again, and a reset may have taken the order away.
            with suppress(StepRefusedError, RefusedError, AcceptanceError, NotFoundError):
                self._cast.perform(event.order_id, event.step)

    def _place(self, event: Event, part: Part, lives: Lives, chronicle: Chronicle) -> None:
        wish = lives.wish(event.size, event.moment, f"history-{uuid.uuid4().hex[:16]}")
        batch = self._batches.create(part.app, wish)
        for order in self._batches.orders_of(batch, event.size):
            # At once, or the schedule would find it overdue and do it now instead of then.
            with self._store.clock.at(order["due_at"], is_silent=part.is_silent):
                self._steps.take_due(order)
            for wait, step in lives.life(batch["send_method"]):
                chronicle.add(Event(event.moment + wait, order_id=order["id"], step=step))

    def _bring_over(self, part: Part, chronicle: Chronicle) -> None:
        with self._store.transaction():
            kept = [] if part.is_first else self._store.rows(
                "SELECT * FROM history_to_come WHERE app_id = ?", part.app.id
            )  # fmt: skip
            self._store.execute("DELETE FROM history_to_come WHERE app_id = ?", part.app.id)
        for row in kept:
            step = msgspec.json.decode(row["body"], type=Step)
            chronicle.add(Event(row["moment"], order_id=row["order_id"], step=step))

    def _keep(self, part: Part, chronicle: Chronicle) -> None:
        with self._store.transaction():
            for event in chronicle.rest():
                # Of an order that is still there: a reset may have taken it away.
                self._store.execute(
                    "INSERT INTO history_to_come (app_id, order_id, moment, body)"
                    " SELECT app_id, id, ?, ? FROM orders WHERE id = ? AND app_id = ?",
                    event.moment,
                    msgspec.json.encode(event.step).decode(),
                    event.order_id,
                    part.app.id,
                )
