"""The watch over the stored value balance: polled, and judged once all that moved it is known."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import sqlalchemy as sa

from foundation import events
from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.errors import GoodyError
from foundation.lanes import Lanes
from foundation.logs import get_logger
from foundation.money import show
from payments.ledger.accounts import Account
from payments.ledger.entries import Kind
from payments.ledger.tables import LedgerEntry, LedgerPosting
from payments.lifecycle import MOVING, PAYABLE
from payments.messages import is_undecided
from payments.modes import PaymentMode
from payments.reconciliation.balance import RATE_DAYS, Books, days_left, difference, is_low
from payments.reconciliation.discrepancies import Discrepancies
from payments.reconciliation.kinds import Status, Type
from payments.reconciliation.tables import BalanceWatchRow, Discrepancy
from payments.reconciliation.values import Finding
from payments.revenue_share.share_states import ShareState
from payments.revenue_share.tables import OrderShare
from payments.stored_value import NoStoredValueError, StoredValueAccounts, commitments
from payments.tables import ActivityCursor, Order, OrderBatch, WebhookMessage

log = get_logger(__name__)

KEY: Final = f"{Type.BALANCE_MISMATCH}:watch"
LOW: Final = "balance.low"
MODE: Final = PaymentMode.STORED_VALUE


@dataclass(frozen=True, slots=True)
class Watchfulness:
    """How often each balance is asked for, in seconds, and for how many days it should last."""

    every_seconds: float = 300
    enough_days: int = 7


class BalanceWatch:
    """Watches the stored value balances of all apps that sell by it."""

    def __init__(
        self,
        sessions: Sessions,
        accounts: StoredValueAccounts,
        discrepancies: Discrepancies,
        watchfulness: Watchfulness,
        clock: Clock = utc_now,
    ) -> None:
        self._sessions = sessions
        self._accounts = accounts
        self._discrepancies = discrepancies
        self._watchfulness = watchfulness
        self._clock = clock
        self._lanes = Lanes("balance watch")

    def look_due(self, patience: float | None = None) -> int:
        """Look at every balance whose turn it is, all apps at once; returns how many.

        An app whose Goody hangs holds up itself alone; nobody waits for it longer than `patience` seconds.
        """
        before = self._clock() - timedelta(seconds=self._watchfulness.every_seconds)
        sells = sa.select(OrderBatch.app_id).where(OrderBatch.payment_mode == MODE).distinct()
        seen_lately = sa.select(BalanceWatchRow.app_id).where(BalanceWatchRow.sampled_at > before)
        with self._sessions.read() as session:
            app_ids = session.scalars(sells.where(OrderBatch.app_id.not_in(seen_lately))).all()
        return self._lanes.run({app_id: partial(self._look_at, app_id) for app_id in app_ids}, patience)

    def close(self) -> None:
        """Wait for what is under way."""
        self._lanes.close()

    def _look_at(self, app_id: str) -> int:
        try:
            self.look(app_id)
        except (GoodyError, NoStoredValueError) as error:
            log.warning("a balance could not be read; it is tried again", app=app_id, why=error.detail)
            return 0
        return 1

    def look(self, app_id: str) -> None:
        """Ask for the balance, and judge it if it has stood still until all that moved it was known."""
        # The books first: what moves the balance between the two makes it another than it was, and it is not judged.
        with self._sessions.read() as session:
            books = read_books(session, app_id, self._clock())
        asked_at = self._clock()
        balance = self._accounts.balance(app_id)
        with self._sessions.begin() as session:
            row = session.get(BalanceWatchRow, app_id, with_for_update=True)
            if row is None or row.balance != balance:
                self._note(session, app_id, row, balance, asked_at)
            elif books.is_caught_up(row.stable_since):
                self._judge(session, row, books, asked_at)
                row.sampled_at = asked_at
            else:
                row.sampled_at = asked_at
            self._warn(session, app_id, balance, books, asked_at)

    def _note(
        self, session: Session, app_id: str, row: BalanceWatchRow | None, balance: int, asked_at: datetime
    ) -> None:
        if row is None:
            row = BalanceWatchRow(app_id=app_id, opening=None, opening_at=None, low_since=None, judged_at=None)
            session.add(row)
        row.balance, row.stable_since, row.sampled_at = balance, asked_at, asked_at
        session.flush()

    def _judge(self, session: Session, row: BalanceWatchRow, books: Books, now: datetime) -> None:
        if row.opening is None or row.opening_at is None:
            # What was there before our books began.
            row.opening, row.opening_at = row.balance - books.expected, now
        opening = row.opening - _recorded_since(session, row.app_id, row.opening_at)
        off = difference(row.balance, opening, books)
        row.judged_at = now
        if off:
            said = f"Goody's balance is {show(row.balance)}; by our books it must be {show(opening + books.expected)}"
            finding = Finding(
                Type.BALANCE_MISMATCH, KEY, off, opening + books.expected, row.balance, now, explanation=said
            )
            self._discrepancies.open_all(session, row.app_id, [finding])
            return
        standing = sa.select(Discrepancy.id).where(
            Discrepancy.app_id == row.app_id, Discrepancy.key == KEY, Discrepancy.status != Status.RESOLVED
        )
        agrees = "Goody's balance is what our books say."
        self._discrepancies.resolve_all(session, row.app_id, session.scalars(standing).all(), agrees)

    def _warn(self, session: Session, app_id: str, balance: int, books: Books, asked_at: datetime) -> None:
        """Tell once that the balance is low, and anew after it was not."""
        committed = commitments(session, app_id, self._clock(), asked_at)
        available = balance - committed
        row = session.get_one(BalanceWatchRow, app_id)
        if not is_low(available, books.spent, self._watchfulness.enough_days):
            row.low_since = None
        elif row.low_since is None:
            row.low_since = asked_at
            changes = {
                "balance": balance,
                "commitments": committed,
                "available": available,
                "days_left": days_left(available, books.spent),
            }
            events.append(session, app_id, LOW, app_id, asked_at, changes)


def read_books(session: Session, app_id: str, now: datetime) -> Books:
    """What is known of an app's stored value."""
    row = LedgerPosting
    of_mode = (row.app_id == app_id, row.account == Account.SHARE_RECEIVABLE, row.payment_mode == MODE)
    booked = _sum(session, row.app_id == app_id, row.account == Account.STORED_VALUE)
    recent = row.booked_at > now - timedelta(days=RATE_DAYS)
    money = row.kind.in_([Kind.ORDER_CHARGED, Kind.ORDER_REFUNDED])
    moved = _sum(session, row.app_id == app_id, row.account == Account.STORED_VALUE, recent, money)
    earned = _sum(session, *of_mode, recent, row.kind != Kind.SHARE_RECEIVED)
    watched = sa.exists().where(Order.app_id == app_id, Order.status.in_(MOVING))
    cursor = sa.select(ActivityCursor.polled_at).where(ActivityCursor.app_id == app_id)
    return Books(
        expected=booked + _sum(session, *of_mode),
        unknown_refunds=_unknown_refunds(session, app_id),
        spent=-moved - earned,
        is_settled=not _is_under_way(session, app_id),
        activities_read_at=session.scalar(cursor) or _NEVER if session.scalar(sa.select(watched)) else None,
    )


_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _sum(session: Session, *which: sa.ColumnElement[bool]) -> int:
    return int(session.scalar(sa.select(sa.func.sum(LedgerPosting.amount)).where(*which)) or 0)


def _is_under_way(session: Session, app_id: str) -> bool:
    mine = (Order.app_id == app_id, Order.payment_mode == MODE)
    waiting = (
        sa.exists().where(WebhookMessage.app_id == app_id, is_undecided()),
        sa.exists().where(Order.app_id == app_id, Order.is_unbooked),
        # Whether it has been charged can't be told.
        sa.exists().where(*mine, Order.status.in_(PAYABLE)),
        # Nor what it earned.
        sa.exists().where(*mine, OrderShare.order_id == Order.id, OrderShare.state == ShareState.PENDING),
    )
    return bool(session.scalar(sa.select(sa.or_(*waiting))))


def _unknown_refunds(session: Session, app_id: str) -> int:
    orders = sa.select(Order.id).where(
        Order.app_id == app_id,
        Order.payment_mode == MODE,
        Order.refunded_at.is_not(None),
        Order.refund_amount.is_(None),
    )
    row = LedgerPosting
    of_them = (row.app_id == app_id, row.order_id.in_(orders))
    refunds = _sum(session, *of_them, row.account == Account.STORED_VALUE, row.kind == Kind.ORDER_REFUNDED)
    taken = _sum(session, *of_them, row.account == Account.SHARE_RECEIVABLE, row.kind == Kind.SHARE_REVERSED)
    return max(refunds + taken, 0)


def _recorded_since(session: Session, app_id: str, opening_at: datetime) -> int:
    """What has been recorded since of the time before: it was part of the opening."""
    entry, posting = LedgerEntry, LedgerPosting
    sums = (
        sa.select(sa.func.sum(posting.amount))
        .join(entry, sa.and_(entry.app_id == posting.app_id, entry.number == posting.number))
        .where(
            posting.app_id == app_id,
            posting.account == Account.STORED_VALUE,
            posting.kind.in_([Kind.DEPOSIT, Kind.WITHDRAWAL, Kind.CORRECTION]),
            entry.posted_at > opening_at,
            entry.occurred_at <= opening_at,
        )
    )
    return int(session.scalar(sums) or 0)
