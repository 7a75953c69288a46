"""What the books expect, read for matching: orders' money, and deposits that people have recorded."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

import sqlalchemy as sa

from foundation.database import Session
from payments.ledger.accounts import Account as Ledger
from payments.ledger.entries import Kind as Entry
from payments.ledger.tables import LedgerEntry, LedgerPosting
from payments.lifecycle import ROAD, Status
from payments.modes import RULES, PaymentMode
from payments.reconciliation.values import Deposit, Expected, TrueUp
from payments.revenue_share.share_states import ShareState
from payments.revenue_share.tables import OrderShare
from payments.statements.kinds import Account
from payments.tables import Order, OrderStep
from payments.timeline import Step

IDS_AT_ONCE: Final = 500
SETTLEMENT: Final = "discrepancy:"
"""What the sources of entries begin with that settled a discrepancy: those are no records of deposits."""
ACCRUED: Final = (Entry.SHARE_ACCRUED, Entry.SHARE_ADJUSTED)
PAID: Final = frozenset(ROAD[ROAD.index(Status.PAID) :])
UNPAID: Final = frozenset(ROAD) - PAID
SHARES: Final = (Entry.SHARE_ACCRUED, Entry.SHARE_ADJUSTED, Entry.SHARE_REVERSED)
MONEY: Final = (Entry.ORDER_CHARGED, Entry.ORDER_REFUNDED)

Id = TypeVar("Id", str, int)
Sums = dict[str, dict[Entry, int]]
"""By order and kind of entry."""


def orders_booked(session: Session, app_id: str, since: datetime, until: datetime) -> set[str]:
    """The orders whose money moved in that time by our books."""
    moved = sa.select(LedgerEntry.order_id).where(
        LedgerEntry.app_id == app_id,
        LedgerEntry.order_id.is_not(None),
        LedgerEntry.kind.in_([*MONEY, *SHARES]),
        LedgerEntry.booked_at >= since,
        LedgerEntry.occurred_at < until,
    )
    return {order_id for order_id in session.scalars(moved.distinct()) if order_id is not None}


def orders_named(session: Session, app_id: str, names: Collection[str]) -> set[str]:
    """The app's orders of which these are ids or reference ids."""
    found: set[str] = set()
    for part in parts(sorted(names)):
        is_named = sa.or_(Order.id.in_(part), Order.reference_id.in_(part))
        found.update(session.scalars(sa.select(Order.id).where(Order.app_id == app_id, is_named)))
    return found


def expected_of(session: Session, app_id: str, order_ids: Collection[str]) -> list[Expected]:
    """What the money of these orders must be."""
    return [each for part in parts(sorted(order_ids)) for each in _expected(session, app_id, part)]


def recorded_deposits(session: Session, app_id: str, since: datetime) -> list[Deposit]:
    """Deposits and withdrawals that people have recorded since then."""
    entry, posting = LedgerEntry, LedgerPosting
    recorded = (
        sa.select(entry.number, sa.func.sum(posting.amount), entry.occurred_at)
        .join(posting, sa.and_(posting.app_id == entry.app_id, posting.number == entry.number))
        .where(
            entry.app_id == app_id,
            entry.kind.in_([Entry.DEPOSIT, Entry.WITHDRAWAL]),
            entry.occurred_at >= since,
            entry.source.not_like(f"{SETTLEMENT}%"),
            entry.reverses.is_(None),
            posting.account == Ledger.STORED_VALUE,
            ~sa.exists().where(_undoing.app_id == entry.app_id, _undoing.reverses == entry.number),
        )
        .group_by(entry.number, entry.occurred_at)
    )
    return [Deposit(number, int(amount), moment) for number, amount, moment in session.execute(recorded)]


def true_ups(session: Session, app_id: str) -> list[TrueUp]:
    """What the tiers of each closed month added, over all of its closings."""
    entry, posting = LedgerEntry, LedgerPosting
    added = (
        sa.select(entry.reference, sa.func.sum(posting.amount), sa.func.max(entry.occurred_at))
        .join(posting, sa.and_(posting.app_id == entry.app_id, posting.number == entry.number))
        .where(entry.app_id == app_id, entry.kind == Entry.TIER_TRUE_UP, posting.account == Ledger.SHARE_RECEIVABLE)
        .where(
            entry.reverses.is_(None), ~sa.exists().where(_undoing.app_id == app_id, _undoing.reverses == entry.number)
        )
        .group_by(entry.reference)
    )
    return [TrueUp(str(period), int(amount), moment) for period, amount, moment in session.execute(added)]


_undoing = sa.orm.aliased(LedgerEntry)


def parts(ids: Sequence[Id]) -> Iterator[Sequence[Id]]:
    """So many at once as a database takes in one question."""
    return (ids[start : start + IDS_AT_ONCE] for start in range(0, len(ids), IDS_AT_ONCE))


def _expected(session: Session, app_id: str, order_ids: Sequence[str]) -> Iterator[Expected]:
    money = _sums(session, app_id, order_ids, Ledger.STORED_VALUE, MONEY)
    shares = _sums(session, app_id, order_ids, Ledger.SHARE_RECEIVABLE, SHARES)
    moments = _moments(session, app_id, order_ids)
    mine = (
        sa.select(
            Order.id, Order.reference_id, Order.order_batch_id, Order.payment_mode, Order.status, Order.refunded_at,
            OrderShare.state,
        )
        .outerjoin(OrderShare, OrderShare.order_id == Order.id)
        .where(Order.app_id == app_id, Order.id.in_(order_ids))
    )  # fmt: skip
    for row in session.execute(mine):
        own, earned = money.get(row.id, {}), shares.get(row.id, {})
        told = moments.get(row.id, {})
        is_known = row.state not in {None, ShareState.PENDING, ShareState.EXPECTED}
        yield Expected(
            order_id=row.id,
            reference_id=row.reference_id,
            batch_id=row.order_batch_id,
            account=account_of(row.payment_mode),
            payment_mode=row.payment_mode,
            is_open=row.status in UNPAID and not own,
            charge=own.get(Entry.ORDER_CHARGED, 0),
            share=sum(earned.get(kind, 0) for kind in ACCRUED) if is_known else None,
            refund=own.get(Entry.ORDER_REFUNDED, 0),
            reversal=earned.get(Entry.SHARE_REVERSED, 0),
            is_refunded=row.refunded_at is not None,
            paid_at=told.get(Status.PAID) if row.status in PAID or own else None,
            refunded_at=told.get(Step.REFUNDED) or told.get(Status.CANCELED) or row.refunded_at,
        )


def account_of(payment_mode: str) -> Account:
    """Whose statement tells of an order of this mode."""
    return Account.STORED_VALUE if RULES[PaymentMode(payment_mode)].spends_balance else Account.PAYOUTS


def _sums(session: Session, app_id: str, order_ids: Sequence[str], account: Ledger, kinds: Sequence[Entry]) -> Sums:
    row = LedgerPosting
    sums = (
        sa.select(row.order_id, row.kind, sa.func.sum(row.amount))
        .where(row.app_id == app_id, row.order_id.in_(order_ids), row.account == account, row.kind.in_(kinds))
        .group_by(row.order_id, row.kind)
    )
    found: Sums = defaultdict(dict)
    for order_id, kind, amount in session.execute(sums):
        found[str(order_id)][Entry(kind)] = int(amount)
    return found


def _moments(session: Session, app_id: str, order_ids: Sequence[str]) -> dict[str, dict[Any, datetime]]:
    """When orders were paid, refunded or cancelled: by Goody's clock, else when it was learnt."""
    steps = sa.select(
        OrderStep.order_id, OrderStep.step, sa.func.coalesce(OrderStep.happened_at, OrderStep.recorded_at)
    ).where(
        OrderStep.app_id == app_id,
        OrderStep.order_id.in_(order_ids),
        OrderStep.step.in_([Status.PAID, Status.CANCELED, Step.REFUNDED]),
        OrderStep.is_late.is_(False),
    )
    found: dict[str, dict[Any, datetime]] = defaultdict(dict)
    for order_id, step, moment in session.execute(steps):
        found[order_id][step] = moment
    return found
