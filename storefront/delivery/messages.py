"""What is sent: an event's envelope as bytes, made anew for each try, so that what was withdrawn goes out no more."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from foundation.clock import Clock, utc_now
from foundation.database import Sessions
from foundation.events import Event
from foundation.signatures import sign
from storefront.delivery.claiming import Claim
from storefront.delivery.endpoint_secrets import EndpointSecrets
from storefront.delivery.states import DeliveryKind
from storefront.delivery.tables import WebhookEndpoint
from storefront.event_feed import EventFeed


@dataclass(frozen=True, slots=True)
class Message:
    """A signed message on its way to a URL."""

    url: str = field(repr=False)
    body: bytes = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    payment_link: str | None = field(repr=False)
    """The link in it, if it is the event that brings one."""


class Messages:
    """Makes messages."""

    def __init__(self, sessions: Sessions, feed: EventFeed, secrets: EndpointSecrets, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._feed = feed
        self._secrets = secrets
        self._clock = clock

    def make(self, claim: Claim) -> Message | None:
        """The message of a delivery; None if its event is past its retention, or its endpoint deleted."""
        now = self._clock()
        with self._sessions.read() as session:
            endpoint = session.get_one(WebhookEndpoint, claim.endpoint_id)
            secrets = self._secrets.active(session, claim.endpoint_id, now)
            event = session.scalar(sa.select(Event).where(Event.app_id == claim.app_id, Event.id == claim.event_id))
        if endpoint.deleted_at is not None or (event is None and claim.kind != DeliveryKind.TEST):
            return None
        envelope = _test(claim, now) if event is None else self._feed.envelopes([event])[0]
        body = json.dumps(envelope, default=datetime.isoformat, separators=(",", ":"), ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", **sign(body, claim.event_id, now, secrets)}
        is_link = claim.event_type == "order.payment_link_ready"
        return Message(endpoint.url, body, headers, envelope["data"].get("payment_link") if is_link else None)


def _test(claim: Claim, now: datetime) -> dict[str, Any]:
    """A message that stands for none in the log."""
    said = "A test: your endpoint is asked whether it takes signed messages. Answer with any status of 2xx."
    return {
        "id": claim.event_id,
        "type": claim.event_type,
        "timestamp": now,
        "sequence": None,
        "data": {"webhook_endpoint_id": claim.endpoint_id, "message": said},
    }
