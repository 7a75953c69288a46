"""One order's money beside its lines: what agrees, and what does not. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from foundation.money import show
from payments.reconciliation.due import Paydays, due_of
from payments.reconciliation.kinds import Part, Type
from payments.reconciliation.values import Coverage, Expected, Finding, Match, Outcome, Tolerance
from payments.statements.kinds import Account

NAMES: Final = {
    Part.CHARGE: "charge",
    Part.SHARE: "revenue share",
    Part.REFUND: "refund",
    Part.REVERSAL: "share taken back",
}


@dataclass(frozen=True, slots=True)
class Bench:
    """What orders are judged by."""

    coverage: Mapping[Account, Coverage]
    days: Paydays
    tolerance: Tolerance


def judge(order: Expected, lines: Mapping[Part, Sequence[Match]], bench: Bench, outcome: Outcome) -> None:
    """Add what agrees of an order, and what does not, to the outcome."""
    if order.is_open:
        outcome.waiting += sum(map(len, lines.values()))
        return
    _judge_part(order, Part.CHARGE, lines, bench, outcome)
    _judge_share(order, lines, bench, outcome)
    _judge_refund(order, lines, bench, outcome)


def _judge_part(
    order: Expected,
    part: Part,
    lines: Mapping[Part, Sequence[Match]],
    bench: Bench,
    outcome: Outcome,
    missing: Type = Type.WRONG_AMOUNT,
) -> None:
    """A part whose amount is known: all its lines together come to it, or one of them does and the others repeat it."""
    due = due_of(order, part, bench.days)
    expected, found = order.amount_of(part) or 0, _told_once(order, part, lines.get(part, ()), outcome)
    total = sum(match.amount for match in found)
    if not found:
        if expected and due is not None and _is_missing(order, due, bench):
            outcome.findings.append(_missing(order, part, missing, expected, due))
        return
    if total == expected:
        outcome.matches.extend(found)
        return
    exact = next((match for match in found if match.amount == expected), None)
    if exact is not None and len(found) > 1:
        outcome.matches.append(exact)
        for match in found:
            if match is not exact:
                outcome.findings.append(_repeated(order, part, match))
        return
    outcome.matches.extend(found)
    outcome.findings.append(_wrong(order, part, expected, total, found[-1]))


def _judge_share(order: Expected, lines: Mapping[Part, Sequence[Match]], bench: Bench, outcome: Outcome) -> None:
    found, due = lines.get(Part.SHARE, ()), due_of(order, Part.SHARE, bench.days)
    if order.share is None:
        outcome.waiting += len(found)
        return
    if not order.share:
        for match in found:
            said = f"order {order.order_id} earned no share, and {show(match.amount)} came"
            outcome.findings.append(_of_line(Type.EXCLUDED_BUT_PAID, order, match, 0, said))
        return
    before = len(outcome.matches)
    _judge_part(order, Part.SHARE, lines, bench, outcome, Type.MISSING_SHARE)
    if due is None:
        return
    for match in outcome.matches[before:]:
        days = (match.line.moment - due).days
        if match.line.moment > due + bench.tolerance.late_after:
            said = f"the share of order {order.order_id}, {show(match.amount)}, came {days} days after it was due"
            late = _of_line(Type.LATE, order, match, match.amount, said, amount=0)
            outcome.findings.append(late)


def _judge_refund(order: Expected, lines: Mapping[Part, Sequence[Match]], bench: Bench, outcome: Outcome) -> None:
    """A refund, and the share taken back for it: what is missing of either is one matter."""
    findings: list[Finding] = []
    for part in (Part.REFUND, Part.REVERSAL):
        each = Outcome()
        if order.amount_of(part) is None:
            # Its amount is not known: it is what the lines tell.
            each.matches.extend(_told_once(order, part, lines.get(part, ()), each))
        else:
            _judge_part(order, part, lines, bench, each, Type.REFUND_NOT_REVERSED)
        outcome.matches.extend(each.matches)
        findings.extend(each.findings)
    missing = [finding for finding in findings if finding.type is Type.REFUND_NOT_REVERSED]
    outcome.findings.extend(finding for finding in findings if finding not in missing[1:])


def _told_once(order: Expected, part: Part, found: Sequence[Match], outcome: Outcome) -> list[Match]:
    """The lines in the order of their dates, without those that are another's to the letter."""
    kept = []
    for match in sorted(found, key=lambda match: (match.line.moment, match.line.id)):
        if match.line.occurrence > 1:
            outcome.findings.append(_repeated(order, part, match))
        else:
            kept.append(match)
    return kept


def _is_missing(order: Expected, due: datetime, bench: Bench) -> bool:
    coverage = bench.coverage.get(order.account)
    return coverage is not None and coverage.holds(due, due + bench.tolerance.drift)


def _missing(order: Expected, part: Part, kind: Type, expected: int, due: datetime) -> Finding:
    return Finding(
        type=kind,
        key=f"{kind}:{order.order_id}:{part}",
        amount=-expected,
        expected=expected,
        found=None,
        moment=due,
        order_id=order.order_id,
        explanation=f"order {order.order_id}: the {NAMES[part]} of {show(expected)} was due on {due:%Y-%m-%d}, and no "
        "line has it",
    )


def _wrong(order: Expected, part: Part, expected: int, total: int, last: Match) -> Finding:
    said = f"order {order.order_id}: a {NAMES[part]} of {show(expected)} was expected, {show(total)} came"
    wrong = _of_line(Type.WRONG_AMOUNT, order, last, expected, said, amount=total - expected)
    # Of the order's part, whichever line tells it: a correction is the same matter.
    return replace(wrong, key=f"{Type.WRONG_AMOUNT}:{order.order_id}:{part}", found=total)


def _repeated(order: Expected, part: Part, match: Match) -> Finding:
    said = f"order {order.order_id}: its {NAMES[part]} stands on the statement once more, {show(match.amount)}"
    return _of_line(Type.DUPLICATE, order, match, 0, said)


def _of_line(
    kind: Type, order: Expected, match: Match, expected: int, said: str, *, amount: int | None = None
) -> Finding:
    return Finding(
        type=kind,
        key=f"{kind}:line:{match.line.id}",
        amount=match.amount - expected if amount is None else amount,
        expected=expected,
        found=match.amount,
        moment=match.line.moment,
        order_id=order.order_id,
        line=match.line,
        explanation=said,
    )
