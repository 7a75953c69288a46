"""Listings to be written, made from what the supplier sent: their documents, and the texts that they are found by."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import sqlalchemy as sa

from catalog_sync import search
from catalog_sync.bulk import Row, insert_values
from catalog_sync.curation.overriding import overridden
from catalog_sync.curation.placement import Placement
from catalog_sync.publishing.documents import product_documents, search_body
from catalog_sync.publishing.plan import Pending, content_hash
from catalog_sync.publishing.survey import content_hash_of, input_digest
from catalog_sync.tables import FOREVER, Listing, SupplierCollection, SupplierProduct
from foundation.database import Session
from foundation.errors import ConflictError
from foundation.goody import reading
from foundation.goody.resources import Product

_COLUMNS: Final = (
    "app_id",
    "valid_from",
    "valid_to",
    "id",
    "content_hash",
    "docid",
    "brand_id",
    "price",
    "revshare_excluded",
    "summary",
    "document",
)


class Ingredients(NamedTuple):
    """What a listing is made of: the product, the hash of what was sent, what is planned, its number for full text."""

    product: Product
    sent_hash: str
    planned: Pending
    docid: int


@dataclass(frozen=True, slots=True)
class Listings:
    """Listings ready to be written."""

    ids: Sequence[str]
    rows: list[Row]
    texts: list[search.WrittenText]

    def write(self, session: Session) -> None:
        """Write them. None of them may be there already."""
        insert_values(session, Listing, _COLUMNS, self.rows)
        search.write(session, self.texts)


def make_listings(app_id: str, generation: int, ingredients: Iterable[Ingredients], *, is_sqlite: bool) -> Listings:
    """The listings of these products from a generation on, as this database keeps them."""
    validity = app_id, generation, FOREVER
    ids: list[str] = []
    rows: list[Row] = []
    texts: list[search.SearchText] = []
    for product, sent_hash, planned, docid in ingredients:
        shown = overridden(product, Placement(values=planned.values)) if planned.values else product
        ids.append(product.id)
        rows.append(validity + _row(product, shown, planned, sent_hash, docid))
        body = search_body(shown)
        texts.append(search.SearchText(docid, app_id, shown.name, shown.brand.name, shown.subtitle or "", body))
    return Listings(ids, rows, search.cut(texts, is_sqlite=is_sqlite))


def read_ingredients(
    session: Session, app_id: str, pending: Mapping[str, Pending], docids: Mapping[str, int], ids: Sequence[str]
) -> list[Ingredients]:
    """What these listings are made of. ConflictError if the snapshot is not what was planned from."""
    found = [
        Ingredients(product, sent_hash, pending[product.id], docids[product.id])
        for product, sent_hash in _products(session, app_id, pending, ids)
    ]
    if len(found) != len(ids):
        raise ConflictError("The snapshot is not what the publication was planned from. Plan anew.")
    return found


def _row(product: Product, shown: Product, planned: Pending, input_hash: str, docid: int) -> Row:
    """The values of _COLUMNS behind its validity; `shown` is the product with its overrides."""
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
