"""Sends messages the way Svix does: signed, retried for a day and more, in order while all goes well."""

import threading
from collections import Counter
from typing import Any, Final

from goody_emulator.state.store import Row, Store
from goody_emulator.webhooks.health import Health
from goody_emulator.webhooks.postman import Postman, Reception
from goody_emulator.webhooks.retries import after
from goody_emulator.webhooks.signing import signed

Lane = tuple[str, str]
"""An app and one of its endpoints: what is sent in turn, one message after the other."""

_LANES_DUE: Final = "SELECT DISTINCT app_id, endpoint_id FROM deliveries WHERE next_attempt_at <= ?"
_NEXT_OF_LANE: Final = (
    "SELECT deliveries.*, messages.svix_id, messages.body, webhook_endpoints.url, webhook_endpoints.secret"
    " FROM deliveries CROSS JOIN messages ON messages.seq = deliveries.message"
    " CROSS JOIN webhook_endpoints ON webhook_endpoints.id = deliveries.endpoint_id"
    " WHERE deliveries.app_id = ? AND deliveries.endpoint_id = ? AND deliveries.next_attempt_at <= ?"
    " ORDER BY deliveries.next_attempt_at, deliveries.turn, deliveries.seq LIMIT 1"
)


class Courier(threading.Thread):
    """Hands what is due of each app and endpoint to a thread of its own, so that no receiver holds up another."""

    def __init__(self, store: Store, postman: Postman) -> None:
        super().__init__(name="courier", daemon=True)
        self._store = store
        self._postman = postman
        self._health = Health(store)
        self._busy: set[Lane] = set()
        self._halted: Counter[str] = Counter()
        self._halting = threading.Lock()

    def run(self) -> None:
        """Work until the process ends."""
        while True:
            seen, moment = self._store.commits, self._store.clock.now()
            for row in self._store.rows(_LANES_DUE, moment):
                self._send_out((row["app_id"], row["endpoint_id"]))
            self._store.wait(seen, self._next_after(moment))

    def next_due(self) -> int | None:
        """Return when the next attempt is due."""
        row = self._store.row("SELECT min(next_attempt_at) AS due_at FROM deliveries WHERE next_attempt_at IS NOT NULL")
        due: int | None = None if row is None else row["due_at"]
        return due

    def is_busy(self) -> bool:
        """Tell whether an attempt is under way."""
        return bool(self._busy)

    def halt(self, app_id: str) -> None:
        """Send nothing of an app from now on, until `go_on` was called as often as this."""
        with self._halting:
            self._halted[app_id] += 1

    def go_on(self, app_id: str) -> None:
        """Send what has waited since `halt`."""
        with self._halting:
            self._halted[app_id] -= 1
            self._halted += Counter()  # forgets the apps at zero
        self._store.announce()

    def _next_after(self, moment: int) -> int | None:
        # What is due already is being carried: the end of that wakes the courier by itself.
        row = self._store.row("SELECT min(next_attempt_at) AS due_at FROM deliveries WHERE next_attempt_at > ?", moment)
        due: int | None = None if row is None else row["due_at"]
        return due

    def _send_out(self, lane: Lane) -> None:
        if lane not in self._busy and not self._is_halted(lane):
            self._busy.add(lane)
            threading.Thread(target=self._carry_all, args=(lane,), name="courier-lane", daemon=True).start()

    def _carry_all(self, lane: Lane) -> None:
        try:
            # A message of a halted app is written after the halt, so whoever finds it must look for that only then.
            while (delivery := self._next_of(lane)) is not None and not self._is_halted(lane):
                self._attempt(delivery)
        finally:
            self._busy.discard(lane)
            self._store.announce()

    def _next_of(self, lane: Lane) -> Row | None:
        return self._store.row(_NEXT_OF_LANE, *lane, self._store.clock.now())

    def _is_halted(self, lane: Lane) -> bool:
        with self._halting:
            return self._halted[lane[0]] > 0

    def _attempt(self, delivery: Row) -> None:
        began = self._store.clock.now()
        headers = signed(delivery["secret"], delivery["svix_id"], delivery["body"])
        reception = self._postman.post(delivery["url"], headers, delivery["body"])
        with self._store.transaction():
            if self._count(delivery, reception):
                self._write_down(delivery, began, reception)

    def _count(self, delivery: Row, reception: Reception) -> bool:
        """Count an attempt; False when the delivery was forgotten while it was under way."""
        counted = self._store.execute(
            "UPDATE deliveries SET attempts = attempts + 1, last_outcome = ? WHERE seq = ?",
            reception.outcome,
            delivery["seq"],
        )
        return counted == 1

    def _write_down(self, delivery: Row, began: int, reception: Reception) -> None:
        ended = self._store.clock.now()
        attempt = {
            "delivery": delivery["seq"],
            "made_at": began,
            "status": reception.status,
            "error": reception.error,
            "milliseconds": reception.milliseconds,
            "response": reception.response,
        }
        self._store.insert("attempts", attempt)
        self._go_on_after(delivery, after(delivery, ended, accepted=reception.is_accepted))
        self._health.note(delivery["endpoint_id"], ended, accepted=reception.is_accepted)

    def _go_on_after(self, delivery: Row, changes: dict[str, Any]) -> None:
        # Another round means that it was resent or given up meanwhile, and this attempt no longer decides.
        columns = ", ".join(f"{name} = ?" for name in changes)
        self._store.execute(
            f"UPDATE deliveries SET held_by = NULL, {columns} WHERE seq = ? AND round = ?",  # noqa: S608 - own names
            *changes.values(),
            delivery["seq"],
            delivery["round"],
        )
