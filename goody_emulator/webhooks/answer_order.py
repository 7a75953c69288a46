"""Whether the webhooks of a new batch come before the answer to its creator, or only after it."""

import threading
import time
from collections.abc import Sequence
from typing import Final

import msgspec

from goody_emulator.state.store import Row, Store
from goody_emulator.webhooks.chaos import Chaos, concerns
from goody_emulator.webhooks.courier import Courier

PATIENCE: Final = 15
"""Real seconds an answer waits for the webhooks at most."""
_PAUSE: Final = 0.05
_UNTRIED: Final = (
    "SELECT count(*) FROM deliveries JOIN messages ON messages.seq = message"
    " WHERE svix_id IN (SELECT value FROM json_each(?)) AND attempts = 0 AND next_attempt_at <= ?"
)


class AnswerOrder:
    """Works the rules `early` and `late`."""

    def __init__(self, store: Store, chaos: Chaos, courier: Courier) -> None:
        self._store = store
        self._chaos = chaos
        self._courier = courier

    def begin(self, app_id: str) -> Row | None:
        """Hold an app's webhooks back if its next batch is to be answered first; returns the rule that wants it."""
        if not self._chaos.in_force(app_id, {"late"}):
            return None
        with self._store.transaction():
            rule = self._late_rule(app_id)
        if rule is not None:
            self._courier.halt(app_id)
        return rule

    def end(self, app_id: str, rule: Row, batch_id: str | None) -> None:
        """Let go what `begin` has held back: the rule's real seconds from now, or at once if no batch was made."""
        if batch_id is None:
            self._chaos.give_back(rule)
            self._courier.go_on(app_id)
            return
        with self._store.transaction():
            self._chaos.mark(rule, self._messages(rule, batch_id))
        timer = threading.Timer(rule["seconds"], self._courier.go_on, (app_id,))
        timer.daemon = True
        timer.start()

    def wait(self, app_id: str, batch_id: str) -> None:
        """Return once the webhooks of a new batch have been tried, if a rule wants its answer to come after them."""
        if not self._chaos.in_force(app_id, {"early"}):
            return
        with self._store.transaction():
            messages = msgspec.json.encode(self._early(app_id, batch_id)).decode()
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            seen = self._store.commits
            if not self._store.count(_UNTRIED, messages, self._store.clock.now()):
                return
            self._store.wait_for_news(seen, _PAUSE)

    def _late_rule(self, app_id: str) -> Row | None:
        for rule in self._chaos.in_force(app_id, {"late"}):
            if self._chaos.strikes(rule):
                self._chaos.spend(rule)
                return rule
        return None

    def _early(self, app_id: str, batch_id: str) -> Sequence[str]:
        for rule in self._chaos.in_force(app_id, {"early"}):
            messages = self._messages(rule, batch_id)
            if messages and self._chaos.strikes(rule):
                self._chaos.spend(rule)
                self._chaos.mark(rule, messages)
                return messages
        return ()

    def _messages(self, rule: Row, batch_id: str) -> list[str]:
        rows = self._store.rows(
            "SELECT svix_id, event_type FROM messages WHERE order_batch_id = ? ORDER BY seq", batch_id
        )
        return [row["svix_id"] for row in rows if concerns(rule, row["event_type"])]
