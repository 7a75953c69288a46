"""Reports read open shares from an index of them alone; on PostgreSQL with what it groups them by.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLE = "ledger_postings"
OPEN = "ix_ledger_postings_open"
RECEIVABLE = "ix_ledger_postings_receivable"
COLUMNS = ["app_id", "account", "order_id", "booked_at", "amount"]
WHICH = sa.text("account = 'share_receivable'")


def upgrade() -> None:
    """Smaller than the one before, which had every account."""
    op.create_index(
        RECEIVABLE,
        TABLE,
        COLUMNS,
        sqlite_where=WHICH,
        postgresql_where=WHICH,
        postgresql_include=["brand_id", "product_id", "payment_mode"],
    )
    op.drop_index(OPEN, TABLE)


def downgrade() -> None:
    """Have the one before back."""
    op.create_index(OPEN, TABLE, COLUMNS)
    op.drop_index(RECEIVABLE, TABLE)
