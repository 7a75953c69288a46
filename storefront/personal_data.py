"""All that is held about one customer of one app: shown, erased; and what goes by itself after some days."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from foundation.apps import Apps
from foundation.clock import Clock
from foundation.database import Base, Sessions
from foundation.events import Event
from payments.personal_data import DECIDED, Holdings, PersonalData, blank_batch, blank_changes
from payments.tables import OrderBatch, WebhookMessage
from storefront.checkout.tables import Checkout
from storefront.delivery.answers import attempts_about, forget_answers
from storefront.idempotency import IdempotencyKeys

SHARE: Final = 200
NOT_SHOWN: Final = frozenset({"secret_fingerprint"})
SHOWN_TO_ITS_MAKER: Final = "client_secret"
EMPTY: Final[dict[str, Any]] = {"from_name": "", "recipients": [], "message": None, "metadata": {}}


class Customers:
    """Answers a customer's wish to see what is held, or to be forgotten."""

    def __init__(
        self,
        sessions: Sessions,
        apps: Apps,
        payments: PersonalData,
        idempotency: IdempotencyKeys,
        clock: Clock,
    ) -> None:
        self._sessions = sessions
        self._apps = apps
        self._payments = payments
        self._idempotency = idempotency
        self._clock = clock

    def export(self, slug: str, customer_id: str) -> dict[str, Any]:
        """Everything that is held of this customer, as JSON has it. NotFoundError for an unknown app."""
        app_id = self._apps.by_slug(slug).id
        held = self._payments.of(app_id, customer_id)
        mine = sa.select(Checkout).where(Checkout.app_id == app_id, Checkout.customer_id == customer_id)
        with self._sessions.read() as session:
            checkouts = list(session.scalars(mine.order_by(Checkout.created_at, Checkout.id)))
            subjects = [*(batch.id for batch in held.batches), *(order.id for order in held.orders)]
            told = sa.select(Event).where(Event.app_id == app_id, Event.subject.in_(subjects))
            events = list(session.scalars(told.order_by(Event.sequence)))
            attempts = attempts_about(session, app_id, subjects)
        cards = [card.id for card in held.cards]
        answers = self._idempotency.about({*subjects, *cards, *(checkout.id for checkout in checkouts)})
        return {
            "app_id": app_id,
            "customer_id": customer_id,
            "exported_at": self._clock().isoformat(),
            "checkouts": _rows(checkouts),
            **_shown(held),
            "events": _rows(events),
            "webhook_delivery_attempts": _rows(attempts),
            "idempotency_records": [_answer(text) for text in answers],
        }

    def erase(self, slug: str, customer_id: str) -> dict[str, Any]:
        """Take out what is personal; returns how many of each. Money and ids stay, and the event log holds ids only.

        `waiting` names batches whose outcome is not known: they may have to be sent again, so erase again later.
        """
        app_id = self._apps.by_slug(slug).id
        now = self._clock()
        erased = self._payments.erase(app_id, customer_id)
        mine = sa.select(Checkout).where(Checkout.app_id == app_id, Checkout.customer_id == customer_id)
        with self._sessions.begin() as session:
            # Those that wait keep theirs: the outcome may be a refusal, after which the checkout is copied.
            still = sa.select(OrderBatch.checkout_id).where(OrderBatch.id.in_(erased.waiting))
            checkouts = list(session.scalars(mine.where(Checkout.id.not_in(still)).with_for_update()))
            for checkout in checkouts:
                blank_checkout(checkout, now)
                checkout.expires_at = min(checkout.expires_at, now)
            held = sa.select(OrderBatch.id, OrderBatch.checkout_id).where(
                OrderBatch.app_id == app_id, OrderBatch.customer_id == customer_id
            )
            batches = list(session.execute(held))
        named = {name for row in batches for name in row} | {checkout.id for checkout in checkouts}
        answers = self._idempotency.forget_about({*named, *erased.order_ids, *erased.card_ids})
        subjects = [*(batch.id for batch in batches), *erased.order_ids]
        attempts = forget_answers(self._sessions, app_id, subjects)
        return {
            "app_id": app_id,
            "customer_id": customer_id,
            "checkouts": len(checkouts),
            "order_batches": erased.order_batches,
            "orders": len(erased.order_ids),
            "payment_methods": len(erased.card_ids),
            "webhook_messages": erased.webhook_messages,
            "idempotency_records": answers,
            "webhook_delivery_attempts": attempts,
            "waiting": erased.waiting,
        }


class Retention:
    """What goes by itself: the contents of Goody's messages and of checkouts that are over, after some days."""

    def __init__(
        self, sessions: Sessions, payments: PersonalData, clock: Clock, *, message_days: int, checkout_days: int
    ) -> None:
        self._sessions = sessions
        self._payments = payments
        self._clock = clock
        self._message_life = timedelta(days=message_days)
        self._checkout_life = timedelta(days=checkout_days)

    def blank_due(self) -> int:
        """Take out what is due; returns from how many rows."""
        now = self._clock()
        return self._payments.blank_old_messages(now - self._message_life) + self._blank_checkouts(now)

    def _blank_checkouts(self, now: datetime) -> int:
        """Checkouts that ended so long ago, with what their batches were sent with. Orders keep what they show."""
        undecided = sa.select(OrderBatch.checkout_id).where(OrderBatch.submission_status.not_in(DECIDED))
        old = sa.select(Checkout).where(
            Checkout.redacted_at.is_(None),
            Checkout.expires_at < now - self._checkout_life,
            Checkout.id.not_in(undecided),
        )
        count = 0
        while True:
            with self._sessions.begin() as session:
                share = list(session.scalars(old.order_by(Checkout.expires_at).limit(SHARE).with_for_update()))
                made = sa.select(OrderBatch).where(OrderBatch.checkout_id.in_([checkout.id for checkout in share]))
                batches = session.scalars(made.with_for_update()).all()
                for batch in batches:
                    blank_batch(batch, now, is_erasure=False)
                blank_changes(session, [batch.id for batch in batches])
                for checkout in share:
                    blank_checkout(checkout, now)
            count += len(share)
            if len(share) < SHARE:
                return count


def blank_checkout(checkout: Checkout, now: datetime) -> None:
    """Take names, addresses, words and the partner's own notes out of a checkout; what was sold for how much stays."""
    checkout.draft = {**checkout.draft, **EMPTY}
    checkout.problems = []
    checkout.redacted_at = checkout.redacted_at or now


def _shown(held: Holdings) -> dict[str, Any]:
    batches = [{**row, "payload": json.loads(row["payload"])} for row in _rows(held.batches)]
    return {
        "order_batches": batches,
        "orders": _rows(held.orders),
        "timeline": _rows(held.steps),
        "order_changes": _rows(held.changes),
        "payment_methods": _rows(held.cards),
        "webhook_messages": [_message(message) for message in held.messages],
    }


def _message(message: WebhookMessage) -> dict[str, Any]:
    (row,) = _rows([message])
    return {**row, "body": json.loads(message.body)}


def _answer(text: str) -> Any:  # noqa: ANN401  any JSON
    """An answer as it was given, without the secret that opens its checkout."""
    answer = json.loads(text)
    if isinstance(answer, dict):
        answer.pop(SHOWN_TO_ITS_MAKER, None)
    return answer


def _rows(rows: Iterable[Base]) -> list[dict[str, Any]]:
    """Rows as JSON, whatever columns they have."""
    return [
        {
            column.key: _plain(getattr(row, column.key))
            for column in row.__table__.columns
            if column.key not in NOT_SHOWN
        }
        for row in rows
    ]


def _plain(value: Any) -> Any:  # noqa: ANN401  any column's value
    if isinstance(value, datetime):
        return value.isoformat()
    return None if isinstance(value, bytes) else value
