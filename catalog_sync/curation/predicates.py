"""What conditions mean: each is made, once per version, into a function that tells whether it holds of a product."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from catalog_sync.curation.lexicon import Lexicons
from catalog_sync.curation.model import Condition
from catalog_sync.curation.subject import USUAL_FIELDS, Subject
from catalog_sync.curation.wording import fold_name, read_term
from catalog_sync.shipping import price_with_shipping

Predicate: TypeAlias = Callable[[Subject], bool]

LOWEST: Final = -(2**63)
HIGHEST: Final = 2**63


class Compiled(NamedTuple):
    """A condition as a function. Where `needed` is not 0, it can only hold for subjects with one of these marks."""

    holds: Predicate
    needed: int


class Compiler:
    """Makes the predicates of one curation. `lexicons` knows their terms: subjects need its marks."""

    def __init__(self) -> None:
        self.lexicons = Lexicons()

    def compile(self, condition: Condition) -> Compiled:
        """The condition as a function. It has been checked: see `catalog_sync.curation.conditions`."""
        # Marks are the quickest to look at, and most often decide.
        members = sorted(condition.items(), key=lambda member: member[0] not in {"text", "tag"})
        return _every([self._member(name, value) for name, value in members])

    def _member(self, name: str, value: Any) -> Compiled:  # noqa: ANN401  JSON
        match name:
            case "all":
                return _every([self.compile(each) for each in value])
            case "any":
                return _some([self.compile(each) for each in value])
            case "not":
                return Compiled(_negated(self.compile(value).holds), 0)
            case "text":
                return self._text(value)
            case "tag":
                marks = self.lexicons.tag_marks(value)
                return Compiled(lambda subject: subject.marks & marks != 0, marks)
        return Compiled(SIMPLE[name](value), 0)

    def _text(self, value: Mapping[str, Any]) -> Compiled:
        fields = value.get("in") or USUAL_FIELDS
        mark = self.lexicons.mark
        wanted = mark(fields, map(read_term, value["any"])) if value.get("any") else 0
        for term in value.get("all") or ():
            wanted |= mark(fields, [read_term(term)])
        unwanted = mark(fields, map(read_term, value["none"])) if value.get("none") else 0
        asked = wanted | unwanted
        return Compiled(lambda subject: subject.marks & asked == wanted, wanted)


def _every(parts: Sequence[Compiled]) -> Compiled:
    if len(parts) == 1:
        return parts[0]
    predicates = [part.holds for part in parts]

    def every(subject: Subject) -> bool:
        for predicate in predicates:  # noqa: SIM110  all() with a generator takes thrice as long
            if not predicate(subject):
                return False
        return True

    return Compiled(every, next((part.needed for part in parts if part.needed), 0))


def _some(parts: Sequence[Compiled]) -> Compiled:
    if len(parts) == 1:
        return parts[0]
    predicates = [part.holds for part in parts]

    def some(subject: Subject) -> bool:
        for predicate in predicates:  # noqa: SIM110  likewise
            if predicate(subject):
                return True
        return False

    needed = 0
    for part in parts:
        if not part.needed:
            return Compiled(some, 0)
        needed |= part.needed
    return Compiled(some, needed)


def _negated(predicate: Predicate) -> Predicate:
    return lambda subject: not predicate(subject)


def _always(expected: bool) -> Predicate:  # noqa: FBT001  JSON's
    return lambda _subject: expected


def _brand(ids_or_names: Sequence[str]) -> Predicate:
    ids, names = frozenset(ids_or_names), frozenset(map(fold_name, ids_or_names))

    def is_of_brand(subject: Subject) -> bool:
        brand = subject.product.brand
        return brand.id in ids or fold_name(brand.name) in names

    return is_of_brand


def _brand_value(values: Sequence[str]) -> Predicate:
    wanted = frozenset(map(fold_name, values))
    return lambda subject: not wanted.isdisjoint(map(fold_name, subject.product.brand.brand_values))


def _product(ids: Sequence[str]) -> Predicate:
    wanted = frozenset(ids)
    return lambda subject: subject.product.id in wanted


def _restricted_in(states: Sequence[str]) -> Predicate:
    wanted = frozenset(states)
    return lambda subject: not wanted.isdisjoint(subject.product.restricted_states)


def _ships_to(states: Sequence[str]) -> Predicate:
    return _negated(_restricted_in(states))


def _ranged(number: Callable[[Subject], int]) -> Callable[[Mapping[str, int]], Predicate]:
    def within(bounds: Mapping[str, int]) -> Predicate:
        low = LOWEST if bounds.get("min") is None else bounds["min"]
        high = HIGHEST if bounds.get("max") is None else bounds["max"]
        return lambda subject: low <= number(subject) <= high

    return within


def _flagged(flag: Callable[[Subject], bool]) -> Callable[[bool], Predicate]:
    return lambda expected: lambda subject: flag(subject) is expected


SIMPLE: Final[Mapping[str, Callable[[Any], Predicate]]] = {
    "always": _always,
    "brand": _brand,
    "brand_value": _brand_value,
    "brand_size": _ranged(lambda subject: subject.brand_size),
    "price": _ranged(lambda subject: subject.product.price),
    "price_with_shipping": _ranged(lambda subject: price_with_shipping(subject.product)),
    "variants": _ranged(lambda subject: len(subject.product.variants)),
    "has_variants": _flagged(lambda subject: bool(subject.product.variants)),
    "variable_price": _flagged(lambda subject: subject.product.price_is_variable),
    "gift_card": _flagged(lambda subject: subject.is_gift_card),
    "gift_collection": _flagged(lambda subject: subject.is_gift_collection),
    # Goody leaves the flag out where nothing is excluded.
    "revenue_share_excluded": _flagged(lambda subject: bool(subject.product.brand.commerce_revshare_excluded)),
    "restricted_in": _restricted_in,
    "ships_to": _ships_to,
    "product": _product,
}
"""By name of a member, how its value becomes a predicate."""
