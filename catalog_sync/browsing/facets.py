"""Facets: what a list can be narrowed to, each value with its count under the other filters.

A facet's own selection is left out of its own counts: who has chosen one brand sees how many products choosing
another one as well would bring.
"""

from collections.abc import Iterable, Mapping

import msgspec

from catalog_sync.browsing.loaded import Facet, LoadedIndex, PriceColumn
from catalog_sync.browsing.matches import Matches
from catalog_sync.browsing.questions import Filters, Sort
from catalog_sync.browsing.selecting import select
from catalog_sync.browsing.selection import BIT, Selection, everything
from foundation.money import CURRENCY, Cents


class BrandCount(msgspec.Struct):
    """How many products of a brand there are."""

    id: str
    name: str
    count: int
    is_selected: bool


class CollectionCount(msgspec.Struct):
    """How many products of a collection there are."""

    handle: str
    title: str
    count: int
    is_selected: bool


class ValueCount(msgspec.Struct):
    """How many products have a value."""

    value: str
    count: int
    is_selected: bool


class PriceRange(msgspec.Struct):
    """The lowest and the highest price in cents; None where there is no product."""

    min: Cents | None
    max: Cents | None


class SortOption(msgspec.Struct):
    """An order that the list can be in."""

    value: str
    is_default: bool


class Facets(msgspec.Struct):
    """Everything that a list of products can be narrowed to."""

    total_count: int
    currency: str
    brands: list[BrandCount]
    collections: list[CollectionCount]
    brand_values: list[ValueCount]
    ships_to: list[ValueCount]
    """States that some product can't be sent to."""
    price: PriceRange
    price_with_shipping: PriceRange
    sorts: list[SortOption]


def facets_document(index: LoadedIndex, filters: Filters, matches: Matches | None) -> bytes:
    """The facets as JSON, under these filters."""

    def counted(others: Filters) -> Selection | None:
        return select(index, others, matches)

    chosen, change = counted(filters), filters._replace
    facets = Facets(
        total_count=index.size if chosen is None else chosen.count,
        currency=CURRENCY,
        brands=[
            BrandCount(facet.value, facet.label, count, is_selected)
            for facet, count, is_selected in _counts(index.brands, counted(change(brand_ids=())), filters.brand_ids)
        ],
        collections=[
            CollectionCount(facet.value, facet.label, count, is_selected)
            for facet, count, is_selected in _counts(
                index.collections, counted(change(collection=None)), (filters.collection or "",)
            )
        ],
        brand_values=[
            ValueCount(facet.value, count, is_selected)
            for facet, count, is_selected in _counts(
                index.brand_values, counted(change(brand_values=())), filters.brand_values
            )
        ],
        ships_to=_ships_to(index, counted(change(ships_to=None)), filters.ships_to),
        price=_range(index.prices, counted(change(price_min=None, price_max=None))),
        price_with_shipping=_range(index.prices_with_shipping, counted(change(price_with_shipping_max=None))),
        sorts=_sorts(filters),
    )
    return msgspec.json.encode(facets)


def _counts(
    facets: Mapping[str, Facet], selection: Selection | None, chosen: Iterable[str]
) -> Iterable[tuple[Facet, int, bool]]:
    """The values that would bring something, and those that are chosen."""
    selected = frozenset(chosen)
    for facet in facets.values():
        count = len(facet.places) if selection is None else facet.selection.common(selection)
        if count or facet.value in selected:
            yield facet, count, facet.value in selected


def _ships_to(index: LoadedIndex, selection: Selection | None, chosen: str | None) -> list[ValueCount]:
    total = index.size if selection is None else selection.count
    return [
        ValueCount(facet.value, total - facet.selection.common(selection), facet.value == chosen)
        for facet in index.restricted_states.values()
    ]


def _range(column: PriceColumn, selection: Selection | None) -> PriceRange:
    places = column.cheapest_first
    if selection is None:
        selection = everything(len(places))
    if not selection.count:
        return PriceRange(None, None)
    data = selection.data
    cheapest = next(place for place in places if data[place >> 3] & BIT[place & 7])
    dearest = next(place for place in reversed(places) if data[place >> 3] & BIT[place & 7])
    return PriceRange(column.prices[cheapest], column.prices[dearest])


def _sorts(filters: Filters) -> list[SortOption]:
    """A collection's own order is no option: it is what leaving `sort` out means."""
    is_search = filters.words is not None
    default = Sort.RELEVANCE if is_search else Sort.FEATURED if filters.collection is None else None
    return [SortOption(sort, sort is default) for sort in Sort if is_search or sort is not Sort.RELEVANCE]
