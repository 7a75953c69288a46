"""The lists of one app's batches, orders and activities, in the order Goody shows them or a quirk has it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from goody_emulator.apps import App
from goody_emulator.quirks import Quirk, Quirks
from goody_emulator.state.store import Row, Store

LATE: Final = 30_000
"""Milliseconds until something late appears in its list."""


@dataclass(frozen=True, slots=True)
class Period:
    """The first and the last moment of a list, both included."""

    first: int = 0
    last: int = 1 << 53

    def until(self, moment: int) -> "Period":
        """Return the part of it up to a moment."""
        return Period(self.first, min(self.last, moment))


@dataclass(frozen=True, slots=True)
class Filter:
    """Which orders are wanted; what is None does not matter."""

    app_id: str | None = None
    status: str | None = None
    batch_id: str | None = None


class Listings:
    """Lists what an app has made, each list one page of rows and the number of all."""

    def __init__(self, store: Store, quirks: Quirks) -> None:
        self._store = store
        self._quirks = quirks

    def batches(self, app: App, size: int, start: int) -> tuple[list[Row], int]:
        """Return batches, newest first."""
        order = self._order(app, Quirk.BATCHES_OLDEST_FIRST)
        if self._quirks.has(app.id, Quirk.BATCHES_UNORDERED):
            order = "id"
        return self._page("order_batches", app, self._punctual(app, Period(), Quirk.LATE_LISTING), order, size, start)

    def orders(self, app: App, period: Period, size: int, start: int) -> tuple[list[Row], int]:
        """Return the orders created in a period, newest first."""
        within = self._punctual(app, period, Quirk.LATE_LISTING)
        return self._page("orders", app, within, self._order(app, Quirk.ORDERS_OLDEST_FIRST), size, start)

    def activities(
        self, app: App, period: Period, statuses: Sequence[str], size: int, start: int
    ) -> tuple[list[Row], int]:
        """Return the changes of status in a period, newest first; no statuses means all of them."""
        within = self._punctual(app, period, Quirk.LATE_ACTIVITIES)
        order = self._order(app, Quirk.ACTIVITIES_OLDEST_FIRST)
        return self._page("order_activities", app, within, order, size, start, statuses)

    def stored_orders(self, wanted: Filter, size: int, start: int) -> tuple[list[Row], int]:
        """Return orders as they are stored, whatever quirks hold, newest first."""
        named = {"app_id": wanted.app_id, "status": wanted.status, "batch_id": wanted.batch_id}
        given = {column: value for column, value in named.items() if value is not None}
        within = f"FROM orders WHERE {' AND '.join(f'{column} = ?' for column in given) or 'TRUE'}"
        # Newest first is the order of an index for one batch or app, and that of the rows themselves for all apps.
        order = "place DESC" if wanted.batch_id else "created_at DESC, seq DESC" if wanted.app_id else "seq DESC"
        rows = self._store.rows(f"SELECT * {within} ORDER BY {order} LIMIT ? OFFSET ?", *given.values(), size, start)
        if wanted.status or wanted.batch_id:
            return rows, self._store.count(f"SELECT count(*) {within}", *given.values())
        return rows, self._tally("orders", wanted.app_id)

    def _order(self, app: App, oldest_first: Quirk) -> str:
        direction = "ASC" if self._quirks.has(app.id, oldest_first) else "DESC"
        return f"created_at {direction}, seq {direction}"

    def _punctual(self, app: App, period: Period, late: Quirk) -> Period:
        return period.until(self._store.clock.now() - LATE) if self._quirks.has(app.id, late) else period

    def _page(
        self, table: str, app: App, period: Period, order: str, size: int, start: int, statuses: Sequence[str] = ()
    ) -> tuple[list[Row], int]:
        # Table and order are this module's own words; what comes from a request is bound.
        within = f"FROM {table} WHERE app_id = ? AND created_at BETWEEN ? AND ?{_among('order_status', statuses)}"
        values = (app.id, period.first, period.last, *statuses, size, start)
        rows = self._store.rows(f"SELECT * {within} ORDER BY {order} LIMIT ? OFFSET ?", *values)
        return rows, self._number(table, app, period, statuses)

    def _number(self, table: str, app: App, period: Period, statuses: Sequence[str]) -> int:
        among = _among("order_status", statuses)
        within = f"SELECT count(*) FROM {table} WHERE app_id = ? AND created_at"  # noqa: S608 - as above
        if period.first > 0:
            return self._store.count(f"{within} BETWEEN ? AND ?{among}", app.id, period.first, period.last, *statuses)
        later = self._store.count(f"{within} > ?{among}", app.id, period.last, *statuses)
        return self._tally(table, app.id, statuses) - later

    def _tally(self, table: str, app_id: str | None, statuses: Sequence[str] = ()) -> int:
        counted = "SELECT coalesce(sum(number), 0) FROM tallies WHERE list = ? AND app_id = coalesce(?, app_id)"
        return self._store.count(f"{counted}{_among('status', statuses)}", table, app_id, *statuses)


def _among(column: str, values: Sequence[str]) -> str:
    return f" AND {column} IN ({', '.join('?' * len(values))})" if values else ""
