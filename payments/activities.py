"""Order activities: how "paid" is learnt at all, since no webhook says it, and how lost webhooks are made good."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.errors import GoodyError
from foundation.goody.client import GoodyClient
from foundation.goody.walking import walk
from foundation.logs import get_logger
from payments import orders, timeline
from payments.lifecycle import PAYABLE, Status
from payments.lookup import CLOCK_DRIFT
from payments.tables import ActivityCursor, Order, OrderBatch

log = get_logger(__name__)

OVERLAP: Final = timedelta(seconds=60)
"""Read again this much before the newest activity seen: they may appear late or share a second."""
SLOW: Final = timedelta(seconds=60)
"""How often to read while orders are under way but none waits for payment."""
SETTLED: Final = (Status.DELIVERED, Status.CANCELED)


class Activities:
    """Polls each app's activities: at every call while an order waits for payment, now and then otherwise."""

    def __init__(self, sessions: Sessions, goody: Callable[[str], GoodyClient], clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._goody = goody
        self._clock = clock

    def poll_due(self) -> int:
        """Read the activities of every app that has orders to watch; returns how many activities were taken in."""
        taken = 0
        for app_id, since in self._due():
            try:
                taken += self._poll(app_id, since)
            except GoodyError as error:
                # One app's Goody being down must not keep the others from learning of their payments.
                log.warning("order activities could not be read; they are tried again", app=app_id, why=error.detail)
            except Exception:
                # Nor must a key that can't be decrypted, or a row that another worker wrote first.
                log.exception("order activities could not be taken in; they are tried again", app=app_id)
        return taken

    def _due(self) -> list[tuple[str, datetime]]:
        """Which apps to poll, each with the time up to which all is known."""
        is_waiting = sa.func.max(sa.case((Order.status.in_(PAYABLE), 1), else_=0))
        by_app = (
            sa.select(Order.app_id, is_waiting, sa.func.min(Order.created_at), ActivityCursor)
            .outerjoin(ActivityCursor, ActivityCursor.app_id == Order.app_id)
            .where(Order.status.not_in(SETTLED))
            .group_by(Order.app_id, ActivityCursor.app_id)
        )
        slow = self._clock() - SLOW
        with self._sessions.read() as session:
            rows = session.execute(by_app).all()
        return [
            (app_id, oldest - CLOCK_DRIFT if cursor is None else cursor.read_until)
            for app_id, waits, oldest, cursor in rows
            if waits or cursor is None or cursor.polled_at <= slow
        ]

    def _poll(self, app_id: str, since: datetime) -> int:
        now = self._clock()
        goody = self._goody(app_id)
        # One that can't be read must not hide the others: the order's next activity tells its status as well.
        read = walk(lambda page: goody.order_activities(page, after=since - OVERLAP), is_whole=False)
        activities = sorted(read, key=lambda activity: activity.created_at)
        with self._sessions.begin() as session:
            for activity in activities:
                batch = _find_batch(session, app_id, activity.order.order_batch_id)
                if batch is not None:
                    told_by = timeline.activity(activity.id, activity.order_status, activity.created_at)
                    orders.absorb(session, batch, activity.order, now, source=told_by)
            _move_cursor(session, app_id, max([since, *(activity.created_at for activity in activities)]), now)
        return len(activities)


def _find_batch(session: Session, app_id: str, goody_batch_id: str | None) -> OrderBatch | None:
    mine = sa.select(OrderBatch).where(OrderBatch.app_id == app_id, OrderBatch.goody_batch_id == goody_batch_id)
    # Held, so that the inbox does not insert the same order meanwhile.
    return session.scalar(mine.with_for_update())


def _move_cursor(session: Session, app_id: str, read_until: datetime, polled_at: datetime) -> None:
    cursor = session.get(ActivityCursor, app_id)
    if cursor is None:
        session.add(ActivityCursor(app_id=app_id, read_until=read_until, polled_at=polled_at))
    else:
        cursor.read_until = max(cursor.read_until, read_until)
        cursor.polled_at = polled_at
