"""Submitting order batches, exactly once each, whatever breaks.

A use case in phases around the remote call: claim (committed), POST (no transaction open), record (committed). A crash
or a time-out anywhere leaves a row that the sweep finds. Goody rejects a repeated `customer_reference_id`, so the same
frozen bytes can be sent again until the outcome is known; a 400 to a repeat is not a refusal but a reason to look.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

import sqlalchemy as sa

from foundation import events
from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.errors import GoodyError
from foundation.goody.client import GoodyClient
from foundation.goody.outcome import Done, Outcome, Refused, Unknown
from foundation.goody.resources import OrderBatch as GoodyBatch
from foundation.lanes import Lanes
from foundation.logs import get_logger
from payments import messages, orders
from payments.claiming import Claim, Policy, claim, is_claimable
from payments.lookup import CLOCK_DRIFT, find_batch, with_all_orders
from payments.recording import KEY_REFUSALS, NOT_SHOWN, must_move, record_no_batch
from payments.stuck import Stuck, tell_stuck
from payments.submission_states import UNDECIDED, Submission
from payments.tables import Order, OrderBatch
from payments.timeline import REFETCH, SUBMISSION, Source

log = get_logger(__name__)

GoodyFor = Callable[[str], GoodyClient]
SHARE: Final = 25
"""Batches of one app that a sweep tries."""


@dataclass(frozen=True, slots=True)
class Attempted:
    """The batch as an attempt left it; with its orders, where the attempt was what brought them."""

    batch: OrderBatch
    orders: Sequence[Order] | None


class Submissions:
    """Sends what was placed, and finds out what became of what was sent."""

    def __init__(self, sessions: Sessions, goody: GoodyFor, policy: Policy, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._goody = goody
        self._policy = policy
        self._clock = clock
        self._lanes = Lanes("submission sweep")

    def submit(self, batch_id: str) -> Submission:
        """Try once to get this batch to Goody; returns where it stands. Whoever else holds it is left to it."""
        with self._sessions.begin() as session:
            claimed = self.claim(session, batch_id)
        return self._state(batch_id) if claimed is None else Submission(self.attempt(claimed).batch.submission_status)

    def claim(self, session: Session, batch_id: str) -> Claim | None:
        """Take the batch for one attempt, in the caller's transaction; None if it is somebody else's, or not due."""
        return claim(session, batch_id, self._policy, self._clock())

    def attempt(self, claimed: Claim) -> Attempted:
        """Make the attempt that was claimed; returns what it came to. No transaction may be open."""
        outcome = (self._look(claimed) or NOT_SHOWN) if claimed.is_past_sending else self._send(claimed)
        return self._record(claimed, outcome)

    def sweep(self, patience: float | None = None) -> int:
        """Submit what is due and whose outcome is not known, all apps at once; returns how many there were.

        A Goody that hangs holds up its own app alone; nobody waits for it longer than `patience` seconds.
        """
        with self._sessions.read() as session:
            app_ids = set(session.scalars(sa.select(OrderBatch.app_id).where(*_due(self._clock()))))
        return self._lanes.run({app_id: partial(self._sweep_app, app_id) for app_id in app_ids}, patience)

    def close(self) -> None:
        """Wait for what is under way."""
        self._lanes.close()

    def adopt(
        self, session: Session, batch: OrderBatch, found: GoodyBatch, source: Source = REFETCH
    ) -> list[Order] | None:
        """Record, in the caller's transaction, that Goody has this batch: whoever tells, it is the truth.

        Returns its orders if it was not known before: then these are all that are stored of it.
        """
        now = self._clock()
        is_new = batch.goody_batch_id is None
        if is_new:
            must_move(batch, Submission.SUBMITTED)
            events.append(session, batch.app_id, "order_batch.submitted", batch.id, now)
        elif batch.goody_batch_id != found.id:
            log.critical("Goody has two batches of one reference", order_batch=batch.id, second=found.id)
            return None
        # The orders first: so the batch is written once.
        taken = orders.absorb_batch(session, batch, found, now, source, is_first=is_new)
        if is_new:
            batch.submission_status = Submission.SUBMITTED
            batch.goody_batch_id = found.id
            batch.submitted_at = now
            batch.lease_until = batch.last_problem = batch.stuck_at = batch.stuck_reason = None
        if batch.send_status in orders.NEVER_SENT:
            tell_stuck(session, batch, Stuck.NOT_SENT, now)
        elif batch.send_status == orders.SENT and batch.sent_at is None:
            batch.sent_at = now
        if not is_new:
            return None
        messages.wake(session, batch.app_id, found.id, now)
        return taken

    def _sweep_app(self, app_id: str) -> int:
        due = sa.select(OrderBatch.id).where(OrderBatch.app_id == app_id, *_due(self._clock()))
        with self._sessions.read() as session:
            batch_ids = session.scalars(due.order_by(OrderBatch.next_attempt_at).limit(SHARE)).all()
        for batch_id in batch_ids:
            if self._lanes.is_closing:
                break
            try:
                state = self.submit(batch_id)
            except Exception:
                # Its lease ends and its turn comes again; one row must not hold up the others.
                log.exception("a submission broke off; it is tried again", order_batch=batch_id)
            else:
                log.info("submission swept", order_batch=batch_id, submission_status=state)
        return len(batch_ids)

    def _send(self, claimed: Claim) -> Outcome[GoodyBatch]:
        outcome = self._goody(claimed.app_id).create_order_batch(claimed.payload)
        # Who refuses the key would refuse the look as well.
        is_about_key = isinstance(outcome, Refused) and outcome.status in KEY_REFUSALS
        if isinstance(outcome, Refused) and claimed.proves_nothing and not is_about_key:
            # Only a look that was made, and found nothing, lets this no stand.
            return self._look(claimed) or outcome
        return outcome

    def _look(self, claimed: Claim) -> Done[GoodyBatch] | Unknown | None:
        """Look for the batch among Goody's; None if Goody shows none, which proves nothing yet."""
        goody, since = self._goody(claimed.app_id), claimed.created_at - CLOCK_DRIFT
        try:
            found = find_batch(goody, claimed.batch_id, since, self._known(claimed.app_id, since))
            return None if found is None else Done(with_all_orders(goody, found))
        except GoodyError as error:
            return Unknown(f"the lookup failed: {error.detail}", error.retry_after, sent=False)

    def _known(self, app_id: str, since: datetime) -> set[str]:
        """Goody's ids of what we have of this app already: those need not be asked for one by one."""
        others = sa.select(OrderBatch.goody_batch_id).where(
            OrderBatch.app_id == app_id, OrderBatch.created_at >= since, OrderBatch.goody_batch_id.is_not(None)
        )
        with self._sessions.read() as session:
            return {batch_id for batch_id in session.scalars(others) if batch_id is not None}

    def _record(self, claimed: Claim, outcome: Outcome[GoodyBatch]) -> Attempted:
        now, taken = self._clock(), None
        with self._sessions.begin() as session:
            batch = session.get_one(OrderBatch, claimed.batch_id, with_for_update=True)
            if isinstance(outcome, Done):
                taken = self.adopt(session, batch, outcome.value, SUBMISSION)
            elif batch.submission_status == Submission.SENDING and batch.attempt == claimed.attempt:
                record_no_batch(session, batch, claimed, outcome, self._policy, now)
            return Attempted(batch, taken)

    def _state(self, batch_id: str) -> Submission:
        with self._sessions.read() as session:
            return Submission(session.get_one(OrderBatch, batch_id).submission_status)


def _due(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    # The first condition follows from the second, and is spelt as the partial index is: else SQLite does not use that.
    undecided: sa.BindParameter[str] = sa.bindparam("undecided", UNDECIDED, expanding=True, literal_execute=True)
    return OrderBatch.submission_status.in_(undecided), is_claimable(now), OrderBatch.next_attempt_at <= now
