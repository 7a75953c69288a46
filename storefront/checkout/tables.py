"""The table of checkouts."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base


class Checkout(Base):
    """A sale being made. Whether it is completed is told by the order batch that carries its id."""

    __tablename__ = "checkouts"
    __table_args__ = (
        sa.Index(
            "ix_checkouts_unredacted",
            "expires_at",
            sqlite_where=sa.text("redacted_at IS NULL"),
            postgresql_where=sa.text("redacted_at IS NULL"),
        ),
        sa.Index("ix_checkouts_app_id_customer_id", "app_id", "customer_id"),
    )

    id: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"), index=True)
    customer_id: Mapped[str | None] = mapped_column(sa.String(255))
    secret_fingerprint: Mapped[str] = mapped_column(sa.String(64))
    version: Mapped[int]
    """Counts changes, so that what was checked is what gets ordered."""
    payment_mode: Mapped[str] = mapped_column(sa.String(32))
    draft: Mapped[dict[str, Any]]
    problems: Mapped[list[Any]]
    """Faults as of the last change."""
    lines: Mapped[list[Any]]
    """Products and prices as of the quote, frozen."""
    quote: Mapped[dict[str, Any] | None]
    is_changed_by_public: Mapped[bool]
    """Whether anyone but the secret key ever changed it."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    redacted_at: Mapped[datetime | None]
    """When personal data was taken out of its draft."""
