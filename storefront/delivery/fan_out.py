"""Deliveries made from the log: for each event one to every endpoint that wants it, exactly once.

An endpoint has read the log up to a number. That number and the deliveries change in one transaction, so that a
worker killed at any moment leaves neither a gap nor a double.
"""

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from foundation import events
from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions, insert
from foundation.events import Event, EventCounter
from foundation.ids import new_id
from foundation.logs import get_logger
from storefront.delivery.endpoints import is_live
from storefront.delivery.event_types import fits
from storefront.delivery.ordering import arrange, give_turn
from storefront.delivery.states import DeliveryKind, DeliveryStatus
from storefront.delivery.tables import Delivery, WebhookEndpoint

log = get_logger(__name__)

SHARE: Final = 200
"""Events that one endpoint reads in one transaction."""


class FanOut:
    """Reads the log for every endpoint that is behind it."""

    def __init__(self, sessions: Sessions, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._clock = clock

    def run(self) -> int:
        """Read on for each endpoint, a share at most; returns how many deliveries were made."""
        behind = sa.or_(EventCounter.last_sequence > WebhookEndpoint.cursor, WebhookEndpoint.replay_after.is_not(None))
        waiting = (
            sa.select(WebhookEndpoint.id)
            .join(EventCounter, EventCounter.app_id == WebhookEndpoint.app_id)
            .where(*is_live(), behind)
        )
        with self._sessions.read() as session:
            endpoint_ids = session.scalars(waiting).all()
        return sum(self._read_on(endpoint_id) for endpoint_id in endpoint_ids)

    def _read_on(self, endpoint_id: str) -> int:
        now = self._clock()
        with self._sessions.begin() as session:
            # Its row is locked: of two workers one reads on, and the other finds it read.
            mine = sa.select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id, *is_live()).with_for_update()
            endpoint = session.scalar(mine)
            if endpoint is None:
                return 0
            fresh = self._share(session, endpoint, endpoint.cursor)
            endpoint.cursor = fresh[-1].sequence if fresh else endpoint.cursor
            made = _make(session, endpoint, fresh, DeliveryKind.EVENT, now)
            return made + self._replay(session, endpoint, now)

    def _replay(self, session: Session, endpoint: WebhookEndpoint, now: datetime) -> int:
        if endpoint.replay_after is None or endpoint.replay_until is None:
            return 0
        share = self._share(session, endpoint, endpoint.replay_after)
        again = [event for event in share if event.sequence <= endpoint.replay_until]
        endpoint.replay_after = again[-1].sequence if again else endpoint.replay_until
        if endpoint.replay_after >= endpoint.replay_until:
            endpoint.replay_after = endpoint.replay_until = None
        return _make(session, endpoint, again, DeliveryKind.REPLAY, now)

    def _share(self, session: Session, endpoint: WebhookEndpoint, after: int) -> list[Event]:
        try:
            return events.read_after(session, endpoint.app_id, after, SHARE)
        except events.EventsGoneError as error:
            # Only an endpoint that was disabled for longer than the log reaches back.
            log.warning("events were past their retention", endpoint=endpoint.id, after=after, up_to=error.oldest)
            return events.read_after(session, endpoint.app_id, error.oldest, SHARE)


def _make(session: Session, endpoint: WebhookEndpoint, found: list[Event], kind: DeliveryKind, now: datetime) -> int:
    wanted = [event for event in found if fits(event.type, endpoint.event_types)]
    if not wanted:
        return 0
    rows = [
        {
            "id": new_id("dlv"),
            "app_id": endpoint.app_id,
            "endpoint_id": endpoint.id,
            "event_id": event.id,
            "event_type": event.type,
            "sequence": event.sequence,
            "subject": event.subject,
            "kind": kind,
            "status": DeliveryStatus.WAITING,
            "attempt": 0,
            "tries": 0,
            "is_replayed": kind is DeliveryKind.REPLAY,
            "due_at": now,
            "created_at": now,
        }
        for event in wanted
    ]
    new = insert(session, Delivery)
    again = {"status": DeliveryStatus.WAITING, "tries": 0, "is_replayed": True, "due_at": now, "settled_at": None}
    session.execute(
        new.on_conflict_do_update(
            index_elements=[Delivery.endpoint_id, Delivery.event_id],
            set_={**again, "kind": DeliveryKind.REPLAY},
            # What is on its way anyway is left on it.
            where=Delivery.settled_at.is_not(None),
        ),
        rows,
    )
    order = arrange if kind is DeliveryKind.REPLAY else give_turn
    order(session, endpoint.id, {event.subject for event in wanted}, now)
    return len(rows)
