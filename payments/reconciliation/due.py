"""When an order's share is due. Pure."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from payments.reconciliation.kinds import Part
from payments.reconciliation.values import Expected, Line
from payments.statements.kinds import Account


@dataclass(frozen=True, slots=True)
class Paydays:
    """When bank transfers are due, oldest first: payouts that were made, and first days of months with a sum to pay."""

    moments: Sequence[datetime] = ()

    def after(self, moment: datetime) -> datetime | None:
        """The first of them from a moment on; None while there is nothing to pay."""
        place = bisect_left(self.moments, moment)
        return self.moments[place] if place < len(self.moments) else None


def payout_moments(lines: Iterable[Line]) -> list[datetime]:
    """When payouts were made, oldest first: the first date of each payout's lines."""
    first: dict[str, datetime] = {}
    for line in lines:
        if line.account is Account.PAYOUTS and line.payout_id:
            first[line.payout_id] = min(line.moment, first.get(line.payout_id, line.moment))
    return sorted(first.values())


def paydays(orders: Iterable[Expected], payouts: Sequence[datetime]) -> Paydays:
    """Payouts, and the first of each month on which more is to be paid than was taken back since the last one.

    A sum that is nothing or less is not transferred: it stays, and lessens the next one.
    """
    moves = sorted(_moves(orders))
    days = sorted({*payouts, *(next_month(moment) for moment, _ in moves)})
    found, place, made = [], 0, set(payouts)
    owed = 0
    for day in days:
        while place < len(moves) and moves[place][0] <= day:
            owed += moves[place][1]
            place += 1
        if owed > 0 or day in made:
            found.append(day)
            owed = 0
    return Paydays(found)


def due_of(order: Expected, part: Part, days: Paydays) -> datetime | None:
    """When a part of an order's money is due: at once where it is of the balance; else with the next transfer.

    None while nobody has paid, or there is nothing to transfer.
    """
    moment = order.paid_at if part in {Part.CHARGE, Part.SHARE} else order.refunded_at
    if moment is None or order.account is Account.STORED_VALUE:
        return moment
    return days.after(moment)


def next_month(moment: datetime) -> datetime:
    """When the month after a moment's begins."""
    first = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)


def _moves(orders: Iterable[Expected]) -> Iterator[tuple[datetime, int]]:
    for order in orders:
        if order.account is Account.PAYOUTS:
            for part, moment in ((Part.SHARE, order.paid_at), (Part.REVERSAL, order.refunded_at)):
                amount = order.amount_of(part)
                if moment is not None and amount:
                    yield moment, amount
