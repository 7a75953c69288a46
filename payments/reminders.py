"""What time alone brings about: gifts about to expire, and payments that nobody makes. Told once each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from foundation import events
from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from payments.lifecycle import PAYABLE, Status
from payments.tables import Order

AT_ONCE: Final = 200
ACCEPTABLE: Final = (Status.CREATED, Status.NOTIFIED, Status.OPENED)
"""Where the recipient can still accept, so where an expiry matters."""


@dataclass(frozen=True, slots=True)
class Moments:
    """When to tell, in seconds: before an expiry; after the payment link appeared (ascending); and at last."""

    expiring: float = 259_200
    reminders: Sequence[float] = (3600, 86_400, 259_200)
    lapsed: float = 1_209_600


class Reminders:
    """Appends `order.expiring`, `order.payment_reminder` and `order.payment_lapsed` when it is time."""

    def __init__(self, sessions: Sessions, moments: Moments, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._moments = moments
        self._clock = clock

    def remind_due(self) -> int:
        """Tell what is due; returns how many orders it was told of."""
        return self._tell(self._expiring(), self._tell_expiring) + self._tell(self._unpaid(), self._tell_unpaid)

    def _expiring(self) -> Sequence[sa.ColumnElement[bool]]:
        now = self._clock()
        is_new = sa.or_(Order.expiring_told.is_(None), Order.expiring_told != Order.expires_at)
        return (
            Order.status.in_(ACCEPTABLE),
            Order.expires_at > now,
            Order.expires_at <= now + timedelta(seconds=self._moments.expiring),
            is_new,
        )

    def _unpaid(self) -> Sequence[sa.ColumnElement[bool]]:
        now = self._clock()
        due = [
            sa.and_(Order.payment_reminders <= told, Order.payment_link_at <= now - timedelta(seconds=after))
            for told, after in enumerate(self._moments.reminders)
        ]
        has_lapsed = Order.payment_link_at <= now - timedelta(seconds=self._moments.lapsed)
        # Spelt as the partial index is, or SQLite does not use that.
        payable: sa.BindParameter[str] = sa.bindparam("payable", sorted(PAYABLE), expanding=True, literal_execute=True)
        return Order.status.in_(payable), Order.payment_lapsed_at.is_(None), sa.or_(*due, has_lapsed)

    def _tell(self, due: Sequence[sa.ColumnElement[bool]], tell: Callable[[Session, Order, datetime], None]) -> int:
        with self._sessions.read() as session:
            order_ids = session.scalars(sa.select(Order.id).where(*due).limit(AT_ONCE)).all()
        return sum(self._tell_one(order_id, due, tell) for order_id in order_ids)

    def _tell_one(
        self,
        order_id: str,
        due: Sequence[sa.ColumnElement[bool]],
        tell: Callable[[Session, Order, datetime], None],
    ) -> bool:
        with self._sessions.begin() as session:
            # Looked at anew under its lock: another worker may have told it, or the order may have moved on.
            order = session.scalar(sa.select(Order).where(Order.id == order_id, *due).with_for_update())
            if order is not None:
                tell(session, order, self._clock())
        return order is not None

    def _tell_expiring(self, session: Session, order: Order, now: datetime) -> None:
        order.expiring_told = order.expires_at
        events.append(session, order.app_id, "order.expiring", order.id, now)

    def _tell_unpaid(self, session: Session, order: Order, now: datetime) -> None:
        waited = (now - (order.payment_link_at or now)).total_seconds()
        # Of several that were missed while no worker ran, one is told.
        order.payment_reminders = sum(after <= waited for after in self._moments.reminders)
        if waited >= self._moments.lapsed:
            order.payment_lapsed_at = now
            events.append(session, order.app_id, "order.payment_lapsed", order.id, now)
        else:
            changes = {"reminder": order.payment_reminders}
            events.append(session, order.app_id, "order.payment_reminder", order.id, now, changes)
