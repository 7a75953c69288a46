"""A little world of orders and the lines that would be right for them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final

from payments.reconciliation.matching import match
from payments.reconciliation.values import Coverage, Deposit, Expected, Line, Outcome, TrueUp
from payments.statements.kinds import Account, Kind

START: Final = datetime(2026, 11, 1, tzinfo=UTC)
END: Final = datetime(2027, 3, 1, tzinfo=UTC)
EVERYTHING: Final = {account: Coverage.of([(START, END)]) for account in Account}
NUMBERS: Final = count(1)


def day(number: float) -> datetime:
    """So many days after the first of November."""
    return START + timedelta(days=number)


def order(
    name: str, *, share: int | None = 300, charge: int = -3000, paid: float | None = 2, **others: Any
) -> Expected:
    """An order paid from the balance, which earned a share."""
    values: dict[str, Any] = {
        "order_id": name,
        "reference_id": f"R-{name}",
        "batch_id": f"ob_{name}",
        "account": Account.STORED_VALUE,
        "charge": charge,
        "share": share,
        "refund": 0,
        "reversal": 0,
        "is_refunded": False,
        "paid_at": None if paid is None else day(paid),
        **others,
    }
    return Expected(**values)


def hosted(name: str, *, share: int = 300, paid: float = 2, **others: Any) -> Expected:
    """An order whose share is paid by bank transfer."""
    return order(name, share=share, charge=0, paid=paid, account=Account.PAYOUTS, **others)


def refunded(name: str) -> Expected:
    """An order that was refunded on the fifth day."""
    return order(name, refund=3000, reversal=-300, is_refunded=True, refunded_at=day(5))


def line(kind: Kind, amount: int, *, at: float = 2, of: str = "", **others: Any) -> Line:
    """A line of the stored value statement, unless told otherwise."""
    values = {"account": Account.STORED_VALUE, "order_id": of, **others}
    return Line(next(NUMBERS), kind=kind, amount=amount, moment=day(at), **values)


def right_lines(orders: Sequence[Expected], payout_day: float = 30) -> list[Line]:
    """What a right statement would show."""
    lines = []
    for each in orders:
        is_stored = each.account is Account.STORED_VALUE
        paid = 0 if each.paid_at is None else (each.paid_at - START) / timedelta(days=1)
        back = 0 if each.refunded_at is None else (each.refunded_at - START) / timedelta(days=1)
        where: dict[str, Any] = {"of": each.order_id, "account": each.account}
        if not is_stored:
            where["payout_id"], paid, back = "p1", payout_day, payout_day
        parts = [(Kind.CHARGE, each.charge, paid), (Kind.REVENUE_SHARE, each.share, paid)]
        parts += [(Kind.REFUND, each.refund, back), (Kind.REVENUE_SHARE_REVERSAL, each.reversal, back)]
        lines += [line(kind, amount, at=at, **where) for kind, amount, at in parts if amount]
    return lines


def found(
    lines: Sequence[Line],
    orders: Sequence[Expected],
    deposits: Sequence[Deposit] = (),
    coverage: dict[Account, Coverage] | None = None,
    true_ups: Sequence[TrueUp] = (),
) -> Outcome:
    """What matching finds."""
    return match(lines, orders, deposits, EVERYTHING if coverage is None else coverage, true_ups=true_ups)


def types(outcome: Outcome) -> list[tuple[str, int]]:
    """Findings as (type, amount)."""
    return sorted((finding.type.value, finding.amount) for finding in outcome.findings)


def moved(original: Line, **changes: Any) -> Line:
    """The line, changed."""
    return replace(original, **changes)
