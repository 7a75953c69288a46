"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "idempotency_keys",
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("headers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_idempotency_keys")),
    )
    with op.batch_alter_table("idempotency_keys") as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotency_keys_created_at"), ["created_at"], unique=False)

    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "partner_apps",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("slug", sa.String(length=48), nullable=False),
        sa.Column("goody_base_url", sa.String(length=300), nullable=False),
        sa.Column("goody_api_key", sa.Text(), nullable=False),
        sa.Column("default_mode", sa.String(length=32), nullable=False),
        sa.Column("capabilities", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("caps", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("default_expiry_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_overdraft_allowed", sa.Boolean(), nullable=False),
        sa.Column("token_algorithm", sa.String(length=8), nullable=True),
        sa.Column("token_issuer", sa.String(length=300), nullable=True),
        sa.Column("token_secret", sa.Text(), nullable=True),
        sa.Column("token_jwks_url", sa.String(length=2000), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_apps")),
        sa.UniqueConstraint("slug", name=op.f("uq_partner_apps_slug")),
    )
    op.create_table(
        "activity_cursors",
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("read_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("polled_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_activity_cursors_app_id")),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_activity_cursors")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=2), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_api_keys_app_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_api_keys_fingerprint")),
    )
    with op.batch_alter_table("api_keys") as batch_op:
        batch_op.create_index(batch_op.f("ix_api_keys_app_id"), ["app_id"], unique=False)

    op.create_table(
        "catalog_generations",
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column(
            "generation", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_catalog_generations_app_id")),
        sa.PrimaryKeyConstraint("app_id", "generation", name=op.f("pk_catalog_generations")),
    )
    op.create_table(
        "catalogs",
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("generation", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("oldest_generation", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_catalogs_app_id")),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_catalogs")),
    )
    op.create_table(
        "checkouts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=255), nullable=True),
        sa.Column("secret_fingerprint", sa.String(length=64), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payment_mode", sa.String(length=32), nullable=False),
        sa.Column("draft", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("problems", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("lines", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("quote", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("is_changed_by_public", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_checkouts_app_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkouts")),
    )
    with op.batch_alter_table("checkouts") as batch_op:
        batch_op.create_index(batch_op.f("ix_checkouts_app_id"), ["app_id"], unique=False)

    op.create_table(
        "event_counters",
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("last_sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_event_counters_app_id")),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_event_counters")),
    )
    op.create_table(
        "events",
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column(
            "sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("changes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("timestamp", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_events_app_id")),
        sa.PrimaryKeyConstraint("app_id", "sequence", name=op.f("pk_events")),
        sa.UniqueConstraint("id", name=op.f("uq_events_id")),
    )
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

    op.create_table(
        "order_batches",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("checkout_id", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=255), nullable=True),
        sa.Column("payment_mode", sa.String(length=32), nullable=False),
        sa.Column("lines", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("quote", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("recipients_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expected_high", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payment_reference", sa.String(length=255), nullable=True),
        sa.Column("payment_amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("warnings", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("submission_status", sa.String(length=16), nullable=False),
        sa.Column("attempt", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("may_exist", sa.Boolean(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("absent_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stuck_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_problem", sa.Text(), nullable=True),
        sa.Column("goody_batch_id", sa.String(length=36), nullable=True),
        sa.Column("send_status", sa.String(length=32), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_order_batches_app_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_batches")),
        sa.UniqueConstraint("app_id", "goody_batch_id", name=op.f("uq_order_batches_app_id_goody_batch_id")),
        sa.UniqueConstraint("checkout_id", name=op.f("uq_order_batches_checkout_id")),
    )
    with op.batch_alter_table("order_batches") as batch_op:
        batch_op.create_index("ix_order_batches_app_id_created_at", ["app_id", "created_at", "id"], unique=False)
        batch_op.create_index(
            "ix_order_batches_incomplete",
            ["app_id", "next_attempt_at"],
            unique=False,
            sqlite_where=sa.text("completed_at IS NULL"),
            postgresql_where=sa.text("completed_at IS NULL"),
        )
        batch_op.create_index(
            "ix_order_batches_undecided",
            ["next_attempt_at"],
            unique=False,
            sqlite_where=sa.text("submission_status IN ('pending', 'sending', 'unknown')"),
            postgresql_where=sa.text("submission_status IN ('pending', 'sending', 'unknown')"),
        )

    op.create_table(
        "product_facts",
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("product_id", sa.String(length=64), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("price", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("brand_id", sa.String(length=64), nullable=False),
        sa.Column("revshare_excluded", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_product_facts_app_id")),
        sa.PrimaryKeyConstraint("app_id", "product_id", "valid_from", name=op.f("pk_product_facts")),
    )
    op.create_table(
        "published_brands",
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column(
            "valid_from", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("valid_to", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "name_key",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_published_brands_app_id")),
        sa.PrimaryKeyConstraint("app_id", "id", "valid_from", name=op.f("pk_published_brands")),
    )
    with op.batch_alter_table("published_brands") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_published_brands_app_id_name_key_id"), ["app_id", "name_key", "id"], unique=False
        )

    op.create_table(
        "published_cards",
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column(
            "valid_from", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("valid_to", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("occasions", sa.Text(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_published_cards_app_id")),
        sa.PrimaryKeyConstraint("app_id", "id", "valid_from", name=op.f("pk_published_cards")),
    )
    op.create_table(
        "supplier_brands",
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("vanished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_supplier_brands_app_id")),
        sa.PrimaryKeyConstraint("app_id", "id", name=op.f("pk_supplier_brands")),
    )
    op.create_table(
        "supplier_cards",
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("vanished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_supplier_cards_app_id")),
        sa.PrimaryKeyConstraint("app_id", "id", name=op.f("pk_supplier_cards")),
    )
    op.create_table(
        "supplier_products",
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("vanished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_supplier_products_app_id")),
        sa.PrimaryKeyConstraint("app_id", "id", name=op.f("pk_supplier_products")),
    )
    op.create_table(
        "sync_runs",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_sync_runs_app_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_runs")),
    )
    with op.batch_alter_table("sync_runs") as batch_op:
        batch_op.create_index(batch_op.f("ix_sync_runs_app_id_started_at"), ["app_id", "started_at"], unique=False)

    op.create_table(
        "webhook_messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("svix_id", sa.String(length=255), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("tries", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_webhook_messages_app_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_messages")),
        sa.UniqueConstraint("app_id", "svix_id", name=op.f("uq_webhook_messages_app_id_svix_id")),
    )
    with op.batch_alter_table("webhook_messages") as batch_op:
        batch_op.create_index(
            "ix_webhook_messages_due",
            ["next_try_at"],
            unique=False,
            sqlite_where=sa.text("state = 'received'"),
            postgresql_where=sa.text("state = 'received'"),
        )

    op.create_table(
        "webhook_secrets",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_webhook_secrets_app_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_secrets")),
    )
    with op.batch_alter_table("webhook_secrets") as batch_op:
        batch_op.create_index(batch_op.f("ix_webhook_secrets_app_id"), ["app_id"], unique=False)

    op.create_table(
        "orders",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("order_batch_id", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=255), nullable=True),
        sa.Column("payment_mode", sa.String(length=32), nullable=False),
        sa.Column("captured", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("supplier_status", sa.String(length=64), nullable=False),
        sa.Column("reference_id", sa.String(length=64), nullable=False),
        sa.Column("recipient_first_name", sa.Text(), nullable=False),
        sa.Column("recipient_last_name", sa.Text(), nullable=True),
        sa.Column("recipient_email", sa.Text(), nullable=True),
        sa.Column("individual_gift_link", sa.Text(), nullable=False),
        sa.Column("payment_link", sa.Text(), nullable=True),
        sa.Column("cart", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("original_cart", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("amounts", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("original_amounts", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("shipments", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("is_swapped", sa.Boolean(), nullable=False),
        sa.Column("thank_you_note", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refunded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refund_amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["partner_apps.id"], name=op.f("fk_orders_app_id")),
        sa.ForeignKeyConstraint(["order_batch_id"], ["order_batches.id"], name=op.f("fk_orders_order_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
    )
    with op.batch_alter_table("orders") as batch_op:
        batch_op.create_index("ix_orders_app_id_created_at", ["app_id", "created_at", "id"], unique=False)
        batch_op.create_index("ix_orders_app_id_status", ["app_id", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_orders_order_batch_id"), ["order_batch_id"], unique=False)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("orders") as batch_op:
        batch_op.drop_index(batch_op.f("ix_orders_order_batch_id"))
        batch_op.drop_index("ix_orders_app_id_status")
        batch_op.drop_index("ix_orders_app_id_created_at")

    op.drop_table("orders")
    with op.batch_alter_table("webhook_secrets") as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhook_secrets_app_id"))

    op.drop_table("webhook_secrets")
    with op.batch_alter_table("webhook_messages") as batch_op:
        batch_op.drop_index(
            "ix_webhook_messages_due",
            sqlite_where=sa.text("state = 'received'"),
            postgresql_where=sa.text("state = 'received'"),
        )

    op.drop_table("webhook_messages")
    with op.batch_alter_table("sync_runs") as batch_op:
        batch_op.drop_index(batch_op.f("ix_sync_runs_app_id_started_at"))

    op.drop_table("sync_runs")
    op.drop_table("supplier_products")
    op.drop_table("supplier_cards")
    op.drop_table("supplier_brands")
    op.drop_table("published_cards")
    with op.batch_alter_table("published_brands") as batch_op:
        batch_op.drop_index(batch_op.f("ix_published_brands_app_id_name_key_id"))

    op.drop_table("published_brands")
    op.drop_table("product_facts")
    with op.batch_alter_table("order_batches") as batch_op:
        batch_op.drop_index(
            "ix_order_batches_undecided",
            sqlite_where=sa.text("submission_status IN ('pending', 'sending', 'unknown')"),
            postgresql_where=sa.text("submission_status IN ('pending', 'sending', 'unknown')"),
        )
        batch_op.drop_index(
            "ix_order_batches_incomplete",
            sqlite_where=sa.text("completed_at IS NULL"),
            postgresql_where=sa.text("completed_at IS NULL"),
        )
        batch_op.drop_index("ix_order_batches_app_id_created_at")

    op.drop_table("order_batches")
    with op.batch_alter_table("listings") as batch_op:
        batch_op.drop_index(batch_op.f("ix_listings_app_id_price_id"))
        batch_op.drop_index(batch_op.f("ix_listings_app_id_newest_at_id"))
        batch_op.drop_index(batch_op.f("ix_listings_app_id_name_key_id"))
        batch_op.drop_index(batch_op.f("ix_listings_app_id_featured_rank_id"))
        batch_op.drop_index(batch_op.f("ix_listings_app_id_brand_id_id"))

    op.drop_table("listings")
    op.drop_table("events")
    op.drop_table("event_counters")
    with op.batch_alter_table("checkouts") as batch_op:
        batch_op.drop_index(batch_op.f("ix_checkouts_app_id"))

    op.drop_table("checkouts")
    op.drop_table("catalogs")
    op.drop_table("catalog_generations")
    with op.batch_alter_table("api_keys") as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_keys_app_id"))

    op.drop_table("api_keys")
    op.drop_table("activity_cursors")
    op.drop_table("partner_apps")
    op.drop_table("leases")
    with op.batch_alter_table("idempotency_keys") as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotency_keys_created_at"))

    op.drop_table("idempotency_keys")
