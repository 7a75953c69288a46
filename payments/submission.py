"""Submitting order batches, exactly once each, whatever breaks.

A use case in phases around the remote call: claim (committed), POST (no transaction open), record (committed). A crash
or a time-out anywhere leaves a row that the sweep finds. Goody rejects a repeated `customer_reference_id`, so the same
frozen bytes can be sent again until the outcome is known; a 400 to a repeat is not a refusal but a reason to look.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from foundation import events
from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.errors import GoodyError
from foundation.goody.client import GoodyClient
from foundation.goody.outcome import Done, Outcome, Refused, Unknown
from foundation.goody.resources import OrderBatch as GoodyBatch
from foundation.logs import get_logger
from payments import orders
from payments.lookup import CLOCK_DRIFT, find_batch, with_all_orders
from payments.submission_states import ABSENCE_APART, MOVES, UNDECIDED, Submission, back_off
from payments.tables import OrderBatch
from payments.timeline import REFETCH, SUBMISSION, Source

log = get_logger(__name__)

GoodyFor = Callable[[str], GoodyClient]
SWEPT_AT_ONCE: Final = 50
NOT_SHOWN: Final = Unknown("Goody shows no batch with this reference", sent=False)


@dataclass(frozen=True, slots=True)
class Policy:
    """How long a claim holds, and when to stop sending. Seconds."""

    lease_seconds: float = 30
    give_up_seconds: float = 86_400


@dataclass(frozen=True, slots=True)
class Claim:
    """One attempt's hold on a batch."""

    batch_id: str
    app_id: str
    attempt: int
    payload: bytes
    may_exist: bool
    created_at: datetime
    is_past_sending: bool


class Submissions:
    """Sends what was placed, and finds out what became of what was sent."""

    def __init__(self, sessions: Sessions, goody: GoodyFor, policy: Policy, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._goody = goody
        self._policy = policy
        self._clock = clock

    def submit(self, batch_id: str) -> Submission:
        """Try once to get this batch to Goody; returns where it stands. Whoever else holds it is left to it."""
        claim = self._claim(batch_id)
        if claim is None:
            return self._state(batch_id)
        outcome = (self._look(claim) or NOT_SHOWN) if claim.is_past_sending else self._send(claim)
        return self._record(claim, outcome)

    def sweep(self) -> int:
        """Submit every batch whose outcome is not known and whose next attempt is due; returns how many there were."""
        now = self._clock()
        due = sa.select(OrderBatch.id).where(_is_claimable(now), OrderBatch.next_attempt_at <= now)
        with self._sessions.read() as session:
            batch_ids = session.scalars(due.order_by(OrderBatch.next_attempt_at).limit(SWEPT_AT_ONCE)).all()
        for batch_id in batch_ids:
            try:
                state = self.submit(batch_id)
            except Exception:
                # Its lease ends and its turn comes again; one app's broken key must not hold up everybody's orders.
                log.exception("a submission broke off; it is tried again", order_batch=batch_id)
            else:
                log.info("submission swept", order_batch=batch_id, submission_status=state)
        return len(batch_ids)

    def undecided(self) -> list[OrderBatch]:
        """Every batch, of whichever app, whose outcome is not known, oldest first: for operators."""
        waiting = sa.select(OrderBatch).where(OrderBatch.submission_status.in_(UNDECIDED))
        with self._sessions.read() as session:
            return list(session.scalars(waiting.order_by(OrderBatch.created_at)))

    def adopt(self, session: Session, batch: OrderBatch, found: GoodyBatch, source: Source = REFETCH) -> None:
        """Record, in the caller's transaction, that Goody has this batch: whoever tells, it is the truth."""
        now = self._clock()
        if batch.goody_batch_id is None:
            _must_move(batch, Submission.SUBMITTED)
            batch.submission_status = Submission.SUBMITTED
            batch.goody_batch_id = found.id
            batch.submitted_at = now
            batch.lease_until = None
            batch.last_problem = None
            events.append(session, batch.app_id, "order_batch.submitted", batch.id, now)
        elif batch.goody_batch_id != found.id:
            log.critical("Goody has two batches of one reference", order_batch=batch.id, second=found.id)
            return
        orders.absorb_batch(session, batch, found, now, source)

    def _claim(self, batch_id: str) -> Claim | None:
        now = self._clock()
        # What a holder that died was doing is not known: it may have reached Goody.
        was_sending = OrderBatch.submission_status == Submission.SENDING
        claimed = (
            sa.update(OrderBatch)
            .where(OrderBatch.id == batch_id, _is_claimable(now))
            .values(
                submission_status=Submission.SENDING,
                attempt=OrderBatch.attempt + 1,
                may_exist=sa.or_(OrderBatch.may_exist, was_sending),
                absent_since=sa.case((was_sending, sa.null()), else_=OrderBatch.absent_since),
                lease_until=now + timedelta(seconds=self._policy.lease_seconds),
            )
            .returning(
                OrderBatch.app_id, OrderBatch.attempt, OrderBatch.payload, OrderBatch.may_exist, OrderBatch.created_at
            )
        )
        with self._sessions.begin() as session:
            row = session.execute(claimed).one_or_none()
        if row is None:
            return None
        give_up_at = row.created_at + timedelta(seconds=self._policy.give_up_seconds)
        return Claim(
            batch_id, row.app_id, row.attempt, row.payload.encode(), row.may_exist, row.created_at, now > give_up_at
        )

    def _send(self, claim: Claim) -> Outcome[GoodyBatch]:
        outcome = self._goody(claim.app_id).create_order_batch(claim.payload)
        if isinstance(outcome, Refused) and claim.may_exist:
            # Only a look that was made, and found nothing, lets this no stand.
            return self._look(claim) or outcome
        return outcome

    def _look(self, claim: Claim) -> Done[GoodyBatch] | Unknown | None:
        """Look for the batch among Goody's; None if Goody shows none, which proves nothing yet."""
        goody = self._goody(claim.app_id)
        try:
            found = find_batch(goody, claim.batch_id, claim.created_at - CLOCK_DRIFT)
            return None if found is None else Done(with_all_orders(goody, found))
        except GoodyError as error:
            return Unknown(f"the lookup failed: {error.detail}", error.retry_after, sent=False)

    def _record(self, claim: Claim, outcome: Outcome[GoodyBatch]) -> Submission:
        now = self._clock()
        with self._sessions.begin() as session:
            batch = session.get_one(OrderBatch, claim.batch_id, with_for_update=True)
            if isinstance(outcome, Done):
                self.adopt(session, batch, outcome.value, SUBMISSION)
            elif batch.submission_status == Submission.SENDING and batch.attempt == claim.attempt:
                self._record_no_batch(session, batch, claim, outcome, now)
            return Submission(batch.submission_status)

    def _record_no_batch(
        self, session: Session, batch: OrderBatch, claim: Claim, outcome: Refused | Unknown, now: datetime
    ) -> None:
        batch.lease_until = None
        if isinstance(outcome, Refused):
            batch.last_problem = f"{outcome.status}: {outcome.message}"
            if _is_refusal(batch, claim, outcome, now):
                _must_move(batch, Submission.REJECTED)
                batch.submission_status = Submission.REJECTED
                events.append(session, batch.app_id, "order_batch.rejected", batch.id, now)
                log.warning("Goody refused an order batch", order_batch=batch.id, problem=batch.last_problem)
                return
        else:
            batch.last_problem = outcome.reason
            if outcome.sent:
                # It may exist from now on, whatever an earlier look did not find.
                batch.may_exist, batch.absent_since = True, None
        _must_move(batch, Submission.UNKNOWN)
        batch.submission_status = Submission.UNKNOWN
        batch.next_attempt_at = now + back_off(batch.attempt, getattr(outcome, "retry_after", None))
        if claim.is_past_sending and batch.stuck_at is None:
            batch.stuck_at = now
            events.append(session, batch.app_id, "order_batch.stuck", batch.id, now)
            log.error("an order batch's outcome stays unknown; it is looked up, never sent again", order_batch=batch.id)

    def _state(self, batch_id: str) -> Submission:
        with self._sessions.read() as session:
            return Submission(session.get_one(OrderBatch, batch_id).submission_status)


def _is_claimable(now: datetime) -> sa.ColumnElement[bool]:
    status = OrderBatch.submission_status
    # Another worker may have tried it since it was found to be due: Goody's Retry-After binds this one too.
    due_again = sa.and_(status == Submission.UNKNOWN, OrderBatch.next_attempt_at <= now)
    orphaned = sa.and_(status == Submission.SENDING, OrderBatch.lease_until < now)
    return sa.or_(status == Submission.PENDING, due_again, orphaned)


def _is_refusal(batch: OrderBatch, claim: Claim, outcome: Refused, now: datetime) -> bool:
    """Whether this no is final: to a first attempt, or to a repeat that was absent at two looks, minutes apart."""
    if not claim.may_exist:
        return True
    if batch.absent_since is None:
        batch.absent_since = now
        return False
    # A key that was revoked meanwhile says nothing about what an earlier attempt did.
    return outcome.status not in {401, 403} and now - batch.absent_since >= ABSENCE_APART


def _must_move(batch: OrderBatch, to: Submission) -> None:
    if to not in MOVES[Submission(batch.submission_status)]:
        raise AssertionError(f"{batch.id} can't move from {batch.submission_status} to {to}")
