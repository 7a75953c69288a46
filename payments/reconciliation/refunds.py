"""Refunds are learnt from statements: no webhook says how much, and one may be lost. The order is told, then booked.

Of a payment by the shopper even a statement has no refund: there the share that was taken back tells.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from payments.lifecycle import Status
from payments.modes import RULES, PaymentMode
from payments.order_extras import learn_refund
from payments.reconciliation import lines
from payments.reconciliation.books import orders_named, parts
from payments.reconciliation.kinds import Part
from payments.revenue_share.accounting import Accountant
from payments.revenue_share.tables import OrderShare
from payments.statements.kinds import Account, Kind
from payments.tables import Order

KINDS: Final = {Part.REFUND: Kind.REFUND, Part.REVERSAL: Kind.REVENUE_SHARE_REVERSAL}


class Refunds:
    """Takes refunds from statements into orders."""

    def __init__(self, sessions: Sessions, accountant: Accountant, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._accountant = accountant
        self._clock = clock

    def book_up(self, app_id: str) -> None:
        """Bring the books to where the app's orders are, as far as anybody can."""
        unbooked = sa.select(sa.func.count()).where(Order.app_id == app_id, Order.is_unbooked)
        left: int | None = None
        while True:
            with self._sessions.read() as session:
                before, left = left, session.scalar(unbooked)
            if not left or left == before:
                return
            self._accountant.book_due()

    def learn(self, app_id: str, since: datetime) -> int:
        """Let orders have the refunds that lines since then tell of, or their shares; returns how many were news."""
        with self._sessions.read() as session:
            told = _told(session, app_id, since, Part.REFUND, Account.STORED_VALUE)
            news = [order_id for order_id, amount in told.items() if _is_news(session, app_id, order_id, amount)]
            taken = _told(session, app_id, since, Part.REVERSAL, Account.PAYOUTS)
            less = {order_id: -amount for order_id, amount in taken.items()}
            newly_taken = [
                order_id for order_id, amount in less.items() if _is_taken(session, app_id, order_id, amount)
            ]
        for order_id in news:
            with self._sessions.begin() as session:
                order = session.get_one(Order, order_id, with_for_update=True)
                learn_refund(session, order, told[order_id], self._clock())
            self._accountant.book(order_id)
        for order_id in newly_taken:
            with self._sessions.begin() as session:
                session.get_one(Order, order_id, with_for_update=True)
                session.get_one(OrderShare, order_id).taken_back = less[order_id]
            self._accountant.book(order_id)
        return len(news) + len(newly_taken)


def _told(session: Session, app_id: str, since: datetime, part: Part, account: Account) -> Mapping[str, int]:
    """What a part of each order's money comes to in all, by the lines that hold."""
    recent = lines.lines_since(session, app_id, since, KINDS[part])
    names = {line.order_id or line.order_reference for line in recent} - {""}
    earlier = [line for line in lines.lines_of(session, app_id, names, since) if line.part is part]
    found: dict[str, int] = {}
    ids = _ids(session, app_id, names)
    for line in [*recent, *earlier]:
        order_id = ids.get(line.order_id or line.order_reference)
        if order_id is not None and line.occurrence == 1 and line.account is account:
            found[order_id] = found.get(order_id, 0) + line.amount
    return found


def _ids(session: Session, app_id: str, names: set[str]) -> dict[str, str]:
    """Our orders by whatever name a line gives them."""
    found = {}
    for part in parts(sorted(orders_named(session, app_id, names))):
        for order_id, reference in session.execute(sa.select(Order.id, Order.reference_id).where(Order.id.in_(part))):
            found[order_id] = found[reference] = order_id
    return found


def _is_news(session: Session, app_id: str, order_id: str, amount: int) -> bool:
    order = session.scalar(sa.select(Order).where(Order.app_id == app_id, Order.id == order_id))
    # What a cancelled order gets back is what it was charged: the books know that by themselves.
    return order is not None and amount > 0 and order.status != Status.CANCELED and order.refund_amount != amount


def _is_taken(session: Session, app_id: str, order_id: str, amount: int) -> bool:
    """Whether it is news how much of the share was taken back, of an order whose refund is known but for its amount.

    Goody gave the shopper the money, and tells nobody how much: what it takes back of the share tells it.
    """
    mine = (
        sa.select(Order.payment_mode, Order.status, Order.refunded_at, Order.refund_amount, OrderShare.taken_back)
        .join(OrderShare, OrderShare.order_id == Order.id)
        .where(Order.app_id == app_id, Order.id == order_id)
    )
    row = session.execute(mine).one_or_none()
    if row is None or row.refunded_at is None or row.refund_amount is not None or row.status == Status.CANCELED:
        return False
    return amount > 0 and not RULES[PaymentMode(row.payment_mode)].spends_balance and row.taken_back != amount
