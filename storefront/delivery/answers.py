"""What partners' endpoints answered about a customer's orders: it may repeat what was sent to them, or tell more."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from foundation.database import Session, Sessions
from storefront.delivery.tables import Delivery, DeliveryAttempt, WebhookEndpoint


def attempts_about(session: Session, app_id: str, subjects: Collection[str]) -> Sequence[DeliveryAttempt]:
    """Every try of a delivery about these orders and batches, oldest first."""
    mine = sa.select(Delivery.id).where(*_about(app_id, subjects))
    tries = sa.select(DeliveryAttempt).where(DeliveryAttempt.delivery_id.in_(mine))
    return session.scalars(tries.order_by(DeliveryAttempt.id)).all()


def forget_answers(sessions: Sessions, app_id: str, subjects: Collection[str]) -> int:
    """Take out what endpoints answered about these; returns of how many tries. Whether they took it stays."""
    with sessions.read() as session:
        told = sa.select(Delivery.endpoint_id).where(*_about(app_id, subjects)).distinct()
        endpoint_ids = session.scalars(told.order_by(Delivery.endpoint_id)).all()
    return sum(_forget_at(sessions, app_id, endpoint_id, subjects) for endpoint_id in endpoint_ids)


def _forget_at(sessions: Sessions, app_id: str, endpoint_id: str, subjects: Collection[str]) -> int:
    told = sa.select(Delivery.id).where(Delivery.endpoint_id == endpoint_id, *_about(app_id, subjects))
    forget = (
        sa.update(DeliveryAttempt)
        .where(DeliveryAttempt.delivery_id.in_(told), DeliveryAttempt.response_excerpt.is_not(None))
        .values(response_excerpt=None)
        .returning(DeliveryAttempt.id)
        .execution_options(synchronize_session=False)
    )
    with sessions.begin() as session:
        # Whoever records a try holds the endpoint: a try that began before the erasure is seen here when it is written.
        session.execute(sa.select(WebhookEndpoint.id).where(WebhookEndpoint.id == endpoint_id).with_for_update())
        return len(session.execute(forget).all())


def _about(app_id: str, subjects: Collection[str]) -> tuple[sa.ColumnElement[bool], ...]:
    return (Delivery.app_id == app_id, Delivery.subject.in_(subjects))
