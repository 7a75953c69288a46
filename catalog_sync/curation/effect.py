"""The effect that a draft would have on what is on sale: pure, from how both curations place each product."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from statistics import quantiles

from catalog_sync.curation.bounded import SHOWN, Bounded, bounded
from catalog_sync.curation.evaluation import Evaluation, RuleHits
from catalog_sync.curation.featured import featured_order
from catalog_sync.curation.model import CollectionDefinition
from catalog_sync.curation.placement import ArrangedCollection, Member, Placement
from foundation.money import Cents


@dataclass(frozen=True, slots=True)
class Sighting:
    """A present, active product, and what becomes of it before and after; price in cents."""

    id: str
    name: str
    name_key: str
    brand_id: str
    price: Cents
    earns_share: bool
    """Whether its brand earns revenue share."""
    first_seen_at: datetime
    before: Placement
    after: Placement


@dataclass(frozen=True, slots=True)
class Named:
    """A product, as lists of products name it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A product that is on sale before and after, in other collections."""

    id: str
    name: str
    joins: tuple[str, ...]
    leaves: tuple[str, ...]
    """Handles."""


@dataclass(frozen=True, slots=True)
class CollectionEffect:
    """What becomes of one collection. `reordered`: how many of those in both lists stand elsewhere among these."""

    handle: str
    title: str
    before: int | None
    """How many products it has; None if it is new."""
    after: int | None
    """None if it is gone."""
    joining: int
    leaving: int
    reordered: int
    absent: Bounded[str]
    """Products that it names and that are not on sale."""


@dataclass(frozen=True, slots=True)
class Assortment:
    """What is on sale: how many products, how many of them earn revenue share, and how prices (cents) spread."""

    listed: int
    earning_share: int
    prices: tuple[Cents, Cents, Cents, Cents, Cents] | None
    """Lowest, lower quartile, median, upper quartile, highest; None if nothing is on sale."""

    @property
    def share(self) -> float | None:
        """The part that earns revenue share, from 0 to 1; None if nothing is on sale."""
        return self.earning_share / self.listed if self.listed else None


@dataclass(frozen=True, slots=True)
class Effect:
    """What publishing a draft would change. Long lists are cut, and say how many there are."""

    present: int
    """Products that the supplier has, and that are active."""
    before: Assortment
    after: Assortment
    entering: Bounded[Named]
    leaving: Bounded[Named]
    moving: Bounded[Moved]
    reordered: int
    """Products on sale before and after that stand elsewhere among these in the featured order."""
    collections: tuple[CollectionEffect, ...]
    emptied: tuple[str, ...]
    """Handles of collections that would hold nothing."""
    rules: tuple[RuleHits, ...]
    unmatched: Bounded[Named]
    """Products that would be on sale in no collection."""

    @property
    def idle_rules(self) -> tuple[str, ...]:
        """Rules that match nothing."""
        return tuple(rule.name for rule in self.rules if not rule.count)


@dataclass(frozen=True, slots=True)
class _Side:
    order: tuple[str, ...]
    collections: dict[str, ArrangedCollection]


def effect(
    sightings: Sequence[Sighting],
    before: Evaluation,
    after: Evaluation,
    definitions: Sequence[CollectionDefinition],
    most: int = SHOWN,
) -> Effect:
    """What changes between two evaluations that have placed all of the sightings; `definitions` are those of the draft.

    `most` bounds each long list.
    """
    old = _side(before, [(each, each.before) for each in sightings if each.before.is_listed])
    new = _side(after, [(each, each.after) for each in sightings if each.after.is_listed])
    absent = _absent(definitions, {each.id for each in sightings if each.after.is_listed})
    staying = [each for each in sightings if each.before.is_listed and each.after.is_listed]
    return Effect(
        present=len(sightings),
        before=_assortment([each for each in sightings if each.before.is_listed]),
        after=_assortment([each for each in sightings if each.after.is_listed]),
        entering=bounded((_named(each) for each in sightings if each.after.is_listed > each.before.is_listed), most),
        leaving=bounded((_named(each) for each in sightings if each.before.is_listed > each.after.is_listed), most),
        moving=bounded((_moved(each) for each in staying if each.before.collections != each.after.collections), most),
        reordered=count_reordered(old.order, new.order),
        collections=tuple(_collections(old.collections, new.collections, absent)),
        emptied=tuple(each.handle for each in new.collections.values() if not each.product_ids),
        rules=after.hits,
        unmatched=bounded((_named(each) for each in sightings if _is_unmatched(each.after)), most),
    )


def count_reordered(before: Sequence[str], after: Sequence[str]) -> int:
    """How many of the things in both sequences have another rank among these."""
    in_both = set(before) & set(after)
    pairs = zip((x for x in before if x in in_both), (x for x in after if x in in_both), strict=True)
    return sum(one != other for one, other in pairs)


def _side(evaluation: Evaluation, listed: Sequence[tuple[Sighting, Placement]]) -> _Side:
    members: dict[str, list[Member]] = {}
    order = featured_order(
        [(placement, each.brand_id, each.first_seen_at, each.id) for each, placement in listed],
    )
    for place, number in enumerate(order):
        each, placement = listed[number]
        member = Member(each.id, place, each.name_key, each.price, each.first_seen_at)
        for handle in placement.collections:
            members.setdefault(handle, []).append(member)
    arranged = {each.handle: each for each in evaluation.arrange(members)}
    return _Side(tuple(listed[number][0].id for number in order), arranged)


def _collections(
    before: Mapping[str, ArrangedCollection],
    after: Mapping[str, ArrangedCollection],
    absent: Mapping[str, Sequence[str]],
) -> Iterable[CollectionEffect]:
    """Those of the draft in their order, then those that are gone."""
    for handle in dict.fromkeys(chain(after, before)):
        old, new = before.get(handle), after.get(handle)
        old_ids = old.product_ids if old else ()
        new_ids = new.product_ids if new else ()
        shown = new or old
        yield CollectionEffect(
            handle=handle,
            title=shown.title if shown else "",
            before=None if old is None else len(old_ids),
            after=None if new is None else len(new_ids),
            joining=len(set(new_ids) - set(old_ids)),
            leaving=len(set(old_ids) - set(new_ids)),
            reordered=count_reordered(old_ids, new_ids),
            absent=bounded(absent.get(handle, ())),
        )


def _absent(definitions: Iterable[CollectionDefinition], listed: set[str]) -> dict[str, list[str]]:
    return {
        each.handle: [one for one in dict.fromkeys((*each.pins, *each.products)) if one not in listed]
        for each in definitions
    }


def _assortment(listed: Sequence[Sighting]) -> Assortment:
    return Assortment(
        listed=len(listed),
        earning_share=sum(each.earns_share for each in listed),
        prices=_spread([each.price for each in listed]),
    )


def _spread(prices: Sequence[Cents]) -> tuple[Cents, Cents, Cents, Cents, Cents] | None:
    if not prices:
        return None
    if len(prices) == 1:
        return (prices[0],) * 5
    low, middle, high = (round(each) for each in quantiles(prices, n=4, method="inclusive"))
    return min(prices), low, middle, high, max(prices)


def _is_unmatched(placement: Placement) -> bool:
    return placement.is_listed and not placement.collections


def _named(each: Sighting) -> Named:
    return Named(each.id, each.name)


def _moved(each: Sighting) -> Moved:
    before, after = each.before.collections, each.after.collections
    return Moved(each.id, each.name, tuple(sorted(after - before)), tuple(sorted(before - after)))
