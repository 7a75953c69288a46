"""Order kept per subject: of an endpoint's open deliveries about one order, only the oldest has its turn.

Whoever calls these holds the endpoint's row, so that a delivery that is made and one that settles see each other.
"""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from foundation.database import Session
from storefront.delivery.states import OPEN, DeliveryStatus
from storefront.delivery.tables import Delivery


def arrange(session: Session, endpoint_id: str, subjects: Collection[str], now: datetime) -> None:
    """Give the oldest open delivery about each of the subjects its turn, and let the later ones wait for it."""
    mine = (Delivery.endpoint_id == endpoint_id, Delivery.subject.in_(subjects))
    blocked = _has_earlier()
    session.execute(
        sa.update(Delivery)
        .where(*mine, Delivery.status == DeliveryStatus.PENDING, blocked)
        .values(status=DeliveryStatus.WAITING)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        sa.update(Delivery)
        .where(*mine, Delivery.status == DeliveryStatus.WAITING, ~blocked)
        .values(status=DeliveryStatus.PENDING, due_at=now)
        .execution_options(synchronize_session=False)
    )


def _has_earlier() -> sa.ColumnElement[bool]:
    earlier = aliased(Delivery)
    # Spelt as the partial index is, or SQLite does not use that.
    is_open = earlier.status.in_(sa.bindparam("open", OPEN, expanding=True, literal_execute=True))
    return sa.exists(
        sa.select(sa.literal(1))
        .where(
            earlier.endpoint_id == Delivery.endpoint_id,
            earlier.subject == Delivery.subject,
            is_open,
            earlier.sequence < Delivery.sequence,
        )
        .correlate(Delivery)
    )
