"""The delivery log: what was sent where, what came of it, and sending it once more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.errors import NotFoundError
from foundation.ids import new_id
from storefront.delivery.claiming import Claim, Claims
from storefront.delivery.endpoints import find, must_be_enabled
from storefront.delivery.event_types import TEST
from storefront.delivery.ordering import arrange
from storefront.delivery.relay import Relay
from storefront.delivery.states import OPEN, DeliveryKind, DeliveryStatus
from storefront.delivery.tables import Delivery, DeliveryAttempt


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which deliveries, newest first. `before` is the (created_at, id) of the last one seen."""

    status: DeliveryStatus | None = None
    event_type: str | None = None
    before: tuple[datetime, str] | None = None
    limit: int = 24


Logged = tuple[Delivery, list[DeliveryAttempt]]


class DeliveryLog:
    """Reads deliveries, and gives them another turn."""

    def __init__(self, sessions: Sessions, claims: Claims, relay: Relay, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._claims = claims
        self._relay = relay
        self._clock = clock

    def find(self, app_id: str, endpoint_id: str, wanted: DeliveryFilter) -> list[Logged]:
        """The endpoint's deliveries that fit, newest first, one more than the limit if there are more."""
        query = sa.select(Delivery).where(Delivery.endpoint_id == endpoint_id)
        if wanted.status is not None:
            query = query.where(Delivery.status == wanted.status)
        if wanted.event_type is not None:
            query = query.where(Delivery.event_type == wanted.event_type)
        if wanted.before is not None:
            position = sa.tuple_(Delivery.created_at, Delivery.id)
            query = query.where(position < sa.tuple_(*map(sa.literal, wanted.before)))
        query = query.order_by(Delivery.created_at.desc(), Delivery.id.desc()).limit(wanted.limit + 1)
        with self._sessions.read() as session:
            find(session, app_id, endpoint_id)
            return _with_attempts(session, session.scalars(query).all())

    def get(self, app_id: str, delivery_id: str) -> Logged:
        """The delivery of this id, `dlv_…`. NotFoundError if the app has none such."""
        with self._sessions.read() as session:
            return _with_attempts(session, [_delivery(session, app_id, delivery_id)])[0]

    def counts(self, app_id: str) -> dict[tuple[str, str], int]:
        """How many deliveries of the app there are, by endpoint and status."""
        query = (
            sa.select(Delivery.endpoint_id, Delivery.status, sa.func.count())
            .where(Delivery.app_id == app_id)
            .group_by(Delivery.endpoint_id, Delivery.status)
        )
        with self._sessions.read() as session:
            return {(endpoint_id, status): count for endpoint_id, status, count in session.execute(query)}

    def redeliver(self, app_id: str, delivery_id: str) -> Logged:
        """Send it once more, under the same id, with the whole schedule before it; at once, if it waits for a retry.

        EndpointDisabledError while its endpoint gets nothing.
        """
        now = self._clock()
        with self._sessions.begin() as session:
            endpoint_id = _delivery(session, app_id, delivery_id).endpoint_id
            must_be_enabled(find(session, app_id, endpoint_id, is_locked=True))
            # Read anew under the endpoint's lock.
            delivery = session.get_one(Delivery, delivery_id, populate_existing=True, with_for_update=True)
            if delivery.status != DeliveryStatus.SENDING:
                if delivery.status not in OPEN:
                    delivery.status, delivery.tries, delivery.settled_at = DeliveryStatus.WAITING, 0, None
                delivery.due_at = now
                session.flush()
                arrange(session, endpoint_id, [delivery.subject], now)
        self._relay.bell.ring()
        return self.get(app_id, delivery_id)

    def test(self, app_id: str, endpoint_id: str) -> Logged:
        """Send a test message now, once, and tell what came of it. An endpoint that is disabled is tested too."""
        now = self._clock()
        event_id, delivery_id = new_id("evt"), new_id("dlv")
        with self._sessions.begin() as session:
            find(session, app_id, endpoint_id)
            session.add(
                Delivery(
                    id=delivery_id,
                    app_id=app_id,
                    endpoint_id=endpoint_id,
                    event_id=event_id,
                    event_type=TEST,
                    sequence=0,
                    subject=event_id,
                    kind=DeliveryKind.TEST,
                    status=DeliveryStatus.SENDING,
                    attempt=1,
                    tries=0,
                    is_replayed=False,
                    due_at=self._claims.lease_until(now),
                    created_at=now,
                )
            )
        self._relay.deliver(Claim(delivery_id, app_id, endpoint_id, event_id, TEST, DeliveryKind.TEST, attempt=1))
        return self.get(app_id, delivery_id)


def _delivery(session: Session, app_id: str, delivery_id: str) -> Delivery:
    mine = sa.select(Delivery).where(Delivery.app_id == app_id, Delivery.id == delivery_id)
    delivery = session.scalar(mine)
    if delivery is None:
        raise NotFoundError(f"There is no delivery {delivery_id}.")
    return delivery


def _with_attempts(session: Session, deliveries: Sequence[Delivery]) -> list[Logged]:
    attempts: dict[str, list[DeliveryAttempt]] = {delivery.id: [] for delivery in deliveries}
    mine = sa.select(DeliveryAttempt).where(DeliveryAttempt.delivery_id.in_(attempts))
    for attempt in session.scalars(mine.order_by(DeliveryAttempt.id)):
        attempts[attempt.delivery_id].append(attempt)
    return [(delivery, attempts[delivery.id]) for delivery in deliveries]
