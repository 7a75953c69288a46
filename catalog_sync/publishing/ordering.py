"""The featured order, and the orders and facets of an index."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from catalog_sync.curation.placement import ArrangedCollection, Member
from catalog_sync.index import NUMBER, PLACE, CatalogIndex, FacetValue, pack
from catalog_sync.publishing.documents import name_key
from catalog_sync.publishing.placings import Placings
from catalog_sync.publishing.survey import Candidate
from foundation.apart import give_way, giving_way

_UNRANKED: Final = 2**63


def feature(candidates: list[Candidate]) -> None:
    """Put them into the featured order.

    Those with a rank come first, then those with the highest boost. Among equals the brands take turns: each one's
    first product comes before any one's second. Then what was seen first comes first, then ids decide.
    """
    candidates.sort(key=lambda each: (each.first_seen_at, each.id))
    turns: Counter[tuple[int, int, str]] = Counter()

    def turn(candidate: Candidate) -> tuple[int, int, int]:
        placement = candidate.placement
        rank = _UNRANKED if placement.featured_rank is None else placement.featured_rank
        peers = rank, -placement.boost, candidate.brand_id
        turns[peers] += 1
        return rank, -placement.boost, turns[peers]

    # Keys are asked for once each, in the order that stands so far.
    candidates.sort(key=turn)


def members(featured: Sequence[Candidate]) -> dict[str, list[Member]]:
    """By handle, the products of each collection in the featured order."""
    found: dict[str, list[Member]] = {}
    for place, each in enumerate(giving_way(featured)):
        if each.placement.collections:
            member = Member(each.id, place, each.name_key, each.price, each.first_seen_at)
            for handle in each.placement.collections:
                found.setdefault(handle, []).append(member)
    return found


def build_index(
    featured: Sequence[Candidate],
    brand_names: Mapping[str, str],
    collections: Sequence[ArrangedCollection],
    placings: Placings,
    docids: "array[int]",
    versions: "array[int]",
) -> CatalogIndex:
    """The index of these products, in this order."""
    places = {each.id: place for place, each in enumerate(featured)}
    return CatalogIndex(
        ids=tuple(each.id for each in featured),
        docids=pack(NUMBER, docids),
        versions=pack(NUMBER, versions),
        prices=pack(NUMBER, [each.price for each in featured]),
        prices_with_shipping=pack(NUMBER, [each.price_with_shipping for each in featured]),
        orders=_orders(featured),
        brands=_brands(featured, brand_names),
        collections=tuple(
            FacetValue(each.handle, each.title, pack(PLACE, [places[product_id] for product_id in each.product_ids]))
            for each in collections
        ),
        brand_values=_facet(featured, lambda each: each.brand_values),
        restricted_states=_facet(featured, _states),
        placings=placings.endings,
        placing=placings.of_places,
        tag_words=placings.tag_words,
    )


def _orders(featured: Sequence[Candidate]) -> dict[str, bytes]:
    """Ties go by id, in the direction of the sort."""
    by_id = _sorted(range(len(featured)), lambda place: featured[place].id)
    price = _sorted(by_id, lambda place: featured[place].price)
    name = _sorted(by_id, lambda place: featured[place].name_key)
    oldest = _sorted(by_id, lambda place: featured[place].first_seen_at)
    return {
        "price": pack(PLACE, price),
        "-price": pack(PLACE, price[::-1]),
        "name": pack(PLACE, name),
        "newest": pack(PLACE, oldest[::-1]),
    }


def _sorted(places: Iterable[int], key: Callable[[int], Any]) -> list[int]:
    give_way()
    return sorted(places, key=key)


def _brands(featured: Sequence[Candidate], names: Mapping[str, str]) -> tuple[FacetValue, ...]:
    found = _places(featured, lambda each: (each.brand_id,))
    order = sorted(found, key=lambda brand_id: (name_key(names[brand_id]), brand_id))
    return tuple(FacetValue(brand_id, names[brand_id], found[brand_id].tobytes()) for brand_id in order)


def _facet(featured: Sequence[Candidate], values: Callable[[Candidate], Iterable[str]]) -> tuple[FacetValue, ...]:
    found = _places(featured, values)
    return tuple(
        FacetValue(value, value, found[value].tobytes())
        for value in sorted(found, key=lambda each: (name_key(each), each))
    )


def _states(candidate: Candidate) -> Iterable[str]:
    return (state.upper() for state in candidate.restricted_states)


def _places(featured: Sequence[Candidate], values: Callable[[Candidate], Iterable[str]]) -> dict[str, "array[int]"]:
    found: dict[str, array[Any]] = {}
    for place, candidate in enumerate(giving_way(featured)):
        for value in dict.fromkeys(values(candidate)):
            if value not in found:
                found[value] = array(PLACE)
            found[value].append(place)
    return found
