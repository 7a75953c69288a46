"""The effect that a draft would have on what is on sale: the same catalog surveyed under two curations, compared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import TypeAlias

from catalog_sync.curation.bounded import SHOWN, Bounded, bounded
from catalog_sync.curation.evaluation import RuleHits
from catalog_sync.curation.model import CollectionDefinition
from catalog_sync.curation.placement import ArrangedCollection
from catalog_sync.publishing.ordering import feature, members
from catalog_sync.publishing.survey import Candidate, Survey
from foundation.money import Cents

Spread: TypeAlias = tuple[Cents, Cents, Cents, Cents, Cents]
"""Lowest, lower quartile, median, upper quartile, highest."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A product that is on sale before and after, in other collections (handles)."""

    product_id: str
    joins: tuple[str, ...]
    leaves: tuple[str, ...]


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
    """Ids of products that it names and that would not be on sale."""


@dataclass(frozen=True, slots=True)
class Assortment:
    """What is on sale: how many products, how many of them earn revenue share, and how their prices spread."""

    listed: int
    earning_share: int
    prices: Spread | None
    """None if nothing is on sale."""

    @property
    def share(self) -> float | None:
        """The part that earns revenue share, from 0 to 1; None if nothing is on sale."""
        return self.earning_share / self.listed if self.listed else None


@dataclass(frozen=True, slots=True)
class Effect:
    """What publishing a draft would change. Long lists (of product ids) are cut, and say how many there are."""

    present: int
    """Products that the supplier has, and that are active."""
    before: Assortment
    after: Assortment
    entering: Bounded[str]
    leaving: Bounded[str]
    moving: Bounded[Moved]
    reordered: int
    """Products on sale before and after that stand elsewhere among these in the featured order."""
    collections: tuple[CollectionEffect, ...]
    emptied: tuple[str, ...]
    """Handles of collections that would hold nothing."""
    rules: tuple[RuleHits, ...]
    unmatched: Bounded[str]
    """Products that would be on sale in no collection, by id."""

    @property
    def idle_rules(self) -> tuple[str, ...]:
        """Rules that match nothing."""
        return tuple(rule.name for rule in self.rules if not rule.count)

    @property
    def shown_ids(self) -> set[str]:
        """The products that are named anywhere."""
        lists = (self.entering.items, self.leaving.items, self.unmatched.items)
        return {
            *(product_id for items in lists for product_id in items),
            *(moved.product_id for moved in self.moving.items),
            *(product_id for rule in self.rules for product_id in rule.samples),
        }


class _Side:
    """One of the two catalogs: its products in featured order, its collections arranged."""

    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        feature(survey.candidates)
        self.listed: dict[str, Candidate] = {each.id: each for each in survey.candidates}
        arranged = survey.evaluation.arrange(members(survey.candidates))
        self.collections = {each.handle: each for each in arranged}

    def assortment(self) -> Assortment:
        """What it has to sell."""
        makers = self.survey.makers
        earning = sum(not makers[each.brand_id].commerce_revshare_excluded for each in self.listed.values())
        return Assortment(len(self.listed), earning, _spread([each.price for each in self.listed.values()]))

    def joined(self, product_id: str) -> frozenset[str]:
        """The handles of the collections that the product belongs to."""
        return self.listed[product_id].placement.collections


def effect(
    before: Survey,
    after: Survey,
    definitions: Sequence[CollectionDefinition],
    most: int = SHOWN,
    unmatched_after: str = "",
) -> Effect:
    """What changes from one survey to the other; `definitions` are the collections of the latter.

    `most` bounds each long list; `unmatched` begins behind the id `unmatched_after`.
    """
    old, new = _Side(before), _Side(after)
    staying = [product_id for product_id in new.listed if product_id in old.listed]
    moving = [each for each in staying if old.joined(each) != new.joined(each)]
    unmatched = sorted(each.id for each in new.listed.values() if not each.placement.collections)
    shown = [product_id for product_id in unmatched if product_id > unmatched_after][:most]
    return Effect(
        present=after.evaluation.placed,
        before=old.assortment(),
        after=new.assortment(),
        entering=bounded([each for each in new.listed if each not in old.listed], most),
        leaving=bounded([each for each in old.listed if each not in new.listed], most),
        moving=bounded([_moved(each, old, new) for each in moving], most),
        reordered=count_reordered(list(old.listed), list(new.listed)),
        collections=tuple(_collections(old.collections, new.collections, _absent(definitions, new))),
        emptied=tuple(each.handle for each in new.collections.values() if not each.product_ids),
        rules=after.evaluation.hits,
        unmatched=Bounded(len(unmatched), tuple(shown)),
    )


def count_reordered(before: Sequence[str], after: Sequence[str]) -> int:
    """How many of the things in both sequences have another rank among these."""
    in_both = set(before) & set(after)
    ranked = zip((one for one in before if one in in_both), (one for one in after if one in in_both), strict=True)
    return sum(one != other for one, other in ranked)


def _moved(product_id: str, old: _Side, new: _Side) -> Moved:
    before, after = old.joined(product_id), new.joined(product_id)
    return Moved(product_id, tuple(sorted(after - before)), tuple(sorted(before - after)))


def _absent(definitions: Iterable[CollectionDefinition], new: _Side) -> dict[str, list[str]]:
    return {
        each.handle: [one for one in dict.fromkeys((*each.pins, *each.products)) if one not in new.listed]
        for each in definitions
    }


def _collections(
    before: Mapping[str, ArrangedCollection],
    after: Mapping[str, ArrangedCollection],
    absent: Mapping[str, Sequence[str]],
) -> Iterable[CollectionEffect]:
    """Those of the draft in their order, then those that are gone."""
    for handle, shown in {**after, **{each: before[each] for each in before if each not in after}}.items():
        old_ids = before[handle].product_ids if handle in before else ()
        new_ids = after[handle].product_ids if handle in after else ()
        yield CollectionEffect(
            handle=handle,
            title=shown.title,
            before=len(old_ids) if handle in before else None,
            after=len(new_ids) if handle in after else None,
            joining=len(set(new_ids) - set(old_ids)),
            leaving=len(set(old_ids) - set(new_ids)),
            reordered=count_reordered(old_ids, new_ids),
            absent=bounded(absent.get(handle, ())),
        )


def _spread(prices: Sequence[Cents]) -> Spread | None:
    if not prices:
        return None
    if len(prices) == 1:
        return (prices[0],) * 5
    low, middle, high = (round(each) for each in quantiles(prices, n=4, method="inclusive"))
    return min(prices), low, middle, high, max(prices)
