"""Tables of webhook endpoints, and of what is delivered to them."""

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base
from foundation.encryption import ENCRYPTED

_OPEN: Final = sa.text("status IN ('waiting', 'pending', 'sending')")
_CLAIMABLE: Final = sa.text("status IN ('pending', 'sending')")


class WebhookEndpoint(Base):
    """An address of a partner's backend that gets events."""

    __tablename__ = "webhook_endpoints"
    __table_args__ = (sa.Index("ix_webhook_endpoints_app_id", "app_id", "created_at"),)

    id: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"))
    url: Mapped[str] = mapped_column(sa.Text)
    description: Mapped[str | None] = mapped_column(sa.String(500))
    event_types: Mapped[list[Any]]
    """Which events it gets: names, or beginnings such as `order.*`."""
    cursor: Mapped[int]
    """Up to which event of the log deliveries have been made for it."""
    replay_after: Mapped[int | None]
    replay_until: Mapped[int | None]
    """What of the log it is to get once more: after the one number, up to the other."""
    failing_since: Mapped[datetime | None]
    last_failure_at: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    disabled_reason: Mapped[str | None] = mapped_column(sa.String(16))
    disabled_at: Mapped[datetime | None]
    version: Mapped[int]
    """Counts the partner's changes."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class EndpointSecret(Base):
    """A secret that an endpoint's messages are signed with. During a rotation there are several."""

    __tablename__ = "webhook_endpoint_secrets"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    endpoint_id: Mapped[str] = mapped_column(sa.ForeignKey("webhook_endpoints.id", ondelete="CASCADE"), index=True)
    secret: Mapped[str] = mapped_column(sa.Text, info=dict(ENCRYPTED))
    created_at: Mapped[datetime]
    retires_at: Mapped[datetime | None]


class Delivery(Base):
    """One event on its way to one endpoint."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        sa.UniqueConstraint("endpoint_id", "event_id"),
        sa.Index(
            "ix_webhook_deliveries_open",
            "endpoint_id",
            "subject",
            "sequence",
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        sa.Index(
            "ix_webhook_deliveries_due",
            "endpoint_id",
            "is_replayed",
            "due_at",
            sqlite_where=_CLAIMABLE,
            postgresql_where=_CLAIMABLE,
        ),
        sa.Index("ix_webhook_deliveries_listed", "endpoint_id", "created_at", "id"),
        sa.Index("ix_webhook_deliveries_aged", "app_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"))
    endpoint_id: Mapped[str] = mapped_column(sa.ForeignKey("webhook_endpoints.id", ondelete="CASCADE"))
    event_id: Mapped[str] = mapped_column(sa.String(40))
    """What is sent as `webhook-id`, each time the same."""
    event_type: Mapped[str] = mapped_column(sa.String(64))
    sequence: Mapped[int]
    """The event's in the log; 0 for a test, which is not in it."""
    subject: Mapped[str] = mapped_column(sa.String(64))
    """What the event is about: deliveries of one subject wait for each other."""
    kind: Mapped[str] = mapped_column(sa.String(16))
    status: Mapped[str] = mapped_column(sa.String(16))
    attempt: Mapped[int]
    """Counts claims, and fences their outcomes: one that took too long does not undo its successor's."""
    tries: Mapped[int]
    """Failures since the schedule began."""
    is_replayed: Mapped[bool]
    """Whether what is new goes first."""
    due_at: Mapped[datetime]
    """The next try, or while it is being sent the end of the sender's lease."""
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class DeliveryAttempt(Base):
    """What one try came to."""

    __tablename__ = "webhook_delivery_attempts"
    __table_args__ = (sa.Index("ix_webhook_delivery_attempts_delivery_id", "delivery_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    delivery_id: Mapped[str] = mapped_column(sa.ForeignKey("webhook_deliveries.id", ondelete="CASCADE"))
    attempted_at: Mapped[datetime]
    duration_ms: Mapped[int]
    status_code: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(sa.Text)
    response_excerpt: Mapped[str | None] = mapped_column(sa.Text)
