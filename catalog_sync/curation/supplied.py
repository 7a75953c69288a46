"""What the supplier says, or said last, in the fields that can be overridden."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from catalog_sync.chunks import chunks
from catalog_sync.curation.model import Curation, SeenOverride, supplier_values
from catalog_sync.tables import SupplierProduct
from foundation.database import Session
from foundation.errors import GoodyUnreadableError
from foundation.goody.reading import read_product
from foundation.goody.resources import Product
from foundation.logs import get_logger

log = get_logger(__name__)


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
            product = _read(product_id, raw)
            values = {} if product is None else supplier_values(product)
            found[product_id] = Supplied(values, vanished_at is None)
    return found


def read_product_of(session: Session, app_id: str, product_id: str) -> Product | None:
    """The product as the supplier has it; None if it has not."""
    row = session.get(SupplierProduct, (app_id, product_id))
    return None if row is None or row.vanished_at is not None else _read(product_id, row.raw)


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


def _read(product_id: str, raw: str) -> Product | None:
    """None for what a stricter reader than that of its day can't read: its override can still be seen and changed."""
    try:
        return read_product(raw.encode())
    except GoodyUnreadableError as error:
        log.warning("stored item can't be read", item_id=product_id, reason=error.detail)
        return None
