"""Goody's webhooks in: stored once as they came, answered, then applied by the worker.

What fails while being applied is tried again from here, not by making Goody send it again.
"""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions, insert
from foundation.errors import GoodyNotFoundError, GoodyUnreadableError, InvalidInputError
from foundation.goody.client import GoodyClient
from foundation.goody.resources import Order as GoodyOrder
from foundation.goody.resources import OrderBatch as GoodyBatch
from foundation.goody.webhooks import WebhookMessage as Parsed
from foundation.goody.webhooks import check_envelope, parse_webhook
from foundation.logs import get_logger
from payments import orders
from payments.lookup import with_all_orders
from payments.submission import Submissions
from payments.tables import OrderBatch, WebhookMessage
from payments.timeline import Source, webhook

log = get_logger(__name__)

APPLIED_AT_ONCE: Final = 100
MOST_TRIES: Final = 20
LONGEST_PAUSE: Final = 300.0


class State(StrEnum):
    """What became of a message."""

    RECEIVED = "received"
    APPLIED = "applied"
    IGNORED = "ignored"
    FAILED = "failed"


class Inbox:
    """Goody's messages to our apps."""

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

    def store(self, app_id: str, svix_id: str, body: bytes) -> bool:
        """Keep a verified message; False if it was here already. InvalidInputError if it is no message of Goody's."""
        try:
            # The envelope alone: what is in it may become readable, and a refund is told nowhere else.
            check_envelope(body)
        except GoodyUnreadableError as error:
            raise InvalidInputError(f"The body is not a webhook message: {error.detail}") from error
        now = self._clock()
        with self._sessions.begin() as session:
            message = insert(session, WebhookMessage).values(
                app_id=app_id,
                svix_id=svix_id,
                body=body,
                state=State.RECEIVED,
                tries=0,
                next_try_at=now,
                received_at=now,
            )
            stored = session.execute(message.on_conflict_do_nothing().returning(WebhookMessage.id))
            return stored.scalar() is not None

    def apply_due(self) -> int:
        """Apply every stored message whose turn it is, oldest first; returns how many."""
        due = sa.select(WebhookMessage.id, WebhookMessage.app_id, WebhookMessage.body, WebhookMessage.svix_id).where(
            WebhookMessage.state == State.RECEIVED, WebhookMessage.next_try_at <= self._clock()
        )
        with self._sessions.read() as session:
            rows = session.execute(due.order_by(WebhookMessage.id).limit(APPLIED_AT_ONCE)).all()
        for message_id, app_id, body, svix_id in rows:
            try:
                self._apply(message_id, app_id, parse_webhook(body), webhook(svix_id))
            except Exception as error:
                log.exception("a webhook could not be applied; it is tried again", message=message_id)
                self._postpone(message_id, error)
        return len(rows)

    def _apply(self, message_id: int, app_id: str, parsed: Parsed, source: Source) -> None:
        if parsed.data is None:
            self._settle(message_id, State.IGNORED, f"unknown event type {parsed.event_type}")
            return
        goody_batch_id = parsed.data.id if isinstance(parsed.data, GoodyBatch) else parsed.data.order_batch_id
        if goody_batch_id is None:
            self._settle(message_id, State.IGNORED, "names no order batch")
            return
        found = self._fetch_unless_known(app_id, goody_batch_id, parsed.data)
        now = self._clock()
        with self._sessions.begin() as session:
            batch = _ours(session, app_id, goody_batch_id, found)
            if batch is None:
                _settle(session, message_id, State.IGNORED, "foreign", now)
                return
            if found is not None:
                self._submissions.adopt(session, batch, found, source)
            if isinstance(parsed.data, GoodyOrder):
                orders.absorb(session, batch, parsed.data, now, event_type=parsed.event_type, source=source)
                orders.complete_when_whole(session, batch, now)
            _settle(session, message_id, State.APPLIED, None, now)

    def _fetch_unless_known(self, app_id: str, goody_batch_id: str, data: GoodyBatch | GoodyOrder) -> GoodyBatch | None:
        """The batch with all its orders, where the message alone does not do; None where it does, or Goody has none.

        A message can arrive before the answer to the POST was stored: then the batch's reference tells whose it is.
        """
        with self._sessions.read() as session:
            is_known = session.scalar(_by_goody_id(app_id, goody_batch_id).with_only_columns(OrderBatch.id)) is not None
        if is_known and isinstance(data, GoodyOrder):
            return None
        goody = self._goody(app_id)
        if isinstance(data, GoodyBatch) and (is_known or data.customer_reference_id is not None):
            return with_all_orders(goody, data)
        try:
            return with_all_orders(goody, goody.order_batch(goody_batch_id))
        except GoodyNotFoundError:
            return None

    def _settle(self, message_id: int, state: State, reason: str) -> None:
        with self._sessions.begin() as session:
            _settle(session, message_id, state, reason, self._clock())

    def _postpone(self, message_id: int, error: Exception) -> None:
        now = self._clock()
        with self._sessions.begin() as session:
            message = session.get_one(WebhookMessage, message_id, with_for_update=True)
            if message.state != State.RECEIVED:
                return  # Another worker has settled it.
            message.tries += 1
            message.reason = f"{type(error).__name__}: {error}"
            message.next_try_at = now + timedelta(seconds=min(1 << min(message.tries, 16), LONGEST_PAUSE))
            if message.tries >= MOST_TRIES:
                message.state = State.FAILED
                message.settled_at = now
                log.error("a webhook is given up; the order's activities still tell its status", message=message_id)


def _by_goody_id(app_id: str, goody_batch_id: str) -> sa.Select[OrderBatch]:
    return sa.select(OrderBatch).where(OrderBatch.app_id == app_id, OrderBatch.goody_batch_id == goody_batch_id)


def _ours(session: Session, app_id: str, goody_batch_id: str, found: GoodyBatch | None) -> OrderBatch | None:
    """Our row of this batch, by Goody's id or by the reference that we gave it; None if it is somebody else's."""
    batch = session.scalar(_by_goody_id(app_id, goody_batch_id).with_for_update())
    if batch is None and found is not None and found.customer_reference_id is not None:
        batch = session.get(OrderBatch, found.customer_reference_id, with_for_update=True)
    return batch if batch is not None and batch.app_id == app_id else None


def _settle(session: Session, message_id: int, state: State, reason: str | None, now: object) -> None:
    session.execute(
        sa.update(WebhookMessage)
        .where(WebhookMessage.id == message_id)
        .values(state=state, reason=reason, settled_at=now)
    )
