"""The ledger of revenue share and stored value."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)

MINE: Final = "app_id = NEW.app_id AND number = NEW.number"
IS_UNBALANCED: Final = f"(SELECT count(*) < 2 OR sum(amount) <> 0 FROM ledger_postings WHERE {MINE})"  # noqa: S608  a constant
IS_REPEATED: Final = (
    "EXISTS (SELECT 1 FROM ledger_entries WHERE app_id = NEW.app_id AND (number = NEW.number OR source = NEW.source))"
)
IS_SEALED: Final = f"EXISTS (SELECT 1 FROM ledger_entries WHERE {MINE})"  # noqa: S608  a constant

IMMUTABLE: Final = ("ledger_entries", "ledger_postings", "ledger_closings", "revenue_share_terms")
CHANGED: Final = "what is booked or agreed is never changed: reverse it, or enter what holds from now on"
UNBALANCED: Final = "a ledger entry must have postings that sum up to nothing"
REPEATED: Final = "a ledger entry of this number or source exists"
SEALED: Final = "a ledger entry takes no more postings"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "ledger_books",
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("last_number", WHOLE, nullable=False),
        sa.Column("closed_until", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_ledger_books_app_id")),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_ledger_books")),
    )
    op.create_table(
        "ledger_entries",
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("number", WHOLE, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("payment_mode", sa.String(length=32), nullable=True),
        sa.Column("occurred_at", MOMENT, nullable=False),
        sa.Column("booked_at", MOMENT, nullable=False),
        sa.Column("posted_at", MOMENT, nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("posted_by", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reference", sa.String(length=255), nullable=True),
        sa.Column("reverses", WHOLE, nullable=True),
        sa.Column("details", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_ledger_entries_app_id")),
        sa.PrimaryKeyConstraint("app_id", "number", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("app_id", "source", name=op.f("uq_ledger_entries_app_id_source")),
        sa.UniqueConstraint("app_id", "reverses", name=op.f("uq_ledger_entries_app_id_reverses")),
    )
    op.create_index("ix_ledger_entries_app_id_order_id", "ledger_entries", ["app_id", "order_id"])
    op.create_index("ix_ledger_entries_app_id_booked_at", "ledger_entries", ["app_id", "booked_at"])
    op.create_table(
        "ledger_postings",
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("number", WHOLE, autoincrement=False, nullable=False),
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("account", sa.String(length=24), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("booked_at", MOMENT, nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("payment_mode", sa.String(length=32), nullable=True),
        sa.Column("brand_id", sa.String(length=64), nullable=True),
        sa.Column("product_id", sa.String(length=64), nullable=True),
        sa.Column("base", WHOLE, nullable=True),
        sa.ForeignKeyConstraint(
            ["app_id", "number"],
            ["ledger_entries.app_id", "ledger_entries.number"],
            name=op.f("fk_ledger_postings_app_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.PrimaryKeyConstraint("app_id", "number", "position", name=op.f("pk_ledger_postings")),
    )
    op.create_index("ix_ledger_postings_balances", "ledger_postings", ["app_id", "account", "booked_at", "amount"])
    op.create_index(
        "ix_ledger_postings_open", "ledger_postings", ["app_id", "account", "order_id", "booked_at", "amount"]
    )
    op.create_index("ix_ledger_postings_app_id_order_id", "ledger_postings", ["app_id", "order_id"])
    op.create_table(
        "ledger_closings",
        sa.Column("id", WHOLE, autoincrement=True, nullable=False),
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("done_at", MOMENT, nullable=False),
        sa.Column("done_by", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("report", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_ledger_closings_app_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_closings")),
    )
    op.create_index("ix_ledger_closings_app_id", "ledger_closings", ["app_id", "id"])
    _create_shares()
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _create_shares() -> None:
    op.create_table(
        "revenue_share_terms",
        sa.Column("id", WHOLE, autoincrement=True, nullable=False),
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("holds_from", MOMENT, nullable=False),
        sa.Column("terms", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("entered_by", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_revenue_share_terms_app_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revenue_share_terms")),
    )
    op.create_index("ix_revenue_share_terms_app_id", "revenue_share_terms", ["app_id", "holds_from", "id"])
    op.create_table(
        "order_shares",
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("pending_because", sa.String(length=32), nullable=True),
        sa.Column("accepted_at", MOMENT, nullable=True),
        sa.Column("terms_id", WHOLE, nullable=True),
        sa.Column("items", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("lines", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("kept", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("charged", WHOLE, nullable=False),
        sa.Column("refunded", WHOLE, nullable=False),
        sa.Column("low", WHOLE, nullable=True),
        sa.Column("high", WHOLE, nullable=True),
        sa.Column("revision", WHOLE, nullable=False),
        sa.Column("tries", WHOLE, nullable=False),
        sa.Column("next_try_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_order_shares_app_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_shares_order_id")),
        sa.ForeignKeyConstraint(["terms_id"], ["revenue_share_terms.id"], name=op.f("fk_order_shares_terms_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_shares")),
    )
    op.create_index("ix_order_shares_app_id_state", "order_shares", ["app_id", "state", "next_try_at"])
    op.create_index("ix_order_shares_app_id_accepted_at", "order_shares", ["app_id", "accepted_at"])
    with op.batch_alter_table("orders") as batch_op:
        # Those that are there already are taken in as well.
        batch_op.add_column(sa.Column("is_unbooked", sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.create_index(
            "ix_orders_unbooked",
            ["app_id", "updated_at"],
            unique=False,
            sqlite_where=sa.text("is_unbooked = 1"),
            postgresql_where=sa.text("is_unbooked"),
        )


def _guard_sqlite() -> None:
    for table in IMMUTABLE:
        for action in ("UPDATE", "DELETE"):
            _trigger(f"{table}_no_{action.lower()}", f"{action} ON {table}", "1", CHANGED)
    # REPLACE would delete a row without a word to the trigger above.
    _trigger("ledger_entries_once", "INSERT ON ledger_entries", IS_REPEATED, REPEATED)
    _trigger("ledger_entries_balanced", "INSERT ON ledger_entries", IS_UNBALANCED, UNBALANCED)
    _trigger("ledger_postings_sealed", "INSERT ON ledger_postings", IS_SEALED, SEALED)


def _trigger(name: str, event: str, condition: str, message: str) -> None:
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{message}'); END")


def _guard_postgresql() -> None:
    _function("ledger_refuse_change", "true", CHANGED, "NULL")
    _function("ledger_check_entry", IS_UNBALANCED, UNBALANCED, "NEW")
    _function("ledger_check_posting", IS_SEALED, SEALED, "NEW")
    for table in IMMUTABLE:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()"
        )
    op.execute(
        "CREATE TRIGGER ledger_entries_balanced BEFORE INSERT ON ledger_entries "
        "FOR EACH ROW EXECUTE FUNCTION ledger_check_entry()"
    )
    op.execute(
        "CREATE TRIGGER ledger_postings_sealed BEFORE INSERT ON ledger_postings "
        "FOR EACH ROW EXECUTE FUNCTION ledger_check_posting()"
    )


def _function(name: str, condition: str, message: str, result: str) -> None:
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {condition} THEN "
        f"RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation'; END IF; RETURN {result}; END $$"
    )


def downgrade() -> None:
    """Take back; the ledger is lost."""
    with op.batch_alter_table("orders") as batch_op:
        batch_op.drop_index("ix_orders_unbooked")
        batch_op.drop_column("is_unbooked")
    for table in ("order_shares", "revenue_share_terms", "ledger_closings", "ledger_postings", "ledger_entries"):
        op.drop_table(table)
    op.drop_table("ledger_books")
    if op.get_bind().dialect.name == "postgresql":
        for name in ("ledger_refuse_change", "ledger_check_entry", "ledger_check_posting"):
            op.execute(f"DROP FUNCTION {name}()")
