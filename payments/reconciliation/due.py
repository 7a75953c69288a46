"""When an order's share is due. Pure."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime

from payments.reconciliation.values import Expected, Line
from payments.statements.kinds import Account


def payout_moments(lines: Iterable[Line]) -> list[datetime]:
    """When payouts were made, oldest first: the first date of each payout's lines."""
    first: dict[str, datetime] = {}
    for line in lines:
        if line.account is Account.PAYOUTS and line.payout_id:
            first[line.payout_id] = min(line.moment, first.get(line.payout_id, line.moment))
    return sorted(first.values())


def due_at(earned_at: datetime, account: Account, payouts: Sequence[datetime]) -> datetime:
    """At once where it is credited to the balance; else with the next payout, by the first of next month."""
    if account is Account.STORED_VALUE:
        return earned_at
    month_end = (earned_at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)).replace(
        year=earned_at.year + earned_at.month // 12, month=earned_at.month % 12 + 1
    )
    place = bisect_left(payouts, earned_at)
    return min(payouts[place], month_end) if place < len(payouts) else month_end


def share_due_at(expected: Expected, payouts: Sequence[datetime]) -> datetime | None:
    """When an order's share is due; None while nobody has paid."""
    return None if expected.paid_at is None else due_at(expected.paid_at, expected.account, payouts)
