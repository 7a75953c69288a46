"""Evaluating a curation: where each product goes, and how the collections are arranged. Pure, compiled once."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from catalog_sync.curation.model import Action, CollectionDefinition, CollectionSort, Curation, Rule
from catalog_sync.curation.placement import ArrangedCollection, Member, Placement
from catalog_sync.curation.predicates import Compiler, Predicate
from catalog_sync.curation.subject import Subject
from catalog_sync.curation.wording import fold_name
from foundation.apart import giving_way
from foundation.goody.resources import Product

SAMPLES: Final = 5
"""How many products each rule remembers as examples."""


@dataclass(slots=True)
class RuleHits:
    """How many products a rule matched, and the first of them."""

    name: str
    count: int = 0
    samples: list[str] = field(default_factory=list)

    def add(self, product_id: str) -> None:
        """It has matched this one."""
        self.count += 1
        if self.count <= SAMPLES:
            self.samples.append(product_id)


class Evaluation:
    """One evaluation of a curation over a catalog: every product is placed, then the collections are arranged.

    `brand_sizes` are the numbers of present, active products by brand id; `gift_collection_ids` the products that
    stand for a gift collection of the supplier's.
    """

    def __init__(
        self,
        curation: Curation,
        brand_sizes: Mapping[str, int],
        gift_collection_ids: Collection[str] = frozenset(),
    ) -> None:
        compiler = Compiler()
        self._lexicons = compiler.lexicons
        self._curation = curation
        self._brand_sizes = brand_sizes
        self._gift_collection_ids = frozenset(gift_collection_ids)
        self._is_listed_by_default = curation.default is Action.INCLUDE
        self.hits = tuple(RuleHits(rule.name) for rule in curation.rules)
        """For each rule in its turn, what it has matched so far."""
        self.placed = 0
        """How many products it has placed so far."""
        self._rules = [_compiled(rule, compiler, hits) for rule, hits in zip(curation.rules, self.hits, strict=True)]
        self._smart = [
            (each.handle, *compiler.compile(each.when)) for each in curation.collections if each.when is not None
        ]
        self._named = _named(curation.collections)
        self._lists_all = self._is_listed_by_default and not curation.rules and not curation.collections
        self._parents = {each.handle: each.parent for each in curation.collections if each.parent is not None}

    def place(self, product: Product, first_seen_at: datetime) -> Placement:
        """What becomes of the product. Pure but for the counts; takes some tens of microseconds."""
        _ = first_seen_at
        self.placed += 1
        if self._lists_all and product.id not in self._curation.overrides:
            return _LISTED
        subject = Subject(
            product,
            self._brand_sizes.get(product.brand.id, 0),
            is_gift_collection=product.id in self._gift_collection_ids,
        )
        subject.marks = self._lexicons.find(subject)
        is_listed, boost, handles = self._judge(subject)
        entry = self._curation.overrides.get(product.id)
        override = entry.override if entry is not None else None
        if not is_listed or (override is not None and override.hidden):
            return _UNLISTED
        return Placement(
            tags=tuple(subject.tags.values()),
            collections=self._collections(subject, handles),
            boost=boost,
            featured_rank=None if override is None else override.featured_rank,
            values={} if override is None else override.published_values,
        )

    def arrange(self, members: Mapping[str, Sequence[Member]]) -> tuple[ArrangedCollection, ...]:
        """The collections in their order, each parent before its children.

        `members` are those of each by handle, in the featured order.
        """
        collections = giving_way(in_order(self._curation.collections), 1)
        return tuple(_arranged(each, members.get(each.handle, ())) for each in collections)

    def _judge(self, subject: Subject) -> tuple[bool, int, set[str]]:
        """Whether the rules list it, its boost, and the handles of the collections that rules put it into."""
        is_listed, boost = self._is_listed_by_default, 0
        handles: set[str] = set()
        marks = subject.marks
        for needed, holds, compiled in self._rules:
            if (needed and not marks & needed) or not holds(subject):
                continue
            compiled.hits.add(subject.product.id)
            rule = compiled.rule
            if rule.action is not Action.NONE:
                is_listed = rule.action is Action.INCLUDE
            boost += rule.boost
            handles.update(rule.collections)
            if compiled.tags:
                marks = subject.marks = marks | compiled.tag_marks
                for key, tag in compiled.tags:
                    subject.tags.setdefault(key, tag)
        return is_listed, boost, handles

    def _collections(self, subject: Subject, handles: set[str]) -> frozenset[str]:
        handles |= self._named.get(subject.product.id, frozenset())
        for handle, holds, needed in self._smart:
            if (not needed or subject.marks & needed) and holds(subject):
                handles.add(handle)
        parents = self._parents
        handles.update([parents[handle] for handle in handles if handle in parents])
        return frozenset(handles)


_UNLISTED: Final = Placement(is_listed=False)
_LISTED: Final = Placement()


@dataclass(frozen=True, slots=True)
class _CompiledRule:
    """What a rule gives to the products that it matches. `tags` are by their folded form."""

    rule: Rule
    hits: RuleHits
    tags: tuple[tuple[str, str], ...]
    tag_marks: int


def _compiled(rule: Rule, compiler: Compiler, hits: RuleHits) -> tuple[int, Predicate, _CompiledRule]:
    """The marks of which one is needed (0: none is), whether it matches, and what it gives."""
    condition = compiler.compile(rule.when)
    tags = tuple((fold_name(tag), tag) for tag in rule.tags)
    marks = compiler.lexicons.tag_marks(rule.tags)
    return condition.needed, condition.holds, _CompiledRule(rule, hits, tags, marks)


def in_order(collections: Sequence[CollectionDefinition]) -> Iterable[CollectionDefinition]:
    """The collections as they are shown: in their order, but children right behind their parent."""
    for collection in collections:
        if collection.parent is None:
            yield collection
            yield from (each for each in collections if each.parent == collection.handle)


def _named(collections: Iterable[CollectionDefinition]) -> dict[str, frozenset[str]]:
    """By product id, the handles of the collections that name it."""
    named: dict[str, set[str]] = {}
    for collection in collections:
        for product_id in (*collection.products, *collection.pins):
            named.setdefault(product_id, set()).add(collection.handle)
    return {product_id: frozenset(handles) for product_id, handles in named.items()}


def _arranged(collection: CollectionDefinition, members: Sequence[Member]) -> ArrangedCollection:
    """Pins first. The order in which members come decides between equals."""
    product_ids = [member.product_id for member in sorted(members, key=_order(collection))]
    if collection.pins:
        found = set(product_ids)
        pinned = dict.fromkeys(product_id for product_id in collection.pins if product_id in found)
        product_ids = [*pinned, *(product_id for product_id in product_ids if product_id not in pinned)]
    return ArrangedCollection(
        handle=collection.handle,
        title=collection.title,
        description=collection.description,
        image=collection.image,
        parent=collection.parent,
        product_ids=tuple(product_ids[: collection.limit]),
    )


def _order(collection: CollectionDefinition) -> Callable[[Member], Any]:
    """What the collection's products are sorted on."""
    match collection.sort:
        case CollectionSort.PRICE:
            return lambda member: member.price
        case CollectionSort.PRICE_DESCENDING:
            return lambda member: -member.price
        case CollectionSort.NAME:
            return lambda member: member.name_key
        case CollectionSort.NEWEST:
            return lambda member: -member.newest_at.timestamp()
        case CollectionSort.MANUAL:
            places = {product_id: number for number, product_id in enumerate(collection.products)}
            return lambda member: places.get(member.product_id, len(places))
        case CollectionSort.FEATURED:
            return lambda member: member.featured_place
