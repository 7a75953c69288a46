"""The stored value accounts: what each app has left, and every transaction that made it so."""

import uuid
from typing import Final

from goody_emulator.orders.pricing import revenue_share
from goody_emulator.settings import Settings
from goody_emulator.state.store import Row, Store

DEPOSIT: Final = "deposit"
WITHDRAWAL: Final = "withdrawal"
CHARGE: Final = "charge"
REVENUE_SHARE: Final = "revenue_share"
REFUND: Final = "refund"
REVENUE_SHARE_REVERSAL: Final = "revenue_share_reversal"

_UNDONE_BY: Final = {CHARGE: REFUND, REVENUE_SHARE: REVENUE_SHARE_REVERSAL}


class StoredValue:
    """The accounts of all apps. An account's balance is the sum of its transactions, in cents.

    Everything that writes is to be called inside a transaction of the store.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._opening = settings.balance
        self._rate = settings.revshare_bps

    def open(self, app_id: str) -> None:
        """Start an app's account, or start it over: with one deposit, the balance of the settings."""
        self._store.execute("DELETE FROM stored_value_transactions WHERE app_id = ?", app_id)
        self._store.execute("UPDATE apps SET balance = 0 WHERE id = ?", app_id)
        self._book(app_id, DEPOSIT, self._opening)

    def balance(self, app_id: str | None = None) -> int:
        """Return what is left to an app, or to all apps together."""
        return self._store.count("SELECT coalesce(sum(balance), 0) FROM apps WHERE id = coalesce(?, id)", app_id)

    def transactions(self, app_id: str | None = None) -> list[Row]:
        """Return the transactions of an app, or of all apps, oldest first."""
        query = "SELECT * FROM stored_value_transactions WHERE app_id = coalesce(?, app_id) ORDER BY seq"
        return self._store.rows(query, app_id)

    def deposit(self, app_id: str, amount: int) -> None:
        """Put money into an account."""
        self._book(app_id, DEPOSIT, amount)

    def withdraw(self, app_id: str, amount: int) -> None:
        """Take money out of an account."""
        self._book(app_id, WITHDRAWAL, -amount)

    def charge(self, order: Row, amount: int) -> bool:
        """Take what an order costs and credit the revenue share behind it; False when the balance falls short."""
        if self.balance(order["app_id"]) < amount:
            return False
        self._book(order["app_id"], CHARGE, -amount, order["id"])
        self._book(order["app_id"], REVENUE_SHARE, revenue_share(order["share_base"], self._rate), order["id"])
        return True

    def refund(self, order: Row) -> None:
        """Give back what an order was charged, then claw its revenue share back; nothing without a charge."""
        query = "SELECT kind, amount FROM stored_value_transactions WHERE order_id = ? ORDER BY seq"
        for booked in self._store.rows(query, order["id"]):
            self._book(order["app_id"], _UNDONE_BY[booked["kind"]], -booked["amount"], order["id"])

    def _book(self, app_id: str, kind: str, amount: int, order_id: str | None = None) -> None:
        if amount == 0:
            return
        balance = self.balance(app_id) + amount
        self._store.execute("UPDATE apps SET balance = ? WHERE id = ?", balance, app_id)
        self._store.insert(
            "stored_value_transactions",
            {
                "id": str(uuid.uuid4()),
                "app_id": app_id,
                "kind": kind,
                "order_id": order_id,
                "amount": amount,
                "balance_after": balance,
                "created_at": self._store.clock.now(),
            },
        )
