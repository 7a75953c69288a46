"""Statements: files that were imported, and their lines."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "statements",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("form", JSON, nullable=False),
        sa.Column("period_start", MOMENT, nullable=True),
        sa.Column("period_end", MOMENT, nullable=True),
        sa.Column("opening_balance", WHOLE, nullable=True),
        sa.Column("closing_balance", WHOLE, nullable=True),
        sa.Column("sum_of_rows", WHOLE, nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("problems", JSON, nullable=False),
        sa.Column("imported_at", MOMENT, nullable=False),
        sa.Column("imported_by", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_statements_app_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statements")),
        sa.UniqueConstraint("app_id", "fingerprint", name=op.f("uq_statements_app_id_fingerprint")),
    )
    op.create_index("ix_statements_app_id_imported_at", "statements", ["app_id", "imported_at", "id"])
    _create_rows()


def _create_rows() -> None:
    texts = ("order_id", "order_reference", "customer_reference", "payout_id", "description")
    op.create_table(
        "statement_rows",
        sa.Column("id", WHOLE, autoincrement=True, nullable=False),
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("occurrence", WHOLE, nullable=False),
        sa.Column("statement_id", sa.String(length=40), nullable=False),
        sa.Column("seen_in", sa.String(length=40), nullable=False),
        sa.Column("line", WHOLE, nullable=False),
        sa.Column("transaction_id", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        *(sa.Column(name, sa.String(length=255), nullable=False) for name in texts),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("moment", MOMENT, nullable=False),
        sa.Column("is_day", sa.Boolean(), nullable=False),
        sa.Column("gone_by", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_statement_rows_app_id")),
        sa.ForeignKeyConstraint(["statement_id"], ["statements.id"], name=op.f("fk_statement_rows_statement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_rows")),
        sa.UniqueConstraint(
            "app_id", "account", "digest", "occurrence", name=op.f("uq_statement_rows_app_id_account_digest_occurrence")
        ),
    )
    for columns in (["app_id", "account", "moment"], ["app_id", "account", "transaction_id"], ["seen_in"]):
        op.create_index(f"ix_statement_rows_{'_'.join(columns)}", "statement_rows", columns)


def downgrade() -> None:
    """Take back."""
    op.drop_table("statement_rows")
    op.drop_table("statements")
