"""The words of reconciliation."""

from enum import StrEnum
from typing import Final

from payments.statements.kinds import Kind


class Part(StrEnum):
    """What of an order's money a line is about."""

    CHARGE = "charge"
    SHARE = "share"
    REFUND = "refund"
    REVERSAL = "reversal"
    """The share taken back after a refund."""


PART_OF: Final = {
    Kind.CHARGE: Part.CHARGE,
    Kind.CHARGE_ADJUSTMENT: Part.CHARGE,
    Kind.REVENUE_SHARE: Part.SHARE,
    Kind.REVENUE_SHARE_REVERSAL: Part.REVERSAL,
    Kind.REFUND: Part.REFUND,
}


class Rule(StrEnum):
    """How a line was matched. The rules are tried in this order."""

    ORDER_REFERENCE = "order_reference"
    """It names the order."""
    AMOUNT_AND_DATE = "amount_and_date"
    """It names none; the amount is the same, and the date within the drift."""
    PAYOUT_SUM = "payout_sum"
    """A bank transfer that is the sum of what was due."""
    TIER_TRUE_UP = "tier_true_up"
    """It names no order; a month's tiers added just this amount."""
    RECORDED_DEPOSIT = "recorded_deposit"
    """A deposit or withdrawal that somebody has recorded."""


class Confidence:
    """How sure a match is, in percent."""

    CERTAIN: Final = 100
    SUM_OF_ALL: Final = 90
    """Everything that was due, to the cent."""
    ONLY_ONE: Final = 80
    """Nothing else fits."""
    SUM_OF_MOST: Final = 70
    """All but a few, and no other few do."""
    ONE_OF_SEVERAL: Final = 60
    """Others fit as well: they were paired in the order of their dates."""


class Type(StrEnum):
    """What does not agree."""

    MISSING_SHARE = "missing_share"
    """A share was earned, and no line of its time has it."""
    WRONG_AMOUNT = "wrong_amount"
    """A line has another amount than was expected, or a charge is missing."""
    UNKNOWN_TRANSACTION = "unknown_transaction"
    """A line is about nothing that we know."""
    LATE = "late"
    """A share came long after it was due."""
    DUPLICATE = "duplicate"
    """A line says once more what another one says."""
    EXCLUDED_BUT_PAID = "excluded_but_paid"
    """A share came for an order that earned none."""
    REFUND_NOT_REVERSED = "refund_not_reversed"
    """An order was refunded, and its money did not come back or its share was not taken back."""
    BALANCE_MISMATCH = "balance_mismatch"
    """A balance is another than our books, or its own lines, come to."""
    UNEXPLAINED_DEPOSIT = "unexplained_deposit"
    """Money came in that nobody has recorded."""


class Status(StrEnum):
    """Where a discrepancy stands."""

    OPEN = "open"
    EXPLAINED = "explained"
    """Somebody knows why; where a line was left over, it is in the books now."""
    DISPUTED = "disputed"
    """It has been taken up with Goody."""
    WRITTEN_OFF = "written_off"
    """It is left at that."""
    RESOLVED = "resolved"
    """It is gone: a later statement explains it, or somebody has put it right."""


MOVES: Final[dict[Status, frozenset[Status]]] = {
    Status.OPEN: frozenset({Status.EXPLAINED, Status.DISPUTED, Status.WRITTEN_OFF, Status.RESOLVED}),
    Status.DISPUTED: frozenset({Status.OPEN, Status.EXPLAINED, Status.WRITTEN_OFF, Status.RESOLVED}),
    Status.EXPLAINED: frozenset({Status.OPEN, Status.RESOLVED}),
    Status.WRITTEN_OFF: frozenset({Status.OPEN, Status.RESOLVED}),
    Status.RESOLVED: frozenset({Status.OPEN}),
}
"""A discrepancy that was settled opens again where it is found with another amount."""

UNSETTLED: Final = (Status.OPEN, Status.DISPUTED)
