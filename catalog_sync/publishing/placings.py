"""How the documents of a catalog end, each ending kept once, and the words that its tags are found by."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog_sync.curation.placement import ArrangedCollection
from catalog_sync.index import PLACE, CatalogIndex, FacetValue, Packed, unpack
from catalog_sync.placing import APART, Placing, members, read_members
from catalog_sync.publishing.survey import Candidate
from catalog_sync.words import written_words
from foundation.apart import giving_way


@dataclass(frozen=True, slots=True)
class Placings:
    """Columns of an index: see `catalog_sync.index.CatalogIndex`."""

    endings: tuple[bytes, ...]
    of_places: Packed
    tag_words: tuple[FacetValue, ...]


def place_all(featured: Sequence[Candidate], collections: Sequence[ArrangedCollection]) -> Placings:
    """The placings of these products, in this order."""
    handles = _handles(collections)
    numbers: dict[Placing | None, int] = {}
    of_places: array[int] = array(PLACE)
    found: dict[str, array[Any]] = {}
    words_of: dict[tuple[str, ...], dict[str, None]] = {}
    for place, each in enumerate(giving_way(featured)):
        tags = each.placement.tags
        placing = None if each.is_whole else Placing(tags, handles.get(each.id, ()))
        of_places.append(numbers.setdefault(placing, len(numbers)))
        if tags not in words_of:
            words_of[tags] = written_words(" ".join(tags))
        for word in words_of[tags]:
            found.setdefault(word, array(PLACE)).append(place)
    return Placings(
        tuple(APART if placing is None else members(placing) for placing in numbers),
        of_places.tobytes(),
        tuple(FacetValue(word, "", found[word].tobytes()) for word in sorted(found)),
    )


def placings_of(index: CatalogIndex | None) -> dict[str, Placing]:
    """By product id, what an index says; nothing where documents are stored with their endings."""
    if index is None or not index.placings:
        return {}
    known = [read_members(ending) for ending in index.placings]
    return {product_id: known[number] for product_id, number in _numbered(index)}


def placed_anew(before: CatalogIndex | None, after: CatalogIndex) -> Iterator[str]:
    """Ids of products that both list, and whose documents end in another way."""
    if before is None or not before.placings:
        return
    known = dict(_numbered(before))
    for product_id, number in _numbered(after):
        if product_id in known and before.placings[known[product_id]] != after.placings[number]:
            yield product_id


def _numbered(index: CatalogIndex) -> Iterator[tuple[str, int]]:
    return zip(index.ids, unpack(PLACE, index.placing), strict=True)


def _handles(collections: Sequence[ArrangedCollection]) -> Mapping[str, tuple[str, ...]]:
    """By product id, the handles of the collections that list it: one with a limit does not list all of its members."""
    handles: dict[str, tuple[str, ...]] = {}
    known: dict[tuple[str, ...], tuple[str, ...]] = {}
    for collection in sorted(collections, key=lambda each: each.handle):
        for product_id in giving_way(collection.product_ids):
            longer = (*handles.get(product_id, ()), collection.handle)
            handles[product_id] = known.setdefault(longer, longer)
    return handles
