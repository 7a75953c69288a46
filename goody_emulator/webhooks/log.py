"""The log of webhooks: what was sent where, how that went, and sending it once more."""

from collections.abc import Mapping
from typing import Any, Final

from goody_emulator.errors import NotFoundError, RefusedError
from goody_emulator.state.store import Row, Store
from goody_emulator.state.timestamps import shown, shown_or_none
from goody_emulator.webhooks.endpoints import Endpoints

SHOWN_AT_MOST: Final = 1000
FILTERS: Final = {
    "event_type": "event_type",
    "status": "status",
    "endpoint_id": "endpoint_id",
    "order_id": "order_id",
    "order_batch_id": "order_batch_id",
    "svix_id": "svix_id",
}
"""What the log can be searched by, and the columns that is in."""
_DELIVERIES: Final = (
    "SELECT deliveries.*, svix_id, event_type, order_id, order_batch_id, created_at"
    " FROM deliveries JOIN messages ON messages.seq = message"
)


class Log:
    """All messages of all apps, each with its deliveries and their attempts."""

    def __init__(self, store: Store, endpoints: Endpoints) -> None:
        self._store = store
        self._endpoints = endpoints

    def deliveries(self, app_id: str | None, filters: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the newest thousand deliveries of an app, or of all, that fit the filters, oldest first."""
        wanted = {FILTERS[name]: value for name, value in filters.items()}
        if app_id is not None:
            wanted["deliveries.app_id"] = app_id
        where = " AND ".join(f"{column} = ?" for column in wanted) or "1"
        rows = self._store.rows(
            f"{_DELIVERIES} WHERE {where} ORDER BY deliveries.seq DESC LIMIT ?", *wanted.values(), SHOWN_AT_MOST
        )
        return [_shown(row) for row in reversed(rows)]

    def message(self, svix_id: str, app_id: str | None) -> dict[str, Any]:
        """Return a message with its body, its deliveries and every attempt; NotFoundError when the app has none."""
        message = self._find(svix_id, app_id)
        rows = self._store.rows(f"{_DELIVERIES} WHERE message = ? ORDER BY deliveries.seq", message["seq"])
        return {
            "svix_id": svix_id,
            "event_type": message["event_type"],
            "app": message["app_id"],
            "order_id": message["order_id"],
            "order_batch_id": message["order_batch_id"],
            "created_at": shown(message["created_at"]),
            "body": message["body"],
            "deliveries": [{**_shown(row), "tries": self._tries(row)} for row in rows],
        }

    def resend(self, svix_id: str, app_id: str | None, endpoint_id: str | None) -> None:
        """Send a message again at once, to one endpoint or to all it was for, whatever became of it before."""
        with self._store.transaction():
            message = self._find(svix_id, app_id)
            for each in self._targets(message, endpoint_id):
                self._store.execute(
                    "INSERT INTO deliveries (message, app_id, endpoint_id, status, next_attempt_at)"
                    " VALUES (?, ?, ?, 'pending', ?) ON CONFLICT (message, endpoint_id) DO UPDATE SET"
                    " status = 'pending', next_attempt_at = excluded.next_attempt_at, held_by = NULL, tries = 0,"
                    " turn = 0, round = round + 1",
                    message["seq"],
                    message["app_id"],
                    each,
                    self._store.clock.now(),
                )

    def _targets(self, message: Row, endpoint_id: str | None) -> list[str]:
        if endpoint_id is not None:
            endpoint = self._endpoints.find(endpoint_id, message["app_id"])
            if endpoint["disabled"]:
                raise RefusedError(f"Endpoint {endpoint_id} is disabled: PATCH it with disabled false first.")
            return [endpoint_id]
        rows = self._store.rows(
            "SELECT endpoint_id FROM deliveries JOIN webhook_endpoints ON webhook_endpoints.id = endpoint_id"
            " WHERE message = ? AND NOT disabled ORDER BY deliveries.seq",
            message["seq"],
        )
        if not rows:
            raise RefusedError("Its endpoints are disabled or gone: name another one as `endpoint_id`.")
        return [row["endpoint_id"] for row in rows]

    def _find(self, svix_id: str, app_id: str | None) -> Row:
        row = self._store.row("SELECT * FROM messages WHERE svix_id = ?", svix_id)
        if row is None or app_id not in {None, row["app_id"]}:
            raise NotFoundError(f"There is no message {svix_id}; GET /_emulator/deliveries lists them.")
        return row

    def _tries(self, delivery: Row) -> list[dict[str, Any]]:
        rows = self._store.rows(
            "SELECT * FROM attempts WHERE delivery = ? ORDER BY seq DESC LIMIT ?", delivery["seq"], SHOWN_AT_MOST
        )
        return [
            {
                "at": shown(row["made_at"]),
                "status": row["status"],
                "error": row["error"],
                "milliseconds": row["milliseconds"],
                "response": row["response"],
            }
            for row in reversed(rows)
        ]


def _shown(row: Row) -> dict[str, Any]:
    return {
        "svix_id": row["svix_id"],
        "event_type": row["event_type"],
        "app": row["app_id"],
        "endpoint_id": row["endpoint_id"],
        "order_id": row["order_id"],
        "order_batch_id": row["order_batch_id"],
        "status": row["status"],
        "attempts": row["attempts"],
        "last_outcome": row["last_outcome"],
        "created_at": shown(row["created_at"]),
        "next_attempt_at": shown_or_none(row["next_attempt_at"]),
    }
