"""When gifts expire: put off or forward by Goody's operation, and the end of an order where a quirk has it."""

from typing import Final

import msgspec

from goody_emulator.apps import App
from goody_emulator.errors import RefusedError
from goody_emulator.orders import lifecycle
from goody_emulator.orders.orders import Orders
from goody_emulator.quirks import Quirk, Quirks
from goody_emulator.state import timestamps
from goody_emulator.state.store import Row, Store

# The very words of a partial index, so that SQLite uses it.
_OPEN: Final = "FROM orders WHERE expires_at IS NOT NULL AND status IN ('created', 'notified', 'opened')"


class ExpirationInput(msgspec.Struct, frozen=True):
    """The body that moves an order's expiration."""

    expiration: str | None = None


class Expirations:
    """Moves the expirations of orders, and finds those that a quirk lets fail."""

    def __init__(self, store: Store, orders: Orders, quirks: Quirks) -> None:
        self._store = store
        self._orders = orders
        self._quirks = quirks

    def update(self, order_id: str, wanted: ExpirationInput, app: App) -> Row:
        """Let a gift expire at another moment to come; one that has expired can be accepted again."""
        with self._store.transaction():
            order = self._orders.find(order_id, app)
            if order["status"] not in self._statuses(app):
                raise RefusedError(f"Expiration can't be updated when the order is {order['status']}")
            self._store.update("orders", order["id"], {"expires_at": self._moment(wanted)})
            return self._orders.find(order["id"])

    def _statuses(self, app: App) -> tuple[str, ...]:
        """Return the statuses in which an expiration can be changed."""
        at_any_time = self._quirks.has(app.id, Quirk.EXPIRATION_ANY_TIME)
        return (*lifecycle.NOT_ACCEPTED, *lifecycle.ACCEPTED) if at_any_time else lifecycle.NOT_ACCEPTED

    def failing(self, moment: int, limit: int) -> list[Row]:
        """Return orders, as `seq`, that have expired by a moment and are to fail for it."""
        whose = self._whose()
        if whose is None:
            return []
        query = f"SELECT seq {_OPEN} AND expires_at <= ? {whose[0]} ORDER BY expires_at LIMIT ?"
        return self._store.rows(query, moment, *whose[1], limit)

    def next_due(self) -> int | None:
        """Return when the next order expires that is to fail for it."""
        whose = self._whose()
        if whose is None:
            return None
        row = self._store.row(f"SELECT min(expires_at) AS due_at {_OPEN} {whose[0]}", *whose[1])
        return None if row is None else row["due_at"]

    def _whose(self) -> tuple[str, tuple[str, ...]] | None:
        """Return the apps of the quirk as a condition with its values, or None when there are none."""
        app_ids = self._quirks.apps_with(Quirk.EXPIRED_FAILS)
        if app_ids is None:
            return "", ()
        return (f"AND app_id IN ({', '.join('?' * len(app_ids))})", tuple(app_ids)) if app_ids else None

    def _moment(self, wanted: ExpirationInput) -> int:
        if not wanted.expiration:
            raise RefusedError("Expiration can't be blank")
        try:
            moment = timestamps.parsed(wanted.expiration)
        except ValueError as error:
            raise RefusedError("Expiration is not a valid date and time") from error
        if moment <= self._store.clock.now():
            raise RefusedError("Expiration must be in the future")
        return moment
