"""The stored value accounts: what each app has left, and every transaction that made it so."""

import uuid
from typing import Final

from goody_emulator.settings import Settings
from goody_emulator.state.store import Row, Store

DEPOSIT: Final = "deposit"
WITHDRAWAL: Final = "withdrawal"
CHARGE: Final = "charge"
CHARGE_ADJUSTMENT: Final = "charge_adjustment"
"""What an order costs more, or less, than it was charged before its total was known."""
REVENUE_SHARE: Final = "revenue_share"
REFUND: Final = "refund"
REVENUE_SHARE_REVERSAL: Final = "revenue_share_reversal"


class StoredValue:
    """The accounts of all apps. An account's balance is the sum of its transactions, in cents.

    Everything that writes is to be called inside a transaction of the store.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._opening = settings.balance

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
        """Take what of an order's cost has not been taken yet; False when the balance falls short of that."""
        charged = self.charged(order)
        if self.balance(order["app_id"]) < amount - charged:
            return False
        self._book(order["app_id"], CHARGE_ADJUSTMENT if charged else CHARGE, charged - amount, order["id"])
        return True

    def charged(self, order: Row) -> int:
        """Return what an order was charged and has not been given back, in cents."""
        return -self._store.count(
            "SELECT coalesce(sum(amount), 0) FROM stored_value_transactions WHERE order_id = ? AND kind IN (?, ?, ?)",
            order["id"],
            CHARGE,
            CHARGE_ADJUSTMENT,
            REFUND,
        )

    def refund(self, order: Row, amount: int) -> None:
        """Give back so much of what an order was charged."""
        self._book(order["app_id"], REFUND, amount, order["id"])

    def share(self, order: Row, kind: str, amount: int) -> None:
        """Credit an order's revenue share, or take it back."""
        self._book(order["app_id"], kind, amount, order["id"])

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
