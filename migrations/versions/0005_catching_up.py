"""What is stuck, quiet, unpaid or waiting."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
RECEIVED = sa.text("state = 'received'")
UNDECIDED = sa.text("state IN ('received', 'waiting')")
PAYABLE = sa.text("status IN ('accepted', 'pending_payment')")


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("order_batches") as batch_op:
        batch_op.add_column(sa.Column("key_refused_at", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("stuck_reason", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("resolution", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("sent_at", MOMENT, nullable=True))
        batch_op.create_index(
            "ix_order_batches_app_id_submission_status", ["app_id", "submission_status"], unique=False
        )
    with op.batch_alter_table("orders") as batch_op:
        batch_op.add_column(sa.Column("payment_link_at", MOMENT, nullable=True))
        batch_op.add_column(
            sa.Column(
                "payment_reminders",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                server_default="0",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("payment_lapsed_at", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("expiring_told", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("next_look_at", MOMENT, nullable=True))
        batch_op.create_index("ix_orders_quiet", ["app_id", "next_look_at", "updated_at"], unique=False)
        batch_op.create_index("ix_orders_expires_at", ["expires_at"], unique=False)
        batch_op.create_index(
            "ix_orders_unpaid", ["payment_link_at"], unique=False, sqlite_where=PAYABLE, postgresql_where=PAYABLE
        )
    op.execute("UPDATE orders SET payment_link_at = updated_at WHERE payment_link IS NOT NULL")
    op.execute("UPDATE order_batches SET stuck_reason = 'outcome_unknown' WHERE stuck_at IS NOT NULL")
    op.execute("UPDATE order_batches SET sent_at = coalesce(completed_at, submitted_at) WHERE send_status = 'complete'")
    _upgrade_messages()


def _upgrade_messages() -> None:
    with op.batch_alter_table("webhook_messages") as batch_op:
        batch_op.drop_index("ix_webhook_messages_due")
        batch_op.add_column(sa.Column("event_type", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("goody_batch_id", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("tried_since", MOMENT, nullable=True))
    op.execute("UPDATE webhook_messages SET tried_since = received_at")
    with op.batch_alter_table("webhook_messages") as batch_op:
        batch_op.alter_column("tried_since", existing_type=MOMENT, nullable=False)
        batch_op.create_index("ix_webhook_messages_received_at", ["received_at"], unique=False)
        batch_op.create_index("ix_webhook_messages_app_id_state", ["app_id", "state"], unique=False)
        batch_op.create_index(
            "ix_webhook_messages_due",
            ["app_id", "next_try_at"],
            unique=False,
            sqlite_where=UNDECIDED,
            postgresql_where=UNDECIDED,
        )


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("webhook_messages") as batch_op:
        batch_op.drop_index("ix_webhook_messages_due")
        batch_op.drop_index("ix_webhook_messages_received_at")
        batch_op.drop_index("ix_webhook_messages_app_id_state")
        for name in ("tried_since", "goody_batch_id", "event_type"):
            batch_op.drop_column(name)
        batch_op.create_index(
            "ix_webhook_messages_due", ["next_try_at"], unique=False, sqlite_where=RECEIVED, postgresql_where=RECEIVED
        )
    with op.batch_alter_table("orders") as batch_op:
        for name in ("ix_orders_unpaid", "ix_orders_expires_at", "ix_orders_quiet"):
            batch_op.drop_index(name)
        for name in ("next_look_at", "expiring_told", "payment_lapsed_at", "payment_reminders", "payment_link_at"):
            batch_op.drop_column(name)
    with op.batch_alter_table("order_batches") as batch_op:
        batch_op.drop_index("ix_order_batches_app_id_submission_status")
        for name in ("sent_at", "resolution", "stuck_reason", "key_refused_at"):
            batch_op.drop_column(name)
