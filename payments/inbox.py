"""Goody's webhooks, applied: stored messages in, orders moved on.

What fails while being applied is tried again from here, not by making Goody send it again.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import sqlalchemy as sa

from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.errors import GoodyError, GoodyNotFoundError
from foundation.goody.client import GoodyClient
from foundation.goody.resources import Order as GoodyOrder
from foundation.goody.resources import OrderBatch as GoodyBatch
from foundation.goody.webhooks import WebhookMessage as Parsed
from foundation.goody.webhooks import parse_webhook
from foundation.jobs import Bell
from foundation.lanes import Lanes
from foundation.logs import get_logger
from payments import orders
from payments.lookup import with_all_orders
from payments.messages import UNDECIDED, State, is_undecided, settle
from payments.submission import Submissions
from payments.tables import OrderBatch, WebhookMessage
from payments.timeline import Source, webhook

log = get_logger(__name__)

SHARE: Final = 200
"""Messages of one app that are applied in one turn."""
LONGEST_PAUSE: Final = 300.0
NOT_SHOWN_FOR: Final = timedelta(minutes=10)
"""How long a batch that Goody does not show is waited for before its messages count as somebody else's."""


class Unplaceable(Exception):  # noqa: N818  no error: the message waits
    """It can't be told yet whose batch the message is about; `is_absent` if Goody shows no such batch at all."""

    def __init__(self, reason: str, *, is_absent: bool) -> None:
        super().__init__(reason)
        self.is_absent = is_absent


class Inbox:
    """Applies Goody's messages to our orders."""

    def __init__(
        self,
        sessions: Sessions,
        goody: Callable[[str], GoodyClient],
        submissions: Submissions,
        give_up_seconds: float = 86_400,
        clock: Clock = utc_now,
    ) -> None:
        self._sessions = sessions
        self._goody = goody
        self._submissions = submissions
        self._give_up_after = timedelta(seconds=give_up_seconds)
        self._clock = clock
        self._lanes = Lanes("webhook inbox")
        self.bell = Bell()
        """Rung when messages were stored."""

    def apply_due(self, patience: float | None = None) -> int:
        """Apply every stored message whose turn it is, all apps at once, each app's oldest first; returns how many.

        An app whose Goody hangs holds up itself alone; nobody waits for it longer than `patience` seconds.
        """
        due = sa.select(WebhookMessage.app_id).where(*_due(self._clock())).distinct()
        with self._sessions.read() as session:
            app_ids = session.scalars(due).all()
        return self._lanes.run({app_id: partial(self._apply_of, app_id) for app_id in app_ids}, patience)

    def close(self) -> None:
        """Wait for what is under way."""
        self._lanes.close()

    def _apply_of(self, app_id: str) -> int:
        mine = sa.select(WebhookMessage.id, WebhookMessage.svix_id, WebhookMessage.body).where(
            WebhookMessage.app_id == app_id, *_due(self._clock())
        )
        with self._sessions.read() as session:
            rows = session.execute(mine.order_by(WebhookMessage.id).limit(SHARE)).all()
        for message_id, svix_id, body in rows:
            if self._lanes.is_closing:
                break
            try:
                self._apply(message_id, app_id, parse_webhook(body), webhook(svix_id))
            except Unplaceable as error:
                self._postpone(message_id, State.WAITING, str(error), is_absent=error.is_absent)
            except Exception as error:
                log.exception("a webhook could not be applied; it is tried again", message=message_id)
                self._postpone(message_id, State.RECEIVED, f"{type(error).__name__}: {error}")
        return len(rows)

    def _apply(self, message_id: int, app_id: str, parsed: Parsed, source: Source) -> None:
        if parsed.data is None:
            self._settle(message_id, State.IGNORED, f"unknown event type {parsed.event_type}")
            return
        goody_batch_id = parsed.data.id if isinstance(parsed.data, GoodyBatch) else parsed.data.order_batch_id
        if goody_batch_id is None:
            self._settle(message_id, State.IGNORED, "names no order batch")
            return
        found = self._fetch_unless_known(message_id, app_id, goody_batch_id, parsed.data)
        now = self._clock()
        with self._sessions.begin() as session:
            batch = _ours(session, app_id, goody_batch_id, found)
            if batch is None:
                settle(session, message_id, State.IGNORED, "foreign", now)
                return
            if found is not None:
                self._submissions.adopt(session, batch, found, source)
            if isinstance(parsed.data, GoodyOrder):
                orders.absorb(session, batch, parsed.data, now, event_type=parsed.event_type, source=source)
                orders.complete_when_whole(session, batch, now)
            settle(session, message_id, State.APPLIED, None, now)

    def _fetch_unless_known(
        self, message_id: int, app_id: str, goody_batch_id: str, data: GoodyBatch | GoodyOrder
    ) -> GoodyBatch | None:
        """The batch with all its orders, where the message alone does not do; None where it does.

        A message can arrive before the answer to the POST was stored: then the batch's reference tells whose it is.
        Raises Unplaceable while Goody can't tell.
        """
        with self._sessions.read() as session:
            is_known = session.scalar(_by_goody_id(app_id, goody_batch_id).with_only_columns(OrderBatch.id)) is not None
        if is_known and isinstance(data, GoodyOrder):
            return None
        if is_known:
            return self._read(app_id, goody_batch_id, data)
        self._note_what_it_waits_for(message_id, goody_batch_id)
        try:
            return self._read(app_id, goody_batch_id, data)
        except GoodyNotFoundError as error:
            raise Unplaceable(f"Goody shows no batch {goody_batch_id}", is_absent=True) from error
        except GoodyError as error:
            raise Unplaceable(
                f"whose batch {goody_batch_id} is can't be told: {error.detail}", is_absent=False
            ) from error

    def _read(self, app_id: str, goody_batch_id: str, data: GoodyBatch | GoodyOrder) -> GoodyBatch:
        goody = self._goody(app_id)
        if isinstance(data, GoodyBatch) and data.customer_reference_id is not None:
            return with_all_orders(goody, data)
        return with_all_orders(goody, goody.order_batch(goody_batch_id))

    def _note_what_it_waits_for(self, message_id: int, goody_batch_id: str) -> None:
        """Before Goody is asked: whoever learns meanwhile that the batch is ours can then wake the message."""
        with self._sessions.begin() as session:
            session.execute(
                sa.update(WebhookMessage)
                .where(WebhookMessage.id == message_id, is_undecided())
                .values(goody_batch_id=goody_batch_id[:64], state=State.WAITING)
            )

    def _settle(self, message_id: int, state: State, reason: str) -> None:
        with self._sessions.begin() as session:
            settle(session, message_id, state, reason, self._clock())

    def _postpone(self, message_id: int, state: State, reason: str, *, is_absent: bool = False) -> None:
        now = self._clock()
        with self._sessions.begin() as session:
            message = session.get_one(WebhookMessage, message_id, with_for_update=True)
            if message.state not in UNDECIDED:
                return  # Another worker has settled it.
            message.tries += 1
            message.state, message.reason = state, reason
            message.next_try_at = now + timedelta(seconds=min(1 << min(message.tries, 16), LONGEST_PAUSE))
            age = now - message.tried_since
            if is_absent and age >= NOT_SHOWN_FOR:
                message.state, message.settled_at = State.IGNORED, now
                message.reason = f"foreign: {reason}"
            elif age >= self._give_up_after:
                message.state, message.settled_at = State.FAILED, now
                log.error("a webhook is given up; `storefront webhook replay` tries it again", message=message_id)
            elif _became_known(session, message):
                message.next_try_at = now


def _due(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return is_undecided(), WebhookMessage.next_try_at <= now


def _by_goody_id(app_id: str, goody_batch_id: str) -> sa.Select[OrderBatch]:
    return sa.select(OrderBatch).where(OrderBatch.app_id == app_id, OrderBatch.goody_batch_id == goody_batch_id)


def _ours(session: Session, app_id: str, goody_batch_id: str, found: GoodyBatch | None) -> OrderBatch | None:
    """Our row of this batch, by Goody's id or by the reference that we gave it; None if it is somebody else's."""
    batch = session.scalar(_by_goody_id(app_id, goody_batch_id).with_for_update())
    if batch is None and found is not None and found.customer_reference_id is not None:
        batch = session.get(OrderBatch, found.customer_reference_id, with_for_update=True)
    return batch if batch is not None and batch.app_id == app_id else None


def _became_known(session: Session, message: WebhookMessage) -> bool:
    """Whether the batch that the message waits for was adopted while Goody was being asked about it."""
    if message.state != State.WAITING or message.goody_batch_id is None:
        return False
    known = _by_goody_id(message.app_id, message.goody_batch_id).with_only_columns(OrderBatch.id)
    return session.scalar(known) is not None
