"""The catalog's tables: what the supplier sent, what is published of it, and how each run went.

Every key begins with the app: nothing of one app is visible to another. What is published is valid from one
generation (inclusive) to another (exclusive); a row whose `valid_to` is FOREVER is current or about to become so.
"""

import re
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base

FOREVER: Final = 2**63 - 1
"""The `valid_to` of what no later generation has replaced."""

ID: Final = re.compile(r"[\w-]{1,64}", re.ASCII)
"""What an id can look like (Goody's are UUIDs): what does not fit here is neither stored nor looked for."""

# Byte order on both databases, so that a name sorts alike wherever it is stored.
_SortKey = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")


class _Supplied:
    """A thing as Goody last sent it. `run_id` is the run that last wrote the row: what is unchanged is not."""

    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"), primary_key=True)
    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    raw: Mapped[str] = mapped_column(sa.Text)
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    first_seen_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    run_id: Mapped[str] = mapped_column(sa.String(40))
    vanished_at: Mapped[datetime | None]


class SupplierProduct(_Supplied, Base):
    """A product of the supplier's catalog."""

    __tablename__ = "supplier_products"


class SupplierBrand(_Supplied, Base):
    """A brand of the supplier's catalog, whether or not it has something on sale."""

    __tablename__ = "supplier_brands"


class SupplierCard(_Supplied, Base):
    """A greeting card."""

    __tablename__ = "supplier_cards"


class ProductFactRow(Base):
    """What a product's revenue share depends on, from a moment on until the product's next row."""

    __tablename__ = "product_facts"

    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"), primary_key=True)
    product_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    valid_from: Mapped[datetime] = mapped_column(primary_key=True)
    price: Mapped[int]
    brand_id: Mapped[str] = mapped_column(sa.String(64))
    revshare_excluded: Mapped[bool]


class _Published:
    """What every published row has. `content_hash` covers all that is served, filtered or sorted on."""

    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"), primary_key=True, sort_order=-5)
    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True, sort_order=-4)
    valid_from: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-3)
    valid_to: Mapped[int] = mapped_column(sort_order=-2)
    content_hash: Mapped[str] = mapped_column(sa.String(64), sort_order=-1)


class Listing(_Published, Base):
    """A product on sale; `id` is the product's. Money in cents."""

    __tablename__ = "listings"
    # One index per order of browsing: a page at any depth is a seek to the cursor's place and a walk from there. None
    # on the generations: SQLite would prefer it, and sort everything that it finds for every first page.
    __table_args__ = (
        sa.Index(None, "app_id", "featured_rank", "id"),
        sa.Index(None, "app_id", "name_key", "id"),
        sa.Index(None, "app_id", "price", "id"),
        sa.Index(None, "app_id", "newest_at", "id"),
        sa.Index(None, "app_id", "brand_id", "id"),
    )

    brand_id: Mapped[str] = mapped_column(sa.String(64))
    name_key: Mapped[str] = mapped_column(_SortKey)
    price: Mapped[int]
    price_with_shipping: Mapped[int]
    newest_at: Mapped[datetime]
    featured_rank: Mapped[int]
    revshare_excluded: Mapped[bool]
    # The bytes come last: SQLite then filters and sorts without reading them.
    summary: Mapped[bytes]
    """The JSON document served in lists."""
    document: Mapped[bytes]
    """The JSON document served for this product alone."""


class PublishedBrand(_Published, Base):
    """A brand that has something on sale."""

    __tablename__ = "published_brands"
    __table_args__ = (sa.Index(None, "app_id", "name_key", "id"),)

    name_key: Mapped[str] = mapped_column(_SortKey)
    document: Mapped[bytes]


class PublishedCard(_Published, Base):
    """A greeting card that a message can be written on."""

    __tablename__ = "published_cards"

    occasions: Mapped[str] = mapped_column(sa.Text)
    """Every occasion folded and between two `|`, so that one can be looked for as text."""
    document: Mapped[bytes]


class PublishedCatalog(Base):
    """Which generation an app's readers see."""

    __tablename__ = "catalogs"

    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"), primary_key=True)
    generation: Mapped[int]
    published_at: Mapped[datetime]
    oldest_generation: Mapped[int]
    """The oldest generation whose rows are all still there."""


class CatalogGeneration(Base):
    """When each generation was published, which is when the one before it was superseded."""

    __tablename__ = "catalog_generations"

    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"), primary_key=True)
    generation: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    published_at: Mapped[datetime]


class SyncRunRow(Base):
    """How one run of the catalog's synchronisation went, or is going."""

    __tablename__ = "sync_runs"
    __table_args__ = (sa.Index(None, "app_id", "started_at"),)

    id: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"))
    status: Mapped[str] = mapped_column(sa.String(16))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]]
    error: Mapped[str | None] = mapped_column(sa.Text)
    """For operators: why it failed or is incomplete."""
