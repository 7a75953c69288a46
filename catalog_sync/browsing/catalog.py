"""What is published, for those who browse and buy: answers are documents made at publish time, joined by id."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from catalog_sync.browsing.cursors import CursorExpiredError, fingerprint
from catalog_sync.browsing.paging import (
    Condition,
    DocumentPage,
    Order,
    Published,
    Walk,
    current_generation,
    in_generation,
    read_page,
)
from catalog_sync.browsing.sellable import SellableItem, read_sellable
from catalog_sync.publishing.documents import occasion_key
from catalog_sync.tables import ID, Listing, PublishedBrand, PublishedCard, PublishedCatalog
from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.errors import NotFoundError
from foundation.money import Cents

__all__ = [
    "Catalog",
    "CatalogState",
    "CursorExpiredError",
    "DocumentPage",
    "ProductPage",
    "ProductQuery",
    "SellableItem",
    "Sort",
]

DEFAULT_LIMIT: Final = 24

T = TypeVar("T")
ProductPage: TypeAlias = DocumentPage


class Sort(StrEnum):
    """The orders that products can be listed in."""

    FEATURED = "featured"
    NAME = "name"
    PRICE = "price"
    PRICE_DESCENDING = "-price"
    NEWEST = "newest"


_ORDERS: Final = {
    Sort.FEATURED: Order(Listing.featured_rank, int),
    Sort.NAME: Order(Listing.name_key, str),
    Sort.PRICE: Order(Listing.price, int),
    Sort.PRICE_DESCENDING: Order(Listing.price, int, descending=True),
    Sort.NEWEST: Order(Listing.newest_at, datetime, descending=True),
}


@dataclass(frozen=True, slots=True)
class ProductQuery:
    """Which products, in which order, and which page of them. Prices in cents, bounds included."""

    brand_ids: tuple[str, ...] = ()
    """Any of these; every brand when empty."""
    price_min: Cents | None = None
    price_max: Cents | None = None
    sort: Sort = Sort.FEATURED
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    include_total: bool = False


@dataclass(frozen=True, slots=True)
class CatalogState:
    """Which generation is being served, and since when; generation 0 and None before the first."""

    generation: int
    published_at: datetime | None


class Catalog:
    """The published catalog of each app. Pages raise what `catalog_sync.browsing.paging.read_page` says."""

    def __init__(self, sessions: Sessions, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._clock = clock

    def state(self, app_id: str) -> CatalogState:
        """Which generation is being served."""
        with self._sessions.read() as session:
            found = session.execute(
                sa.select(PublishedCatalog.generation, PublishedCatalog.published_at).where(
                    PublishedCatalog.app_id == app_id
                )
            ).one_or_none()
        return CatalogState(0, None) if found is None else CatalogState(*found)

    def products(self, app_id: str, query: ProductQuery) -> ProductPage:
        """A page of products, each as its list document. A cursor goes on in the generation it began in."""
        walk = Walk(Listing, Listing.summary, _ORDERS[query.sort], _conditions(query), _question(app_id, query))
        return self._page(app_id, walk, query.limit, query.cursor, include_total=query.include_total)

    def product(self, app_id: str, product_id: str) -> bytes:
        """One product's whole document. NotFoundError if it is not on sale."""
        with self._sessions.read() as session:
            document = _find(session, app_id, Listing, Listing.document, product_id)
        if document is None:
            raise NotFoundError("There is no such product on sale.")
        return document

    def brands(
        self, app_id: str, limit: int = DEFAULT_LIMIT, cursor: str | None = None, *, include_total: bool = False
    ) -> DocumentPage:
        """A page of the brands that have something on sale, by name."""
        question = fingerprint(app_id, "brands")
        walk = Walk(PublishedBrand, PublishedBrand.document, Order(PublishedBrand.name_key, str), (), question)
        return self._page(app_id, walk, limit, cursor, include_total=include_total)

    def brand(self, app_id: str, brand_id: str) -> bytes:
        """One brand's document. NotFoundError if it has nothing on sale."""
        with self._sessions.read() as session:
            document = _find(session, app_id, PublishedBrand, PublishedBrand.document, brand_id)
        if document is None:
            raise NotFoundError("There is no such brand with something on sale.")
        return document

    def cards(
        self,
        app_id: str,
        occasion: str | None = None,
        limit: int = DEFAULT_LIMIT,
        cursor: str | None = None,
        *,
        include_total: bool = False,
    ) -> DocumentPage:
        """A page of the greeting cards; of those for one occasion, whose case does not matter, if it is named."""
        question = fingerprint(app_id, "cards", occasion)
        conditions: tuple[Condition, ...] = ()
        if occasion is not None:
            conditions = (PublishedCard.occasions.contains(occasion_key(occasion), autoescape=True),)
        walk = Walk(PublishedCard, PublishedCard.document, Order(PublishedCard.id, str), conditions, question)
        return self._page(app_id, walk, limit, cursor, include_total=include_total)

    def has_card(self, app_id: str, card_id: str) -> bool:
        """Whether the card can be ordered now."""
        with self._sessions.read() as session:
            return _find(session, app_id, PublishedCard, PublishedCard.id, card_id) is not None

    def sellable(self, app_id: str, product_ids: Iterable[str]) -> dict[str, SellableItem]:
        """By id, what checkout freezes of those of the products that are on sale now."""
        with self._sessions.read() as session:
            return read_sellable(session, app_id, product_ids)

    def _page(self, app_id: str, walk: Walk, limit: int, cursor: str | None, *, include_total: bool) -> DocumentPage:
        with self._sessions.read() as session:
            return read_page(session, app_id, walk, self._clock(), limit, cursor, include_total=include_total)


def _find(session: Session, app_id: str, table: Published, column: InstrumentedAttribute[T], row_id: str) -> T | None:
    if not ID.fullmatch(row_id):
        return None
    inside = in_generation(table, app_id, current_generation(session, app_id))
    return session.scalar(sa.select(column).where(*inside, table.id == row_id))


def _question(app_id: str, query: ProductQuery) -> str:
    """What a cursor belongs to. The limit is not part of it: a reader may change the size of its pages."""
    brands = sorted(set(query.brand_ids))
    return fingerprint(app_id, "products", brands, query.price_min, query.price_max, query.sort)


def _conditions(query: ProductQuery) -> tuple[Condition, ...]:
    conditions: list[Condition] = []
    if query.brand_ids:
        conditions.append(Listing.brand_id.in_({brand_id for brand_id in query.brand_ids if ID.fullmatch(brand_id)}))
    if query.price_min is not None:
        conditions.append(Listing.price >= query.price_min)
    if query.price_max is not None:
        conditions.append(Listing.price <= query.price_max)
    return tuple(conditions)
