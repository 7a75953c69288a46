"""What a try came to, written down: the delivery moves, the endpoint is judged, and whoever waited gets its turn."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

from foundation import events
from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.logs import get_logger
from payments.payment_links import note_delivered
from payments.personal_data import is_erased
from storefront.delivery import schedule
from storefront.delivery.claiming import Claim
from storefront.delivery.messages import Message
from storefront.delivery.ordering import give_turn
from storefront.delivery.sending import GONE_FROM_LOG, Outcome
from storefront.delivery.states import DeliveryKind, DeliveryStatus, DisabledReason
from storefront.delivery.tables import Delivery, DeliveryAttempt, WebhookEndpoint

log = get_logger(__name__)


class Records:
    """Writes outcomes."""

    def __init__(self, sessions: Sessions, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._clock = clock

    def record(self, claim: Claim, message: Message | None, outcome: Outcome, began: datetime) -> None:
        """Write it down. Of a claim that somebody took over only the try is kept."""
        now = self._clock()
        with self._sessions.begin() as session:
            endpoint = session.get_one(WebhookEndpoint, claim.endpoint_id, with_for_update=True)
            delivery = session.get(Delivery, claim.delivery_id, with_for_update=True)
            if delivery is None:
                return
            if outcome.response_excerpt is not None and is_erased(session, delivery.app_id, delivery.subject):
                # The partner's backend may still know whom it is about.
                outcome = replace(outcome, response_excerpt=None)
            session.add(_attempt(claim, outcome, began))
            if delivery.attempt != claim.attempt:
                return
            if outcome.is_delivered:
                self._delivered(session, endpoint, delivery, message, now)
            else:
                self._failed(session, endpoint, delivery, outcome, now)
            if delivery.settled_at is not None:
                session.flush()
                give_turn(session, endpoint.id, [delivery.subject], now)

    def _delivered(
        self,
        session: Session,
        endpoint: WebhookEndpoint,
        delivery: Delivery,
        message: Message | None,
        now: datetime,
    ) -> None:
        _settle(delivery, DeliveryStatus.DELIVERED, now)
        endpoint.last_success_at, endpoint.failing_since = now, None
        if message is not None and message.payment_link is not None:
            note_delivered(session, delivery.app_id, delivery.subject, message.payment_link, now)

    def _failed(
        self, session: Session, endpoint: WebhookEndpoint, delivery: Delivery, outcome: Outcome, now: datetime
    ) -> None:
        if outcome is GONE_FROM_LOG or delivery.kind == DeliveryKind.TEST:
            # No evidence against the endpoint: nothing was sent, or its partner is setting it up.
            _settle(delivery, DeliveryStatus.FAILED, now)
            return
        delivery.tries += 1
        wait = schedule.delay(delivery.tries, outcome.retry_after, random.random())  # noqa: S311  jitter, not a secret
        if outcome.is_gone or wait is None:
            _settle(delivery, DeliveryStatus.FAILED, now)
            log.warning("a delivery failed for good", delivery=delivery.id, endpoint=endpoint.id, tries=delivery.tries)
        else:
            delivery.status, delivery.due_at = DeliveryStatus.PENDING, now + timedelta(seconds=wait)
        self._judge(session, endpoint, outcome, now)

    def _judge(self, session: Session, endpoint: WebhookEndpoint, outcome: Outcome, now: datetime) -> None:
        since = schedule.failing_since(endpoint.failing_since, endpoint.last_failure_at, now)
        endpoint.failing_since, endpoint.last_failure_at = since, now
        reason = DisabledReason.GONE if outcome.is_gone else DisabledReason.FAILING
        if endpoint.disabled_at is None and (outcome.is_gone or schedule.is_given_up(since, now)):
            endpoint.disabled_at, endpoint.disabled_reason = now, reason
            endpoint.version += 1
            changes = {"reason": reason, "failing_since": since.isoformat()}
            events.append(session, endpoint.app_id, "webhook_endpoint.disabled", endpoint.id, now, changes)
            log.warning("a webhook endpoint is disabled", endpoint=endpoint.id, reason=reason)


def _settle(delivery: Delivery, status: DeliveryStatus, now: datetime) -> None:
    delivery.status, delivery.settled_at = status, now


def _attempt(claim: Claim, outcome: Outcome, began: datetime) -> DeliveryAttempt:
    return DeliveryAttempt(
        delivery_id=claim.delivery_id,
        attempted_at=began,
        duration_ms=outcome.duration_ms,
        status_code=outcome.status_code,
        error=outcome.error,
        response_excerpt=outcome.response_excerpt,
    )
