"""What a publication would change: planned first, so that it can be judged before anything is written.

A plan is light: ids, places and hashes. A document is only made when it is written, and only where what it is made of
has changed.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import msgspec
import sqlalchemy as sa

from catalog_sync.browsing.paging import in_generation
from catalog_sync.curation.model import Curation
from catalog_sync.index import NUMBER, PLACE, CatalogIndex, decode, unpack
from catalog_sync.publishing import ordering
from catalog_sync.publishing.documents import FORMAT, GiftCollection
from catalog_sync.publishing.kept import keep_unreadable
from catalog_sync.publishing.placings import place_all, placed_anew, placings_of
from catalog_sync.publishing.source import SnapshotSource, Source, fingerprint
from catalog_sync.publishing.surroundings import TableChanges, plan_surroundings
from catalog_sync.publishing.survey import Candidate, survey
from catalog_sync.tables import Listing, PublishedCatalog, PublishedIndex
from foundation.apart import giving_way
from foundation.database import Session

_PER_FETCH: Final = 1000
_encoder: Final = msgspec.msgpack.Encoder(order="deterministic")


class Pending(NamedTuple):
    """What a listing to be written is made of beside the supplier's fields; `values` replace some of these."""

    gift_collection: GiftCollection | None
    values: Mapping[str, Any]


USUAL: Final = Pending(None, {})
"""Nothing beside the supplier's fields. There is one for each product, so it is shared."""
FIRST: Final = 1
"""The generation that follows none."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How the catalog would change. `served` is the generation that it starts from; 0 before the first."""

    app_id: str
    served: int
    inputs: str
    """A hash of what it was made from: format, curation, everything present. Empty if some of that can't be read."""
    is_empty: bool
    """Whether readers would see no difference at all."""
    listed: int
    collections: dict[str, int]
    """By handle, how many products each collection will list."""
    previous_collections: dict[str, int]
    index: CatalogIndex
    """Without document numbers and versions of what is pending."""
    entering: tuple[str, ...] = ()
    changing: tuple[str, ...] = ()
    """Ids of products whose documents change, be it only their placing; one that merely moves is not among them."""
    leaving: tuple[str, ...] = ()
    pending: Mapping[str, Pending] = field(default_factory=dict)
    """By product id, those entering, and those changing that have to be written for it."""
    ahead: frozenset[str] = frozenset()
    """Ids of those entering whose listings have been written already: see `catalog_sync.publishing.ahead`."""
    around: tuple[TableChanges, ...] = ()
    """Brands, cards and collections."""


def plan(session: Session, app_id: str, source: Source, curation: Curation) -> Plan:
    """What publishing would change; quick if nothing that is published depends on has.

    Give it a session whose queries see one state of the database. Nothing is written.
    """
    catalog = session.get(PublishedCatalog, app_id)
    served = 0 if catalog is None else catalog.generation
    index, rules = _read_index(session, app_id, served), _rules(curation)
    if catalog is not None and index is not None and catalog.inputs.startswith(rules):
        inputs = rules + fingerprint(session, source)
        if catalog.inputs == inputs:
            return _unchanged(app_id, served, inputs, index)
    return _planned(session, source, served, curation, index)


def content_hash(digest: bytes, pending: Pending) -> str:
    """The hash of all that a document is made of; `digest` is that of what the supplier sent."""
    return blake2b(_encoder.encode((FORMAT, digest, *pending)), digest_size=16).hexdigest()


def _planned(session: Session, source: Source, served: int, curation: Curation, previous: CatalogIndex | None) -> Plan:
    app_id = source.app_id
    # A run has most often found another number of products.
    known_sizes = previous.brand_sizes if previous is not None and isinstance(source, SnapshotSource) else None
    found = survey(session, source, curation, known_sizes or None)
    keep_unreadable(session, app_id, served, found, placings_of(previous))
    featured = found.candidates
    ordering.feature(featured)
    collections = found.evaluation.arrange(ordering.members(featured))
    around = plan_surroundings(session, source, served, found.makers, collections)
    compared = _compare(session, app_id, served, featured)
    placings = place_all(featured, collections)
    index = ordering.build_index(
        featured, around.brand_names, collections, placings, compared.docids, compared.versions
    )
    index = msgspec.structs.replace(index, brand_sizes=dict(found.brand_sizes))
    is_all_read = found.is_all_read and around.is_all_read
    changing = compared.changing | dict.fromkeys(placed_anew(previous, index))
    return Plan(
        app_id=app_id,
        served=served,
        inputs=_rules(curation) + fingerprint(session, source, found.products) if is_all_read else "",
        is_empty=around.is_empty and previous is not None and _looks_alike(index, previous),
        listed=len(featured),
        entering=tuple(each for each in (*compared.ahead, *compared.pending) if each not in compared.changing),
        changing=tuple(changing),
        leaving=tuple(sorted(compared.leaving)),
        collections=_sizes(index),
        previous_collections={} if previous is None else _sizes(previous),
        index=index,
        pending=compared.pending,
        ahead=frozenset(compared.ahead),
        around=around.changes,
    )


def _unchanged(app_id: str, served: int, inputs: str, index: CatalogIndex) -> Plan:
    return Plan(
        app_id=app_id,
        served=served,
        inputs=inputs,
        is_empty=True,
        listed=len(index.ids),
        collections=_sizes(index),
        previous_collections=_sizes(index),
        index=index,
    )


def _rules(curation: Curation) -> str:
    """What `inputs` begin with: a hash of everything but what the supplier has."""
    digest = blake2b(msgspec.msgpack.encode(curation, order="deterministic"), digest_size=15)
    digest.update(f"{FORMAT}".encode())
    return f"{digest.hexdigest()}:"


def _looks_alike(index: CatalogIndex, previous: CatalogIndex) -> bool:
    """Whether readers see no difference: what is only there for the next plan may have changed."""
    return index == msgspec.structs.replace(previous, brand_sizes=index.brand_sizes)


def _read_index(session: Session, app_id: str, served: int) -> CatalogIndex | None:
    body = session.scalar(
        sa.select(PublishedIndex.body).where(PublishedIndex.app_id == app_id, PublishedIndex.generation == served)
    )
    return None if body is None else decode(body)


@dataclass(slots=True)
class _Comparison:
    """How what is to be listed differs from the rows being served. Numbers are zero for what has to be written."""

    docids: "array[int]"
    versions: "array[int]"
    changing: dict[str, None] = field(default_factory=dict)
    leaving: list[str] = field(default_factory=list)
    pending: dict[str, Pending] = field(default_factory=dict)
    ahead: list[str] = field(default_factory=list)


def _compare(session: Session, app_id: str, served: int, featured: Sequence[Candidate]) -> _Comparison:
    blank = bytes(8 * len(featured))
    compared = _Comparison(array(NUMBER, blank), array(NUMBER, blank))
    places = {each.id: place for place, each in enumerate(featured)}
    for product_id, known_hash, docid, version in _rows(session, app_id, served):
        place = places.get(product_id)
        if place is None:
            compared.leaving.append(product_id)
            continue
        each = featured[place]
        if each.is_kept or _hash(each) == known_hash:
            compared.docids[place], compared.versions[place] = docid, version
        else:
            compared.changing[each.id] = None
    for product_id, known_hash, docid, version in () if served else _rows(session, app_id, FIRST):
        place = places.get(product_id, -1)
        if place >= 0 and _hash(featured[place]) == known_hash:
            compared.docids[place], compared.versions[place] = docid, version
            compared.ahead.append(featured[place].id)
    for place, each in enumerate(giving_way(featured)):
        if not compared.versions[place]:
            compared.pending[each.id] = _ingredients(each)
    return compared


def _hash(candidate: Candidate) -> str:
    return content_hash(candidate.input_digest, _ingredients(candidate))


def _ingredients(candidate: Candidate) -> Pending:
    if candidate.gift_collection is None and not candidate.placement.values:
        return USUAL
    return Pending(candidate.gift_collection, candidate.placement.values)


def _rows(session: Session, app_id: str, served: int) -> Iterator[sa.Row[str, str, int, int]]:
    columns = (Listing.id, Listing.content_hash, Listing.docid, Listing.valid_from)
    current = sa.select(*columns).where(*in_generation(Listing, app_id, served))
    for part in session.connection().execute(current.execution_options(yield_per=_PER_FETCH)).partitions():
        yield from giving_way(part)


def _sizes(index: CatalogIndex) -> dict[str, int]:
    return {each.value: len(unpack(PLACE, each.places)) for each in index.collections}
