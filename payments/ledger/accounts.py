"""The accounts of an app's ledger. A balance is the sum of its postings: debits are positive, credits negative."""

from enum import StrEnum
from typing import Final


class Account(StrEnum):
    """Where money stands."""

    STORED_VALUE = "stored_value"
    """Asset: the partner's prefunded balance at Goody, as it must be by our books."""
    SHARE_RECEIVABLE = "share_receivable"
    """Asset: revenue share earned and not received yet."""
    PAYOUTS = "payouts"
    """Asset: revenue share that Goody paid by bank transfer."""
    ORDER_COST = "order_cost"
    """Expense: what Goody took from the balance for orders."""
    REFUNDS = "refunds"
    """Less expense: what Goody gave back of it."""
    SHARE_INCOME = "share_income"
    """Income: revenue share earned."""
    ROUNDING = "rounding"
    """Cents that Goody rounds otherwise."""
    DEPOSITS = "deposits"
    """The partner's own money, put into the balance at Goody or taken out of it."""
    ADJUSTMENTS = "adjustments"
    """The other side of corrections by people."""


TITLES: Final = {
    Account.STORED_VALUE: "Stored value at Goody",
    Account.SHARE_RECEIVABLE: "Revenue share receivable",
    Account.PAYOUTS: "Payouts received",
    Account.ORDER_COST: "Cost of orders",
    Account.REFUNDS: "Refunds of orders",
    Account.SHARE_INCOME: "Revenue share earned",
    Account.ROUNDING: "Rounding differences",
    Account.DEPOSITS: "Deposits and withdrawals",
    Account.ADJUSTMENTS: "Adjustments",
}
