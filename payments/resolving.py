"""What an operator decides about orders that don't get on by themselves: seen, adopted, abandoned."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from foundation.clock import Clock, utc_now
from foundation.database import Sessions
from foundation.errors import ConflictError, Fault, InvalidInputError, NotFoundError
from foundation.logs import get_logger
from payments.lookup import with_all_orders
from payments.orders import NEVER_SENT, SENT
from payments.submission import GoodyFor, Submissions
from payments.submission_states import UNDECIDED, Submission
from payments.tables import OrderBatch
from payments.timeline import SUBMISSION

log = get_logger(__name__)

LONGEST_REASON: Final = 500


class Resolutions:
    """For operators, so over all apps."""

    def __init__(self, sessions: Sessions, goody: GoodyFor, submissions: Submissions, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._goody = goody
        self._submissions = submissions
        self._clock = clock

    def undecided(self) -> list[OrderBatch]:
        """Every batch, of whichever app, whose outcome is not known, oldest first."""
        return self._find(OrderBatch.submission_status.in_(UNDECIDED))

    def incomplete(self) -> list[OrderBatch]:
        """Batches that Goody took and whose gifts did not all come to be: orders missing, or never sent."""
        is_short = sa.and_(OrderBatch.send_status == SENT, OrderBatch.stuck_at.is_not(None))
        ended = sa.or_(is_short, OrderBatch.send_status.in_(NEVER_SENT))
        return self._find(
            OrderBatch.submission_status == Submission.SUBMITTED, OrderBatch.completed_at.is_(None), ended
        )

    def adopt(self, batch_id: str, goody_batch_id: str) -> OrderBatch:
        """Take this batch of Goody's for ours, if its reference says so; returns ours.

        NotFoundError, ConflictError, or GoodyError if Goody can't be asked.
        """
        batch = self._get(batch_id)
        if batch.goody_batch_id not in {None, goody_batch_id}:
            raise ConflictError(f"{batch_id} is Goody's batch {batch.goody_batch_id} already.")
        goody = self._goody(batch.app_id)
        found = goody.order_batch(goody_batch_id)
        if found.customer_reference_id != batch_id:
            raise ConflictError(
                f"Goody's batch {goody_batch_id} carries another reference than {batch_id}, "
                f"{found.customer_reference_id!r}: it is another order. Nothing was changed."
            )
        whole = with_all_orders(goody, found)
        with self._sessions.begin() as session:
            batch = session.get_one(OrderBatch, batch_id, with_for_update=True)
            self._submissions.adopt(session, batch, whole, SUBMISSION)
        return batch

    def abandon(self, batch_id: str, reason: str, by: str) -> OrderBatch:
        """Send this batch no more, and close it once Goody certainly has it not; returns it as it stands then.

        From now on it is only looked up, by the sweep too: found, it is submitted after all; absent (twice, minutes
        apart, if an attempt may have reached Goody), it is rejected. InvalidInputError, NotFoundError, ConflictError.
        """
        if not 1 <= len(reason.strip()) <= LONGEST_REASON:
            fault = Fault("/reason", "required", f"say why, in 1 to {LONGEST_REASON} characters: it is kept and told")
            raise InvalidInputError(f"{batch_id} can't be abandoned.", [fault])
        now = self._clock()
        with self._sessions.begin() as session:
            batch = _found(session.get(OrderBatch, batch_id, with_for_update=True), batch_id)
            if batch.submission_status not in UNDECIDED:
                raise ConflictError(f"{batch_id} is {batch.submission_status}: there is nothing to abandon.")
            _decide(batch, reason.strip(), by, now)
        log.warning("an order batch is being abandoned", order_batch=batch_id, by=by)
        self._submissions.submit(batch_id)
        return self._get(batch_id)

    def _find(self, *conditions: sa.ColumnElement[bool]) -> list[OrderBatch]:
        wanted = sa.select(OrderBatch).where(*conditions).order_by(OrderBatch.created_at)
        with self._sessions.read() as session:
            return list(session.scalars(wanted))

    def _get(self, batch_id: str) -> OrderBatch:
        with self._sessions.read() as session:
            return _found(session.get(OrderBatch, batch_id), batch_id)


def _found(batch: OrderBatch | None, batch_id: str) -> OrderBatch:
    if batch is None:
        raise NotFoundError(f"There is no order batch {batch_id!r}. `storefront submission list` shows them.")
    return batch


def _decide(batch: OrderBatch, reason: str, by: str, now: datetime) -> None:
    """Keep who decided and why; the first decision stands."""
    if batch.resolution is None:
        batch.resolution = {"how": "abandoned", "by": by, "reason": reason, "at": now.isoformat()}
    if batch.submission_status != Submission.SENDING:
        batch.next_attempt_at = now
