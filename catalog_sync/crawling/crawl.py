"""Every page of the supplier's listings, read by a few threads, and whether what was read is all there is.

Goody's catalog can change while it is paged and has no change feed: only when as many distinct things were read as
Goody counts, on the first page and on the last, does a thing that is absent count as gone.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeAlias, TypeVar

from catalog_sync.tables import ID
from foundation.errors import GoodyUnreadableError
from foundation.goody.client import LARGEST_PAGE, GoodyClient
from foundation.goody.pages import BrokenItem, Page, Sent
from foundation.goody.resources import Brand, Card, Product
from foundation.money import Cents

RECRAWLS: Final = 2
"""How often a listing that changed while it was read is read anew."""

MOST_ITEMS: Final = 1_000_000
MOST_CENTS: Final = 10**12
_SHOWN: Final = 5

Progress: TypeAlias = Callable[[int, int], None]
"""Told of pages read and pages in all, from the thread that crawls. The latter grows when something is read anew."""


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Identified)


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """What a listing held: by id what could be read, and what could not. `shortfall` says why it may not be all."""

    items: dict[str, Sent[T]]
    broken: tuple[BrokenItem, ...]
    pages: int
    shortfall: str | None

    @property
    def is_complete(self) -> bool:
        """Whether what is absent here is absent at Goody."""
        return self.shortfall is None


@dataclass(frozen=True, slots=True)
class Crawl:
    """The three listings, as they were just now."""

    products: Reading[Product]
    brands: Reading[Brand]
    cards: Reading[Card]

    @property
    def readings(self) -> tuple[Reading[Product], Reading[Brand], Reading[Card]]:
        """All three."""
        return self.products, self.brands, self.cards

    @property
    def shortfall(self) -> str | None:
        """Why this may not be all there is, for operators; None if it is."""
        return " ".join(reading.shortfall for reading in self.readings if reading.shortfall) or None


def crawl(client: GoodyClient, workers: int, progress: Progress | None = None) -> Crawl:
    """Read all products, brands and cards with so many threads. Raises what the client raises, and stops then."""
    with ThreadPoolExecutor(workers, thread_name_prefix="crawl") as pool:
        tally = _Tally(progress)
        products = _Source("products", client.products, _product_fault, pool, tally)
        brands = _Source("brands", client.brands, _brand_fault, pool, tally)
        cards = _Source("cards", client.cards, _card_fault, pool, tally)
        # First pages first: they tell how many there are in all.
        opened = products.first(), brands.first(), cards.first()
        return Crawl(products.read(opened[0]), brands.read(opened[1]), cards.read(opened[2]))


class _Tally:
    """Counts pages for whoever follows the crawl."""

    def __init__(self, progress: Progress | None) -> None:
        self.done = 0
        self.expected = 0
        self._progress = progress

    def expect(self, pages: int) -> None:
        self.expected += pages

    def count(self) -> None:
        self.done += 1
        if self._progress is not None:
            self._progress(self.done, self.expected)


@dataclass(frozen=True, slots=True)
class _Source(Generic[T]):
    """One listing, and how to read it."""

    name: str
    fetch: Callable[[int, int], Page[Sent[T]]]
    fault: Callable[[T], str | None]
    pool: Executor
    tally: _Tally

    def first(self) -> Page[Sent[T]]:
        """Page 1, which tells how many pages there are."""
        page = self.fetch(1, LARGEST_PAGE)
        self.tally.expect(_page_count(self.name, page))
        self.tally.count()
        return page

    def read(self, first: Page[Sent[T]]) -> Reading[T]:
        """All pages; all of them once more, a bounded number of times, if the listing changed meanwhile."""
        pages = self._pages(first)
        fetched = len(pages)
        for _recrawl in range(RECRAWLS):
            if _drift(self.name, pages) is None:
                break
            pages = self._pages(self.first())
            fetched += len(pages)
        return self._reading(pages, fetched)

    def _pages(self, first: Page[Sent[T]]) -> list[Page[Sent[T]]]:
        pages = [first]
        for page in self.pool.map(self._fetch, range(2, _page_count(self.name, first) + 1)):
            self.tally.count()
            pages.append(page)
        return pages

    def _fetch(self, number: int) -> Page[Sent[T]]:
        return self.fetch(number, LARGEST_PAGE)

    def _reading(self, pages: Sequence[Page[Sent[T]]], fetched: int) -> Reading[T]:
        items: dict[str, Sent[T]] = {}
        broken = [item for page in pages for item in page.broken]
        for sent in (item for page in pages for item in page.items):
            fault = self.fault(sent.value)
            if fault is None:
                items[sent.value.id] = sent
            else:
                broken.append(BrokenItem(sent.value.id, fault))
        shortfall = _drift(self.name, pages) or _damage(self.name, broken)
        return Reading(items, tuple(broken), fetched, shortfall)


def _page_count(name: str, first: Page[Sent[T]]) -> int:
    if first.total_count is None:
        raise GoodyUnreadableError(
            f"Goody does not say how many {name} there are, so nobody can tell if all were read."
        )
    if not 0 <= first.total_count <= MOST_ITEMS:
        raise GoodyUnreadableError(f"Goody says there are {first.total_count} {name}, which can't be.")
    # Whatever size of page was asked for, the size of the first one is what Goody gives.
    size = len(first.items) + len(first.broken) or LARGEST_PAGE
    return max(1, -(-first.total_count // size))


def _drift(name: str, pages: Sequence[Page[Sent[T]]]) -> str | None:
    """How the listing changed while it was read, if the counts show that it did."""
    first, last = pages[0].total_count, pages[-1].total_count
    if first != last:
        return f"The number of {name} went from {first} to {last} while they were read."
    ids = {item.value.id for page in pages for item in page.items}
    ids |= {item.id for page in pages for item in page.broken if item.id is not None}
    nameless = sum(item.id is None for page in pages for item in page.broken)
    if len(ids) + nameless != first:
        return f"Goody counts {first} {name}, but {len(ids) + nameless} distinct ones were read."
    return None


def _damage(name: str, broken: Sequence[BrokenItem]) -> str | None:
    if not broken:
        return None
    shown = "; ".join(f"{item.id or 'without an id'}: {item.reason}" for item in broken[:_SHOWN])
    more = f"; and {len(broken) - _SHOWN} more" if len(broken) > _SHOWN else ""
    return f"Unusable {name} ({len(broken)}), left as they were: {shown}{more}."


def _product_fault(product: Product) -> str | None:
    amounts = (product.price, product.price_min, product.price_max)
    return _id_fault(product.id) or _amount_fault(*amounts) or _brand_fault(product.brand)


def _brand_fault(brand: Brand) -> str | None:
    return _id_fault(brand.id) or _amount_fault(brand.shipping_price, brand.free_shipping_minimum)


def _card_fault(card: Card) -> str | None:
    return _id_fault(card.id)


def _id_fault(value: str) -> str | None:
    return None if ID.fullmatch(value) else f"{value[:80]!r} is no id"


def _amount_fault(*amounts: Cents | None) -> str | None:
    absurd = [amount for amount in amounts if amount is not None and not 0 <= amount <= MOST_CENTS]
    return f"an amount of {absurd[0]} cents can't be" if absurd else None
