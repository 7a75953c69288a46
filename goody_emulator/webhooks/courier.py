"""Sends queued events the way Svix does: signed, retried for a day and more, in order while all goes well."""

import threading
from datetime import UTC, datetime
from typing import Final

import httpx
from svix.webhooks import Webhook

from goody_emulator.settings import Settings
from goody_emulator.state.store import Row, Store

RETRY_DELAYS: Final = (5, 300, 1800, 7200, 18_000, 36_000, 36_000)
"""Seconds between one attempt and the next; after the last of them the event is given up."""
TIMEOUT: Final = 15
"""Seconds a receiver has to answer."""
_AT_ONCE: Final = 50


class Courier(threading.Thread):
    """Hands each app's due events to a thread of its own, so that no receiver holds up another app."""

    def __init__(self, store: Store, settings: Settings) -> None:
        super().__init__(name="courier", daemon=True)
        self._store = store
        self._url = settings.webhook_url or ""
        self._webhook = Webhook(settings.webhook_secret)
        self._client = httpx.Client(timeout=TIMEOUT, trust_env=False)
        self._busy: set[str] = set()

    def run(self) -> None:
        """Work until the process ends."""
        while True:
            seen, moment = self._store.commits, self._store.clock.now()
            for row in self._store.rows("SELECT DISTINCT app_id FROM deliveries WHERE next_attempt_at <= ?", moment):
                self._send_out(row["app_id"])
            self._store.wait(seen, self._next_after(moment))

    def next_due(self) -> int | None:
        """Return when the next delivery is due."""
        row = self._store.row("SELECT min(next_attempt_at) AS due_at FROM deliveries WHERE next_attempt_at IS NOT NULL")
        due: int | None = None if row is None else row["due_at"]
        return due

    def is_busy(self) -> bool:
        """Tell whether a delivery is under way."""
        return bool(self._busy)

    def _next_after(self, moment: int) -> int | None:
        # What is due already is being carried: the end of that wakes the courier by itself.
        row = self._store.row("SELECT min(next_attempt_at) AS due_at FROM deliveries WHERE next_attempt_at > ?", moment)
        due: int | None = None if row is None else row["due_at"]
        return due

    def _send_out(self, app_id: str) -> None:
        if app_id not in self._busy:
            self._busy.add(app_id)
            threading.Thread(target=self._carry_all, args=(app_id,), name=f"courier-{app_id}", daemon=True).start()

    def _carry_all(self, app_id: str) -> None:
        try:
            while due := self._store.rows(
                "SELECT * FROM deliveries WHERE app_id = ? AND next_attempt_at <= ? ORDER BY seq LIMIT ?",
                app_id,
                self._store.clock.now(),
                _AT_ONCE,
            ):
                for delivery in due:
                    self._attempt(delivery)
        finally:
            self._busy.discard(app_id)
            self._store.announce()

    def _attempt(self, delivery: Row) -> None:
        outcome, delivered = self._post(delivery)
        attempts = delivery["attempts"] + 1
        if delivered:
            status, next_attempt_at = "delivered", None
        elif attempts > len(RETRY_DELAYS):
            status, next_attempt_at = "failed", None
        else:
            status, next_attempt_at = "pending", self._store.clock.now() + RETRY_DELAYS[attempts - 1] * 1000
        with self._store.transaction():
            self._store.execute(
                "UPDATE deliveries SET status = ?, attempts = ?, last_outcome = ?, next_attempt_at = ? WHERE seq = ?",
                status,
                attempts,
                outcome,
                next_attempt_at,
                delivery["seq"],
            )

    def _post(self, delivery: Row) -> tuple[str, bool]:
        moment = datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "user-agent": "goody-emulator-webhooks",
            "svix-id": delivery["svix_id"],
            "svix-timestamp": str(int(moment.timestamp())),
            "svix-signature": self._webhook.sign(delivery["svix_id"], moment, delivery["body"]),
        }
        try:
            answer = self._client.post(self._url, content=delivery["body"].encode(), headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return type(error).__name__, False
        return str(answer.status_code), answer.is_success
