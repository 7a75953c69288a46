"""Statements, their lines, and what came of matching them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True)
NAMES = (["app_id", "order_id"], ["app_id", "order_reference"])


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
    _create_reconciliations()
    _create_matches()
    _create_discrepancies()
    _create_watches()


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
    for columns in (["app_id", "account", "moment"], ["app_id", "account", "transaction_id"], ["seen_in"], *NAMES):
        op.create_index(f"ix_statement_rows_{'_'.join(columns)}", "statement_rows", columns)


def _create_reconciliations() -> None:
    op.create_table(
        "reconciliations",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("period_from", MOMENT, nullable=False),
        sa.Column("period_to", MOMENT, nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("started_by", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_reconciliations_app_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliations")),
    )
    op.create_index("ix_reconciliations_app_id_started_at", "reconciliations", ["app_id", "started_at"])


def _create_matches() -> None:
    table = "reconciliation_matches"
    op.create_table(
        table,
        sa.Column("id", WHOLE, autoincrement=True, nullable=False),
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("row_id", WHOLE, nullable=False),
        sa.Column("target", sa.String(length=80), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("part", sa.String(length=16), nullable=True),
        sa.Column("rule", sa.String(length=24), nullable=False),
        sa.Column("confidence", WHOLE, nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("reconciliation_id", sa.String(length=40), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("posted", WHOLE, nullable=False),
        sa.Column("entry", WHOLE, nullable=True),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f(f"fk_{table}_app_id")),
        sa.ForeignKeyConstraint(["row_id"], ["statement_rows.id"], name=op.f(f"fk_{table}_row_id")),
        sa.ForeignKeyConstraint(
            ["reconciliation_id"], ["reconciliations.id"], name=op.f(f"fk_{table}_reconciliation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("app_id", "row_id", "target", name=op.f(f"uq_{table}_app_id_row_id_target")),
    )
    op.create_index(f"ix_{table}_app_id_order_id", table, ["app_id", "order_id"])


def _create_discrepancies() -> None:
    op.create_table(
        "discrepancies",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("type", sa.String(length=24), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("expected", WHOLE, nullable=True),
        sa.Column("found", WHOLE, nullable=True),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("row_id", WHOLE, nullable=True),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("evidence", JSON, nullable=False),
        sa.Column("notes", JSON, nullable=False),
        sa.Column("entries", JSON, nullable=False),
        sa.Column("settled", WHOLE, nullable=False),
        sa.Column("occurred_at", MOMENT, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("resolved_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_discrepancies_app_id")),
        sa.ForeignKeyConstraint(["row_id"], ["statement_rows.id"], name=op.f("fk_discrepancies_row_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discrepancies")),
        sa.UniqueConstraint("app_id", "key", name=op.f("uq_discrepancies_app_id_key")),
    )
    op.create_index("ix_discrepancies_app_id_opened_at", "discrepancies", ["app_id", "opened_at", "id"])
    op.create_index("ix_discrepancies_app_id_status", "discrepancies", ["app_id", "status"])


def _create_watches() -> None:
    op.create_table(
        "balance_watches",
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("balance", WHOLE, nullable=False),
        sa.Column("stable_since", MOMENT, nullable=False),
        sa.Column("sampled_at", MOMENT, nullable=False),
        sa.Column("opening", WHOLE, nullable=True),
        sa.Column("opening_at", MOMENT, nullable=True),
        sa.Column("judged_at", MOMENT, nullable=True),
        sa.Column("low_since", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_balance_watches_app_id")),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_balance_watches")),
    )


def downgrade() -> None:
    """Take back."""
    for table in ("balance_watches", "discrepancies", "reconciliation_matches", "reconciliations"):
        op.drop_table(table)
    op.drop_table("statement_rows")
    op.drop_table("statements")
