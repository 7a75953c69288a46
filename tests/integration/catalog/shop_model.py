"""What should be on sale, in ordinary Python over small lists: how the shop is meant to work, written a second time.

Nothing of the code under test is used here. Curations are the plain JSON that a merchandiser writes.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, TypeAlias

from .shop_world import GIFT_ID, GIFT_WORD, Flaw, Maker, Offer, World

CurationJson: TypeAlias = dict[str, Any]
Condition: TypeAlias = Mapping[str, Any]

RETIRE_PERCENT: Final = 25
REPRICE_PERCENT: Final = 35
NO_CURATION: Final[CurationJson] = {"default": "include", "rules": [], "collections": [], "overrides": {}}


@dataclass(frozen=True)
class Known:
    """A product as the shop last read it."""

    id: str
    name: str
    maker: Maker
    price: int
    first_seen: datetime
    is_active: bool = True
    is_present: bool = True
    is_gift: bool = False

    @property
    def is_there(self) -> bool:
        return self.is_active and self.is_present

    @property
    def with_shipping(self) -> int:
        free_from = self.maker.free_from
        return self.price + (0 if free_from is not None and self.price >= free_from else self.maker.shipping)


@dataclass(frozen=True)
class Sent:
    """What a crawl reads of the supplier, and whether it can tell that it is all."""

    offers: tuple[Offer, ...]
    makers: tuple[Maker, ...]
    is_whole: bool

    @classmethod
    def by(cls, world: World, *, is_whole: bool = True, passing: Sequence[Offer] = ()) -> "Sent":
        """What there is by now; of what was `passing`, and is gone, only a crawl that is whole can tell that it is."""
        is_whole = is_whole and not any(offer.flaw is Flaw.NAMELESS for offer in world.offers)
        return cls((*world.offers, *(() if is_whole else passing)), tuple(world.makers), is_whole)


@dataclass(frozen=True)
class Shelved:
    """A product on sale, as shoppers see it."""

    known: Known
    name: str
    tags: tuple[str, ...]
    boost: int
    rank: int | None
    belongs: frozenset[str]
    listed_in: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picture:
    """All that is on sale: products in the featured order, collections in theirs with the ids of what they list."""

    products: tuple[Shelved, ...] = ()
    collections: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parents: Mapping[str, str | None] = field(default_factory=dict)

    def ids(self, sort: str = "featured") -> list[str]:
        """The ids in an order."""
        products = list(self.products)
        match sort:
            case "name":
                products.sort(key=lambda each: (each.name.lower(), each.known.id))
            case "price" | "-price":
                products.sort(key=lambda each: (each.known.price, each.known.id), reverse=sort == "-price")
            case "newest":
                products.sort(key=lambda each: (each.known.first_seen, each.known.id), reverse=True)
        return [each.known.id for each in products]


@dataclass
class ShopModel:
    """The shop's state between two steps."""

    known: dict[str, Known] = field(default_factory=dict)
    makers: tuple[Maker, ...] = ()
    draft: CurationJson = field(default_factory=lambda: dict(NO_CURATION))
    versions: list[CurationJson] = field(default_factory=list)
    served: Picture = field(default_factory=Picture)
    waiting: Sent | None = None

    @property
    def in_force(self) -> CurationJson:
        return self.versions[-1] if self.versions else NO_CURATION

    def after(self, sent: Sent, now: datetime) -> dict[str, Known]:
        """What the shop will know once it has read this."""
        known = dict(self.known)
        for offer in (each for each in sent.offers if each.flaw is None):
            first_seen = known[offer.id].first_seen if offer.id in known else now
            maker = sent.makers[offer.maker]
            known[offer.id] = Known(offer.id, offer.name, maker, offer.price, first_seen, is_active=offer.is_active)
        first_seen = known[GIFT_ID].first_seen if GIFT_ID in known else now
        known[GIFT_ID] = Known(GIFT_ID, f"Choice {GIFT_WORD}", sent.makers[1], 4000, first_seen, is_gift=True)
        if sent.is_whole:
            listed = {offer.id for offer in sent.offers} | {GIFT_ID}
            known.update({each: replace(known[each], is_present=False) for each in known if each not in listed})
        return known

    def trips(self, sent: Sent, now: datetime) -> bool:
        """Whether somebody has to look at this before it goes on sale."""
        after = self.after(sent, now)
        if after == self.known and sent.makers == self.makers:
            return False
        present = [each for each in self.known.values() if each.is_present and not each.is_gift]
        leaving = [each for each in present if each.is_active and not after[each.id].is_there]
        repriced = [each for each in present if after[each.id].price != each.price]
        planned = picture(after, self.in_force).collections
        emptied = [handle for handle, ids in self.served.collections.items() if ids and planned.get(handle) == ()]
        return bool(
            100 * len(leaving) > RETIRE_PERCENT * len(present)
            or 100 * len(repriced) > REPRICE_PERCENT * len(present)
            or emptied
        )

    def take(self, sent: Sent, now: datetime) -> None:
        """This was read, let through and published."""
        self.known, self.makers, self.waiting = self.after(sent, now), sent.makers, None
        self.show()

    def show(self) -> None:
        """Put on sale what is known, as the curation in force has it."""
        self.served = picture(self.known, self.in_force)


def picture(known: Mapping[str, Known], curation: CurationJson) -> Picture:
    """What a curation makes of what is known."""
    there = [each for each in known.values() if each.is_there]
    sizes = {each.maker.id: 0 for each in there}
    for each in there:
        sizes[each.maker.id] += not each.is_gift
    shelved = [each for each in (_shelved(item, sizes[item.maker.id], curation) for item in there) if each is not None]
    featured = _featured(shelved)
    definitions = [each for each in curation["collections"] if each.get("parent") is None]
    in_turn = [
        each
        for top in definitions
        for each in (top, *(child for child in curation["collections"] if child.get("parent") == top["handle"]))
    ]
    collections = {each["handle"]: _arranged(each, featured) for each in in_turn}
    listed_in = {
        each.known.id: tuple(sorted(handle for handle, ids in collections.items() if each.known.id in ids))
        for each in featured
    }
    products = tuple(replace(each, listed_in=listed_in[each.known.id]) for each in featured)
    return Picture(products, collections, {each["handle"]: each.get("parent") for each in in_turn})


def _shelved(known: Known, brand_size: int, curation: CurationJson) -> Shelved | None:
    tags: list[str] = []
    belongs: set[str] = set()
    boost, is_listed = 0, curation["default"] == "include"
    for rule in curation["rules"]:
        if _holds(rule["when"], known, brand_size, tags):
            is_listed = {"include": True, "exclude": False, "none": is_listed}[rule["action"]]
            boost += rule["boost"]
            belongs |= set(rule["collections"])
            tags += [tag for tag in rule["tags"] if tag not in tags]
    override = curation["overrides"].get(known.id, {})
    if not is_listed or override.get("hidden"):
        return None
    for each in curation["collections"]:
        is_named = known.id in each["products"] or known.id in each["pins"]
        if is_named or (each.get("when") is not None and _holds(each["when"], known, brand_size, tags)):
            belongs.add(each["handle"])
    belongs |= {each["parent"] for each in curation["collections"] if each.get("parent") and each["handle"] in belongs}
    name = override.get("title", known.name)
    return Shelved(known, name, tuple(tags), boost, override.get("featured_rank"), frozenset(belongs))


def _holds(condition: Condition, known: Known, brand_size: int, tags: Collection[str]) -> bool:
    return all(
        _group_holds(name, value, known, brand_size, tags)
        if name in {"all", "any", "not"}
        else _member_holds(name, value, known, brand_size, tags)
        for name, value in condition.items()
    )


def _group_holds(name: str, value: Any, known: Known, brand_size: int, tags: Collection[str]) -> bool:
    if name == "not":
        return not _holds(value, known, brand_size, tags)
    held = [_holds(each, known, brand_size, tags) for each in value]
    return all(held) if name == "all" else any(held)


def _member_holds(name: str, value: Any, known: Known, brand_size: int, tags: Collection[str]) -> bool:
    words = f"{known.name} Good to have.".lower().split()
    match name:
        case "always" | "gift_collection":
            return value is (known.is_gift if name == "gift_collection" else True)
        case "text":
            return any(word.lower() in words for word in value["any"])
        case "price" | "price_with_shipping" | "brand_size":
            numbers = {"price": known.price, "price_with_shipping": known.with_shipping, "brand_size": brand_size}
            return bool(value.get("min", 0) <= numbers[name] <= value.get("max", 10**9))
    mine = {"brand": [known.maker.id], "brand_value": known.maker.values, "product": [known.id], "tag": tags}
    return not set(value).isdisjoint(mine[name])


def _featured(shelved: Sequence[Shelved]) -> list[Shelved]:
    """By rank, then boost; among equals every brand gives one, then every brand its next, oldest first."""
    left = sorted(shelved, key=lambda each: (each.known.first_seen, each.known.id))
    featured: list[Shelved] = []
    while left:
        unranked = 10**9
        best = min((unranked if each.rank is None else each.rank, -each.boost) for each in left)
        peers = [each for each in left if (unranked if each.rank is None else each.rank, -each.boost) == best]
        turn: dict[str, Shelved] = {}
        for each in peers:
            turn.setdefault(each.known.maker.id, each)
        featured += turn.values()
        left = [each for each in left if each not in turn.values()]
    return featured


def _arranged(definition: Mapping[str, Any], featured: Sequence[Shelved]) -> tuple[str, ...]:
    members = [each for each in featured if definition["handle"] in each.belongs]
    pinned = [each for pin in definition["pins"] for each in members if each.known.id == pin]
    others = [each for each in members if each not in pinned]
    manual = definition["products"]
    match definition["sort"]:
        case "price":
            others.sort(key=lambda each: each.known.price)
        case "-price":
            others.sort(key=lambda each: -each.known.price)
        case "name":
            others.sort(key=lambda each: each.name.lower())
        case "newest":
            others.sort(key=lambda each: each.known.first_seen, reverse=True)
        case "manual":
            others.sort(key=lambda each: manual.index(each.known.id) if each.known.id in manual else len(manual))
    return tuple(each.known.id for each in (*pinned, *others)[: definition.get("limit")])
