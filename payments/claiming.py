"""Claiming a batch for one attempt: one UPDATE, so that of all workers and web processes one gets it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from foundation.database import Session, UtcDateTime, table_of
from payments.deadlines import send_before
from payments.submission_states import Submission
from payments.tables import OrderBatch

_BATCHES: Final = table_of(OrderBatch)


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
    held_until = now + timedelta(seconds=policy.lease_seconds)
    row = session.execute(_CLAIM, {"batch_id": batch_id, "now": now, "held_until": held_until}).one_or_none()
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


def is_claimable(now: datetime | sa.ColumnElement[datetime]) -> sa.ColumnElement[bool]:
    """Whether an attempt may begin now, as a condition on a batch's row."""
    status = _BATCHES.c.submission_status
    is_due = _BATCHES.c.next_attempt_at <= now
    # Its first attempt is the placing process's own, at once; the sweep comes when it is due.
    is_first = sa.and_(status == Submission.PENDING, _BATCHES.c.attempt == 0)
    # Another worker may have tried it since it was found to be due: Goody's Retry-After binds this one too.
    due_again = sa.and_(status.in_((Submission.PENDING, Submission.UNKNOWN)), is_due)
    orphaned = sa.and_(status == Submission.SENDING, _BATCHES.c.lease_until < now)
    return sa.or_(is_first, due_again, orphaned)


# What a holder that died was doing is not known: it may have reached Goody.
_WAS_SENDING: Final = _BATCHES.c.submission_status == Submission.SENDING
_CLAIM: Final = (
    sa.update(_BATCHES)
    .where(_BATCHES.c.id == sa.bindparam("batch_id"), is_claimable(sa.bindparam("now", type_=UtcDateTime)))
    .values(
        submission_status=Submission.SENDING,
        attempt=_BATCHES.c.attempt + 1,
        may_exist=sa.or_(_BATCHES.c.may_exist, _WAS_SENDING),
        absent_since=sa.case((_WAS_SENDING, sa.null()), else_=_BATCHES.c.absent_since),
        lease_until=sa.bindparam("held_until"),
    )
    .returning(
        *(_BATCHES.c[name] for name in ("app_id", "attempt", "payload", "created_at", "may_exist")),
        _BATCHES.c.key_refused_at,
        _BATCHES.c.resolution,
    )
)
"""Built once, which takes longer than running it."""


def _last_moment(created_at: datetime, payload: bytes, policy: Policy) -> datetime:
    given_up = created_at + timedelta(seconds=policy.give_up_seconds)
    return min(given_up, send_before(payload) or given_up)
