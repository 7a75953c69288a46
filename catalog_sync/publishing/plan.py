"""What a publication would change: planned first, so that it can be judged before anything is written.

A plan is light: ids, places and hashes. A document is only made when it is written, and only where what it is made of
has changed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import msgspec
import sqlalchemy as sa

from catalog_sync.browsing.paging import in_generation
from catalog_sync.curation.model import Curation
from catalog_sync.curation.placement import ArrangedCollection
from catalog_sync.index import NUMBER, PLACE, CatalogIndex, decode, pack, unpack
from catalog_sync.publishing import ordering
from catalog_sync.publishing.documents import FORMAT, Curated
from catalog_sync.publishing.kept import keep_unreadable
from catalog_sync.publishing.source import Source, fingerprint
from catalog_sync.publishing.surroundings import TableChanges, plan_surroundings
from catalog_sync.publishing.survey import Candidate, survey
from catalog_sync.tables import Listing, PublishedCatalog, PublishedIndex
from foundation.database import Session

_encoder: Final = msgspec.msgpack.Encoder(order="deterministic")


class Pending(NamedTuple):
    """A listing to be written: the hash of what it is made of, what curation adds, and the values it replaces."""

    content_hash: str
    curated: Curated
    values: Mapping[str, Any]


class Row(NamedTuple):
    """A listing's row in the generation being served."""

    content_hash: str
    docid: int
    version: int


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
    previous = _read_index(session, app_id, served)
    inputs = _inputs(session, source, curation)
    if catalog is not None and previous is not None and catalog.inputs == inputs:
        return _unchanged(app_id, served, inputs, previous)
    return _planned(session, source, served, previous, curation, inputs)


def _planned(
    session: Session, source: Source, served: int, previous: CatalogIndex | None, curation: Curation, inputs: str
) -> Plan:
    app_id = source.app_id
    found = survey(session, source, curation)
    keep_unreadable(session, app_id, served, found)
    featured = found.candidates
    ordering.feature(featured)
    collections = found.evaluation.arrange(ordering.members(featured))
    around = plan_surroundings(session, source, served, found.makers, collections)
    rows = _rows(session, app_id, served)
    pending = dict(_pending(featured, collections, rows))
    index = _numbered(ordering.build_index(featured, around.brand_names, collections), rows, pending)
    return Plan(
        app_id=app_id,
        served=served,
        inputs=inputs if found.is_all_read and around.is_all_read else "",
        is_empty=not pending and around.is_empty and index == previous,
        listed=len(featured),
        entering=tuple(each for each in pending if each not in rows),
        changing=tuple(each for each in pending if each in rows),
        leaving=tuple(sorted(rows.keys() - set(index.ids))),
        collections=_sizes(index),
        previous_collections={} if previous is None else _sizes(previous),
        index=index,
        pending=pending,
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


def _rows(session: Session, app_id: str, served: int) -> dict[str, Row]:
    columns = (Listing.id, Listing.content_hash, Listing.docid, Listing.valid_from)
    current = session.execute(sa.select(*columns).where(*in_generation(Listing, app_id, served)))
    return {product_id: Row(content_hash, docid, version) for product_id, content_hash, docid, version in current}


def _pending(
    featured: Sequence[Candidate], collections: Sequence[ArrangedCollection], rows: Mapping[str, Row]
) -> Iterator[tuple[str, Pending]]:
    """Those whose documents would not be made of what they were made of."""
    handles = _handles(collections)
    for each in featured:
        if each.is_kept:
            continue
        curated = Curated(each.placement.tags, handles.get(each.id, ()), each.gift_collection)
        made_of = (FORMAT, each.input_hash, curated, each.placement.values)
        content_hash = blake2b(_encoder.encode(made_of), digest_size=16).hexdigest()
        row = rows.get(each.id)
        if row is None or row.content_hash != content_hash:
            yield each.id, Pending(content_hash, curated, each.placement.values)


def _handles(collections: Sequence[ArrangedCollection]) -> dict[str, tuple[str, ...]]:
    """By product id, the handles of the collections that list it: one with a limit does not list all of its members."""
    handles: dict[str, tuple[str, ...]] = {}
    for collection in sorted(collections, key=lambda each: each.handle):
        for product_id in collection.product_ids:
            handles[product_id] = (*handles.get(product_id, ()), collection.handle)
    return handles


def _numbered(index: CatalogIndex, rows: Mapping[str, Row], pending: Mapping[str, Pending]) -> CatalogIndex:
    """The index with the numbers of the rows that stay."""
    staying = [None if each in pending else rows[each] for each in index.ids]
    return msgspec.structs.replace(
        index,
        docids=pack(NUMBER, [0 if row is None else row.docid for row in staying]),
        versions=pack(NUMBER, [0 if row is None else row.version for row in staying]),
    )


def _sizes(index: CatalogIndex) -> dict[str, int]:
    return {each.value: len(unpack(PLACE, each.places)) for each in index.collections}
