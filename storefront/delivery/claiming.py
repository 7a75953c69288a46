"""Claims: who sends a delivery just now. A killed sender loses its claim when its lease is over."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from foundation.clock import Clock, utc_now
from foundation.database import Sessions
from storefront.delivery.endpoints import is_live
from storefront.delivery.states import CLAIMABLE, DeliveryStatus
from storefront.delivery.tables import Delivery, WebhookEndpoint


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that is ours to send; `attempt` fences its outcome."""

    delivery_id: str
    app_id: str
    endpoint_id: str
    event_id: str
    event_type: str
    kind: str
    attempt: int


class Claims:
    """Hands out what is due, one at a time."""

    def __init__(self, sessions: Sessions, lease_seconds: float, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._lease = timedelta(seconds=lease_seconds)
        self._clock = clock

    def due_endpoints(self, most: int) -> list[tuple[str, int]]:
        """The endpoints that something is due for, and how much of it may be sent at once: one where it fails."""
        now = self._clock()
        due = _due(now, most, is_replayed=False) + _due(now, most, is_replayed=True)
        query = sa.select(WebhookEndpoint.id, WebhookEndpoint.failing_since.is_not(None), due).where(*is_live())
        with self._sessions.read() as session:
            return [
                (each, 1 if is_failing else min(count, most))
                for each, is_failing, count in session.execute(query)
                if count
            ]

    def next(self, endpoint_id: str) -> Claim | None:
        """Claim what is due first at this endpoint, what is new before what is replayed; None if nothing is."""
        return self._next(endpoint_id, is_replayed=False) or self._next(endpoint_id, is_replayed=True)

    def lease_until(self, now: datetime) -> datetime:
        """When a claim made now is over."""
        return now + self._lease

    def _next(self, endpoint_id: str, *, is_replayed: bool) -> Claim | None:
        now = self._clock()
        live = sa.exists().where(WebhookEndpoint.id == endpoint_id, *is_live())
        first = (
            sa.select(Delivery.id)
            .where(Delivery.endpoint_id == endpoint_id, *_turns(now), Delivery.is_replayed.is_(is_replayed), live)
            .order_by(Delivery.due_at, Delivery.sequence)
            .limit(1)
        )
        # Looked at first: to find nothing takes no writer's turn.
        with self._sessions.read() as session:
            if session.scalar(first) is None:
                return None
        return self._claim(first.with_for_update(skip_locked=True, of=Delivery).scalar_subquery())

    def _claim(self, which: sa.ColumnElement[str]) -> Claim | None:
        now = self._clock()
        taken = (
            sa.update(Delivery)
            .where(Delivery.id == which, *_turns(now))
            .values(status=DeliveryStatus.SENDING, attempt=Delivery.attempt + 1, due_at=self.lease_until(now))
            .returning(
                Delivery.id,
                Delivery.app_id,
                Delivery.endpoint_id,
                Delivery.event_id,
                Delivery.event_type,
                Delivery.kind,
                Delivery.attempt,
            )
        )
        # A claim that a power cut undoes is made anew, and the message sent again.
        with self._sessions.begin_derived() as session:
            row = session.execute(taken.execution_options(synchronize_session=False)).first()
        return None if row is None else Claim(*row)


def _turns(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    # Spelt as the partial index is, or SQLite does not use that.
    is_claimable = Delivery.status.in_(sa.bindparam("claimable", CLAIMABLE, expanding=True, literal_execute=True))
    return is_claimable, Delivery.due_at <= now


def _due(now: datetime, most: int, *, is_replayed: bool) -> sa.ColumnElement[int]:
    """How many of an endpoint's deliveries are due, counted no further than this."""
    some = (
        sa.select(Delivery.id)
        .where(Delivery.endpoint_id == WebhookEndpoint.id, Delivery.is_replayed.is_(is_replayed), *_turns(now))
        .correlate(WebhookEndpoint)
        .limit(most)
        .subquery()
    )
    return sa.select(sa.func.count()).select_from(some).scalar_subquery()
