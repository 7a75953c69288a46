"""Matching: statements' lines beside what was expected. Values in, values out; the rules go in order."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from foundation.money import show
from payments.reconciliation.assigning import Assigned, assign
from payments.reconciliation.deposits import match_deposits
from payments.reconciliation.due import paydays, payout_moments
from payments.reconciliation.judging import Bench, judge
from payments.reconciliation.kinds import Part, Rule, Type
from payments.reconciliation.payout_sums import Due, Explained, explain
from payments.reconciliation.true_ups import match_true_ups
from payments.reconciliation.values import (
    Coverage,
    Deposit,
    Expected,
    Finding,
    Line,
    Match,
    Outcome,
    Tolerance,
    TrueUp,
)
from payments.statements.kinds import Account, Kind


def match(
    lines: Sequence[Line],
    orders: Sequence[Expected],
    deposits: Sequence[Deposit],
    coverage: Mapping[Account, Coverage],
    tolerance: Tolerance | None = None,
    payouts: Iterable[datetime] = (),
    true_ups: Sequence[TrueUp] = (),
) -> Outcome:
    """What agrees and what does not. `payouts` are moments of payouts beside those that the lines show."""
    near = tolerance or Tolerance()
    outcome = Outcome()
    days = paydays(orders, sorted({*payouts, *payout_moments(lines)}))
    own = [line for line in lines if line.kind in {Kind.DEPOSIT, Kind.WITHDRAWAL}]
    transfers = [line for line in lines if line.kind is Kind.PAYOUT]
    rest = [line for line in lines if line.kind not in {Kind.DEPOSIT, Kind.WITHDRAWAL, Kind.PAYOUT}]
    assigned = assign(rest, orders, days, near)
    _match_transfers(transfers, lines, orders, assigned, outcome)
    bench = Bench(coverage, days, near)
    for order in orders:
        judge(order, {part: assigned.matches.get((order.order_id, part), ()) for part in Part}, bench, outcome)
    left = match_true_ups(assigned.left, true_ups, near, outcome)
    outcome.findings.extend(_unknown(line, "nothing that we know fits") for line in left)
    match_deposits(own, deposits, coverage.get(Account.STORED_VALUE, Coverage()), near, outcome)
    return outcome


def _match_transfers(
    transfers: Sequence[Line],
    lines: Sequence[Line],
    orders: Sequence[Expected],
    assigned: Assigned,
    outcome: Outcome,
) -> None:
    """A transfer is the sum of the lines of its payout, where there are any, or of what was due and nobody has told."""
    itemized: dict[str, int] = {}
    for line in lines:
        if line.payout_id and line.kind is not Kind.PAYOUT:
            itemized[line.payout_id] = itemized.get(line.payout_id, 0) + line.amount
    for line in sorted(transfers, key=lambda line: (line.moment, line.id)):
        if line.payout_id in itemized:
            _compare(line, itemized[line.payout_id], outcome)
            continue
        found = explain(line.amount, _due_by(line.moment, orders, assigned))
        if not found.parts:
            outcome.findings.append(_unknown(line, f"the transfer {found.explanation}"))
        _give(line, found, assigned)


def _compare(line: Line, total: int, outcome: Outcome) -> None:
    if line.amount == total:
        said = "is the sum of the lines of its payout"
        outcome.matches.append(Match(line, Rule.PAYOUT_SUM, 100, line.amount, explanation=said))
        return
    said = f"the transfer {line.payout_id} is {show(line.amount)}, its lines come to {show(total)}"
    key = f"{Type.BALANCE_MISMATCH}:line:{line.id}"
    outcome.findings.append(
        Finding(Type.BALANCE_MISMATCH, key, line.amount - total, total, line.amount, line.moment, None, line, said)
    )


def _due_by(moment: datetime, orders: Sequence[Expected], assigned: Assigned) -> list[Due]:
    due = []
    for order in orders:
        if order.account is not Account.PAYOUTS:
            continue
        for part, at in ((Part.SHARE, order.paid_at), (Part.REVERSAL, order.refunded_at)):
            amount = order.amount_of(part)
            if amount and at is not None and at <= moment and (order.order_id, part) not in assigned.matches:
                due.append(Due(order.order_id, part, amount, at))
    return due


def _give(line: Line, found: Explained, assigned: Assigned) -> None:
    for part in found.parts:
        said = f"the transfer {found.explanation}"
        assigned.add(
            Match(line, Rule.PAYOUT_SUM, found.confidence, part.amount, part.order_id, part.part, explanation=said)
        )


def _unknown(line: Line, said: str) -> Finding:
    return Finding(
        Type.UNKNOWN_TRANSACTION,
        f"{Type.UNKNOWN_TRANSACTION}:line:{line.id}",
        line.amount,
        0,
        line.amount,
        line.moment,
        None,
        line,
        said,
    )
