"""Personal data in batches, orders, saved cards and stored messages: found, and taken out. Money and ids stay."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from foundation.database import Session, Sessions
from payments.messages import is_undecided
from payments.redaction import redact_json
from payments.submission_states import Submission
from payments.tables import Order, OrderBatch, OrderChange, OrderStep, SavedCard, WebhookMessage

SHARE: Final = 200
"""Messages of one transaction."""
DECIDED: Final = (Submission.SUBMITTED, Submission.REJECTED)
"""Only these batches are never sent again, so only their payload can go."""
_ID: Final = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|ob_[0-9a-z]+")


@dataclass(frozen=True, slots=True)
class Holdings:
    """Rows about one customer of one app."""

    batches: list[OrderBatch]
    orders: list[Order]
    steps: list[OrderStep]
    changes: list[OrderChange]
    cards: list[SavedCard]
    messages: list[WebhookMessage]


@dataclass(slots=True)
class Erased:
    """How many rows lost their personal data, and what has to wait."""

    order_batches: int = 0
    order_ids: list[str] = field(default_factory=list)
    webhook_messages: int = 0
    card_ids: list[str] = field(default_factory=list)
    """Saved cards that are forgotten here."""
    waiting: list[str] = field(default_factory=list)
    """Batches whose outcome is not known yet: they may have to be sent again."""


class PersonalData:
    """Finds it and takes it out."""

    def __init__(self, sessions: Sessions, clock: Callable[[], datetime]) -> None:
        self._sessions = sessions
        self._clock = clock

    def of(self, app_id: str, customer_id: str) -> Holdings:
        """All that is held about this customer."""
        with self._sessions.read() as session:
            batches = _batches(session, app_id, customer_id)
            orders = list(session.scalars(_orders_of(app_id, batches).order_by(Order.created_at, Order.id)))
            order_ids = [order.id for order in orders]
            steps = sa.select(OrderStep).where(OrderStep.app_id == app_id, OrderStep.order_id.in_(order_ids))
            changes = sa.select(OrderChange).where(OrderChange.app_id == app_id, OrderChange.order_id.in_(order_ids))
            cards = sa.select(SavedCard).where(SavedCard.app_id == app_id, SavedCard.customer_id == customer_id)
            found = (
                list(session.scalars(steps.order_by(OrderStep.id))),
                list(session.scalars(changes.order_by(OrderChange.id))),
                list(session.scalars(cards)),
            )
        mine = _ids(batches, orders)
        messages = [message for share in self._messages(app_id) for message in share if _names(message, mine)]
        return Holdings(batches, orders, *found, messages)

    def erase(self, app_id: str, customer_id: str) -> Erased:
        """Take out what is personal. A batch that may have to be sent again is left, and named: erase again later."""
        erased = Erased()
        now = self._clock()
        with self._sessions.begin() as session:
            batches = _batches(session, app_id, customer_id, is_locked=True)
            for batch in batches:
                if batch.submission_status not in DECIDED:
                    erased.waiting.append(batch.id)
                    continue
                erased.order_batches += 1
                blank_batch(batch, now)
            gone = [batch for batch in batches if batch.erased_at is not None]
            orders = list(session.scalars(_orders_of(app_id, gone).with_for_update()))
            for order in orders:
                _blank_order(order, now)
            erased.order_ids = [order.id for order in orders]
            told = sa.update(OrderChange).where(OrderChange.order_id.in_(erased.order_ids))
            session.execute(told.values(last_problem=None).execution_options(synchronize_session=False))
            cards = sa.delete(SavedCard).where(SavedCard.app_id == app_id, SavedCard.customer_id == customer_id)
            erased.card_ids = list(session.scalars(cards.returning(SavedCard.id)))
        erased.webhook_messages = self._blank_messages(app_id, _ids(gone, orders))
        return erased

    def blank_old_messages(self, settled_before: datetime) -> int:
        """Take personal data out of messages that were settled before then; returns how many."""
        old = sa.select(WebhookMessage).where(
            WebhookMessage.redacted_at.is_(None), WebhookMessage.settled_at < settled_before
        )
        count = 0
        while True:
            with self._sessions.begin() as session:
                share = list(session.scalars(old.order_by(WebhookMessage.settled_at).limit(SHARE).with_for_update()))
                for message in share:
                    _blank_message(message, self._clock())
            count += len(share)
            if len(share) < SHARE:
                return count

    def _messages(self, app_id: str) -> Iterator[list[WebhookMessage]]:
        """All messages of the app that still say something, some at a time."""
        last = 0
        while True:
            later = sa.select(WebhookMessage).where(
                WebhookMessage.app_id == app_id, WebhookMessage.redacted_at.is_(None), WebhookMessage.id > last
            )
            with self._sessions.read() as session:
                share = list(session.scalars(later.order_by(WebhookMessage.id).limit(SHARE)))
            if not share:
                return
            yield share
            last = share[-1].id

    def _blank_messages(self, app_id: str, mine: frozenset[bytes]) -> int:
        count = 0
        for share in self._messages(app_id):
            message_ids = [message.id for message in share if _names(message, mine)]
            wanted = sa.select(WebhookMessage).where(WebhookMessage.id.in_(message_ids), ~is_undecided())
            with self._sessions.begin() as session:
                settled = list(session.scalars(wanted.with_for_update())) if message_ids else []
                for message in settled:
                    _blank_message(message, self._clock())
            count += len(settled)
        return count


def is_erased(session: Session, app_id: str, subject: str) -> bool:
    """Whether the personal data of this order, or of this batch, was erased on request."""
    order = sa.exists().where(Order.id == subject, Order.app_id == app_id, Order.erased_at.is_not(None))
    batch = sa.exists().where(OrderBatch.id == subject, OrderBatch.app_id == app_id, OrderBatch.erased_at.is_not(None))
    return bool(session.scalar(sa.select(sa.or_(order, batch))))


def blank_batch(batch: OrderBatch, now: datetime, *, is_erasure: bool = True) -> None:
    """Take names, addresses and words out of a batch that is never sent again.

    With `is_erasure` its orders stay without them too, whatever Goody tells of them later.
    """
    batch.payload = redact_json(batch.payload.encode()).decode()
    batch.last_problem = None
    if is_erasure:
        batch.erased_at = batch.erased_at or now


def blank_changes(session: Session, batch_ids: list[str]) -> None:
    """Take Goody's words out of the changes that were asked of these batches' orders, in the caller's transaction."""
    mine = sa.select(Order.id).where(Order.order_batch_id.in_(batch_ids))
    told = sa.update(OrderChange).where(OrderChange.order_id.in_(mine), OrderChange.settled_at.is_not(None))
    session.execute(told.values(last_problem=None).execution_options(synchronize_session=False))


def _blank_order(order: Order, now: datetime) -> None:
    order.recipient_first_name = ""
    order.recipient_last_name = order.recipient_email = None
    order.individual_gift_link = ""
    order.payment_link = order.thank_you_note = None
    order.shipments = []
    order.erased_at = order.erased_at or now


def _blank_message(message: WebhookMessage, now: datetime) -> None:
    message.body = redact_json(message.body)
    message.reason = None
    message.redacted_at = now


def _batches(session: Session, app_id: str, customer_id: str, *, is_locked: bool = False) -> list[OrderBatch]:
    mine = sa.select(OrderBatch).where(OrderBatch.app_id == app_id, OrderBatch.customer_id == customer_id)
    mine = mine.order_by(OrderBatch.created_at, OrderBatch.id)
    return list(session.scalars(mine.with_for_update() if is_locked else mine))


def _orders_of(app_id: str, batches: list[OrderBatch]) -> sa.Select[Order]:
    return sa.select(Order).where(Order.app_id == app_id, Order.order_batch_id.in_([batch.id for batch in batches]))


def _ids(batches: list[OrderBatch], orders: list[Order]) -> frozenset[bytes]:
    """What a message about this customer names."""
    named: list[Any] = [batch.id for batch in batches] + [batch.goody_batch_id for batch in batches]
    return frozenset(name.encode() for name in [*named, *(order.id for order in orders)] if name is not None)


def _names(message: WebhookMessage, mine: frozenset[bytes]) -> bool:
    return not mine.isdisjoint(_ID.findall(message.body))
