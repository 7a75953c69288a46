"""Order activities: how "paid" is learnt at all, since no webhook says it, and how lost webhooks are made good."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import sqlalchemy as sa

from foundation.apps import PartnerApp
from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.errors import GoodyError
from foundation.goody.client import GoodyClient
from foundation.goody.resources import OrderActivity
from foundation.goody.walking import walk
from foundation.lanes import Lanes
from foundation.logs import get_logger
from payments import orders, timeline
from payments.lifecycle import MOVING, PAYABLE
from payments.lookup import CLOCK_DRIFT
from payments.tables import ActivityCursor, Order, OrderBatch

log = get_logger(__name__)

OVERLAP: Final = timedelta(seconds=60)
"""Read again this much before the newest activity seen: they may appear late or share a second."""
SLOW: Final = timedelta(seconds=60)
"""How often to read while orders are under way but none waits for payment."""


class Activities:
    """Polls each app's activities: at every call while an order waits for payment, now and then otherwise."""

    def __init__(self, sessions: Sessions, goody: Callable[[str], GoodyClient], clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._goody = goody
        self._clock = clock
        self._lanes = Lanes("order activities")

    def poll_due(self, patience: float | None = None) -> int:
        """Read the activities of every app that has orders to watch, all at once; returns how many were taken in.

        An app whose Goody hangs holds up itself alone; nobody waits for it longer than `patience` seconds.
        """
        due = self._due()
        return self._lanes.run({app_id: partial(self._poll_app, app_id, since) for app_id, since in due}, patience)

    def close(self) -> None:
        """Wait for what is under way."""
        self._lanes.close()

    def _due(self) -> list[tuple[str, datetime]]:
        """Which apps to poll, each with the time up to which all is known."""
        watched = (Order.app_id == PartnerApp.id, Order.status.in_(MOVING))
        is_waiting = sa.exists().where(Order.app_id == PartnerApp.id, Order.status.in_(PAYABLE))
        slow = self._clock() - SLOW
        is_due = sa.or_(ActivityCursor.polled_at.is_(None), ActivityCursor.polled_at <= slow, is_waiting)
        apps = (
            sa.select(PartnerApp.id, ActivityCursor.read_until)
            .outerjoin(ActivityCursor, ActivityCursor.app_id == PartnerApp.id)
            .where(sa.exists().where(*watched), is_due)
        )
        with self._sessions.read() as session:
            return [
                (app_id, self._oldest(session, app_id) - CLOCK_DRIFT if read_until is None else read_until)
                for app_id, read_until in session.execute(apps)
            ]

    def _oldest(self, session: Session, app_id: str) -> datetime:
        oldest = sa.select(sa.func.min(Order.created_at)).where(Order.app_id == app_id, Order.status.in_(MOVING))
        return session.scalar(oldest) or self._clock()

    def _poll_app(self, app_id: str, since: datetime) -> int:
        try:
            return self._poll(app_id, since)
        except GoodyError as error:
            log.warning("order activities could not be read; they are tried again", app=app_id, why=error.detail)
            return 0

    def _poll(self, app_id: str, since: datetime) -> int:
        now = self._clock()
        goody = self._goody(app_id)
        # One that can't be read must not hide the others: the order's next activity tells its status as well.
        read = walk(lambda page: goody.order_activities(page, after=since - OVERLAP), is_whole=False)
        activities = sorted(read, key=lambda activity: activity.created_at)
        by_batch = self._ours(app_id, activities)
        for batch_id, mine in by_batch.items():
            # A transaction each: after a day away there may be thousands, and nobody must wait for all of them.
            with self._sessions.begin() as session:
                # Held, so that the inbox does not insert the same order meanwhile.
                batch = session.get_one(OrderBatch, batch_id, with_for_update=True)
                for activity in mine:
                    told_by = timeline.activity(activity.id, activity.order_status, activity.created_at)
                    orders.absorb(session, batch, activity.order, now, source=told_by)
        with self._sessions.begin() as session:
            _move_cursor(session, app_id, max([since, *(activity.created_at for activity in activities)]), now)
        return len(activities)

    def _ours(self, app_id: str, activities: Sequence[OrderActivity]) -> dict[str, list[OrderActivity]]:
        """The activities of our own batches, by our ids. What is not ours yet comes whole when it is adopted."""
        named = {activity.order.order_batch_id for activity in activities} - {None}
        known = sa.select(OrderBatch.goody_batch_id, OrderBatch.id).where(OrderBatch.app_id == app_id)
        ours: dict[str, list[OrderActivity]] = {}
        with self._sessions.read() as session:
            batch_ids = {
                goody_id: batch_id
                for part in _parts(sorted(map(str, named)))
                for goody_id, batch_id in session.execute(known.where(OrderBatch.goody_batch_id.in_(part)))
            }
        for activity in activities:
            batch_id = batch_ids.get(activity.order.order_batch_id)
            if batch_id is not None:
                ours.setdefault(batch_id, []).append(activity)
        return ours


def _move_cursor(session: Session, app_id: str, read_until: datetime, polled_at: datetime) -> None:
    cursor = session.get(ActivityCursor, app_id)
    if cursor is None:
        session.add(ActivityCursor(app_id=app_id, read_until=read_until, polled_at=polled_at))
    else:
        cursor.read_until = max(cursor.read_until, read_until)
        cursor.polled_at = polled_at


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """So many at once as a database takes in one question."""
    return (ids[start : start + orders.IDS_AT_ONCE] for start in range(0, len(ids), orders.IDS_AT_ONCE))
