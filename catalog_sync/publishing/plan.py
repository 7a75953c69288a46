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
from catalog_sync.curation.placement import ArrangedCollection
from catalog_sync.index import NUMBER, PLACE, CatalogIndex, decode, unpack
from catalog_sync.publishing import ordering
from catalog_sync.publishing.documents import FORMAT, Curated
from catalog_sync.publishing.kept import keep_unreadable
from catalog_sync.publishing.source import Source, fingerprint
from catalog_sync.publishing.surroundings import TableChanges, plan_surroundings
from catalog_sync.publishing.survey import Candidate, survey
from catalog_sync.tables import Listing, PublishedCatalog, PublishedIndex
from foundation.database import Session

_PER_FETCH: Final = 1000
_encoder: Final = msgspec.msgpack.Encoder(order="deterministic")


class Pending(NamedTuple):
    """What a listing to be written is made of beside the supplier's fields; `values` replace some of these."""

    curated: Curated
    values: Mapping[str, Any]


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
    """Ids of products whose documents change; one that merely moves is not among them."""
    leaving: tuple[str, ...] = ()
    pending: Mapping[str, Pending] = field(default_factory=dict)
    """By product id, those entering and those changing."""
    around: tuple[TableChanges, ...] = ()
    """Brands, cards and collections."""


def plan(session: Session, app_id: str, source: Source, curation: Curation) -> Plan:
    """What publishing would change; quick if nothing that is published depends on has.

    Give it a session whose queries see one state of the database. Nothing is written.
    """
    catalog = session.get(PublishedCatalog, app_id)
    served = 0 if catalog is None else catalog.generation
    inputs = _inputs(session, source, curation)
    if catalog is not None and catalog.inputs == inputs:
        index = _read_index(session, app_id, served)
        if index is not None:
            return _unchanged(app_id, served, inputs, index)
    return _planned(session, source, served, curation, inputs)


def content_hash(digest: bytes, pending: Pending) -> str:
    """The hash of all that a document is made of; `digest` is that of what the supplier sent."""
    return blake2b(_encoder.encode((FORMAT, digest, *pending)), digest_size=16).hexdigest()


def _planned(session: Session, source: Source, served: int, curation: Curation, inputs: str) -> Plan:
    app_id = source.app_id
    found = survey(session, source, curation)
    keep_unreadable(session, app_id, served, found)
    featured = found.candidates
    ordering.feature(featured)
    collections = found.evaluation.arrange(ordering.members(featured))
    around = plan_surroundings(session, source, served, found.makers, collections)
    compared = _compare(session, app_id, served, featured, collections)
    index = ordering.build_index(featured, around.brand_names, collections, compared.docids, compared.versions)
    previous = _read_index(session, app_id, served)
    return Plan(
        app_id=app_id,
        served=served,
        inputs=inputs if found.is_all_read and around.is_all_read else "",
        is_empty=around.is_empty and index == previous,
        listed=len(featured),
        entering=tuple(each for each in compared.pending if each not in compared.changing),
        changing=tuple(compared.changing),
        leaving=tuple(sorted(compared.leaving)),
        collections=_sizes(index),
        previous_collections={} if previous is None else _sizes(previous),
        index=index,
        pending=compared.pending,
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


def _inputs(session: Session, source: Source, curation: Curation) -> str:
    digest = blake2b(msgspec.msgpack.encode(curation, order="deterministic"), digest_size=16)
    digest.update(f"{FORMAT}:{fingerprint(session, source)}".encode())
    return digest.hexdigest()


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


def _compare(
    session: Session, app_id: str, served: int, featured: Sequence[Candidate], collections: Sequence[ArrangedCollection]
) -> _Comparison:
    handles = _handles(collections)

    def ingredients(candidate: Candidate) -> Pending:
        placement = candidate.placement
        curated = Curated(placement.tags, handles.get(candidate.id, ()), candidate.gift_collection)
        return Pending(curated, placement.values)

    blank = bytes(8 * len(featured))
    compared = _Comparison(array(NUMBER, blank), array(NUMBER, blank))
    places = {each.id: place for place, each in enumerate(featured)}
    for product_id, known_hash, docid, version in _rows(session, app_id, served):
        place = places.get(product_id)
        if place is None:
            compared.leaving.append(product_id)
            continue
        each = featured[place]
        if each.is_kept or content_hash(each.input_digest, ingredients(each)) == known_hash:
            compared.docids[place], compared.versions[place] = docid, version
        else:
            compared.changing[each.id] = None
    known: dict[object, Pending] = {}
    for place, each in enumerate(featured):
        if not compared.versions[place]:
            pending = ingredients(each)
            compared.pending[each.id] = pending if pending.values else known.setdefault(pending.curated, pending)
    return compared


def _rows(session: Session, app_id: str, served: int) -> Iterator[tuple[str, str, int, int]]:
    columns = (Listing.id, Listing.content_hash, Listing.docid, Listing.valid_from)
    current = sa.select(*columns).where(*in_generation(Listing, app_id, served))
    for part in session.execute(current.execution_options(yield_per=_PER_FETCH)).partitions():
        yield from map(tuple, part)


def _handles(collections: Sequence[ArrangedCollection]) -> dict[str, tuple[str, ...]]:
    """By product id, the handles of the collections that list it: one with a limit does not list all of its members."""
    handles: dict[str, tuple[str, ...]] = {}
    known: dict[tuple[str, ...], tuple[str, ...]] = {}
    for collection in sorted(collections, key=lambda each: each.handle):
        for product_id in collection.product_ids:
            longer = (*handles.get(product_id, ()), collection.handle)
            handles[product_id] = known.setdefault(longer, longer)
    return handles


def _sizes(index: CatalogIndex) -> dict[str, int]:
    return {each.value: len(unpack(PLACE, each.places)) for each in index.collections}
