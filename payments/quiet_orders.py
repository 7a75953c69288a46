"""Orders that have been quiet for too long are read at Goody again: for what neither webhook nor activity told.

Activities lack `notified`, `accepted` and `canceled`, and thank-you notes; a webhook can be lost. So an order that
could still move is read now and then: the longer it has been quiet, the more rarely.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import sqlalchemy as sa

from foundation.clock import Clock, utc_now
from foundation.database import Sessions
from foundation.errors import GoodyError, GoodyNotFoundError
from foundation.goody.client import GoodyClient
from foundation.lanes import Lanes
from foundation.logs import get_logger
from payments import orders
from payments.lifecycle import MOVING, Status
from payments.tables import Order, OrderBatch
from payments.timeline import REFETCH

log = get_logger(__name__)

WATCHED_AFTER_DELIVERY: Final = timedelta(days=14)
"""A thank-you note may follow a delivery."""
LONGEST_PAUSE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Quietness:
    """After how many seconds without news an order is read again, and how many of one app in one turn."""

    after_seconds: float = 21_600
    share: int = 20


class QuietOrders:
    """Reads quiet orders again, so many of each app per turn."""

    def __init__(
        self,
        sessions: Sessions,
        goody: Callable[[str], GoodyClient],
        quietness: Quietness,
        clock: Clock = utc_now,
    ) -> None:
        self._sessions = sessions
        self._goody = goody
        self._quiet = timedelta(seconds=quietness.after_seconds)
        self._share = quietness.share
        self._clock = clock
        self._lanes = Lanes("quiet orders")

    def look_due(self, patience: float | None = None) -> int:
        """Read every order whose turn it is, all apps at once; returns how many.

        An app whose Goody hangs holds up itself alone; nobody waits for it longer than `patience` seconds.
        """
        quiet = sa.select(Order.app_id).where(*self._due()).distinct()
        with self._sessions.read() as session:
            app_ids = session.scalars(quiet).all()
        return self._lanes.run({app_id: partial(self._look_at_app, app_id) for app_id in app_ids}, patience)

    def close(self) -> None:
        """Wait for what is under way."""
        self._lanes.close()

    def _due(self) -> tuple[sa.ColumnElement[bool], ...]:
        now = self._clock()
        is_moving = Order.status.in_(MOVING)
        may_be_thanked = sa.and_(Order.status == Status.DELIVERED, Order.updated_at > now - WATCHED_AFTER_DELIVERY)
        is_quiet = sa.and_(Order.next_look_at.is_(None), Order.updated_at <= now - self._quiet)
        return sa.or_(is_moving, may_be_thanked), sa.or_(Order.next_look_at <= now, is_quiet)

    def _look_at_app(self, app_id: str) -> int:
        mine = sa.select(Order.id, Order.updated_at).where(Order.app_id == app_id, *self._due())
        longest_quiet = sa.func.coalesce(Order.next_look_at, Order.updated_at)
        with self._sessions.read() as session:
            rows = session.execute(mine.order_by(longest_quiet).limit(self._share)).all()
        goody = self._goody(app_id)
        for looked_at, (order_id, updated_at) in enumerate(rows, start=1):
            if self._lanes.is_closing:
                break
            try:
                self._look(goody, order_id, updated_at)
            except GoodyNotFoundError:
                log.warning("Goody no longer shows an order", order=order_id)
                self._look_later(order_id)
            except GoodyError as error:
                # It would be no better with the others: the next turn goes on here.
                log.warning("quiet orders could not be read; they are tried again", app=app_id, why=error.detail)
                return looked_at
        return len(rows)

    def _look(self, goody: GoodyClient, order_id: str, updated_at: datetime) -> None:
        told = goody.order(order_id)
        now = self._clock()
        with self._sessions.begin() as session:
            batch_id = sa.select(Order.order_batch_id).where(Order.id == order_id).scalar_subquery()
            # In the order in which all others lock: the batch, then its order.
            batch = session.scalars(sa.select(OrderBatch).where(OrderBatch.id == batch_id).with_for_update()).one()
            order = session.get_one(Order, order_id, with_for_update=True)
            if order.updated_at != updated_at:
                return  # News came while Goody was being asked: its answer may be older than that.
            orders.absorb(session, batch, told, now, source=REFETCH)
            order.next_look_at = now + pause(now - order.updated_at, self._quiet)

    def _look_later(self, order_id: str) -> None:
        with self._sessions.begin() as session:
            later = self._clock() + LONGEST_PAUSE
            session.execute(sa.update(Order).where(Order.id == order_id).values(next_look_at=later))


def pause(quiet_for: timedelta, shortest: timedelta) -> timedelta:
    """How long to leave an order alone that has been quiet for so long: half of that, within bounds."""
    return min(max(quiet_for / 2, shortest), max(LONGEST_PAUSE, shortest))
