"""Partners' webhook endpoints, and how far the log and the payment links have got to them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("status IN ('waiting', 'pending', 'sending')")
CLAIMABLE = sa.text("status IN ('pending', 'sending')")


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("event_counters") as batch_op:
        batch_op.add_column(sa.Column("forgotten_sequence", NUMBER, server_default="0", nullable=False))
        batch_op.add_column(sa.Column("forgotten_until", MOMENT, nullable=True))
    with op.batch_alter_table("orders") as batch_op:
        batch_op.add_column(sa.Column("payment_link_delivered_at", MOMENT, nullable=True))
    _create_endpoints()
    _create_deliveries()


def _create_endpoints() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("app_id", sa.String(40), sa.ForeignKey("partner_apps.id"), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("description", sa.String(500), nullable=True),
        sa.Column("event_types", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("cursor", NUMBER, nullable=False),
        sa.Column("replay_after", NUMBER, nullable=True),
        sa.Column("replay_until", NUMBER, nullable=True),
        sa.Column("failing_since", MOMENT, nullable=True),
        sa.Column("last_failure_at", MOMENT, nullable=True),
        sa.Column("last_success_at", MOMENT, nullable=True),
        sa.Column("disabled_reason", sa.String(16), nullable=True),
        sa.Column("disabled_at", MOMENT, nullable=True),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=True),
    )
    op.create_index("ix_webhook_endpoints_app_id", "webhook_endpoints", ["app_id", "created_at"])
    op.create_table(
        "webhook_endpoint_secrets",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("endpoint_id", sa.String(40), _to("webhook_endpoints"), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("retires_at", MOMENT, nullable=True),
    )
    op.create_index("ix_webhook_endpoint_secrets_endpoint_id", "webhook_endpoint_secrets", ["endpoint_id"])


def _create_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("app_id", sa.String(40), sa.ForeignKey("partner_apps.id"), nullable=False),
        sa.Column("endpoint_id", sa.String(40), _to("webhook_endpoints"), nullable=False),
        sa.Column("event_id", sa.String(40), nullable=False),
        sa.Column("event_type", sa.String(64), nullable=False),
        sa.Column("sequence", NUMBER, nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("attempt", NUMBER, nullable=False),
        sa.Column("tries", NUMBER, nullable=False),
        sa.Column("is_replayed", sa.Boolean(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.UniqueConstraint("endpoint_id", "event_id"),
    )
    for name, columns, where in (
        ("ix_webhook_deliveries_open", ["endpoint_id", "subject", "sequence"], OPEN),
        ("ix_webhook_deliveries_due", ["endpoint_id", "is_replayed", "due_at"], CLAIMABLE),
    ):
        op.create_index(name, "webhook_deliveries", columns, sqlite_where=where, postgresql_where=where)
    op.create_index("ix_webhook_deliveries_listed", "webhook_deliveries", ["endpoint_id", "created_at", "id"])
    op.create_index("ix_webhook_deliveries_aged", "webhook_deliveries", ["app_id", "created_at"])
    op.create_table(
        "webhook_delivery_attempts",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("delivery_id", sa.String(40), _to("webhook_deliveries"), nullable=False),
        sa.Column("attempted_at", MOMENT, nullable=False),
        sa.Column("duration_ms", NUMBER, nullable=False),
        sa.Column("status_code", NUMBER, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("response_excerpt", sa.Text(), nullable=True),
    )
    op.create_index("ix_webhook_delivery_attempts_delivery_id", "webhook_delivery_attempts", ["delivery_id", "id"])


def _to(table: str) -> sa.ForeignKey:
    return sa.ForeignKey(f"{table}.id", ondelete="CASCADE")


def downgrade() -> None:
    """Take back."""
    for table in (
        "webhook_delivery_attempts",
        "webhook_deliveries",
        "webhook_endpoint_secrets",
        "webhook_endpoints",
    ):
        op.drop_table(table)
    with op.batch_alter_table("orders") as batch_op:
        batch_op.drop_column("payment_link_delivered_at")
    with op.batch_alter_table("event_counters") as batch_op:
        batch_op.drop_column("forgotten_until")
        batch_op.drop_column("forgotten_sequence")
