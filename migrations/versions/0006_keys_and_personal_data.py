"""What keys are good for and when they were used; which Goody app an app's key has to be of."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("api_keys") as batch_op:
        batch_op.add_column(sa.Column("scopes", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("origins", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("last_used_at", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("expires_at", MOMENT, nullable=True))
    with op.batch_alter_table("partner_apps") as batch_op:
        batch_op.add_column(sa.Column("public_app_id", sa.String(length=255), nullable=True))


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("partner_apps") as batch_op:
        batch_op.drop_column("public_app_id")
    with op.batch_alter_table("api_keys") as batch_op:
        for name in ("expires_at", "last_used_at", "origins", "scopes"):
            batch_op.drop_column(name)
