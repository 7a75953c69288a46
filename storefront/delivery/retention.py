"""What is past its retention goes: events, deliveries with their attempts, secrets that sign no more."""

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from foundation import events
from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.events import EventCounter
from storefront.delivery.endpoint_secrets import EndpointSecrets
from storefront.delivery.endpoints import is_live
from storefront.delivery.states import OPEN
from storefront.delivery.tables import Delivery, WebhookEndpoint

AT_ONCE: Final = 2000
"""Rows that one transaction deletes: others write between them."""


class Retention:
    """Deletes what is old. What an endpoint that works has yet to get is kept, however old it is."""

    def __init__(self, sessions: Sessions, secrets: EndpointSecrets, days: int, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._secrets = secrets
        self._kept = timedelta(days=days)
        self._clock = clock

    def purge(self) -> int:
        """Delete what is past its retention; returns how many events and deliveries."""
        with self._sessions.begin() as session:
            self._secrets.forget_retired(session, self._clock())
        with self._sessions.read() as session:
            app_ids = session.scalars(sa.select(EventCounter.app_id)).all()
        before = self._clock() - self._kept
        return sum(self._purge_app(app_id, before) for app_id in app_ids)

    def _purge_app(self, app_id: str, before: datetime) -> int:
        gone = 0
        while (events_gone := self._forget_events(app_id, before)) > 0:
            gone += events_gone
        while (deliveries_gone := self._forget_deliveries(app_id, before)) > 0:
            gone += deliveries_gone
        return gone

    def _forget_events(self, app_id: str, before: datetime) -> int:
        with self._sessions.begin() as session:
            return events.forget(session, app_id, before, _needed_after(session, app_id), AT_ONCE)

    def _forget_deliveries(self, app_id: str, before: datetime) -> int:
        needed = sa.exists().where(WebhookEndpoint.id == Delivery.endpoint_id, *is_live())
        old = (
            sa.select(Delivery.id)
            .where(
                Delivery.app_id == app_id,
                Delivery.created_at < before,
                sa.or_(Delivery.status.not_in(OPEN), ~needed),
            )
            .limit(AT_ONCE)
        )
        with self._sessions.begin() as session:
            gone = sa.delete(Delivery).where(Delivery.id.in_(old)).returning(Delivery.id)
            return len(session.execute(gone.execution_options(synchronize_session=False)).all())


def _needed_after(session: Session, app_id: str) -> int:
    """The number up to which no endpoint that works needs the app's events any more."""
    mine = (WebhookEndpoint.app_id == app_id, *is_live())
    read = sa.select(
        sa.func.min(WebhookEndpoint.cursor), sa.func.min(sa.func.coalesce(WebhookEndpoint.replay_after, 2**62))
    )
    undelivered = (
        sa.select(sa.func.min(Delivery.sequence))
        .join(WebhookEndpoint, WebhookEndpoint.id == Delivery.endpoint_id)
        .where(*mine, Delivery.status.in_(OPEN), Delivery.sequence > 0)
    )
    cursor, replayed = session.execute(read.where(*mine)).one()
    first_open = session.scalar(undelivered)
    bounds = [bound for bound in (cursor, replayed) if bound is not None]
    return min([*bounds, *([] if first_open is None else [first_open - 1])], default=2**62)
