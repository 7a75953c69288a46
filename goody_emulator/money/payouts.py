"""Payouts: bank transfers of the revenue shares that are not credited to a balance.

On the first of each month (UTC) what was recorded before it is paid, and whenever a payout is asked for. A sum that is
nothing or less is not paid: it stays, and lessens the next one.
"""

import uuid
from datetime import UTC, datetime

from goody_emulator.money.shares import BY_BANK_TRANSFER
from goody_emulator.state import timestamps
from goody_emulator.state.store import Row, Store


class Payouts:
    """The payouts of all apps. Those of past months are made when somebody looks, and dated as if made in time."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def make(self, app_id: str) -> Row | None:
        """Pay an app now what has not been paid; None when that is not a positive sum."""
        with self._store.transaction():
            self._catch_up(app_id)
            moment = self._store.clock.now()
            return self._pay(app_id, moment + 1, moment)

    def of_app(self, app_id: str) -> list[Row]:
        """Return an app's payouts, oldest first."""
        with self._store.transaction():
            self._catch_up(app_id)
        return self._store.rows("SELECT * FROM payouts WHERE app_id = ? ORDER BY seq", app_id)

    def unpaid(self, app_id: str) -> int:
        """Return what an app is still to be paid, in cents; negative when refunds have outrun the shares."""
        return self._store.count(
            "SELECT coalesce(sum(amount), 0) FROM revenue_shares"
            " WHERE app_id = ? AND payout_id IS NULL AND settled_by = ?",
            app_id,
            BY_BANK_TRANSFER,
        )

    def _catch_up(self, app_id: str) -> None:
        first = self._store.row(
            "SELECT min(created_at) AS moment FROM revenue_shares"
            " WHERE app_id = ? AND payout_id IS NULL AND settled_by = ?",
            app_id,
            BY_BANK_TRANSFER,
        )
        if first is None or first["moment"] is None:
            return
        payday = next_month(first["moment"])
        while payday <= self._store.clock.now():
            self._pay(app_id, payday, payday)
            payday = next_month(payday)

    def _pay(self, app_id: str, before: int, moment: int) -> Row | None:
        owed = "app_id = ? AND payout_id IS NULL AND settled_by = ? AND created_at < ?"
        query = f"SELECT coalesce(sum(amount), 0) FROM revenue_shares WHERE {owed}"  # noqa: S608 - see above
        amount = self._store.count(query, app_id, BY_BANK_TRANSFER, before)
        if amount <= 0:
            return None
        payout = {"id": str(uuid.uuid4()), "app_id": app_id, "amount": amount, "created_at": moment}
        self._store.insert("payouts", payout)
        statement = f"UPDATE revenue_shares SET payout_id = ? WHERE {owed}"  # noqa: S608 - see above
        self._store.execute(statement, payout["id"], app_id, BY_BANK_TRANSFER, before)
        return payout


def next_month(moment: int) -> int:
    """Return when the month after a moment's begins (UTC), in milliseconds."""
    day = datetime.fromtimestamp(moment // 1000, UTC)
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)  # noqa: PLR2004 - December
    return timestamps.parsed(f"{year:04}-{month:02}-01")
