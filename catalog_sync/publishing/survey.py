"""One look over everything present: what curation lists, with as little of it in memory as its order needs."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

import msgspec

from catalog_sync.curation.evaluation import Evaluation
from catalog_sync.curation.model import Curation
from catalog_sync.curation.overriding import overridden
from catalog_sync.curation.placement import Placement
from catalog_sync.publishing import gifts
from catalog_sync.publishing.documents import GiftCollection, name_key
from catalog_sync.publishing.source import Fingerprint, Item, Source
from catalog_sync.shipping import price_with_shipping
from foundation.database import Session
from foundation.errors import GoodyUnreadableError
from foundation.goody import reading
from foundation.goody.resources import Brand, Product
from foundation.logs import get_logger
from foundation.money import Cents

log = get_logger(__name__)

T = TypeVar("T")

Unread: TypeAlias = dict[str, datetime]
"""By id, when each thing was first seen that can no longer be read."""

_INACTIVE: Final = "inactive"


class Candidate(msgspec.Struct, gc=False):
    """A product to be listed; money in cents. There is one for each product, so whatever can be is shared.

    One that is `kept` can no longer be read, and stays as it was published.
    """

    id: str
    first_seen_at: datetime
    name_key: str
    brand_id: str
    price: Cents
    price_with_shipping: Cents
    brand_values: tuple[str, ...]
    restricted_states: tuple[str, ...]
    placement: Placement
    input_digest: bytes = b""
    """Of what the supplier sent."""
    gift_collection: GiftCollection | None = None
    is_kept: bool = False
    is_whole: bool = False
    """Whether its document is stored with its placing: that of one that is kept since before they were apart."""


@dataclass(slots=True)
class Survey:
    """What was found."""

    evaluation: Evaluation
    candidates: list[Candidate] = field(default_factory=list)
    makers: dict[str, Brand] = field(default_factory=dict)
    """By id, the brands of the candidates, as one of their products has it."""
    unreadable: Unread = field(default_factory=Unread)
    """By id, when each product was first seen that can no longer be read: a stricter reader came after it."""
    unreadable_collections: Unread = field(default_factory=Unread)
    """The same of gift collections."""
    products: Fingerprint = field(default_factory=Fingerprint)
    """Of all products that are present."""
    brand_sizes: Counter[str] = field(default_factory=Counter)
    """By brand id, how many products are present and active."""

    @property
    def is_all_read(self) -> bool:
        """Whether nothing was left out for being unreadable."""
        return not self.unreadable and not self.unreadable_collections

    def add(self, candidate: Candidate, brand: Brand) -> None:
        """List it, and its brand."""
        self.candidates.append(candidate)
        self.makers.setdefault(brand.id, brand)


class _Gift(NamedTuple):
    """A product that stands for a gift collection, which it is a part of at the supplier's."""

    product: Product
    collection: GiftCollection
    first_seen_at: datetime


class _Sized(msgspec.Struct):
    """Just what the size of a brand needs, since everything is read for it."""

    class Maker(msgspec.Struct):
        id: str

    brand: Maker
    status: str = "active"


_sized: Final = reading.reader(_Sized)


def survey(
    session: Session, source: Source, curation: Curation, brand_sizes: Mapping[str, int] | None = None
) -> Survey:
    """Place everything that is present and active.

    Rules may ask how large a brand is, which takes counting everything first, unless it is known what will come of
    that: `brand_sizes` are what it was last. Should they be found to have changed, everything is placed anew.
    """
    if not _has_conditions(curation):
        return _surveyed(session, source, curation, {})
    sizes = _brand_sizes(session, source) if brand_sizes is None else brand_sizes
    found = _surveyed(session, source, curation, sizes)
    return found if found.brand_sizes == sizes else _surveyed(session, source, curation, found.brand_sizes)


def _surveyed(session: Session, source: Source, curation: Curation, brand_sizes: Mapping[str, int]) -> Survey:
    unreadable_collections = Unread()
    standing = {gift.product.id: gift for gift in _gifts(session, source, unreadable_collections)}
    evaluation = Evaluation(curation, brand_sizes, standing.keys())
    found = Survey(evaluation, unreadable_collections=unreadable_collections)
    consider = _Surveyor(found).consider
    for item, product in read_all(_noted(source.products(session), found), _counting(found), found.unreadable):
        gift = standing.pop(item.id, None)
        consider(product, item.first_seen_at, item.content_hash, None if gift is None else gift.collection)
    for gift in standing.values():
        consider(gift.product, gift.first_seen_at, content_hash_of(gift.product), gift.collection)
    return found


def _noted(items: Iterable[Item], found: Survey) -> Iterator[Item]:
    for item in items:
        found.products.add(item.id, item.content_hash)
        yield item


def _counting(found: Survey) -> Callable[[bytes], Product]:
    """A reader of products that counts them as their brand's, also those that say little more than whose they are."""

    def count(thing: Product | _Sized) -> None:
        if thing.status != _INACTIVE:
            found.brand_sizes[thing.brand.id] += 1

    def read(raw: bytes) -> Product:
        try:
            product = reading.read_product(raw)
        except GoodyUnreadableError:
            with suppress(GoodyUnreadableError):
                count(_sized(raw))
            raise
        count(product)
        return product

    return read


def content_hash_of(product: Product) -> str:
    """What stands for the hash of what was sent where a product is only a part of that."""
    return blake2b(msgspec.msgpack.encode(product), digest_size=16).hexdigest()


def input_digest(content_hash: str) -> bytes:
    """A short form of the hash, of which there is one in memory for each product."""
    return blake2b(content_hash.encode(), digest_size=16).digest()


def read_all(items: Iterable[Item], read: Callable[[bytes], T], unreadable: Unread) -> Iterator[tuple[Item, T]]:
    """The items with what they say; those that can't be read are only noted."""
    for item in items:
        try:
            value = read(item.raw.encode())
        except GoodyUnreadableError as error:
            unreadable[item.id] = item.first_seen_at
            log.warning("stored item can't be read", item_id=item.id, reason=error.detail)
        else:
            yield item, value


class _Surveyor:
    """Adds candidates to a survey, and keeps one object for equal values, of which there are few."""

    def __init__(self, found: Survey) -> None:
        self._found = found
        self._place = found.evaluation.place
        self._known: dict[object, Any] = {}

    def consider(
        self, product: Product, first_seen_at: datetime, content_hash: str, gift: GiftCollection | None
    ) -> None:
        if product.status == _INACTIVE:
            return
        placement = self._place(product, first_seen_at)
        if not placement.is_listed:
            return
        brand = product.brand
        candidate = Candidate(
            id=product.id,
            first_seen_at=self._shared(first_seen_at),
            name_key=name_key(overridden(product, placement).name),
            brand_id=self._shared(brand.id),
            price=self._shared(product.price),
            price_with_shipping=self._shared(price_with_shipping(product)),
            brand_values=self._shared(brand.brand_values),
            restricted_states=self._shared(product.restricted_states),
            placement=self._shared_placement(placement),
            input_digest=input_digest(content_hash),
            gift_collection=gift,
        )
        self._found.add(candidate, brand)

    def _shared(self, value: T) -> T:
        shared: T = self._known.setdefault(value, value)
        return shared

    def _shared_placement(self, placement: Placement) -> Placement:
        if placement.values:
            return placement
        key = placement.tags, placement.collections, placement.boost, placement.featured_rank
        shared: Placement = self._known.setdefault(key, placement)
        return shared


def _gifts(session: Session, source: Source, unreadable: Unread) -> Iterator[_Gift]:
    """The products of published gift collections."""
    for item, collection in read_all(source.collections(session), reading.read_gift_collection, unreadable):
        product = gifts.stand_in(collection)
        if product is not None:
            yield _Gift(product, gifts.shown(collection), item.first_seen_at)


def _has_conditions(curation: Curation) -> bool:
    return bool(curation.rules) or any(each.when is not None for each in curation.collections)


def _brand_sizes(session: Session, source: Source) -> Counter[str]:
    sizes: Counter[str] = Counter()
    for _item, product in read_all(source.products(session), _sized, Unread()):
        if product.status != _INACTIVE:
            sizes[product.brand.id] += 1
    return sizes
