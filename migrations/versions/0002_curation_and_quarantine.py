"""Curation, staged runs, the index of a generation, the change feed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "curation_drafts",
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_curation_drafts_app_id")),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_curation_drafts")),
    )
    op.create_table(
        "curation_versions",
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("published_by", sa.String(length=64), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_curation_versions_app_id")),
        sa.PrimaryKeyConstraint("app_id", "version", name=op.f("pk_curation_versions")),
    )
    op.create_table(
        "listing_changes",
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column(
            "generation", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("product_id", sa.String(length=64), nullable=False),
        sa.Column("change", sa.String(length=16), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_listing_changes_app_id")),
        sa.PrimaryKeyConstraint("app_id", "generation", "product_id", name=op.f("pk_listing_changes")),
    )
    op.create_table(
        "product_overrides",
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("product_id", sa.String(length=64), nullable=False),
        sa.Column("values", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("seen", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_product_overrides_app_id")),
        sa.PrimaryKeyConstraint("app_id", "product_id", name=op.f("pk_product_overrides")),
    )
    op.create_table(
        "published_collections",
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column(
            "valid_from", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("valid_to", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_published_collections_app_id")),
        sa.PrimaryKeyConstraint("app_id", "id", "valid_from", name=op.f("pk_published_collections")),
    )
    op.create_table(
        "published_indexes",
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column(
            "generation", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_published_indexes_app_id")),
        sa.PrimaryKeyConstraint("app_id", "generation", name=op.f("pk_published_indexes")),
    )
    op.create_table(
        "supplier_collections",
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("vanished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_supplier_collections_app_id")),
        sa.PrimaryKeyConstraint("app_id", "id", name=op.f("pk_supplier_collections")),
    )
    op.create_table(
        "sync_changes",
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("change", sa.String(length=16), nullable=False),
        sa.Column("fields", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["sync_runs.id"], name=op.f("fk_sync_changes_run_id")),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("pk_sync_changes")),
    )
    op.create_table(
        "sync_staged",
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("raw", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["sync_runs.id"], name=op.f("fk_sync_staged_run_id")),
        sa.PrimaryKeyConstraint("run_id", "kind", "id", name=op.f("pk_sync_staged")),
    )
    # What is published can be made anew from the snapshot: the next sync does, whatever it finds.
    op.drop_table("listings")
    _create_listings()

    with op.batch_alter_table("catalogs") as batch_op:
        batch_op.add_column(sa.Column("inputs", sa.String(length=64), nullable=False, server_default=""))

    with op.batch_alter_table("partner_apps") as batch_op:
        batch_op.add_column(
            sa.Column("catalog_options", sa.JSON(none_as_null=True), nullable=False, server_default="{}")
        )

    with op.batch_alter_table("sync_runs") as batch_op:
        batch_op.add_column(sa.Column("trigger", sa.String(length=16), nullable=False, server_default="schedule"))
        batch_op.add_column(sa.Column("is_dry_run", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("brakes", sa.JSON(none_as_null=True), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("approved_by", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Undo; the tables' content is lost."""
    with op.batch_alter_table("sync_runs") as batch_op:
        batch_op.drop_column("approved_by")
        batch_op.drop_column("approved_at")
        batch_op.drop_column("brakes")
        batch_op.drop_column("is_dry_run")
        batch_op.drop_column("trigger")

    with op.batch_alter_table("partner_apps") as batch_op:
        batch_op.drop_column("catalog_options")

    with op.batch_alter_table("catalogs") as batch_op:
        batch_op.drop_column("inputs")

    op.drop_table("listings")
    _create_former_listings()
    op.drop_table("sync_staged")
    op.drop_table("sync_changes")
    op.drop_table("supplier_collections")
    op.drop_table("published_indexes")
    op.drop_table("published_collections")
    op.drop_table("product_overrides")
    op.drop_table("listing_changes")
    op.drop_table("curation_versions")
    op.drop_table("curation_drafts")


def _create_listings() -> None:
    op.create_table(
        "listings",
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column(
            "valid_from", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("valid_to", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("docid", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("brand_id", sa.String(length=64), nullable=False),
        sa.Column("price", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("revshare_excluded", sa.Boolean(), nullable=False),
        sa.Column("summary", sa.LargeBinary(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_listings_app_id")),
        sa.PrimaryKeyConstraint("app_id", "id", "valid_from", name=op.f("pk_listings")),
    )


def _create_former_listings() -> None:
    op.create_table(
        "listings",
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column(
            "valid_from", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("valid_to", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("brand_id", sa.String(length=64), nullable=False),
        sa.Column(
            "name_key",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("price", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("price_with_shipping", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("newest_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("featured_rank", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("revshare_excluded", sa.Boolean(), nullable=False),
        sa.Column("summary", sa.LargeBinary(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_listings_app_id")),
        sa.PrimaryKeyConstraint("app_id", "id", "valid_from", name=op.f("pk_listings")),
    )
    with op.batch_alter_table("listings") as batch_op:
        batch_op.create_index(batch_op.f("ix_listings_app_id_brand_id_id"), ["app_id", "brand_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_listings_app_id_featured_rank_id"), ["app_id", "featured_rank", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_listings_app_id_name_key_id"), ["app_id", "name_key", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_listings_app_id_newest_at_id"), ["app_id", "newest_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_listings_app_id_price_id"), ["app_id", "price", "id"], unique=False)
