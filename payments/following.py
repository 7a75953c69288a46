"""Following batches that Goody completes later: those of more than ten recipients, and scheduled ones.

Its webhook `order_batch.completed` usually comes first; this is for when it does not.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import sqlalchemy as sa

from foundation.clock import Clock, utc_now
from foundation.database import Sessions
from foundation.errors import GoodyError
from foundation.goody.client import GoodyClient
from foundation.lanes import Lanes
from foundation.logs import get_logger
from payments.deadlines import scheduled_for
from payments.lookup import with_all_orders
from payments.orders import NEVER_SENT
from payments.stuck import Stuck, tell_stuck
from payments.submission import Submissions
from payments.submission_states import Submission
from payments.tables import OrderBatch
from payments.timeline import refetch

log = get_logger(__name__)

SHARE: Final = 25
"""Batches of one app that are looked at in one turn."""
SHORTEST_PAUSE: Final = timedelta(seconds=2)
LONGEST_PAUSE: Final = timedelta(minutes=10)
PAUSE_BEFORE_SCHEDULE: Final = timedelta(hours=6)
"""Until the moment it is scheduled for, only a cancellation can happen to a batch."""
MISSING_AFTER: Final = timedelta(minutes=10)
"""Goody's lists may lag behind: only after so long are orders that a complete batch does not show called missing."""


class Following:
    """Asks after batches whose orders are not all here yet."""

    def __init__(
        self,
        sessions: Sessions,
        goody: Callable[[str], GoodyClient],
        submissions: Submissions,
        clock: Clock = utc_now,
    ) -> None:
        self._sessions = sessions
        self._goody = goody
        self._submissions = submissions
        self._clock = clock
        self._lanes = Lanes("batch following")

    def follow_due(self, patience: float | None = None) -> int:
        """Look at every incomplete batch that is due, all apps at once; returns how many.

        An app whose Goody hangs holds up itself alone; nobody waits for it longer than `patience` seconds.
        """
        waiting = sa.select(OrderBatch.app_id).where(*_due(self._clock())).distinct()
        with self._sessions.read() as session:
            app_ids = session.scalars(waiting).all()
        return self._lanes.run({app_id: partial(self._follow_app, app_id) for app_id in app_ids}, patience)

    def close(self) -> None:
        """Wait for what is under way."""
        self._lanes.close()

    def _follow_app(self, app_id: str) -> int:
        mine = sa.select(
            OrderBatch.id, OrderBatch.goody_batch_id, OrderBatch.created_at, OrderBatch.sent_at, OrderBatch.payload
        ).where(OrderBatch.app_id == app_id, *_due(self._clock()))
        with self._sessions.read() as session:
            rows = session.execute(mine.order_by(OrderBatch.next_attempt_at).limit(SHARE)).all()
        for row in rows:
            if self._lanes.is_closing:
                break
            if row.goody_batch_id is None:
                continue  # Never so for a submitted one; the column allows it.
            try:
                self._look(row.id, app_id, row.goody_batch_id)
            except GoodyError as error:
                log.warning("a batch could not be followed; it is tried again", order_batch=row.id, why=error.detail)
            except Exception:
                # One row that can't be followed must not keep the others from being.
                log.exception("a batch could not be followed; it is tried again", order_batch=row.id)
            self._look_again_later(row.id, pause(self._clock(), row.created_at, scheduled_for(row.payload.encode())))
        return len(rows)

    def _look(self, batch_id: str, app_id: str, goody_batch_id: str) -> None:
        goody, asked_at = self._goody(app_id), self._clock()
        found = with_all_orders(goody, goody.order_batch(goody_batch_id))
        now = self._clock()
        with self._sessions.begin() as session:
            batch = session.get_one(OrderBatch, batch_id, with_for_update=True)
            self._submissions.adopt(session, batch, found, refetch(asked_at))
            is_sent_long_since = batch.sent_at is not None and now - batch.sent_at >= MISSING_AFTER
            if is_sent_long_since and batch.completed_at is None:
                batch.last_problem = f"Goody shows {len(found.orders_preview)} of {batch.recipients_count} orders"
                tell_stuck(session, batch, Stuck.ORDERS_MISSING, now)

    def _look_again_later(self, batch_id: str, after: timedelta) -> None:
        with self._sessions.begin() as session:
            session.execute(
                sa.update(OrderBatch).where(OrderBatch.id == batch_id).values(next_attempt_at=self._clock() + after)
            )


def pause(now: datetime, created_at: datetime, scheduled_on: datetime | None) -> timedelta:
    """How long to leave a batch alone: a tenth of its age within bounds; longer before the time it is scheduled for."""
    if scheduled_on is not None and now < scheduled_on:
        return min(scheduled_on - now + SHORTEST_PAUSE, PAUSE_BEFORE_SCHEDULE)
    since = created_at if scheduled_on is None else scheduled_on
    return min(max((now - since) / 10, SHORTEST_PAUSE), LONGEST_PAUSE)


def _due(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        OrderBatch.completed_at.is_(None),
        OrderBatch.submission_status == Submission.SUBMITTED,
        OrderBatch.send_status.not_in(NEVER_SENT),
        OrderBatch.next_attempt_at <= now,
    )
