"""Months: what is closed stays as it is, and what turns up later counts in the first month that is open."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

from foundation.database import Session
from foundation.errors import ConflictError, Fault, InvalidInputError
from payments.ledger.journal import hold
from payments.ledger.tables import LedgerBook, LedgerClosing, LedgerEntry

CLOSED: Final = "closed"
REOPENED: Final = "reopened"
DECEMBER: Final = 12


class PeriodError(ConflictError):
    """The month can't be closed or reopened as things stand."""

    code = "period_not_closable"


@dataclass(frozen=True, slots=True)
class Period:
    """A month of UTC."""

    year: int
    month: int

    @classmethod
    def read(cls, text: str) -> "Period":
        """`2026-11`. InvalidInputError for anything else."""
        if not re.fullmatch(r"2[0-9]{3}-(0[1-9]|1[0-2])", text, re.ASCII):
            fault = Fault("/period", "bad_period", "must be a month, such as 2026-11")
            raise InvalidInputError("The period can't be used.", [fault])
        return cls(int(text[:4]), int(text[5:]))

    @classmethod
    def of(cls, moment: datetime) -> "Period":
        """The month in which a moment lies."""
        return cls(moment.year, moment.month)

    @property
    def begins(self) -> datetime:
        """Its first moment."""
        return datetime(self.year, self.month, 1, tzinfo=UTC)

    @property
    def ends(self) -> datetime:
        """The first moment after it."""
        return self.next.begins

    @property
    def next(self) -> "Period":
        """The month after it."""
        return Period(self.year + 1, 1) if self.month == DECEMBER else Period(self.year, self.month + 1)

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}"


def must_be_closable(session: Session, app_id: str, period: Period, now: datetime) -> None:
    """PeriodError unless the month is over, open, and the first open one with entries. Holds the journal."""
    _, closed_until = hold(session, app_id)
    if period.ends > now:
        raise PeriodError(f"{period} is not over yet: it can be closed from {period.ends:%Y-%m-%d} on (UTC).")
    if closed_until is not None and closed_until >= period.ends:
        raise PeriodError(f"{period} is closed already. `storefront period reopen` opens the last closed month.")
    earlier = sa.select(sa.func.min(LedgerEntry.booked_at)).where(
        LedgerEntry.app_id == app_id, LedgerEntry.booked_at < period.begins
    )
    if closed_until is not None:
        earlier = earlier.where(LedgerEntry.booked_at >= closed_until)
    first = session.scalar(earlier)
    if first is not None:
        raise PeriodError(f"{Period.of(first)} has entries and is open: close it first.")


def close(
    session: Session, app_id: str, period: Period, by: str, report: dict[str, Any], now: datetime
) -> LedgerClosing:
    """Lock the month, and keep its closing report. Call `must_be_closable` first."""
    session.execute(sa.update(LedgerBook).where(LedgerBook.app_id == app_id).values(closed_until=period.ends))
    return _log(session, app_id, period, CLOSED, by, None, report, now)


def reopen(session: Session, app_id: str, period: Period, by: str, reason: str, now: datetime) -> LedgerClosing:
    """Unlock the last closed month. PeriodError for any other."""
    _, closed_until = hold(session, app_id)
    if closed_until != period.ends:
        last = "none is" if closed_until is None else f"closed is what lies before {closed_until:%Y-%m-%d}"
        raise PeriodError(f"{period} is not the last closed month ({last}): only that one can be reopened.")
    session.execute(sa.update(LedgerBook).where(LedgerBook.app_id == app_id).values(closed_until=period.begins))
    return _log(session, app_id, period, REOPENED, by, reason, {}, now)


def closings(session: Session, app_id: str) -> list[LedgerClosing]:
    """Every closing and reopening of the app's months, in order."""
    mine = sa.select(LedgerClosing).where(LedgerClosing.app_id == app_id).order_by(LedgerClosing.id)
    return list(session.scalars(mine))


def times_closed(session: Session, app_id: str, period: Period) -> int:
    """How often the month was closed before."""
    found = sa.select(sa.func.count()).where(
        LedgerClosing.app_id == app_id, LedgerClosing.period == str(period), LedgerClosing.action == CLOSED
    )
    return session.scalar(found) or 0


def _log(
    session: Session,
    app_id: str,
    period: Period,
    action: str,
    by: str,
    reason: str | None,
    report: dict[str, Any],
    now: datetime,
) -> LedgerClosing:
    row = LedgerClosing(
        app_id=app_id, period=str(period), action=action, done_by=by, reason=reason, report=report, done_at=now
    )
    session.add(row)
    session.flush()
    return row
