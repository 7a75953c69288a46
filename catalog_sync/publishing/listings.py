"""Listings to be written, made from the snapshot: their documents, and the texts that they are found by."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import sqlalchemy as sa

from catalog_sync.curation.overriding import overridden
from catalog_sync.curation.placement import Placement
from catalog_sync.publishing.bulk import Row
from catalog_sync.publishing.documents import product_documents, search_body
from catalog_sync.publishing.plan import Pending, content_hash
from catalog_sync.publishing.survey import content_hash_of, input_digest
from catalog_sync.search import SearchText
from catalog_sync.tables import SupplierCollection, SupplierProduct
from foundation.database import Session
from foundation.errors import ConflictError
from foundation.goody import reading
from foundation.goody.resources import Product

COLUMNS: Final = (
    "id",
    "content_hash",
    "docid",
    "brand_id",
    "price",
    "revshare_excluded",
    "summary",
    "document",
)
"""What `make_listings` gives of each row."""


def make_listings(
    session: Session, app_id: str, pending: Mapping[str, Pending], docids: Mapping[str, int], ids: Sequence[str]
) -> tuple[list[Row], list[SearchText]]:
    """The rows of these products, and their texts. ConflictError if the snapshot is not what was planned from."""
    rows: list[Row] = []
    texts = []
    for product, input_hash in _products(session, app_id, pending, ids):
        planned, docid = pending[product.id], docids[product.id]
        shown = overridden(product, Placement(values=planned.values)) if planned.values else product
        rows.append(_row(product, shown, planned, input_hash, docid))
        body = search_body(shown)
        texts.append(SearchText(docid, app_id, shown.name, shown.brand.name, shown.subtitle or "", body))
    if len(rows) != len(ids):
        raise ConflictError("The snapshot is not what the publication was planned from. Plan anew.")
    return rows, texts


def _row(product: Product, shown: Product, planned: Pending, input_hash: str, docid: int) -> Row:
    """The values of COLUMNS; `shown` is the product with its overrides."""
    return (
        product.id,
        content_hash(input_digest(input_hash), planned),
        docid,
        product.brand.id,
        product.price,
        bool(product.brand.commerce_revshare_excluded),
        *product_documents(shown, planned.gift_collection),
    )


def _products(
    session: Session, app_id: str, pending: Mapping[str, Pending], ids: Sequence[str]
) -> Iterator[tuple[Product, str]]:
    """The products with the hash of what was sent; one that only stands for a gift collection is a part of that."""
    table = SupplierProduct
    present = sa.select(table.raw, table.content_hash).where(
        table.app_id == app_id, table.id.in_(ids), table.vanished_at.is_(None)
    )
    missing = set(ids)
    for raw, input_hash in session.execute(present):
        product = reading.read_product(raw.encode())
        missing.discard(product.id)
        yield product, input_hash
    for product_id in sorted(missing):
        gift = pending[product_id].gift_collection
        if gift is not None and (found := _collection(session, app_id, gift.id)) is not None:
            product_of_gift = reading.read_gift_collection(found.encode()).product
            if product_of_gift is not None and product_of_gift.id == product_id:
                yield product_of_gift, content_hash_of(product_of_gift)


def _collection(session: Session, app_id: str, collection_id: str) -> str | None:
    table = SupplierCollection
    return session.scalar(
        sa.select(table.raw).where(table.app_id == app_id, table.id == collection_id, table.vanished_at.is_(None))
    )
