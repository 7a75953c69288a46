"""Whether statements agree with themselves: balances, and totals, beside their own lines. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from foundation.money import show
from payments.reconciliation.kinds import Type
from payments.reconciliation.values import Finding
from payments.statements.tables import StatementFile

PREFIX: Final = f"{Type.BALANCE_MISMATCH}:statement:"


def disagreeing(statements: Sequence[StatementFile], since: datetime, until: datetime) -> list[Finding]:
    """Those of a period whose closing balance is not what their opening balance and their lines come to.

    `statements` are in the order in which they were imported. One that a later one covers that agrees is past.
    """
    return [
        _finding(each, gap)
        for place, each in enumerate(statements)
        if (gap := gap_of(each)) and _touches(each, since, until) and not _is_replaced(each, statements[place + 1 :])
    ]


def is_about_statement(key: str) -> bool:
    """Whether a discrepancy is such a finding."""
    return key.startswith(PREFIX)


def gap_of(statement: StatementFile) -> int | None:
    """By how much the closing balance is more than the rest; None where a bad line may be the reason."""
    if statement.closing_balance is None or statement.opening_balance is None or statement.counts["bad"]:
        return None
    return statement.closing_balance - statement.opening_balance - statement.sum_of_rows


def _touches(statement: StatementFile, since: datetime, until: datetime) -> bool:
    if statement.period_start is None or statement.period_end is None:
        return True
    return statement.period_start < until and since < statement.period_end


def _is_replaced(statement: StatementFile, later: Sequence[StatementFile]) -> bool:
    return any(
        each.account == statement.account
        and gap_of(each) == 0
        and each.period_start is not None
        and each.period_end is not None
        and statement.period_start is not None
        and statement.period_end is not None
        and each.period_start <= statement.period_start
        and statement.period_end <= each.period_end
        for each in later
    )


def _finding(statement: StatementFile, gap: int) -> Finding:
    closing, opening = statement.closing_balance or 0, statement.opening_balance or 0
    said = (
        f"statement {statement.id}: its opening balance of {show(opening)} and its lines of "
        f"{show(statement.sum_of_rows)} do not come to its closing balance of {show(closing)}"
    )
    return Finding(
        type=Type.BALANCE_MISMATCH,
        key=f"{PREFIX}{statement.id}",
        amount=gap,
        expected=opening + statement.sum_of_rows,
        found=closing,
        moment=statement.period_end or statement.imported_at,
        explanation=said,
    )
