"""Claiming a batch for one attempt: one UPDATE, so that of all workers and web processes one gets it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from foundation.database import Session
from payments.deadlines import send_before
from payments.submission_states import Submission
from payments.tables import OrderBatch


@dataclass(frozen=True, slots=True)
class Policy:
    """How long a claim holds, when to stop sending, and how long a key that Goody refuses is waited for. Seconds."""

    lease_seconds: float = 30
    give_up_seconds: float = 86_400
    key_refused_seconds: float = 21_600


@dataclass(frozen=True, slots=True)
class Claim:
    """One attempt's hold on a batch."""

    batch_id: str
    app_id: str
    attempt: int
    payload: bytes
    created_at: datetime
    may_exist: bool
    was_key_refused: bool
    is_past_sending: bool

    @property
    def proves_nothing(self) -> bool:
        """Whether a refusal proves nothing by itself, since an earlier attempt may have made the batch.

        An answer of 401 or 403 most likely means that nothing was made; that too is looked up before it is relied on.
        """
        return self.may_exist or self.was_key_refused


def claim(session: Session, batch_id: str, policy: Policy, now: datetime) -> Claim | None:
    """Take the batch for one attempt; None if it is decided, not due yet, or somebody else's just now."""
    # What a holder that died was doing is not known: it may have reached Goody.
    was_sending = OrderBatch.submission_status == Submission.SENDING
    taken = (
        sa.update(OrderBatch)
        .where(OrderBatch.id == batch_id, is_claimable(now))
        .values(
            submission_status=Submission.SENDING,
            attempt=OrderBatch.attempt + 1,
            may_exist=sa.or_(OrderBatch.may_exist, was_sending),
            absent_since=sa.case((was_sending, sa.null()), else_=OrderBatch.absent_since),
            lease_until=now + timedelta(seconds=policy.lease_seconds),
        )
        .returning(
            OrderBatch.app_id,
            OrderBatch.attempt,
            OrderBatch.payload,
            OrderBatch.created_at,
            OrderBatch.may_exist,
            OrderBatch.key_refused_at,
            OrderBatch.resolution,
        )
        # Nobody goes on with an object of this row in this transaction.
        .execution_options(synchronize_session=False)
    )
    row = session.execute(taken).one_or_none()
    if row is None:
        return None
    payload = row.payload.encode()
    return Claim(
        batch_id=batch_id,
        app_id=row.app_id,
        attempt=row.attempt,
        payload=payload,
        created_at=row.created_at,
        may_exist=row.may_exist,
        was_key_refused=row.key_refused_at is not None,
        is_past_sending=row.resolution is not None or now >= _last_moment(row.created_at, payload, policy),
    )


def is_claimable(now: datetime) -> sa.ColumnElement[bool]:
    """Whether an attempt may begin now, as a condition on a batch's row."""
    status = OrderBatch.submission_status
    is_due = OrderBatch.next_attempt_at <= now
    # Its first attempt is the placing process's own, at once; the sweep comes when it is due.
    is_first = sa.and_(status == Submission.PENDING, OrderBatch.attempt == 0)
    # Another worker may have tried it since it was found to be due: Goody's Retry-After binds this one too.
    due_again = sa.and_(status.in_((Submission.PENDING, Submission.UNKNOWN)), is_due)
    orphaned = sa.and_(status == Submission.SENDING, OrderBatch.lease_until < now)
    return sa.or_(is_first, due_again, orphaned)


def _last_moment(created_at: datetime, payload: bytes, policy: Policy) -> datetime:
    given_up = created_at + timedelta(seconds=policy.give_up_seconds)
    return min(given_up, send_before(payload) or given_up)
