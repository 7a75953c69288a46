"""The tables of reconciliation: runs, matches, and what does not agree."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base


class ReconciliationRow(Base):
    """One run over a period."""

    __tablename__ = "reconciliations"
    __table_args__ = (sa.Index("ix_reconciliations_app_id_started_at", "app_id", "started_at"),)

    id: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"))
    period_from: Mapped[datetime]
    period_to: Mapped[datetime]
    counts: Mapped[dict[str, Any]]
    error: Mapped[str | None] = mapped_column(sa.Text)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    """None: under way, or broken off."""
    started_by: Mapped[str] = mapped_column(sa.String(120))


class MatchRow(Base):
    """A statement's line, and what it was taken for. One that holds no longer stays: nothing is posted twice."""

    __tablename__ = "reconciliation_matches"
    __table_args__ = (
        sa.UniqueConstraint("app_id", "row_id", "target"),
        sa.Index("ix_reconciliation_matches_app_id_order_id", "app_id", "order_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"))
    row_id: Mapped[int] = mapped_column(sa.ForeignKey("statement_rows.id"))
    target: Mapped[str] = mapped_column(sa.String(80))
    """The order and the part of its money, a recorded deposit, or a payout."""
    order_id: Mapped[str | None] = mapped_column(sa.String(36))
    part: Mapped[str | None] = mapped_column(sa.String(16))
    rule: Mapped[str] = mapped_column(sa.String(24))
    confidence: Mapped[int]
    """Percent."""
    amount: Mapped[int]
    """US cents."""
    explanation: Mapped[str] = mapped_column(sa.Text)
    reconciliation_id: Mapped[str] = mapped_column(sa.ForeignKey("reconciliations.id"))
    """The run that found it last anew."""
    holds: Mapped[bool]
    posted: Mapped[int]
    """How often it was posted to the ledger: more than once where it ceased to hold in between."""
    entry: Mapped[int | None]
    """The number of its ledger entry, while that stands."""


class Discrepancy(Base):
    """Something that does not agree, and what has been done about it."""

    __tablename__ = "discrepancies"
    __table_args__ = (
        sa.UniqueConstraint("app_id", "key"),
        sa.Index("ix_discrepancies_app_id_opened_at", "app_id", "opened_at", "id"),
        sa.Index("ix_discrepancies_app_id_status", "app_id", "status"),
    )

    id: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"))
    key: Mapped[str] = mapped_column(sa.String(120))
    """The same each time the same thing is found."""
    type: Mapped[str] = mapped_column(sa.String(24))
    status: Mapped[str] = mapped_column(sa.String(16))
    amount: Mapped[int]
    """US cents: above nothing, more came than was expected."""
    expected: Mapped[int | None]
    found: Mapped[int | None]
    order_id: Mapped[str | None] = mapped_column(sa.String(36))
    row_id: Mapped[int | None] = mapped_column(sa.ForeignKey("statement_rows.id"))
    explanation: Mapped[str] = mapped_column(sa.Text)
    evidence: Mapped[dict[str, Any]]
    notes: Mapped[list[Any]]
    """What people, and later statements, had to say: status, note, by and at."""
    entries: Mapped[list[Any]]
    """The numbers of the ledger entries that its settlement posted, while they stand."""
    settled: Mapped[int]
    """How often it was settled."""
    occurred_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    """When it left the open ones."""


class BalanceWatchRow(Base):
    """An app's stored value balance as it was seen last."""

    __tablename__ = "balance_watches"

    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"), primary_key=True)
    balance: Mapped[int]
    """US cents, as is `opening`."""
    stable_since: Mapped[datetime]
    """When it was first seen to be so much, without having been seen otherwise since."""
    sampled_at: Mapped[datetime]
    opening: Mapped[int | None]
    """What was there before our books began; None until the balance was judged for the first time."""
    opening_at: Mapped[datetime | None]
    judged_at: Mapped[datetime | None]
    low_since: Mapped[datetime | None]
    """Since when it is low, and `balance.low` has been told."""
