"""What an attempt that brought no batch means: refused for good, waiting for a better key, or still not known."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from foundation import events
from foundation.database import Session
from foundation.goody.outcome import Refused, Unknown
from foundation.logs import get_logger
from payments.claiming import Claim, Policy
from payments.stuck import Stuck, tell_stuck
from payments.submission_states import ABSENCE_APART, MOVES, Submission, back_off
from payments.tables import OrderBatch

log = get_logger(__name__)

KEY_REFUSALS: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
"""They speak of the app's key, not of the order: a mistyped or rotated key is mended, and the order then goes out."""
NOT_SHOWN: Final = Unknown("Goody shows no batch with this reference", sent=False)
"""A look that was made and found nothing."""


def record_no_batch(
    session: Session, batch: OrderBatch, claimed: Claim, outcome: Refused | Unknown, policy: Policy, now: datetime
) -> None:
    """Record the attempt's outcome on its batch, in the caller's transaction."""
    batch.lease_until = None
    if isinstance(outcome, Unknown):
        _record_unknown(session, batch, claimed, outcome, now)
    elif outcome.status in KEY_REFUSALS:
        _record_key_refused(session, batch, outcome, policy, now)
    else:
        batch.last_problem = _said(outcome)
        if _is_refusal(batch, claimed, now):
            reject(session, batch, now)
        else:
            _wait(batch, Submission.UNKNOWN, now)


def reject(session: Session, batch: OrderBatch, now: datetime, because: str | None = None) -> None:
    """Close the batch without a gift, and tell so; `because` is an operator's reason, where one decided it."""
    must_move(batch, Submission.REJECTED)
    batch.submission_status = Submission.REJECTED
    batch.lease_until = None
    changes = None if because is None else {"abandoned_because": because}
    events.append(session, batch.app_id, "order_batch.rejected", batch.id, now, changes)
    # Not why: Goody's words may repeat a name or an address. `last_problem` has them.
    log.warning("an order batch ends without a gift", order_batch=batch.id)


def must_move(batch: OrderBatch, to: Submission) -> None:
    """AssertionError unless the table of moves has this one."""
    if to not in MOVES[Submission(batch.submission_status)]:
        raise AssertionError(f"{batch.id} can't move from {batch.submission_status} to {to}")


def _record_unknown(session: Session, batch: OrderBatch, claimed: Claim, outcome: Unknown, now: datetime) -> None:
    batch.last_problem = outcome.reason
    if outcome.sent:
        # It may exist from now on, whatever an earlier look did not find.
        batch.may_exist, batch.absent_since = True, None
    is_absent = claimed.is_past_sending and outcome is NOT_SHOWN
    if is_absent and batch.resolution is not None and _is_refusal(batch, claimed, now):
        reject(session, batch, now, batch.resolution["reason"])
        return
    if is_absent and batch.absent_since is None:
        batch.absent_since = now
    _wait(batch, Submission.UNKNOWN, now, outcome.retry_after)
    if claimed.is_past_sending:
        tell_stuck(session, batch, Stuck.OUTCOME_UNKNOWN, now)


def _record_key_refused(session: Session, batch: OrderBatch, outcome: Refused, policy: Policy, now: datetime) -> None:
    batch.last_problem = f"Goody refuses the app's key ({_said(outcome)}): set the right one with `storefront app set`"
    batch.key_refused_at = batch.key_refused_at or now
    if batch.may_exist:
        # A key that was revoked meanwhile says nothing about what an earlier attempt did.
        _wait(batch, Submission.UNKNOWN, now)
    elif now - batch.key_refused_at < timedelta(seconds=policy.key_refused_seconds):
        _wait(batch, Submission.PENDING, now)
    else:
        reject(session, batch, now)
        return
    tell_stuck(session, batch, Stuck.KEY_REFUSED, now)


def _wait(batch: OrderBatch, state: Submission, now: datetime, retry_after: float | None = None) -> None:
    must_move(batch, state)
    batch.submission_status = state
    batch.next_attempt_at = now + back_off(batch.attempt, retry_after)


def _is_refusal(batch: OrderBatch, claimed: Claim, now: datetime) -> bool:
    """Whether this no is final: to a first attempt, or to a repeat that was absent at two looks, minutes apart."""
    if not claimed.proves_nothing:
        return True
    if batch.absent_since is None:
        batch.absent_since = now
        return False
    return now - batch.absent_since >= ABSENCE_APART


def _said(outcome: Refused) -> str:
    return f"{outcome.status}: {outcome.message}"
