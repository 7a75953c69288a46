"""How deliveries stand, for the metrics: what is open, and which endpoints get nothing."""

from dataclasses import dataclass

import sqlalchemy as sa

from foundation.database import Session
from storefront.delivery.states import OPEN
from storefront.delivery.tables import Delivery, WebhookEndpoint


@dataclass(frozen=True, slots=True)
class DeliveryFigures:
    """Counts by app and status."""

    open_deliveries: dict[tuple[str, str], int]
    endpoints: dict[tuple[str, str], int]


def read_figures(session: Session) -> DeliveryFigures:
    """Count. What is settled is not counted: that is most of it, and the delivery log has it."""
    # Spelt as the partial index is, or SQLite does not use that.
    is_open = Delivery.status.in_(sa.bindparam("open", OPEN, expanding=True, literal_execute=True))
    deliveries = sa.select(Delivery.app_id, Delivery.status, sa.func.count()).where(is_open)
    state = sa.case((WebhookEndpoint.disabled_at.is_(None), "enabled"), else_="disabled")
    endpoints = sa.select(WebhookEndpoint.app_id, state, sa.func.count()).where(WebhookEndpoint.deleted_at.is_(None))
    return DeliveryFigures(
        _counted(session, deliveries.group_by(Delivery.app_id, Delivery.status)),
        _counted(session, endpoints.group_by(WebhookEndpoint.app_id, state)),
    )


def _counted(session: Session, query: sa.Select[str, str, int]) -> dict[tuple[str, str], int]:
    return {(app_id, status): count for app_id, status, count in session.execute(query)}
