"""What is published, for those who browse and buy: answers are documents made at publish time, joined by id."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from catalog_sync.browsing.changes import ChangePage, Changes
from catalog_sync.browsing.collections import Collections, CollectionTree
from catalog_sync.browsing.cursors import CursorExpiredError, fingerprint
from catalog_sync.browsing.loading import Indexes
from catalog_sync.browsing.paging import (
    Condition,
    DocumentPage,
    Published,
    Walk,
    current_generation,
    in_generation,
    read_page,
)
from catalog_sync.browsing.products import Products
from catalog_sync.browsing.questions import DEFAULT_LIMIT, ProductQuery, Sort
from catalog_sync.browsing.sellable import SellableItem, read_sellable
from catalog_sync.browsing.served import ServedGenerations
from catalog_sync.browsing.summaries import Summaries
from catalog_sync.placing import open_document
from catalog_sync.publishing.documents import occasion_key
from catalog_sync.tables import ID, Listing, PublishedBrand, PublishedCard, PublishedCatalog
from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.errors import NotFoundError

__all__ = [
    "Catalog",
    "CatalogState",
    "ChangePage",
    "CollectionTree",
    "CursorExpiredError",
    "DocumentPage",
    "ProductQuery",
    "SellableItem",
    "Sort",
]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CatalogState:
    """Which generation is being served, and since when; generation 0 and None before the first."""

    generation: int
    published_at: datetime | None


class Catalog:
    """The published catalog of each app. Pages raise what `catalog_sync.browsing.paging.read_page` says."""

    def __init__(
        self, sessions: Sessions, clock: Clock = utc_now, generations: ServedGenerations | None = None
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        generations = generations or ServedGenerations(sessions)
        indexes = Indexes(sessions, generations)
        summaries = Summaries(sessions)
        self._indexes = indexes
        self._products = Products(sessions, indexes, summaries)
        generations.prepare_with(self._products.prepare)
        self._changes = Changes(sessions, indexes, summaries)
        self._collections = Collections(sessions)

    def state(self, app_id: str) -> CatalogState:
        """Which generation is being served."""
        with self._sessions.read() as session:
            found = session.execute(
                sa.select(PublishedCatalog.generation, PublishedCatalog.published_at).where(
                    PublishedCatalog.app_id == app_id
                )
            ).one_or_none()
        return CatalogState(0, None) if found is None else CatalogState(*found)

    def products(self, app_id: str, query: ProductQuery) -> DocumentPage:
        """A page of products, each as its list document. A cursor goes on in the generation it began in."""
        return self._products.page(app_id, query, self._clock())

    def facets(self, app_id: str, query: ProductQuery) -> tuple[bytes, int]:
        """What the query's list can be narrowed to, with counts, as a document; and the generation that it counts."""
        return self._products.facets(app_id, query)

    def changes(self, app_id: str, limit: int = DEFAULT_LIMIT, cursor: str | None = None) -> ChangePage:
        """What entered, changed or left after the cursor, which stays good for ever; everything without one."""
        return self._changes.page(app_id, limit, cursor)

    def collections(self, app_id: str) -> CollectionTree:
        """The merchandiser's collections in their order."""
        return self._collections.tree(app_id)

    def collection(self, app_id: str, handle: str) -> tuple[bytes, int]:
        """One collection's document, and its generation. NotFoundError if it is not published."""
        return self._collections.one(app_id, handle)

    def product(self, app_id: str, product_id: str) -> tuple[bytes, int]:
        """One product's whole document, and its generation. NotFoundError if it is not on sale."""
        index = self._indexes.current(app_id)
        place = index.place_of_id.get(product_id)
        document = None
        if place is not None:
            inside = in_generation(Listing, app_id, index.generation)
            with self._sessions.read() as session:
                document = session.scalar(sa.select(Listing.document).where(*inside, Listing.id == product_id))
        if place is None or document is None:
            raise NotFoundError("There is no such product on sale.")
        return open_document(document) + index.ending(place).members, index.generation

    def brands(
        self, app_id: str, limit: int = DEFAULT_LIMIT, cursor: str | None = None, *, include_total: bool = False
    ) -> DocumentPage:
        """A page of the brands that have something on sale, by name."""
        question = fingerprint(app_id, "brands")
        walk = Walk(PublishedBrand, PublishedBrand.document, PublishedBrand.name_key, (), question)
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
        walk = Walk(PublishedCard, PublishedCard.document, PublishedCard.id, conditions, question)
        return self._page(app_id, walk, limit, cursor, include_total=include_total)

    def has_card(self, app_id: str, card_id: str) -> bool:
        """Whether the card can be ordered now."""
        with self._sessions.read() as session:
            return _find(session, app_id, PublishedCard, PublishedCard.id, card_id) is not None

    def sellable(self, app_id: str, product_ids: Iterable[str]) -> dict[str, SellableItem]:
        """By id, what checkout freezes of those of the products that are on sale now."""
        with self._sessions.look() as connection:
            return read_sellable(connection, app_id, product_ids)

    def _page(self, app_id: str, walk: Walk, limit: int, cursor: str | None, *, include_total: bool) -> DocumentPage:
        with self._sessions.read() as session:
            return read_page(session, app_id, walk, self._clock(), limit, cursor, include_total=include_total)


def _find(session: Session, app_id: str, table: Published, column: InstrumentedAttribute[T], row_id: str) -> T | None:
    if not ID.fullmatch(row_id):
        return None
    inside = in_generation(table, app_id, current_generation(session, app_id))
    return session.scalar(sa.select(column).where(*inside, table.id == row_id))
