"""From the supplier snapshot to the rows that should be on sale, one after the other."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import blake2b
from typing import Any, TypeAlias, TypeVar

import msgspec
import sqlalchemy as sa

from catalog_sync.crawling.snapshot import Supplied
from catalog_sync.publishing import documents
from catalog_sync.tables import SupplierBrand, SupplierCard, SupplierProduct
from foundation.database import Session
from foundation.errors import GoodyUnreadableError
from foundation.goody import reading
from foundation.goody.resources import Brand, Product
from foundation.logs import get_logger

log = get_logger(__name__)

T = TypeVar("T")
Values: TypeAlias = dict[str, Any]
"""The columns of a published row, but for whose it is and when it is valid."""

_PER_FETCH = 500
_INACTIVE = "inactive"


class Assembler:
    """Reads an app's snapshot. Ask for listings before brands: which brands have something on sale shows on the way."""

    def __init__(self, session: Session, app_id: str) -> None:
        self._session = session
        self._app_id = app_id
        self._brands: dict[str, Brand] = {}
        self.unreadable: set[str] = set()
        """Ids of rows that can no longer be read (a stricter reader than when they came): they stay as published."""

    def listings(self) -> Iterator[Values]:
        """A row for each product on sale."""
        ranks: Counter[str] = Counter()
        for product, first_seen_at in self._present(SupplierProduct, reading.read_product):
            if product.status == _INACTIVE:
                continue
            brand = product.brand
            self._brands.setdefault(brand.id, brand)
            yield _listing(product, newest_at=first_seen_at, featured_rank=ranks[brand.id])
            # The brands take turns: each one's first product comes before any one's second.
            ranks[brand.id] += 1

    def brands(self) -> Iterator[Values]:
        """A row for each brand with something on sale: as the list of brands has it, else as its products have it."""
        listed = {brand.id: brand for brand, _since in self._present(SupplierBrand, reading.read_brand)}
        for brand_id, brand in self._brands.items():
            yield _brand(listed.get(brand_id, brand))

    def cards(self) -> Iterator[Values]:
        """A row for each greeting card."""
        for card, _since in self._present(SupplierCard, reading.read_card):
            occasions = documents.occasion_keys(card.occasions)
            yield _hashed({"id": card.id, "occasions": occasions, "document": documents.card_document(card)})

    def _present(self, table: Supplied, read: Callable[[bytes], T]) -> Iterator[tuple[T, datetime]]:
        """What is not gone, oldest first: the newcomers change nothing about the places of the others."""
        present = (
            sa.select(table.id, table.raw, table.first_seen_at)
            .where(table.app_id == self._app_id, table.vanished_at.is_(None))
            .order_by(table.first_seen_at, table.id)
            .execution_options(yield_per=_PER_FETCH)
        )
        for item_id, raw, first_seen_at in self._session.execute(present):
            try:
                yield read(raw.encode()), first_seen_at
            except GoodyUnreadableError as error:
                self.unreadable.add(item_id)
                log.warning("stored item can't be read", app_id=self._app_id, item_id=item_id, reason=error.detail)


def _listing(product: Product, newest_at: datetime, featured_rank: int) -> Values:
    summary, document = documents.product_documents(product)
    return _hashed(
        {
            "id": product.id,
            "brand_id": product.brand.id,
            "name_key": documents.name_key(product.name),
            "price": product.price,
            "price_with_shipping": documents.price_with_shipping(product),
            "newest_at": newest_at,
            "featured_rank": featured_rank,
            "revshare_excluded": bool(product.brand.commerce_revshare_excluded),
            "summary": summary,
            "document": document,
        }
    )


def _brand(brand: Brand) -> Values:
    return _hashed(
        {"id": brand.id, "name_key": documents.name_key(brand.name), "document": documents.brand_document(brand)}
    )


def _hashed(values: Values) -> Values:
    """The values with a hash of them all: what is sorted and filtered on has to be republished too when it changes."""
    return values | {"content_hash": blake2b(msgspec.msgpack.encode(values), digest_size=32).hexdigest()}
