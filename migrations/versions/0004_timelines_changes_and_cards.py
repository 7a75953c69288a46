"""Timelines of orders, changes asked for through us, and saved cards."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("status IN ('sending', 'unknown')")


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("orders") as batch_op:
        batch_op.add_column(sa.Column("cancellation", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("expiration_change", sa.JSON(none_as_null=True), nullable=True))
    op.create_table(
        "order_steps",
        sa.Column("id", WHOLE, autoincrement=True, nullable=False),
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=True),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=255), nullable=True),
        sa.Column("is_told", sa.Boolean(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("happened_at", MOMENT, nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("details", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_order_steps_app_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_steps_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_steps")),
        sa.UniqueConstraint("order_id", "key", name=op.f("uq_order_steps_order_id_key")),
    )
    op.create_index("ix_order_steps_order_id", "order_steps", ["order_id", "id"])
    op.create_table(
        "order_changes",
        sa.Column("id", WHOLE, autoincrement=True, nullable=False),
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("attempt", WHOLE, nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("next_try_at", MOMENT, nullable=False),
        sa.Column("last_problem", sa.Text(), nullable=True),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_order_changes_app_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_changes_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_changes")),
    )
    op.create_index(
        "uq_order_changes_open",
        "order_changes",
        ["order_id", "kind"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index("ix_order_changes_due", "order_changes", ["next_try_at"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_table(
        "saved_cards",
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=255), nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=True),
        sa.Column("last_4", sa.String(length=4), nullable=True),
        sa.Column("exp_month", WHOLE, nullable=True),
        sa.Column("exp_year", WHOLE, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_saved_cards_app_id")),
        sa.PrimaryKeyConstraint("app_id", "id", name=op.f("pk_saved_cards")),
    )
    op.create_index("ix_saved_cards_app_id_customer_id", "saved_cards", ["app_id", "customer_id", "created_at"])


def downgrade() -> None:
    """Take back."""
    for table in ("saved_cards", "order_changes", "order_steps"):
        op.drop_table(table)
    with op.batch_alter_table("orders") as batch_op:
        batch_op.drop_column("expiration_change")
        batch_op.drop_column("cancellation")
