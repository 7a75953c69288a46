"""Full text search of listings."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "document_numbers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("next", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_numbers")),
    )
    if op.get_bind().dialect.name == "sqlite":
        # Words arrive split and folded: any byte but a blank belongs to one. Nothing is ranked by frequency or place.
        op.execute(
            "CREATE VIRTUAL TABLE listing_texts USING fts5("
            "name, brand, subtitle, body, tokenize = 'ascii', detail = column, columnsize = 0)"
        )
        return
    op.execute(
        "CREATE TABLE listing_texts (docid BIGINT CONSTRAINT pk_listing_texts PRIMARY KEY, words TSVECTOR NOT NULL)"
    )
    op.execute("CREATE INDEX ix_listing_texts_words ON listing_texts USING gin (words)")


def downgrade() -> None:
    """Undo; the index is lost."""
    op.execute("DROP TABLE listing_texts")
    op.drop_table("document_numbers")
