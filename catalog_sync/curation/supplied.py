"""What the supplier says, or said last, in the fields that can be overridden.

A product may be one of the catalog, or stand for a gift collection and be a part of that.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa

from catalog_sync.chunks import chunks
from catalog_sync.curation.model import Curation, SeenOverride, supplier_values
from catalog_sync.publishing import gifts
from catalog_sync.tables import SupplierCollection, SupplierProduct
from foundation.database import Session
from foundation.errors import GoodyUnreadableError
from foundation.goody.reading import read_gift_collection, read_product
from foundation.goody.resources import Product
from foundation.logs import get_logger

log = get_logger(__name__)

T = TypeVar("T")


class Supplied(NamedTuple):
    """The supplier's values by field of an override, and whether it still has the product."""

    values: dict[str, Any]
    is_present: bool


NEVER_SEEN = Supplied({}, is_present=False)


def read(session: Session, app_id: str, product_ids: Sequence[str]) -> dict[str, Supplied]:
    """By product id; a product that was never seen is left out."""
    found: dict[str, Supplied] = {}
    for ids in chunks(product_ids):
        stored = sa.select(SupplierProduct.id, SupplierProduct.raw, SupplierProduct.vanished_at).where(
            SupplierProduct.app_id == app_id, SupplierProduct.id.in_(ids)
        )
        for product_id, raw, vanished_at in session.execute(stored):
            product = _read(read_product, product_id, raw)
            values = {} if product is None else supplier_values(product)
            found[product_id] = Supplied(values, vanished_at is None)
    absent = [each for each in product_ids if each not in found or not found[each].is_present]
    for product, is_present in _stand_ins(session, app_id, absent):
        if is_present or product.id not in found:
            found[product.id] = Supplied(supplier_values(product), is_present)
    return found


def read_product_of(session: Session, app_id: str, product_id: str) -> Product | None:
    """The product as the supplier has it; None if it has not."""
    row = session.get(SupplierProduct, (app_id, product_id))
    if row is not None and row.vanished_at is None:
        return _read(read_product, product_id, row.raw)
    return next((product for product, is_present in _stand_ins(session, app_id, [product_id]) if is_present), None)


def seen_now(session: Session, app_id: str, curation: Curation) -> dict[str, SeenOverride]:
    """The curation's overrides, each with what the supplier says at present in its fields."""
    supplied = read(session, app_id, list(curation.overrides))
    return {
        product_id: SeenOverride(
            entry.override, seen_under(entry.override.write(), supplied.get(product_id, NEVER_SEEN))
        )
        for product_id, entry in curation.overrides.items()
    }


def seen_under(written: dict[str, Any], supplied: Supplied) -> dict[str, Any]:
    """What the supplier says in the fields that were written."""
    return {name: value for name, value in supplied.values.items() if name in written}


def _stand_ins(session: Session, app_id: str, product_ids: Collection[str]) -> Iterator[tuple[Product, bool]]:
    """Those of the products that stand for gift collections, and whether these are there and published."""
    if not product_ids:
        return
    wanted = frozenset(product_ids)
    table = SupplierCollection
    stored = sa.select(table.id, table.raw, table.vanished_at).where(table.app_id == app_id)
    for collection_id, raw, vanished_at in session.execute(stored):
        collection = _read(read_gift_collection, collection_id, raw)
        if collection is not None and collection.product is not None and collection.product.id in wanted:
            yield collection.product, vanished_at is None and gifts.stand_in(collection) is not None


def _read(read: Callable[[bytes], T], item_id: str, raw: str) -> T | None:
    """None for what a stricter reader than that of its day can't read: its override can still be seen and changed."""
    try:
        return read(raw.encode())
    except GoodyUnreadableError as error:
        log.warning("stored item can't be read", item_id=item_id, reason=error.detail)
        return None
