"""What keys are good for and when they were used; which Goody app an app's key has to be of; what was erased."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
WHOLE = sa.text("redacted_at IS NULL")
ERASED = (("order_batches", "erased_at"), ("orders", "erased_at"))
REDACTED = (("checkouts", "redacted_at"), ("webhook_messages", "redacted_at"))
UNREDACTED = {"checkouts": "expires_at", "webhook_messages": "settled_at"}


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("api_keys") as batch_op:
        batch_op.add_column(sa.Column("scopes", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("origins", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("last_used_at", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("expires_at", MOMENT, nullable=True))
    with op.batch_alter_table("partner_apps") as batch_op:
        batch_op.add_column(sa.Column("public_app_id", sa.String(length=255), nullable=True))
    for table, name in (*ERASED, *REDACTED):
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column(name, MOMENT, nullable=True))
    for table, column in UNREDACTED.items():
        with op.batch_alter_table(table) as batch_op:
            batch_op.create_index(
                f"ix_{table}_unredacted", [column], unique=False, sqlite_where=WHOLE, postgresql_where=WHOLE
            )
    with op.batch_alter_table("checkouts") as batch_op:
        batch_op.create_index("ix_checkouts_app_id_customer_id", ["app_id", "customer_id"], unique=False)
    with op.batch_alter_table("order_batches") as batch_op:
        batch_op.create_index("ix_order_batches_app_id_customer_id", ["app_id", "customer_id"], unique=False)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("order_batches") as batch_op:
        batch_op.drop_index("ix_order_batches_app_id_customer_id")
    with op.batch_alter_table("checkouts") as batch_op:
        batch_op.drop_index("ix_checkouts_app_id_customer_id")
    for table in UNREDACTED:
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_index(f"ix_{table}_unredacted")
    for table, name in (*ERASED, *REDACTED):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column(name)
    with op.batch_alter_table("partner_apps") as batch_op:
        batch_op.drop_column("public_app_id")
    with op.batch_alter_table("api_keys") as batch_op:
        for name in ("expires_at", "last_used_at", "origins", "scopes"):
            batch_op.drop_column(name)
