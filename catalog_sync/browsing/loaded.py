"""A generation's index as a process holds it: columns unpacked, bits and orders made when first asked for."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NamedTuple

from catalog_sync.browsing.bounded import BoundedCache
from catalog_sync.browsing.questions import Filters, Sort
from catalog_sync.browsing.selection import BIT, Selection
from catalog_sync.browsing.sequence import Order, Walk
from catalog_sync.index import NUMBER, PLACE, CatalogIndex, FacetValue, unpack
from catalog_sync.placing import APART
from catalog_sync.words import stem

if TYPE_CHECKING:
    from catalog_sync.browsing.matches import Matches, Tiers

MOST_MILESTONES: Final = 400
SHORTEST_STRIDE: Final = 64
KEPT_BYTES: Final = 16 * 1024 * 1024
"""Of what was worked out for questions, per generation and kind."""


class Ending(NamedTuple):
    """What documents end with, and a digest that only the same bytes have."""

    members: bytes
    digest: bytes


def digest(content: bytes) -> bytes:
    """What stands for some bytes: 16 of its own."""
    return blake2b(content, digest_size=16).digest()


class Facet:
    """One value to filter on."""

    def __init__(self, value: FacetValue, size: int) -> None:
        self.value = value.value
        self.label = value.label
        self._packed = value.places
        self._size = size

    @cached_property
    def places(self) -> "array[int]":
        """In ascending order; of a collection in the collection's own order."""
        return unpack(PLACE, self._packed)

    @cached_property
    def selection(self) -> Selection:
        """The places that have it."""
        return Selection.of(self.places, self._size)

    @cached_property
    def order(self) -> Order:
        """The places in their own order: a collection's."""
        return Order(self.places, is_whole=False)


class PriceColumn:
    """Prices by place, in cents, and all places from the cheapest on."""

    def __init__(self, prices: "array[int]", cheapest_first: "array[int]") -> None:
        self.prices = prices
        self.cheapest_first = cheapest_first
        self._stride = max(SHORTEST_STRIDE, len(prices) // MOST_MILESTONES)
        """Places between two of the milestones: a selection is one of them and less than a stride more."""

    def window(self, low: int | None, high: int | None) -> tuple[int, int]:
        """Which positions from the cheapest on lie within the bounds (included)."""
        places, price_of = self.cheapest_first, self.prices.__getitem__
        start = 0 if low is None else bisect_left(places, low, key=price_of)
        end = len(places) if high is None else bisect_right(places, high, key=price_of)
        return start, max(start, end)

    def select(self, low: int | None, high: int | None) -> Selection:
        """The places whose prices lie within the bounds (included)."""
        start, end = self.window(low, high)
        selection = Selection(self._cheapest(start) ^ self._cheapest(end), len(self.prices))
        selection.count = end - start
        return selection

    def _cheapest(self, count: int) -> int:
        """The bits of the so many cheapest."""
        if not count:
            return 0
        steps = count // self._stride
        data = bytearray((len(self.prices) + 7) // 8)
        for place in self.cheapest_first[steps * self._stride : count]:
            data[place >> 3] |= BIT[place & 7]
        return self._milestones[steps] | int.from_bytes(data, "little")

    @cached_property
    def _milestones(self) -> list[int]:
        """The bits of none, of the first stride of the cheapest, of the first two, and so on."""
        data, milestones = bytearray((len(self.prices) + 7) // 8), [0]
        for start in range(0, len(self.prices), self._stride):
            for place in self.cheapest_first[start : start + self._stride]:
                data[place >> 3] |= BIT[place & 7]
            milestones.append(int.from_bytes(data, "little"))
        return milestones


class LoadedIndex:
    """Everything that browsing a generation asks of memory. Threads share it."""

    def __init__(self, generation: int, index: CatalogIndex) -> None:
        size = len(index.ids)
        self.generation = generation
        self.size = size
        self.ids = index.ids
        self.docids = unpack(NUMBER, index.docids)
        self.prices = PriceColumn(unpack(NUMBER, index.prices), unpack(PLACE, index.orders["price"]))
        self._prices_with_shipping = unpack(NUMBER, index.prices_with_shipping)
        self._orders = {sort: Order(unpack(PLACE, packed), is_whole=True) for sort, packed in index.orders.items()}
        self._orders[Sort.FEATURED] = Order(range(size), is_whole=True)
        self.brands = _facets(index.brands, size)
        self.collections = _facets(index.collections, size)
        self.brand_values = _facets(index.brand_values, size)
        self.restricted_states = _facets(index.restricted_states, size)
        self._placing = unpack(PLACE, index.placing) if index.placings else array(PLACE, bytes(4 * size))
        self._placings = index.placings or (APART,)
        self._endings: dict[int, Ending] = {}
        self._tag_words = index.tag_words
        self.walks: BoundedCache[tuple[Sort | None, Filters], Walk] = BoundedCache(KEPT_BYTES)
        self.matches: BoundedCache[tuple[str, ...], Matches] = BoundedCache(KEPT_BYTES)
        self.words: BoundedCache[str, Tiers] = BoundedCache(KEPT_BYTES)
        self.facets: BoundedCache[Filters, bytes] = BoundedCache(KEPT_BYTES)

    def ending(self, place: int) -> Ending:
        """How the documents of the product at this place end."""
        number = self._placing[place]
        ending = self._endings.get(number)
        if ending is None:
            members = self._placings[number]
            ending = self._endings[number] = Ending(members, digest(members))
        return ending

    def tagged(self, word: str) -> Iterator[int]:
        """The places with a tag that has a word beginning like this one, or of the same stem; some more than once."""
        root = stem(word)
        for each in self._tag_words:
            if each.value.startswith(word) or each.value == root:
                yield from unpack(PLACE, each.places)

    def order(self, sort: Sort) -> Order:
        """All places in one of the orders that every list can have."""
        return self._orders[sort]

    @cached_property
    def prices_with_shipping(self) -> PriceColumn:
        """What one piece costs with its brand's shipping."""
        prices = self._prices_with_shipping
        return PriceColumn(prices, array(PLACE, sorted(range(self.size), key=prices.__getitem__)))

    @cached_property
    def place_of_id(self) -> dict[str, int]:
        """By product id, its place."""
        return {product_id: place for place, product_id in enumerate(self.ids)}

    @cached_property
    def place_of_docid(self) -> dict[int, int]:
        """By number in the full text index, the place."""
        return {docid: place for place, docid in enumerate(self.docids)}


def _facets(values: Sequence[FacetValue], size: int) -> dict[str, Facet]:
    return {value.value: Facet(value, size) for value in values}
