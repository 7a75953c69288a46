"""From a question to the walk that answers it."""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import and_, or_
from typing import Final

from catalog_sync.browsing.loaded import Facet, LoadedIndex
from catalog_sync.browsing.matches import Matches
from catalog_sync.browsing.questions import Filters, Sort
from catalog_sync.browsing.selection import Selection, everything, nothing
from catalog_sync.browsing.sequence import Order, Walk

_BY_PRICE: Final = (Sort.PRICE, Sort.PRICE_DESCENDING)


def walk(index: LoadedIndex, filters: Filters, sort: Sort | None, matches: Matches | None) -> Walk:
    """The walk through what the filters leave, in this order; None is the order of the collection asked for."""
    order = _order(index, filters, sort, matches)
    start, end = 0, len(order.places)
    if sort in _BY_PRICE:
        start, end = index.prices.window(filters.price_min, filters.price_max)
        if sort is Sort.PRICE_DESCENDING:
            start, end = index.size - end, index.size - start
        if filters == Filters(price_min=filters.price_min, price_max=filters.price_max):
            return Walk(order, None, start, end)
    rest = filters
    if sort is Sort.RELEVANCE:
        rest = filters._replace(words=None)
    elif sort is None:
        rest = filters._replace(collection=None)
    if rest == Filters():
        return Walk(order, None, start, end)
    return Walk(order, select(index, filters, matches), start, end)


def select(index: LoadedIndex, filters: Filters, matches: Matches | None) -> Selection | None:
    """What the filters leave; None for everything. `matches` are those of `filters.words`, if there are any."""
    chosen = []
    if filters.words is not None:
        chosen.append(nothing(index.size) if matches is None else matches.selection)
    if filters.brand_ids:
        chosen.append(_any_of(index.brands, filters.brand_ids, index.size))
    if filters.collection is not None:
        chosen.append(_any_of(index.collections, (filters.collection,), index.size))
    if filters.brand_values:
        chosen.append(_any_of(index.brand_values, filters.brand_values, index.size))
    if filters.ships_to in index.restricted_states:
        restricted = index.restricted_states[filters.ships_to].selection
        chosen.append(Selection(everything(index.size).bits ^ restricted.bits, index.size))
    if filters.price_min is not None or filters.price_max is not None:
        chosen.append(index.prices.select(filters.price_min, filters.price_max))
    if filters.price_with_shipping_max is not None:
        chosen.append(index.prices_with_shipping.select(None, filters.price_with_shipping_max))
    return reduce(and_, chosen) if chosen else None


def _order(index: LoadedIndex, filters: Filters, sort: Sort | None, matches: Matches | None) -> Order:
    if sort is Sort.RELEVANCE:
        return _NO_ORDER if matches is None else matches.order
    if sort is None:
        facet = index.collections.get(filters.collection or "")
        return _NO_ORDER if facet is None else facet.order
    return index.order(sort)


_NO_ORDER: Final = Order(range(0), is_whole=False)


def _any_of(facets: Mapping[str, Facet], values: Iterable[str], size: int) -> Selection:
    chosen = [facets[value].selection for value in values if value in facets]
    return reduce(or_, chosen) if chosen else nothing(size)
