"""What a statement is about: the lines of an account's book, each told so that a stranger understands it."""

from typing import Final

import msgspec

from goody_emulator.money import stored_value as kinds
from goody_emulator.money.shares import BY_BANK_TRANSFER, BY_STORED_VALUE
from goody_emulator.orders.pricing import revenue_share
from goody_emulator.state.store import Row, Store

_ABOUT: Final = {
    kinds.DEPOSIT: "Deposit",
    kinds.WITHDRAWAL: "Withdrawal",
    kinds.CHARGE: "Charge",
    kinds.CHARGE_ADJUSTMENT: "Adjustment of a charge",
    kinds.REVENUE_SHARE: "Revenue share",
    kinds.REFUND: "Refund",
    kinds.REVENUE_SHARE_REVERSAL: "Reversal of a revenue share",
}
_ORDER: Final = (
    "orders.reference_id AS reference_id, first_name, last_name, order_batches.customer_reference_id AS customer"
)
_OF_ORDERS: Final = (
    "LEFT JOIN orders ON orders.id = order_id LEFT JOIN order_batches ON order_batches.id = orders.batch_id"
)


class Booking(msgspec.Struct, frozen=True):
    """One line; `moment` in milliseconds, `amount` in cents."""

    moment: int
    id: str
    kind: str
    amount: int
    order_id: str = ""
    order_reference_id: str = ""
    customer_reference_id: str = ""
    description: str = ""
    payout_id: str = ""


def of_stored_value(store: Store, app_id: str, start: int | None = None, end: int | None = None) -> list[Booking]:
    """Return the transactions of an app's stored value from a moment on and before another, oldest first."""
    query = f"SELECT booked.*, {_ORDER} FROM stored_value_transactions AS booked {_OF_ORDERS}"  # noqa: S608 - see above
    within = "booked.app_id = ? AND booked.created_at >= coalesce(?, booked.created_at)"
    before = "(? IS NULL OR booked.created_at < ?) ORDER BY booked.created_at, booked.seq"
    rows = store.rows(f"{query} WHERE {within} AND {before}", app_id, start, end, end)
    return [_booking(row, row["created_at"], row["amount"]) for row in rows]


def balance_before(store: Store, app_id: str, moment: int) -> int:
    """Return what all transactions of an app's stored value before a moment come to, in cents."""
    return store.count(
        "SELECT coalesce(sum(amount), 0) FROM stored_value_transactions WHERE app_id = ? AND created_at < ?",
        app_id,
        moment,
    )


def of_payouts(store: Store, app_id: str) -> list[Booking]:
    """Return the shares and reversals an app was paid out, by payout, each dated as its payout."""
    return [_booking(row, row["paid_at"], row["amount"]) for row in _paid_out(store, app_id) if row["amount"]]


def never_earned(store: Store, app_id: str, settled_by: str) -> list[Booking]:
    """Return the shares that orders would have earned, had all their brands not been excluded; none of them is real."""
    if settled_by == BY_BANK_TRANSFER:
        rows = [(row, row["paid_at"]) for row in _paid_out(store, app_id)]
    else:
        rows = [(row, row["created_at"]) for row in _shares(store, app_id, BY_STORED_VALUE)]
    return [
        _booking(row, moment, max(1, revenue_share(row["excluded_amount"], row["bps"])))
        for row, moment in rows
        if row["kind"] == kinds.REVENUE_SHARE and row["amount"] == 0 and row["excluded_amount"]
    ]


def _paid_out(store: Store, app_id: str) -> list[Row]:
    return [row for row in _shares(store, app_id, BY_BANK_TRANSFER) if row["payout_id"] is not None]


def _shares(store: Store, app_id: str, settled_by: str) -> list[Row]:
    query = f"SELECT booked.*, payouts.created_at AS paid_at, {_ORDER} FROM revenue_shares AS booked {_OF_ORDERS}"  # noqa: S608 - see above
    return store.rows(
        f"{query} LEFT JOIN payouts ON payouts.id = payout_id WHERE booked.app_id = ? AND settled_by = ?"
        " ORDER BY payouts.seq, booked.seq",
        app_id,
        settled_by,
    )


def _booking(row: Row, moment: int, amount: int) -> Booking:
    about = _ABOUT[row["kind"]]
    if row["order_id"] is not None:
        about += f", order for {row['first_name']} {row['last_name'] or ''}".rstrip()
    return Booking(
        moment,
        row["id"],
        row["kind"],
        amount,
        row["order_id"] or "",
        row["reference_id"] or "",
        row["customer"] or "",
        about,
        row.get("payout_id") or "",
    )
