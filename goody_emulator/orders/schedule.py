"""The thread that does what is due: completes batches, notifies recipients, works the magic words."""

import threading
from typing import Final

from goody_emulator.orders.batches import Batches
from goody_emulator.orders.expirations import Expirations
from goody_emulator.orders.steps import Steps
from goody_emulator.state.store import Store

_AT_ONCE: Final = 200


class Schedule(threading.Thread):
    """Sleeps until the next due moment, or until something has been written."""

    def __init__(self, store: Store, batches: Batches, steps: Steps, expirations: Expirations) -> None:
        super().__init__(name="schedule", daemon=True)
        self._store = store
        self._batches = batches
        self._steps = steps
        self._expirations = expirations

    def run(self) -> None:
        """Work until the process ends."""
        while True:
            seen = self._store.commits
            self._do_due()
            self._store.wait(seen, self.next_due())

    def _do_due(self) -> None:
        moment = self._store.clock.now()
        for batch in self._store.rows(
            "SELECT id FROM order_batches WHERE due_at <= ? ORDER BY due_at, seq LIMIT ?", moment, _AT_ONCE
        ):
            self._batches.complete_due(batch)
        for order in self._store.rows(
            "SELECT seq, due_step FROM orders WHERE due_at <= ? ORDER BY due_at, seq LIMIT ?", moment, _AT_ONCE
        ):
            self._steps.take_due(order)
        for order in self._expirations.failing(moment, _AT_ONCE):
            self._steps.fail_expired(order)

    def is_busy(self) -> bool:
        """Tell whether something is being done: never for long, and what is due says it too."""
        return False

    def next_due(self) -> int | None:
        """Return when the next batch or order is due."""
        row = self._store.row(
            "SELECT min(due_at) AS due_at FROM ("
            " SELECT min(due_at) AS due_at FROM order_batches WHERE due_at IS NOT NULL"
            " UNION ALL SELECT min(due_at) FROM orders WHERE due_at IS NOT NULL)"
        )
        dues = (None if row is None else row["due_at"], self._expirations.next_due())
        return min((due for due in dues if due is not None), default=None)
