"""Generations put into the tables by hand, so that what browsing makes of them can be compared with plain lists."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from catalog_sync import search
from catalog_sync.index import NUMBER, PLACE, CatalogIndex, FacetValue, encode, pack
from catalog_sync.placing import Placing, members
from catalog_sync.tables import FOREVER, CatalogGeneration, Listing, PublishedCatalog, PublishedIndex
from catalog_sync.words import written_words
from foundation.database import Sessions


@dataclass(frozen=True)
class Item:
    """A product on sale; prices in cents."""

    id: str
    name: str = "Name"
    brand: str = "brand-a"
    body: str = ""
    price: int = 100
    shipping: int = 0
    values: tuple[str, ...] = ()
    restricted: tuple[str, ...] = ()
    newest: int = 0
    tags: tuple[str, ...] = ()

    @property
    def with_shipping(self) -> int:
        return self.price + self.shipping


@dataclass(frozen=True)
class Shelf:
    """What one generation sells, in the featured order, and its collections in their own order."""

    items: Sequence[Item]
    collections: Mapping[str, Sequence[str]]

    def index(self, docids: Sequence[int], generation: int) -> CatalogIndex:
        """The index of it."""
        items, places = self.items, range(len(self.items))
        place_of = {item.id: place for place, item in enumerate(items)}
        by_id = sorted(places, key=lambda place: items[place].id)
        price = sorted(by_id, key=lambda place: items[place].price)
        newest = sorted(by_id, key=lambda place: items[place].newest)
        orders = {
            "price": price,
            "-price": price[::-1],
            "name": sorted(by_id, key=lambda place: items[place].name),
            "newest": newest[::-1],
        }
        return CatalogIndex(
            ids=tuple(item.id for item in items),
            docids=pack(NUMBER, list(docids)),
            versions=pack(NUMBER, [generation] * len(items)),
            prices=pack(NUMBER, [item.price for item in items]),
            prices_with_shipping=pack(NUMBER, [item.with_shipping for item in items]),
            orders={name: pack(PLACE, order) for name, order in orders.items()},
            brands=_facet(items, lambda item: (item.brand,)),
            collections=tuple(
                FacetValue(handle, handle.title(), pack(PLACE, [place_of[each] for each in ids]))
                for handle, ids in self.collections.items()
            ),
            brand_values=_facet(items, lambda item: item.values),
            restricted_states=_facet(items, lambda item: item.restricted),
            placings=tuple(members(Placing(item.tags)) for item in items),
            placing=pack(PLACE, list(places)),
            tag_words=_facet(items, lambda item: written_words(" ".join(item.tags))),
        )


def put_up(sessions: Sessions, app_id: str, shelf: Shelf, generation: int, now: datetime) -> None:
    """Serve this shelf as the generation."""
    with sessions.begin() as session:
        docids = search.next_docids(session, len(shelf.items))
        texts = [
            search.SearchText(docid, app_id, item.name, item.brand, "", item.body)
            for docid, item in zip(docids, shelf.items, strict=True)
        ]
        search.write(session, search.cut(texts, is_sqlite=search.is_sqlite(session)))
        session.execute(
            sa.update(Listing).where(Listing.app_id == app_id, Listing.valid_to == FOREVER).values(valid_to=generation)
        )
        if shelf.items:
            rows = zip(docids, shelf.items, strict=True)
            session.execute(sa.insert(Listing), [_row(app_id, docid, item, generation) for docid, item in rows])
        body = encode(shelf.index(docids, generation))
        session.add(PublishedIndex(app_id=app_id, generation=generation, body=body))
        session.add(CatalogGeneration(app_id=app_id, generation=generation, published_at=now))
        session.merge(
            PublishedCatalog(app_id=app_id, generation=generation, published_at=now, oldest_generation=1, inputs="")
        )


def _row(app_id: str, docid: int, item: Item, generation: int) -> dict[str, Any]:
    return {
        "app_id": app_id,
        "id": item.id,
        "valid_from": generation,
        "valid_to": FOREVER,
        "content_hash": "",
        "docid": docid,
        "brand_id": item.brand,
        "price": item.price,
        "revshare_excluded": False,
        "summary": msgspec.json.encode({"id": item.id, "generation": generation}),
        "document": b"{}",
    }


def _facet(items: Sequence[Item], values: Callable[[Item], Iterable[str]]) -> tuple[FacetValue, ...]:
    found: dict[str, list[int]] = {}
    for place, item in enumerate(items):
        for value in values(item):
            found.setdefault(value, []).append(place)
    return tuple(FacetValue(value, value.upper(), pack(PLACE, places)) for value, places in sorted(found.items()))
