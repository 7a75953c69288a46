"""The tables of statements: what was imported, and every line once. Names of recipients are not kept."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base


class StatementFile(Base):
    """One file that was imported."""

    __tablename__ = "statements"
    __table_args__ = (
        sa.UniqueConstraint("app_id", "fingerprint"),
        sa.Index("ix_statements_app_id_imported_at", "app_id", "imported_at", "id"),
    )

    id: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"))
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    """Of the file's bytes and of how they were read: the same file is imported once."""
    source: Mapped[str] = mapped_column(sa.String(40))
    account: Mapped[str] = mapped_column(sa.String(16))
    status: Mapped[str] = mapped_column(sa.String(16))
    form: Mapped[dict[str, Any]]
    """Encoding, separator, decimal mark, order of dates: as they were found."""
    period_start: Mapped[datetime | None]
    period_end: Mapped[datetime | None]
    opening_balance: Mapped[int | None]
    """US cents, as are the next two."""
    closing_balance: Mapped[int | None]
    sum_of_rows: Mapped[int]
    is_whole: Mapped[bool]
    """Whether it proves to have every line of its period: no bad ones, and its balances agree with their sum."""
    counts: Mapped[dict[str, Any]]
    problems: Mapped[list[Any]]
    """The first bad lines: line, column, code, detail."""
    imported_at: Mapped[datetime]
    imported_by: Mapped[str] = mapped_column(sa.String(120))


class StatementRow(Base):
    """One line, whichever files show it. It never changes: a file that says otherwise makes another one of it."""

    __tablename__ = "statement_rows"
    __table_args__ = (
        sa.UniqueConstraint("app_id", "account", "digest", "occurrence"),
        sa.Index("ix_statement_rows_app_id_account_moment", "app_id", "account", "moment"),
        sa.Index("ix_statement_rows_app_id_account_transaction_id", "app_id", "account", "transaction_id"),
        sa.Index("ix_statement_rows_seen_in", "seen_in"),
        sa.Index("ix_statement_rows_app_id_order_id", "app_id", "order_id"),
        sa.Index("ix_statement_rows_app_id_order_reference", "app_id", "order_reference"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"))
    account: Mapped[str] = mapped_column(sa.String(16))
    digest: Mapped[str] = mapped_column(sa.String(32))
    occurrence: Mapped[int]
    """1, or which one it is of lines that are the same in one file."""
    statement_id: Mapped[str] = mapped_column(sa.ForeignKey("statements.id"))
    """The file that showed it first."""
    seen_in: Mapped[str] = mapped_column(sa.String(40))
    """The file that showed it last."""
    line: Mapped[int]
    transaction_id: Mapped[str] = mapped_column(sa.String(255))
    """Empty where the source gives none, as are the other texts."""
    kind: Mapped[str] = mapped_column(sa.String(24))
    order_id: Mapped[str] = mapped_column(sa.String(255))
    order_reference: Mapped[str] = mapped_column(sa.String(255))
    customer_reference: Mapped[str] = mapped_column(sa.String(255))
    payout_id: Mapped[str] = mapped_column(sa.String(255))
    description: Mapped[str] = mapped_column(sa.String(255))
    """Of lines about no order alone: the others' name recipients."""
    amount: Mapped[int]
    """US cents, signed as the account sees it."""
    moment: Mapped[datetime]
    is_day: Mapped[bool]
    gone_by: Mapped[str | None] = mapped_column(sa.String(40))
    """The later file that shows this transaction otherwise, or proves that there is none."""
