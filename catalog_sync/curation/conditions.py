"""Checking conditions. What they mean stands in `catalog_sync.curation.predicates`.

A condition is an object whose members must all hold: `{"price": {"max": 5000}, "text": {"any": ["candle"]}}`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from catalog_sync.curation.checking import Faults, Members, flag, items, text
from catalog_sync.curation.subject import FIELDS, ONE_ATTRIBUTE
from catalog_sync.curation.wording import BadTermError, fold, read_term
from catalog_sync.tables import ID

DEEPEST: Final = 8
"""How many conditions may stand in one another."""
LARGEST: Final = 300
"""How many conditions one rule or collection may consist of."""
MOST_TERMS: Final = 500
MOST_IDS: Final = 5000
LONGEST_TERM: Final = 200
LARGEST_AMOUNT: Final = 2**53
"""In cents; larger whole numbers are not the same in every JSON reader."""

STATES: Final = frozenset(
    re.findall(
        "..",
        "ALAKAZARCACOCTDEDCFLGAHIIDILINIAKSKYLAMEMDMAMIMNMSMOMTNENVNHNJNMNYNCNDOHOKORPARISCSDTNTXUTVTVAWAWVWIWY"
        "ASGUMPPRVIAAAEAP",
    )
)
"""Two letters each: the states, DC, the territories, and military post."""

Check: TypeAlias = Callable[[object, str, Faults], None]


def check_condition(raw: object, pointer: str, faults: Faults) -> None:
    """Note every fault of a condition."""
    _Checker(faults).check(raw, pointer, depth=1)


def check_id(raw: object, pointer: str, faults: Faults) -> str | None:
    """An id of the supplier's; None, and a fault, if it is none."""
    value = text(raw, pointer, faults, LONGEST_TERM)
    if value is not None and not ID.fullmatch(value):
        faults.add(pointer, "bad_id", "is no id: 1 to 64 letters, digits, - and _")
        return None
    return value


class _Checker:
    """Walks one condition, and stops where it is absurdly deep or large."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._count = 0

    def check(self, raw: object, pointer: str, depth: int) -> None:
        self._count += 1
        if depth > DEEPEST:
            self._faults.add(pointer, "too_deep", f"conditions stand in one another {DEEPEST} deep at most")
            return
        if self._count > LARGEST:
            if self._count == LARGEST + 1:
                self._faults.add(pointer, "too_large", f"this is the {self._count}th condition; {LARGEST} are possible")
            return
        known = Members(raw, pointer, NAMES, self._faults)
        if isinstance(raw, dict) and not raw:
            self._faults.add(pointer, "empty", 'holds no condition; {"always": true} fits every product')
        for name in NAMES:
            if isinstance(raw, dict) and name in raw:
                self._member(name, raw[name], known.at(name), depth)

    def _member(self, name: str, raw: object, pointer: str, depth: int) -> None:
        if name == "not":
            self.check(raw, pointer, depth + 1)
        elif name in GROUPS:
            _not_empty(raw, pointer, self._faults)
            for at, item in items(raw, pointer, self._faults, LARGEST):
                self.check(item, at, depth + 1)
        else:
            CHECKS[name](raw, pointer, self._faults)


def _text(raw: object, pointer: str, faults: Faults) -> None:
    members = Members(raw, pointer, ("any", "all", "none", "in"), faults)
    lists = [name for name in ("any", "all", "none") if members.has(name)]
    if isinstance(raw, dict) and not lists:
        faults.add(pointer, "empty", "names no words: give any, all or none")
    for name in lists:
        _not_empty(members.raw(name), members.at(name), faults)
        for at, item in members.items(name, MOST_TERMS):
            _term(item, at, faults)
    if members.has("in"):
        _not_empty(members.raw("in"), members.at("in"), faults)
        members.distinct("in", len(FIELDS) + MOST_TERMS, lambda item, at: _field(item, at, faults))


def _term(raw: object, pointer: str, faults: Faults) -> None:
    value = text(raw, pointer, faults, LONGEST_TERM)
    if value is None:
        return
    try:
        read_term(value)
    except BadTermError as error:
        faults.add(pointer, "bad_term", str(error))


def _field(raw: object, pointer: str, faults: Faults) -> str | None:
    value = text(raw, pointer, faults, LONGEST_TERM)
    if value is None or value in FIELDS:
        return value
    if value.startswith(ONE_ATTRIBUTE) and fold(value.removeprefix(ONE_ATTRIBUTE)):
        return value
    faults.add(pointer, "unknown_choice", f"must be one of: {', '.join(FIELDS)}, {ONE_ATTRIBUTE}LABEL")
    return None


def _range(most: int) -> Check:
    def check(raw: object, pointer: str, faults: Faults) -> None:
        members = Members(raw, pointer, ("min", "max"), faults)
        low, high = members.integer("min", 0, most), members.integer("max", 0, most)
        if isinstance(raw, dict) and not (members.has("min") or members.has("max")):
            faults.add(pointer, "empty", "needs min, max or both")
        if low is not None and high is not None and low > high:
            faults.add(members.at("min"), "min_above_max", f"is above max, which is {high}: no product fits")

    return check


def _list_of(read: Callable[[object, str, Faults], str | None], most: int) -> Check:
    def check(raw: object, pointer: str, faults: Faults) -> None:
        _not_empty(raw, pointer, faults)
        for at, item in items(raw, pointer, faults, most):
            read(item, at, faults)

    return check


def _name(raw: object, pointer: str, faults: Faults) -> str | None:
    value = text(raw, pointer, faults, LONGEST_TERM)
    if value is not None and not fold(value):
        faults.add(pointer, "bad_term", "holds no letter and no digit")
    return value


def _state(raw: object, pointer: str, faults: Faults) -> str | None:
    value = text(raw, pointer, faults, LONGEST_TERM)
    if value is not None and value not in STATES:
        faults.add(pointer, "unknown_state", "is no US state; write two capital letters, such as NY")
    return value


def _flag(raw: object, pointer: str, faults: Faults) -> None:
    flag(raw, pointer, faults)


def _not_empty(raw: object, pointer: str, faults: Faults) -> None:
    if raw == []:
        faults.add(pointer, "empty", "must not be empty")


GROUPS: Final = ("all", "any")
CHECKS: Final[Mapping[str, Check]] = {
    "always": _flag,
    "text": _text,
    "brand": _list_of(_name, MOST_TERMS),
    "brand_value": _list_of(_name, MOST_TERMS),
    "brand_size": _range(LARGEST_AMOUNT),
    "price": _range(LARGEST_AMOUNT),
    "price_with_shipping": _range(LARGEST_AMOUNT),
    "variants": _range(LARGEST_AMOUNT),
    "has_variants": _flag,
    "variable_price": _flag,
    "gift_card": _flag,
    "gift_collection": _flag,
    "revenue_share_excluded": _flag,
    "restricted_in": _list_of(_state, len(STATES)),
    "ships_to": _list_of(_state, len(STATES)),
    "product": _list_of(check_id, MOST_IDS),
    "tag": _list_of(_name, MOST_TERMS),
}
"""By name of a member that holds no further condition, what checks its value."""
NAMES: Final = (*GROUPS, "not", *CHECKS)
