"""Order kept per subject: of an endpoint's open deliveries about one order, only the oldest has its turn.

Whoever calls these holds the endpoint's row, so that a delivery that is made and one that settles see each other.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from foundation.database import Session
from storefront.delivery.states import OPEN, DeliveryStatus
from storefront.delivery.tables import Delivery


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


_BLOCKED: Final = _has_earlier()


def give_turn(session: Session, endpoint_id: str, subjects: Collection[str], now: datetime) -> None:
    """Give the oldest open delivery about each of the subjects its turn."""
    session.execute(
        sa.update(Delivery)
        .where(
            Delivery.endpoint_id == endpoint_id,
            Delivery.subject.in_(subjects),
            Delivery.status == DeliveryStatus.WAITING,
            ~_BLOCKED,
        )
        .values(status=DeliveryStatus.PENDING, due_at=now)
        .execution_options(synchronize_session=False)
    )


def arrange(session: Session, endpoint_id: str, subjects: Collection[str], now: datetime) -> None:
    """The same where an older one has come back: the later ones that are not on their way yet wait for it."""
    session.execute(
        sa.update(Delivery)
        .where(
            Delivery.endpoint_id == endpoint_id,
            Delivery.subject.in_(subjects),
            Delivery.status == DeliveryStatus.PENDING,
            _BLOCKED,
        )
        .values(status=DeliveryStatus.WAITING)
        .execution_options(synchronize_session=False)
    )
    give_turn(session, endpoint_id, subjects, now)
