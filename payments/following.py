"""Following batches that Goody completes later: those of more than ten recipients, and scheduled ones.

Its webhook `order_batch.completed` usually comes first; this is for when it does not.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from foundation.clock import Clock, utc_now
from foundation.database import Sessions
from foundation.errors import GoodyError
from foundation.goody.client import GoodyClient
from foundation.logs import get_logger
from payments.lookup import with_all_orders
from payments.orders import NEVER_SENT
from payments.submission import Submissions
from payments.submission_states import Submission
from payments.tables import OrderBatch

log = get_logger(__name__)

FOLLOWED_AT_ONCE: Final = 50
SHORTEST_PAUSE: Final = timedelta(seconds=2)
LONGEST_PAUSE: Final = timedelta(minutes=10)


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

    def follow_due(self) -> int:
        """Look at every incomplete batch that is due; returns how many."""
        now = self._clock()
        due = sa.select(OrderBatch.id, OrderBatch.app_id, OrderBatch.goody_batch_id, OrderBatch.created_at).where(
            OrderBatch.completed_at.is_(None),
            OrderBatch.submission_status == Submission.SUBMITTED,
            OrderBatch.send_status.not_in(NEVER_SENT),
            OrderBatch.next_attempt_at <= now,
        )
        with self._sessions.read() as session:
            rows = session.execute(due.order_by(OrderBatch.next_attempt_at).limit(FOLLOWED_AT_ONCE)).all()
        for batch_id, app_id, goody_batch_id, created_at in rows:
            if goody_batch_id is None:
                continue  # Never so for a submitted one; the column allows it.
            try:
                self._look(batch_id, app_id, goody_batch_id)
            except GoodyError as error:
                log.warning("a batch could not be followed; it is tried again", order_batch=batch_id, why=error.detail)
            except Exception:
                # One app's unusable key must not keep the others' batches from being followed.
                log.exception("a batch could not be followed; it is tried again", order_batch=batch_id)
            self._look_again_later(batch_id, created_at)
        return len(rows)

    def _look(self, batch_id: str, app_id: str, goody_batch_id: str) -> None:
        goody = self._goody(app_id)
        found = with_all_orders(goody, goody.order_batch(goody_batch_id))
        with self._sessions.begin() as session:
            self._submissions.adopt(session, session.get_one(OrderBatch, batch_id, with_for_update=True), found)

    def _look_again_later(self, batch_id: str, created_at: datetime) -> None:
        """The older the batch, the longer the pause: a tenth of its age, within bounds."""
        now = self._clock()
        pause = min(max((now - created_at) / 10, SHORTEST_PAUSE), LONGEST_PAUSE)
        with self._sessions.begin() as session:
            session.execute(sa.update(OrderBatch).where(OrderBatch.id == batch_id).values(next_attempt_at=now + pause))
