"""The tables of the ledger. Triggers of the database (migration 0008) keep entries balanced and unchanged."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base


class LedgerBook(Base):
    """An app's journal: its last number, and how far it is closed. Who posts or closes holds this row."""

    __tablename__ = "ledger_books"

    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"), primary_key=True)
    last_number: Mapped[int]
    closed_until: Mapped[datetime | None]
    """What happened before this moment counts from it on."""


class LedgerEntry(Base):
    """One entry of a journal, numbered without a gap in the order in which they were committed."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        sa.UniqueConstraint("app_id", "source"),
        sa.UniqueConstraint("app_id", "reverses"),
        sa.Index("ix_ledger_entries_app_id_order_id", "app_id", "order_id"),
        sa.Index("ix_ledger_entries_app_id_booked_at", "app_id", "booked_at"),
    )

    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(sa.String(24))
    source: Mapped[str] = mapped_column(sa.String(200))
    order_id: Mapped[str | None] = mapped_column(sa.String(36))
    payment_mode: Mapped[str | None] = mapped_column(sa.String(32))
    occurred_at: Mapped[datetime]
    booked_at: Mapped[datetime]
    """Where it counts: when it occurred, or the beginning of the first open month if that was closed already."""
    posted_at: Mapped[datetime]
    origin: Mapped[str] = mapped_column(sa.String(16))
    posted_by: Mapped[str] = mapped_column(sa.String(120))
    reason: Mapped[str] = mapped_column(sa.Text)
    reference: Mapped[str | None] = mapped_column(sa.String(255))
    reverses: Mapped[int | None]
    details: Mapped[dict[str, Any]]


class LedgerPosting(Base):
    """One side of an entry. What reports select and group by stands here too: they read this table alone."""

    __tablename__ = "ledger_postings"
    __table_args__ = (
        # Postings are written before their entry, whose trigger then checks them and seals them.
        sa.ForeignKeyConstraint(
            ["app_id", "number"],
            ["ledger_entries.app_id", "ledger_entries.number"],
            deferrable=True,
            initially="DEFERRED",
        ),
        # Balances, and which orders are open, are read from an index alone.
        sa.Index("ix_ledger_postings_balances", "app_id", "account", "booked_at", "amount"),
        sa.Index(
            "ix_ledger_postings_receivable",
            *("app_id", "account", "order_id", "booked_at", "amount"),
            sqlite_where=sa.text("account = 'share_receivable'"),
            postgresql_where=sa.text("account = 'share_receivable'"),
            postgresql_include=["brand_id", "product_id", "payment_mode"],
        ),
        sa.Index("ix_ledger_postings_app_id_order_id", "app_id", "order_id"),
    )

    app_id: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account: Mapped[str] = mapped_column(sa.String(24))
    amount: Mapped[int]
    """US cents; a debit is positive."""
    kind: Mapped[str] = mapped_column(sa.String(24))
    booked_at: Mapped[datetime]
    order_id: Mapped[str | None] = mapped_column(sa.String(36))
    payment_mode: Mapped[str | None] = mapped_column(sa.String(32))
    brand_id: Mapped[str | None] = mapped_column(sa.String(64))
    product_id: Mapped[str | None] = mapped_column(sa.String(64))
    base: Mapped[int | None]
    """What a share was computed on; US cents."""


class LedgerClosing(Base):
    """A month that was closed or reopened, by whom and when; never changed. A closing keeps its report."""

    __tablename__ = "ledger_closings"
    __table_args__ = (sa.Index("ix_ledger_closings_app_id", "app_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"))
    period: Mapped[str] = mapped_column(sa.String(7))
    action: Mapped[str] = mapped_column(sa.String(16))
    done_at: Mapped[datetime]
    done_by: Mapped[str] = mapped_column(sa.String(120))
    reason: Mapped[str | None] = mapped_column(sa.Text)
    report: Mapped[dict[str, Any]]
