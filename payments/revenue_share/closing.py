"""Closing a month: orders booked, tiers trued up, the month locked, and a report of it kept."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.money import Cents
from payments.ledger import periods
from payments.ledger.accounts import Account
from payments.ledger.balances import balances
from payments.ledger.entries import Because, Kind, NewEntry, Origin, Posting
from payments.ledger.journal import Ledger
from payments.ledger.periods import Period
from payments.ledger.tables import LedgerClosing, LedgerPosting
from payments.revenue_share.accounting import Accountant
from payments.revenue_share.reports import GroupBy, report
from payments.revenue_share.tables import OrderShare
from payments.revenue_share.terms import AgreedTerms
from payments.revenue_share.terms_book import agreed_terms
from payments.revenue_share.tiers import beyond_first_rate

MOMENT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Reached:
    """What a month's volume under one set of terms adds to its first rate; US cents."""

    terms_id: int
    volume: Cents
    added: Cents


class Closings:
    """Closes and reopens months."""

    def __init__(self, sessions: Sessions, ledger: Ledger, accountant: Accountant, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._ledger = ledger
        self._accountant = accountant
        self._clock = clock

    def close(self, app_id: str, period: Period, by: str) -> LedgerClosing:
        """Close a month that is over. PeriodError if it is not, is closed, or an earlier one is open.

        What is still open is carried; what changes later about the month counts in the first open one.
        """
        self._accountant.book_app(app_id)
        with self._sessions.begin() as session:
            now = self._clock()
            periods.must_be_closable(session, app_id, period, now)
            reached = self._true_up(session, app_id, period, by)
            return periods.close(session, app_id, period, by, _report(session, app_id, period, reached, now), now)

    def reopen(self, app_id: str, period: Period, by: str, reason: str) -> LedgerClosing:
        """Open the last closed month again: for an operator. PeriodError for any other."""
        with self._sessions.begin() as session:
            return periods.reopen(session, app_id, period, by, reason, self._clock())

    def all(self, app_id: str) -> list[LedgerClosing]:
        """Every closing and reopening of the app's months, in order."""
        with self._sessions.read() as session:
            return periods.closings(session, app_id)

    def _true_up(self, session: Session, app_id: str, period: Period, by: str) -> list[Reached]:
        """Post what the month's tiers add, less what an earlier closing of it posted."""
        reached = reached_tiers(volumes(session, app_id, period), agreed_terms(session, app_id))
        amount = sum(each.added for each in reached) - _trued_up(session, app_id, period)
        if amount:
            entry = NewEntry(
                app_id=app_id,
                kind=Kind.TIER_TRUE_UP,
                source=f"tiers:{period}:{periods.times_closed(session, app_id, period) + 1}",
                occurred_at=period.ends - MOMENT,
                postings=[Posting(Account.SHARE_RECEIVABLE, amount), Posting(Account.SHARE_INCOME, -amount)],
                because=Because(Origin.CLOSING, by, f"The volume of {period} reached other rates.", str(period)),
                details={"period": str(period), "tiers": [_written(each) for each in reached]},
            )
            self._ledger.post(session, entry)
        return reached


Volumes = Mapping[int, Mapping[str, Cents]]
"""What shares were computed on, by terms and brand."""


def volumes(session: Session, app_id: str, period: Period) -> Volumes:
    """A month's volume: what was accrued in it less what was taken back in it."""
    row = LedgerPosting
    total = sa.func.sum(row.base)
    bases = (
        sa.select(OrderShare.terms_id, row.brand_id, total)
        .join(OrderShare, OrderShare.order_id == row.order_id)
        .where(row.app_id == app_id, row.account == Account.SHARE_INCOME, row.base.is_not(None))
        .where(row.booked_at >= period.begins, row.booked_at < period.ends)
        .group_by(OrderShare.terms_id, row.brand_id)
    )
    found: defaultdict[int, dict[str, Cents]] = defaultdict(dict)
    for terms_id, brand_id, base in session.execute(bases):
        if terms_id is not None and brand_id is not None:
            found[terms_id][brand_id] = int(base or 0)
    return found


def reached_tiers(volume: Volumes, agreed: Sequence[AgreedTerms]) -> list[Reached]:
    """What each terms' volume adds; brands with a rate of their own stand beside the tiers."""
    found = []
    for each in agreed:
        brands = volume.get(each.id, {})
        counted = sum(base for brand_id, base in brands.items() if brand_id not in each.terms.brand_rates)
        if each.terms.tiers and counted > 0:
            found.append(Reached(each.id, counted, beyond_first_rate(each.terms, counted)))
    return found


def _trued_up(session: Session, app_id: str, period: Period) -> Cents:
    row = LedgerPosting
    posted = sa.select(sa.func.sum(row.amount)).where(
        row.app_id == app_id,
        row.account == Account.SHARE_RECEIVABLE,
        row.kind == Kind.TIER_TRUE_UP,
        row.booked_at >= period.begins,
        row.booked_at < period.ends,
    )
    return int(session.scalar(posted) or 0)


def _report(session: Session, app_id: str, period: Period, reached: Sequence[Reached], now: datetime) -> dict[str, Any]:
    last_day = (period.ends - MOMENT).date()
    share = report(session, app_id, period.begins.date(), last_day, GroupBy.MODE, now)
    before, after = (balances(session, app_id, moment - MOMENT) for moment in (period.begins, period.ends))
    return {
        "period": str(period),
        "opening_balances": {account.value: amount for account, amount in before.items()},
        "closing_balances": {account.value: amount for account, amount in after.items()},
        "tiers": [_written(each) for each in reached],
        "revenue_share": share.write(),
    }


def _written(reached: Reached) -> dict[str, int]:
    return {"terms_id": reached.terms_id, "volume": reached.volume, "added": reached.added}
