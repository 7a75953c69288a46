"""What a line of a statement can be, and the words that say so."""

from enum import StrEnum
from typing import Final


class Account(StrEnum):
    """Whose lines a statement lists."""

    STORED_VALUE = "stored_value"
    """The prefunded balance: charges, revenue shares, refunds, deposits."""
    PAYOUTS = "payouts"
    """Revenue shares of hosted and card payments, paid by bank transfer."""


class Kind(StrEnum):
    """What a line says happened."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    CHARGE = "charge"
    CHARGE_ADJUSTMENT = "charge_adjustment"
    REVENUE_SHARE = "revenue_share"
    REVENUE_SHARE_REVERSAL = "revenue_share_reversal"
    REFUND = "refund"
    PAYOUT = "payout"
    """A bank transfer as a whole, for the shares of many orders."""
    OPENING_BALANCE = "opening_balance"
    CLOSING_BALANCE = "closing_balance"
    TOTAL = "total"
    OTHER = "other"
    """A word that we don't know: the line is kept, and somebody has to look at it."""


MARKS: Final = frozenset({Kind.OPENING_BALANCE, Kind.CLOSING_BALANCE, Kind.TOTAL})
"""Lines that move no money: what the others are checked against."""

WORDS: Final[dict[str, Kind]] = {
    **{kind.value.replace("_", " "): kind for kind in Kind if kind is not Kind.OTHER},
    "top up": Kind.DEPOSIT,
    "topup": Kind.DEPOSIT,
    "funding": Kind.DEPOSIT,
    "order": Kind.CHARGE,
    "order charge": Kind.CHARGE,
    "purchase": Kind.CHARGE,
    "adjustment": Kind.CHARGE_ADJUSTMENT,
    "revshare": Kind.REVENUE_SHARE,
    "rev share": Kind.REVENUE_SHARE,
    "commission": Kind.REVENUE_SHARE,
    "revshare reversal": Kind.REVENUE_SHARE_REVERSAL,
    "rev share reversal": Kind.REVENUE_SHARE_REVERSAL,
    "order refund": Kind.REFUND,
    "bank transfer": Kind.PAYOUT,
    "transfer": Kind.PAYOUT,
    "beginning balance": Kind.OPENING_BALANCE,
    "starting balance": Kind.OPENING_BALANCE,
    "ending balance": Kind.CLOSING_BALANCE,
}
"""By the plain form of the word (separators.plain_name). Beyond the emulator's own these are guesses."""
