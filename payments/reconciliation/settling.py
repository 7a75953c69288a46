"""What settling a discrepancy puts into the books: money that moved and that nothing else has posted. Pure."""

from collections.abc import Sequence

from payments.ledger.accounts import Account as Ledger
from payments.ledger.entries import Kind, Posting
from payments.reconciliation.kinds import Part, Status, Type
from payments.reconciliation.receiving import ASSET
from payments.statements.kinds import Account

LEFT_OVER = (Type.UNKNOWN_TRANSACTION, Type.DUPLICATE, Type.EXCLUDED_BUT_PAID, Type.UNEXPLAINED_DEPOSIT)
"""A line stands on the statement, and nothing of it in the books."""


def settlement(
    kind: Type, status: Status, amount: int, account: Account | None, part: Part | None
) -> tuple[Kind, Sequence[Posting]] | None:
    """The entry of a settlement; None where nothing is left to post. Amounts in US cents.

    Explained or written off, a line that was left over is booked as what it is, and a charge by as much as it differs.
    A share that is written off is receivable no longer.
    """
    if status not in {Status.EXPLAINED, Status.WRITTEN_OFF} or not amount:
        return None
    if kind in LEFT_OVER and account is not None:
        other = Ledger.DEPOSITS if kind is Type.UNEXPLAINED_DEPOSIT else Ledger.ADJUSTMENTS
        entry = Kind.DEPOSIT if kind is Type.UNEXPLAINED_DEPOSIT else Kind.CORRECTION
        return entry, [Posting(ASSET[account], amount), Posting(other, -amount)]
    if kind is Type.WRONG_AMOUNT and part in {Part.CHARGE, Part.REFUND}:
        return Kind.CORRECTION, [Posting(Ledger.STORED_VALUE, amount), Posting(Ledger.ADJUSTMENTS, -amount)]
    is_share = kind is Type.MISSING_SHARE or (kind is Type.WRONG_AMOUNT and part in {Part.SHARE, Part.REVERSAL})
    if is_share and status is Status.WRITTEN_OFF:
        return Kind.CORRECTION, [Posting(Ledger.ADJUSTMENTS, -amount), Posting(Ledger.SHARE_RECEIVABLE, amount)]
    return None
