"""What a statement comes to: counts, sums, period, balances, bad lines. Folded up line by line."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from payments.statements.kinds import MARKS, Kind
from payments.statements.rows import BadRow, Row

MOST_PROBLEMS: Final = 200
"""Bad lines that are told one by one; all of them are counted."""


@dataclass(slots=True)
class Survey:
    """Grows with each line; sums are US cents."""

    by_kind: Counter[str] = field(default_factory=Counter)
    bad: int = 0
    problems: list[BadRow] = field(default_factory=list)
    sum_of_rows: int = 0
    opening: Row | None = None
    closing: Row | None = None
    total: Row | None = None
    first: datetime | None = None
    last: datetime | None = None

    def add(self, row: Row | BadRow) -> None:
        """Take one more line in."""
        if isinstance(row, BadRow):
            self.bad += 1
            if len(self.problems) < MOST_PROBLEMS:
                self.problems.append(row)
        elif row.kind in MARKS:
            self._mark(row)
        else:
            self.by_kind[row.kind] += 1
            self.sum_of_rows += row.amount
            self.first = row.moment if self.first is None else min(self.first, row.moment)
            self.last = row.moment if self.last is None else max(self.last, row.moment)

    @property
    def rows(self) -> int:
        """How many lines move money."""
        return self.by_kind.total()

    @property
    def period_start(self) -> datetime | None:
        """From when on it lists everything, as far as it says; else its first line."""
        return self.first if self.opening is None else self.opening.moment

    @property
    def period_end(self) -> datetime | None:
        """Until when, likewise."""
        mark = self.closing or self.total
        return self.last if mark is None else mark.moment

    @property
    def opening_balance(self) -> int | None:
        """What it says was there before; nothing where it says a total instead."""
        if self.opening is None:
            return None if self.total is None else 0
        return self.opening.balance

    @property
    def closing_balance(self) -> int | None:
        """What it says was there after, or in all."""
        mark = self.closing or self.total
        return None if mark is None else mark.balance

    @property
    def gap(self) -> int | None:
        """By how much its closing balance is more than its opening balance and its lines; None if it lacks either."""
        if self.opening_balance is None or self.closing_balance is None:
            return None
        return self.closing_balance - self.opening_balance - self.sum_of_rows

    @property
    def is_whole(self) -> bool:
        """Whether it proves to have every line of a period that it names to the moment."""
        if self.bad or self.gap != 0 or self.opening is None or self.closing is None:
            return False
        return not self.opening.is_day and not self.closing.is_day

    def _mark(self, row: Row) -> None:
        if row.kind is Kind.OPENING_BALANCE:
            self.opening = row
        elif row.kind is Kind.CLOSING_BALANCE:
            self.closing = row
        else:
            self.total = row
