"""What is published beside the products: brands, greeting cards, collections. Few rows, made anew at each plan."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, TypeAlias

import msgspec
import sqlalchemy as sa

from catalog_sync.browsing.paging import in_generation
from catalog_sync.curation.placement import ArrangedCollection
from catalog_sync.publishing import documents
from catalog_sync.publishing.source import Source
from catalog_sync.publishing.survey import Unread, read_all
from catalog_sync.tables import Listing, PublishedBrand, PublishedCard, PublishedCollection
from foundation.database import Session
from foundation.goody import reading
from foundation.goody.resources import Brand, Card

Published: TypeAlias = type[Listing] | type[PublishedBrand] | type[PublishedCard] | type[PublishedCollection]
Values: TypeAlias = dict[str, Any]
"""The columns of a published row, but for whose it is and when it is valid."""


@dataclass(frozen=True, slots=True)
class TableChanges:
    """What has to change in one table: rows to write, ids to take off."""

    table: Published
    changed: list[Values]
    gone: list[str]

    @property
    def is_empty(self) -> bool:
        """Whether everything stays as it is."""
        return not self.changed and not self.gone


@dataclass(frozen=True, slots=True)
class Surroundings:
    """How all of it changes. Cards that can't be read stay as they are published; `is_all_read` tells of such."""

    changes: tuple[TableChanges, ...]
    brand_names: dict[str, str]
    is_all_read: bool

    @property
    def is_empty(self) -> bool:
        """Whether everything stays as it is."""
        return all(each.is_empty for each in self.changes)


def plan_surroundings(
    session: Session,
    source: Source,
    served: int,
    makers: Mapping[str, Brand],
    collections: Sequence[ArrangedCollection],
) -> Surroundings:
    """What is to be published beside products of these brands, in these collections."""
    broken_brands, broken_cards = Unread(), Unread()
    listed = {item.id: brand for item, brand in read_all(source.brands(session), reading.read_brand, broken_brands)}
    # As the list of brands has each, else as its products have it.
    brands = [listed.get(brand_id, brand) for brand_id, brand in makers.items()]
    cards = [card for _item, card in read_all(source.cards(session), reading.read_card, broken_cards)]

    def changes(table: Published, rows: Iterable[Values], staying: Iterable[str] = ()) -> TableChanges:
        return _changes(session, source.app_id, served, table, rows, staying)

    return Surroundings(
        (
            changes(PublishedBrand, map(_brand_row, brands)),
            changes(PublishedCard, map(_card_row, cards), broken_cards),
            changes(PublishedCollection, _collection_rows(collections)),
        ),
        {brand.id: brand.name for brand in brands},
        not broken_brands and not broken_cards,
    )


def _brand_row(brand: Brand) -> Values:
    return {"id": brand.id, "name_key": documents.name_key(brand.name), "document": documents.brand_document(brand)}


def _card_row(card: Card) -> Values:
    return {
        "id": card.id,
        "occasions": documents.occasion_keys(card.occasions),
        "document": documents.card_document(card),
    }


def _collection_rows(collections: Sequence[ArrangedCollection]) -> Iterator[Values]:
    """Empty ones too."""
    for position, each in enumerate(collections):
        children = [child.handle for child in collections if child.parent == each.handle]
        document = documents.collection_document(each, children)
        yield {"id": each.handle, "position": position, "document": document}


def _changes(
    session: Session,
    app_id: str,
    served: int,
    table: Published,
    wanted: Iterable[Values],
    staying: Iterable[str],
) -> TableChanges:
    """How the rows of the generation being served differ from those that are wanted."""
    current = sa.select(table.id, table.content_hash).where(*in_generation(table, app_id, served))
    hashes: dict[str, str] = dict(session.execute(current).all())
    changed, stays = [], set(staying)
    for values in wanted:
        stays.add(values["id"])
        content_hash = blake2b(msgspec.msgpack.encode(values), digest_size=16).hexdigest()
        if hashes.get(values["id"]) != content_hash:
            changed.append(values | {"content_hash": content_hash})
    return TableChanges(table, changed, sorted(hashes.keys() - stays))
