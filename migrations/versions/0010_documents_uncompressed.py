"""PostgreSQL keeps what is read at every request and every plan as it is: packing it took the time of writing it.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

COLUMNS = (
    ("listings", "summary"),
    ("listings", "document"),
    ("supplier_products", "raw"),
    ("sync_staged", "raw"),
)


def upgrade() -> None:
    """Rows of before stay packed until they are written again."""
    _store("EXTERNAL")


def downgrade() -> None:
    """Pack again what is written from now on."""
    _store("EXTENDED")


def _store(storage: str) -> None:
    if op.get_context().dialect.name == "postgresql":
        for table, column in COLUMNS:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE {storage}")
