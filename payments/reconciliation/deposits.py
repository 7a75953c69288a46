"""Deposits and withdrawals beside those that somebody has recorded. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from foundation.money import show
from payments.reconciliation.kinds import Confidence, Rule, Type
from payments.reconciliation.values import Coverage, Deposit, Finding, Line, Match, Outcome, Tolerance
from payments.statements.kinds import Kind


def match_deposits(
    lines: Sequence[Line], recorded: Sequence[Deposit], covered: Coverage, near: Tolerance, outcome: Outcome
) -> None:
    """Pair lines with records of the same amount, the nearest dates first, within twice the time until late."""
    within = near.late_after * 2
    by_amount: defaultdict[int, list[Deposit]] = defaultdict(list)
    for deposit in recorded:
        by_amount[deposit.amount].append(deposit)
    for line in sorted(lines, key=lambda line: (line.moment, line.id)):
        fits = [each for each in by_amount[line.amount] if abs(each.moment - line.moment) <= within]
        if not fits:
            outcome.findings.append(_unexplained(line))
            continue
        nearest = min(fits, key=lambda each: (abs(each.moment - line.moment), each.number))
        by_amount[line.amount].remove(nearest)
        said = f"was recorded as entry {nearest.number} of the ledger"
        outcome.matches.append(
            Match(
                line,
                Rule.RECORDED_DEPOSIT,
                Confidence.ONLY_ONE if len(fits) == 1 else Confidence.ONE_OF_SEVERAL,
                line.amount,
                deposit=nearest.number,
                explanation=said,
            )
        )
    for deposit in (each for left in by_amount.values() for each in left):
        if covered.holds(deposit.moment, deposit.moment + within):
            outcome.findings.append(_not_there(deposit, deposit.moment))


def _unexplained(line: Line) -> Finding:
    kind = Type.UNEXPLAINED_DEPOSIT if line.amount > 0 else Type.UNKNOWN_TRANSACTION
    what = "came in" if line.kind is Kind.DEPOSIT else "went out"
    said = f"{show(abs(line.amount))} {what} that nobody has recorded"
    return Finding(kind, f"{kind}:line:{line.id}", line.amount, 0, line.amount, line.moment, None, line, said)


def _not_there(deposit: Deposit, moment: datetime) -> Finding:
    said = f"entry {deposit.number} of the ledger records {show(deposit.amount)}, and no line has it"
    key = f"{Type.BALANCE_MISMATCH}:entry:{deposit.number}"
    return Finding(Type.BALANCE_MISMATCH, key, -deposit.amount, deposit.amount, None, moment, explanation=said)
