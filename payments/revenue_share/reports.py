"""What was earned, received, refunded, and is still to come: read from postings alone."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.errors import Fault, InvalidInputError
from foundation.money import Cents
from payments.ledger.accounts import Account
from payments.ledger.entries import Kind
from payments.ledger.tables import LedgerPosting
from payments.lifecycle import PAYABLE
from payments.modes import RULES
from payments.revenue_share.names import names_in
from payments.revenue_share.share_states import ShareState
from payments.revenue_share.tables import OrderShare
from payments.tables import Order

AGES: Final = (30, 60, 90)
"""Days after which what is outstanding counts as older."""
AGED: Final = ("to_30_days", "to_60_days", "to_90_days", "older")
PAID_BY_SHOPPER: Final = tuple(mode for mode, rules in RULES.items() if not rules.spends_balance)
MONEY: Final = (
    "base", "earned", "awaiting_payment", "refunded", "received", "adjusted", "outstanding", "outstanding_unpaid",
)  # fmt: skip
"""The columns of amounts, but for what is outstanding by age."""
RECEIVABLE: Final[sa.ColumnElement[str]] = sa.literal_column(f"'{Account.SHARE_RECEIVABLE}'")
"""Written out: PostgreSQL has an index of these postings alone, and must see that it is they that are asked for."""
EARNING: Final = (Kind.SHARE_ACCRUED, Kind.SHARE_ADJUSTED, Kind.TIER_TRUE_UP)


class GroupBy(StrEnum):
    """What rows of a report are about."""

    BRAND = "brand"
    PRODUCT = "product"
    MODE = "mode"
    DAY = "day"


@dataclass(slots=True)
class Row:
    """One group of a report; US cents."""

    key: str | None
    name: str | None = None
    """What the brand or product is called, as far as an order tells."""
    orders: int = 0
    """Orders whose share was booked in the time."""
    base: Cents = 0
    earned: Cents = 0
    awaiting_payment: Cents = 0
    """Accrued too, but of orders that their shopper has not paid yet, as of now: in `earned` once that is done."""
    refunded: Cents = 0
    received: Cents = 0
    adjusted: Cents = 0
    """Corrections and rounding."""
    outstanding: Cents = 0
    """What is still to come at the end of the time."""
    outstanding_unpaid: Cents = 0
    """What of it no shopper has paid yet, as of now: Goody does not owe it before."""
    aged: dict[str, Cents] = field(default_factory=lambda: dict.fromkeys(AGED, 0))
    """The same by how long ago it was earned."""


@dataclass(frozen=True, slots=True)
class Open:
    """Shares of orders that are in no entry yet: how many, and what they may come to. US cents."""

    orders: int
    low: Cents
    high: Cents


@dataclass(frozen=True, slots=True)
class Report:
    """A report over days of UTC, both included."""

    first_day: date
    last_day: date
    group_by: GroupBy
    opening: Cents
    """What was outstanding when it began."""
    rows: Sequence[Row]
    totals: Row
    expected: Open
    """Gifts that may still be accepted, as of now."""
    pending: Open
    """Accepted, but their share can't be told yet, as of now."""

    def write(self) -> dict[str, Any]:
        """The report as JSON shows it."""
        return {
            "from": self.first_day.isoformat(),
            "to": self.last_day.isoformat(),
            "group_by": self.group_by.value,
            "opening": self.opening,
            "rows": [asdict(row) for row in self.rows],
            "totals": asdict(self.totals),
            "expected": asdict(self.expected),
            "pending": asdict(self.pending),
        }


class ShareReports:
    """Makes reports."""

    def __init__(self, sessions: Sessions, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._clock = clock

    def report(self, app_id: str, first_day: date, last_day: date, group_by: GroupBy) -> Report:
        """The app's report over these days, both included. InvalidInputError if they run backwards."""
        if last_day < first_day:
            fault = Fault("/to", "before_from", "must not lie before `from`")
            raise InvalidInputError("The report can't be made.", [fault])
        with self._sessions.read() as session:
            return report(session, app_id, first_day, last_day, group_by, self._clock())

    def pending(self, app_id: str, limit: int = 100) -> list[OrderShare]:
        """Orders that were accepted and whose share is not known yet, the oldest first."""
        mine = sa.select(OrderShare).where(OrderShare.app_id == app_id, OrderShare.state == ShareState.PENDING)
        with self._sessions.read() as session:
            return list(session.scalars(mine.order_by(OrderShare.accepted_at, OrderShare.order_id).limit(limit)))


def report(session: Session, app_id: str, first_day: date, last_day: date, group_by: GroupBy, now: datetime) -> Report:
    """The app's report. Rows come in the order of what they earned, days in their own."""
    start = _midnight(first_day)
    end = _midnight(last_day + timedelta(days=1))
    groups = _Groups(session, app_id, group_by)
    groups.add_flows(start, end)
    groups.add_open_items(end)
    groups.set_apart_unpaid(start, end)
    groups.add_names()
    rows = groups.rows.values()
    ordered = sorted(rows, key=lambda row: row.key or "") if group_by is GroupBy.DAY else sorted(rows, key=_by_size)
    totals = _total(ordered, groups.orders)
    return Report(
        first_day=first_day,
        last_day=last_day,
        group_by=group_by,
        opening=totals.outstanding - groups.moved,
        rows=ordered,
        totals=totals,
        expected=_open(session, app_id, ShareState.EXPECTED, now),
        pending=_open(session, app_id, ShareState.PENDING, now),
    )


class _Groups:
    """Rows while they are being summed up."""

    def __init__(self, session: Session, app_id: str, group_by: GroupBy) -> None:
        self._session = session
        self._app_id = app_id
        self._mine = (LedgerPosting.app_id == app_id,)
        self._group_by = group_by
        self.rows: dict[str | None, Row] = {}
        self.orders = 0
        self.moved: Cents = 0
        """By how much the receivable changed."""
        self._orders_of: dict[str, str] = {}
        """An order by key, which knows what that is called."""

    def add_flows(self, start: datetime, end: datetime) -> None:
        """What moved in the time."""
        row = LedgerPosting
        key = self._key(row.booked_at)
        flows = (
            sa.select(
                key, row.account, row.kind, sa.func.sum(row.amount), sa.func.sum(row.base), sa.func.max(row.order_id)
            )
            .where(*self._mine, row.account.in_([Account.SHARE_RECEIVABLE, Account.SHARE_INCOME]))
            .where(row.booked_at >= start, row.booked_at < end)
            .group_by(key, row.account, row.kind)
        )
        for name, account, kind, amount, base, order_id in self._session.execute(flows):
            self._remember(name, order_id)
            _add(self._row(name), account, kind, int(amount), int(base or 0))
            self.moved += int(amount) if account == Account.SHARE_RECEIVABLE else 0
        number = sa.func.count(row.order_id.distinct())
        accrued = (row.account == Account.SHARE_INCOME, row.kind == Kind.SHARE_ACCRUED)
        time = (row.booked_at >= start, row.booked_at < end)
        orders = sa.select(key, number).where(*self._mine, *accrued, *time).group_by(key)
        for name, found in self._session.execute(orders):
            self._row(name).orders = found
        # One order may stand in several rows.
        self.orders = self._session.scalar(sa.select(number).where(*self._mine, *accrued, *time)) or 0

    def add_open_items(self, end: datetime) -> None:
        """What is still to come when the time ends, and how long ago that was earned."""
        row = LedgerPosting
        mine = (*self._mine, row.account == RECEIVABLE)
        # An index alone tells which orders are open, in its own order; only those are looked at. (Were the time a
        # condition of the rows, SQLite would take the index by time and sort.)
        until_then = sa.case((row.booked_at < end, row.amount), else_=0)
        of_order = (
            sa.select(row.order_id, sa.func.min(row.booked_at).label("since"))
            .where(*mine, row.order_id.is_not(None))
            .group_by(row.order_id)
            .having(sa.func.sum(until_then) != 0)
            .subquery()
        )
        name = self._key(of_order.c.since)
        # An outer join, although nothing is missing: SQLite keeps to its order, and begins with what is open.
        columns = (name.label("name"), of_order.c.since, until_then.label("amount"), of_order.c.order_id)
        lines = sa.select(*columns).select_from(
            of_order.outerjoin(LedgerPosting, sa.and_(*mine, row.order_id == of_order.c.order_id))
        )
        others = sa.select(
            self._key(row.booked_at).label("name"),
            row.booked_at.label("since"),
            until_then.label("amount"),
            row.order_id,
        ).where(*mine, row.order_id.is_(None))
        # One after the other: of both at once PostgreSQL makes a plan that walks the whole table.
        for items in (lines.subquery(), others.subquery()):
            self._add_aged(items, end)

    def _add_aged(self, items: sa.Subquery, end: datetime) -> None:
        newer = [items.c.since >= end - timedelta(days=days) for days in AGES]
        age = sa.case(*((is_newer, at) for at, is_newer in enumerate(newer)), else_=len(AGES))
        by_age = sa.select(items.c.name, age.label("age"), items.c.amount, items.c.order_id).subquery()
        sums = sa.select(by_age.c.name, by_age.c.age, sa.func.sum(by_age.c.amount), sa.func.max(by_age.c.order_id))
        for key, age_class, amount, order_id in self._session.execute(sums.group_by(by_age.c.name, by_age.c.age)):
            self._remember(key, order_id)
            found = self._row(key)
            found.outstanding += int(amount)
            found.aged[AGED[age_class]] += int(amount)

    def set_apart_unpaid(self, start: datetime, end: datetime) -> None:
        """What was accrued at acceptance of orders that wait for their shopper's payment now."""
        row = LedgerPosting
        waits = (Order.status.in_(PAYABLE), Order.payment_mode.in_(PAID_BY_SHOPPER))
        waiting = sa.select(Order.id).where(Order.app_id == self._app_id, *waits).subquery()
        key = self._key(row.booked_at)
        until_then = sa.case((row.booked_at < end, row.amount), else_=0)
        within = sa.case((sa.and_(row.booked_at >= start, row.booked_at < end), row.amount), else_=0)
        # An outer join that asks for nothing but the order: SQLite begins with the few orders that wait, and finds
        # the postings of each. Were accounts and times conditions, it would walk all postings of those.
        sums = (
            sa.select(key, row.account, row.kind, sa.func.sum(until_then), sa.func.sum(within))
            .select_from(waiting.outerjoin(row, sa.and_(*self._mine, row.order_id == waiting.c.id)))
            .group_by(key, row.account, row.kind)
        )
        for name, account, kind, by_then, moved in self._session.execute(sums):
            if kind not in EARNING or not (by_then or moved):
                continue
            if account == Account.SHARE_RECEIVABLE:
                self._row(name).outstanding_unpaid += int(by_then)
            elif account == Account.SHARE_INCOME:
                self._row(name).awaiting_payment -= int(moved)
                self._row(name).earned += int(moved)

    def add_names(self) -> None:
        """What the keys of rows are called."""
        names = names_in(self._session, {*self._orders_of.values()})
        for key in self._orders_of:
            self._row(key).name = names.get(key)

    def _remember(self, key: object, order_id: str | None) -> None:
        if self._group_by in {GroupBy.BRAND, GroupBy.PRODUCT} and key is not None and order_id is not None:
            self._orders_of[str(key)] = order_id

    def _row(self, name: object) -> Row:
        key = None if name is None else str(name)
        return self.rows.setdefault(key, Row(key))

    def _key(self, moment: sa.SQLColumnExpression[datetime]) -> sa.ColumnElement[Any]:
        columns: Mapping[GroupBy, sa.ColumnElement[Any]] = {
            GroupBy.BRAND: LedgerPosting.brand_id.expression,
            GroupBy.PRODUCT: LedgerPosting.product_id.expression,
            GroupBy.MODE: LedgerPosting.payment_mode.expression,
        }
        if self._group_by is not GroupBy.DAY:
            return columns[self._group_by]
        if self._session.get_bind().dialect.name == "sqlite":
            return sa.func.date(moment, type_=sa.String())
        # Written out: what is selected and what is grouped by must be the same text.
        here: sa.ColumnElement[str] = sa.literal_column("'UTC'")
        shape: sa.ColumnElement[str] = sa.literal_column("'YYYY-MM-DD'")
        return sa.func.to_char(sa.func.timezone(here, moment), shape, type_=sa.String())


def _add(row: Row, account: str, kind: str, amount: Cents, base: Cents) -> None:
    """Sort a flow into its column. What changes the receivable otherwise than by these is an adjustment."""
    if account == Account.SHARE_RECEIVABLE:
        if kind == Kind.SHARE_RECEIVED:
            row.received -= amount
        elif kind not in {*EARNING, Kind.SHARE_REVERSED}:
            row.adjusted += amount
    elif kind in EARNING:
        row.earned -= amount
        row.base += base
    elif kind == Kind.SHARE_REVERSED:
        row.refunded += amount
        row.base += base


def _total(rows: Sequence[Row], orders: int) -> Row:
    total = Row(None, orders=orders)
    for row in rows:
        for name in MONEY:
            setattr(total, name, getattr(total, name) + getattr(row, name))
        for name in AGED:
            total.aged[name] += row.aged[name]
    return total


def _open(session: Session, app_id: str, state: ShareState, now: datetime) -> Open:
    low, high = sa.func.sum(OrderShare.low), sa.func.sum(OrderShare.high)
    mine = sa.select(sa.func.count(), low, high).where(OrderShare.app_id == app_id, OrderShare.state == state)
    if state is ShareState.EXPECTED:
        can_be_accepted = sa.or_(Order.expires_at.is_(None), Order.expires_at > now)
        mine = mine.join(Order, Order.id == OrderShare.order_id).where(can_be_accepted)
    number, least, most = session.execute(mine).one()
    return Open(number, int(least or 0), int(most or 0))


def _by_size(row: Row) -> tuple[Cents, str]:
    return -row.earned, row.key or ""


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
