"""What a payout statement says was taken back of a share: it may be all that anybody tells of a refund.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Unknown of the shares of before, until the next reconciliation."""
    with op.batch_alter_table("order_shares") as batch_op:
        batch_op.add_column(sa.Column("taken_back", WHOLE, nullable=True))


def downgrade() -> None:
    """Forget it."""
    with op.batch_alter_table("order_shares") as batch_op:
        batch_op.drop_column("taken_back")
