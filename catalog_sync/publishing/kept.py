"""Products that can no longer be read from the snapshot: they stay as they are published, and where."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

import msgspec
import sqlalchemy as sa

from catalog_sync.browsing.paging import in_generation
from catalog_sync.chunks import chunks
from catalog_sync.curation.placement import Placement
from catalog_sync.placing import Placing
from catalog_sync.publishing.documents import name_key
from catalog_sync.publishing.survey import Candidate, Survey
from catalog_sync.tables import Listing
from foundation.database import Session
from foundation.goody.resources import Brand
from foundation.money import Cents


class _Named(msgspec.Struct):
    id: str


class _Document(msgspec.Struct):
    """What the order of a published product depends on."""

    id: str
    name: str
    brand: Brand
    price: Cents
    price_with_shipping: Cents
    restricted_states: tuple[str, ...]
    gift_collection: _Named | None
    tags: tuple[str, ...] = ()
    collections: tuple[str, ...] | None = None
    """None where the placing is kept apart."""


_decoder: Final = msgspec.json.Decoder(_Document)


def keep_unreadable(session: Session, app_id: str, served: int, found: Survey, placings: Mapping[str, Placing]) -> None:
    """List those of what is unreadable that are published in the generation being served, where these placings say."""
    known = {candidate.id for candidate in found.candidates}
    for document, first_seen_at in _published(session, app_id, served, found):
        if document.id not in known:
            known.add(document.id)
            placing = placings.get(document.id, Placing(document.tags, document.collections or ()))
            found.add(_candidate(document, first_seen_at, placing), document.brand)


def _published(session: Session, app_id: str, served: int, found: Survey) -> Iterator[tuple[_Document, datetime]]:
    documents = sa.select(Listing.summary).where(*in_generation(Listing, app_id, served))
    for ids in chunks(list(found.unreadable)):
        for document in map(_decoder.decode, session.scalars(documents.where(Listing.id.in_(ids)))):
            yield document, found.unreadable[document.id]
    if not found.unreadable_collections:
        return
    # Which product stood for a collection that can't be read is only known from what is published of it.
    for document in map(_decoder.decode, session.scalars(documents)):
        gift = document.gift_collection
        if gift is not None and gift.id in found.unreadable_collections:
            yield document, found.unreadable_collections[gift.id]


def _candidate(document: _Document, first_seen_at: datetime, placing: Placing) -> Candidate:
    return Candidate(
        id=document.id,
        first_seen_at=first_seen_at,
        name_key=name_key(document.name),
        brand_id=document.brand.id,
        price=document.price,
        price_with_shipping=document.price_with_shipping,
        brand_values=document.brand.brand_values,
        restricted_states=document.restricted_states,
        placement=Placement(tags=placing.tags, collections=frozenset(placing.collections)),
        is_kept=True,
        is_whole=document.collections is not None,
    )
