"""What a product was at a moment: the facts that its revenue share depends on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import msgspec
import sqlalchemy as sa

from catalog_sync.bulk import Row, insert_rows, insert_values
from catalog_sync.tables import ProductFactRow
from foundation.database import Session, insert
from foundation.money import Cents


class _SellingBrand(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def commerce_revshare_excluded(self) -> bool | None: ...


class _Sold(Protocol):
    """A product, as far as its revenue share depends on it."""

    @property
    def id(self) -> str: ...

    @property
    def price(self) -> Cents: ...

    @property
    def brand(self) -> _SellingBrand: ...


class PricedBrand(msgspec.Struct, frozen=True):
    """A product's brand, as far as its revenue share depends on it."""

    id: str
    commerce_revshare_excluded: bool | None = None


class Priced(msgspec.Struct, frozen=True):
    """A product as Goody sends it, as far as its revenue share depends on it."""

    id: str
    price: Cents
    brand: PricedBrand


@dataclass(frozen=True, slots=True)
class ProductFact:
    """A product's price in cents, its brand, and whether that brand earns no revenue share, from a moment on."""

    product_id: str
    valid_from: datetime
    price: Cents
    brand_id: str
    revshare_excluded: bool


def product_facts(session: Session, app_id: str, product_id: str, at: datetime) -> ProductFact | None:
    """What the product was at that moment; None if no run had seen it by then."""
    row = ProductFactRow
    latest = (
        sa.select(row.product_id, row.valid_from, row.price, row.brand_id, row.revshare_excluded)
        .where(row.app_id == app_id, row.product_id == product_id, row.valid_from <= at)
        .order_by(row.valid_from.desc())
        .limit(1)
    )
    found = session.execute(latest).one_or_none()
    return None if found is None else ProductFact(*found)


def first_facts(session: Session, app_id: str, product_id: str) -> ProductFact | None:
    """What the product was when a run first saw it; None if none has."""
    row = ProductFactRow
    first = (
        sa.select(row.product_id, row.valid_from, row.price, row.brand_id, row.revshare_excluded)
        .where(row.app_id == app_id, row.product_id == product_id)
        .order_by(row.valid_from)
        .limit(1)
    )
    found = session.execute(first).one_or_none()
    return None if found is None else ProductFact(*found)


def begin_facts(session: Session, app_id: str, products: Sequence[_Sold], now: datetime) -> None:
    """Add the first row of each of these products. There may be none yet that is valid from now on."""
    columns = ("app_id", "valid_from", "product_id", "price", "brand_id", "revshare_excluded")
    rows: list[Row] = [(app_id, now, each.id, each.price, each.brand.id, _is_excluded(each)) for each in products]
    insert_values(session, ProductFactRow, columns, rows)


def record_facts(session: Session, app_id: str, products: Sequence[_Sold], now: datetime) -> None:
    """Add a row for each of the products (a chunk of them) that one of the values changed for, valid from now on."""
    if not products:
        return
    known = _latest(session, app_id, [product.id for product in products])
    rows = [_values(product) for product in products]
    changed = [{"app_id": app_id, "valid_from": now, **row} for row in rows if known.get(row["product_id"]) != row]
    if not changed:
        return
    if not known:
        insert_rows(session, ProductFactRow, changed)
        return
    statement = insert(session, ProductFactRow)
    key = [ProductFactRow.app_id, ProductFactRow.product_id, ProductFactRow.valid_from]
    values = {name: statement.excluded[name] for name in ("price", "brand_id", "revshare_excluded")}
    session.execute(statement.on_conflict_do_update(index_elements=key, set_=values), changed)


def _latest(session: Session, app_id: str, product_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    row = ProductFactRow
    newest = (
        sa.select(row.product_id, sa.func.max(row.valid_from).label("valid_from"))
        .where(row.app_id == app_id, row.product_id.in_(product_ids))
        .group_by(row.product_id)
        .subquery()
    )
    facts = (
        sa.select(row.product_id, row.price, row.brand_id, row.revshare_excluded)
        .join(newest, sa.and_(row.product_id == newest.c.product_id, row.valid_from == newest.c.valid_from))
        .where(row.app_id == app_id)
    )
    return {found["product_id"]: dict(found) for found in session.execute(facts).mappings()}


def _values(product: _Sold) -> dict[str, Any]:
    return {
        "product_id": product.id,
        "price": product.price,
        "brand_id": product.brand.id,
        "revshare_excluded": _is_excluded(product),
    }


def _is_excluded(product: _Sold) -> bool:
    # Goody leaves it out where nothing is excluded.
    return bool(product.brand.commerce_revshare_excluded)
