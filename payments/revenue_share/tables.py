"""The tables of revenue share: terms as they were entered, and where each order's share stands."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base


class RevenueShareTerms(Base):
    """Terms that hold from a moment on. Rows are never changed (triggers of migration 0008): new ones supersede."""

    __tablename__ = "revenue_share_terms"
    __table_args__ = (sa.Index("ix_revenue_share_terms_app_id", "app_id", "holds_from", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"))
    holds_from: Mapped[datetime]
    terms: Mapped[dict[str, Any]]
    entered_at: Mapped[datetime]
    entered_by: Mapped[str] = mapped_column(sa.String(120))
    reason: Mapped[str] = mapped_column(sa.Text)


class OrderShare(Base):
    """Where an order's share stands, and what of the order is in the journal: written with its entries."""

    __tablename__ = "order_shares"
    __table_args__ = (
        sa.Index("ix_order_shares_app_id_state", "app_id", "state", "next_try_at"),
        sa.Index("ix_order_shares_app_id_accepted_at", "app_id", "accepted_at"),
    )

    order_id: Mapped[str] = mapped_column(sa.ForeignKey("orders.id"), primary_key=True)
    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"))
    state: Mapped[str] = mapped_column(sa.String(16))
    pending_because: Mapped[str | None] = mapped_column(sa.String(32))
    accepted_at: Mapped[datetime | None]
    """By which terms and facts were chosen."""
    terms_id: Mapped[int | None] = mapped_column(sa.ForeignKey("revenue_share_terms.id"))
    """Frozen at accrual."""
    items: Mapped[list[Any]]
    """The final cart with the facts of its products, frozen at accrual."""
    lines: Mapped[list[Any]]
    """What each line earned, before refunds."""
    kept: Mapped[list[Any]]
    """What is left of each line."""
    charged: Mapped[int]
    """What Goody took from the balance, as the journal has it; US cents."""
    refunded: Mapped[int]
    """What it gave back, likewise."""
    taken_back: Mapped[int | None]
    """What statements say was taken back of the share, where none tells what was refunded; US cents."""
    low: Mapped[int | None]
    """What it will earn at least, if it is accepted; US cents. None while that can't be told."""
    high: Mapped[int | None]
    revision: Mapped[int]
    """How many entries were posted about it."""
    tries: Mapped[int]
    next_try_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
