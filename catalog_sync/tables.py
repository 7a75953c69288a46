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


class SupplierCollection(_Supplied, Base):
    """A gift collection of the supplier's: what recipients choose from (not one of the merchandiser's)."""

    __tablename__ = "supplier_collections"


class StagedItem(Base):
    """What a run read that differs from the snapshot, until the run is applied, quarantined or dropped."""

    __tablename__ = "sync_staged"

    run_id: Mapped[str] = mapped_column(sa.ForeignKey("sync_runs.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    """`product`, `brand`, `card` or `collection`."""
    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    raw: Mapped[str | None] = mapped_column(sa.Text)
    """As Goody sent it; None for what is gone."""
    content_hash: Mapped[str | None] = mapped_column(sa.String(64))


class SyncChange(Base):
    """One thing that a run found different from the snapshot, for its history."""

    __tablename__ = "sync_changes"

    run_id: Mapped[str] = mapped_column(sa.ForeignKey("sync_runs.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(sa.String(16))
    item_id: Mapped[str] = mapped_column(sa.String(64))
    name: Mapped[str | None] = mapped_column(sa.String(200))
    change: Mapped[str] = mapped_column(sa.String(16))
    """`created`, `changed`, `returned`, `retired` or `broken`."""
    fields: Mapped[dict[str, Any]]
    """By name of the field, [before, after]; for what is broken the reason."""


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
    """A product on sale; `id` is the product's. Money in cents.

    Lists are filtered and sorted by the generation's `catalog_sync.index.CatalogIndex`: rows are only fetched by id.
    """

    __tablename__ = "listings"

    docid: Mapped[int]
    """Its number in the full text index; a new one for each row."""
    brand_id: Mapped[str] = mapped_column(sa.String(64))
    price: Mapped[int]
    revshare_excluded: Mapped[bool]
    # The bytes come last: SQLite then reads the other columns without them.
    summary: Mapped[bytes]
    """The JSON document served in lists."""
    document: Mapped[bytes]
    """The JSON document served for this product alone."""


class ListingChange(Base):
    """In which generation each product last entered, changed in or left the published catalog: the change feed.

    While a publication is under way a product may have two rows: the one of the generation being served or before, and
    the one of the generation to come, which is not to be shown yet.
    """

    __tablename__ = "listing_changes"

    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"), primary_key=True)
    generation: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    product_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    change: Mapped[str] = mapped_column(sa.String(16))
    """`entered`, `changed` or `left`."""
    changed_at: Mapped[datetime]


class PublishedIndex(Base):
    """What browsing a generation filters, sorts and counts on: an encoded `catalog_sync.index.CatalogIndex`.

    That of a generation to come is empty at first: it tells that a publication has begun.
    """

    __tablename__ = "published_indexes"

    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"), primary_key=True)
    generation: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[bytes]


class PublishedCollection(_Published, Base):
    """A collection of the merchandiser's; `id` is its handle."""

    __tablename__ = "published_collections"

    position: Mapped[int]
    """Its place among all collections, parents before their children."""
    document: Mapped[bytes]


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
    inputs: Mapped[str] = mapped_column(sa.String(64))
    """What it was made from, as a hash: the same makes the same catalog. Empty if that can't be told."""


class CatalogGeneration(Base):
    """When each generation was published, which is when the one before it was superseded."""

    __tablename__ = "catalog_generations"

    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"), primary_key=True)
    generation: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    published_at: Mapped[datetime]


class CurationDraft(Base):
    """The rule set and collections that a merchandiser works on; overrides are rows of their own."""

    __tablename__ = "curation_drafts"

    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"), primary_key=True)
    document: Mapped[dict[str, Any]]
    revision: Mapped[int]
    """Goes up with every edit, of overrides too: its ETag."""
    updated_at: Mapped[datetime]


class ProductOverride(Base):
    """What a merchandiser says of one product instead of the supplier; stays when the product is absent."""

    __tablename__ = "product_overrides"

    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"), primary_key=True)
    product_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    values: Mapped[dict[str, Any]]
    seen: Mapped[dict[str, Any]]
    """What the supplier said in the overridden fields at that time: an override is stale when that has changed."""
    updated_at: Mapped[datetime]


class CurationVersion(Base):
    """A published curation, frozen: rules, collections and overrides. The newest one is in force."""

    __tablename__ = "curation_versions"

    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[dict[str, Any]]
    note: Mapped[str | None] = mapped_column(sa.String(500))
    published_by: Mapped[str] = mapped_column(sa.String(64))
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
    trigger: Mapped[str] = mapped_column(sa.String(16))
    """`schedule`, `command` or `request`."""
    is_dry_run: Mapped[bool]
    counts: Mapped[dict[str, Any]]
    brakes: Mapped[list[Any]]
    """Why it is quarantined: a code, what was found, and the limit, for each."""
    error: Mapped[str | None] = mapped_column(sa.Text)
    """For operators: why it failed or is incomplete."""
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str | None] = mapped_column(sa.String(64))
