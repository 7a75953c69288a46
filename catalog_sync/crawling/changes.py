"""What a run finds different from the snapshot, thing by thing and field by field. Plain values."""

import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec

from catalog_sync.crawling.listings import Item
from catalog_sync.kinds import Kind
from foundation.goody.resources import Card, GiftCollection

INACTIVE: Final = "inactive"
LONGEST_NAME: Final = 200
LONGEST_VALUE: Final = 4000
"""Characters of JSON that a history keeps of one value."""
_NOTHING: Final[Mapping[str, Any]] = {}


class Change(StrEnum):
    """What became of a thing. A product that turns inactive is retired, one that turns active again has returned."""

    CREATED = "created"
    CHANGED = "changed"
    RETURNED = "returned"
    RETIRED = "retired"
    BROKEN = "broken"


class Found(msgspec.Struct, frozen=True, gc=False):
    """One change. `fields` holds [before, after] by the name of the field, for what is broken the reason."""

    change: Change
    name: str | None
    fields: Mapping[str, Any] = _NOTHING
    leaves: bool = False
    """Whether it was on sale until now and no longer is."""
    is_repriced: bool = False


def appeared(after: Item) -> Found:
    """Something that was never seen before."""
    name = after.title if isinstance(after, GiftCollection) else None if isinstance(after, Card) else after.name
    return Found(Change.CREATED, _storable(name))


def differs(kind: Kind, before: bytes, after: bytes, *, was_present: bool) -> Found:
    """Something that is known, but not so."""
    old, new = msgspec.json.decode(before), msgspec.json.decode(after)
    was_active, is_active = old.get("status") != INACTIVE, new.get("status") != INACTIVE
    change = Change.CHANGED
    if not was_present or (is_active and not was_active):
        change = Change.RETURNED
    elif was_active and not is_active:
        change = Change.RETIRED
    is_repriced = was_present and kind is Kind.PRODUCT and old.get("price") != new.get("price")
    leaves = change is Change.RETIRED
    return Found(change, _name(kind, new), _differences(old, new), leaves, is_repriced)


def vanished(kind: Kind, before: bytes) -> Found:
    """Something that is known and listed no more."""
    old = msgspec.json.decode(before)
    return Found(Change.RETIRED, _name(kind, old), leaves=old.get("status") != INACTIVE)


def _differences(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    before, after = _flat(old), _flat(new)
    return {
        name: [_kept(before.get(name)), _kept(after.get(name))]
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }


def _flat(tree: dict[str, Any]) -> dict[str, Any]:
    """The tree with the members of objects under names like `brand.shipping_price`."""
    flat: dict[str, Any] = {}
    for name, value in tree.items():
        if isinstance(value, dict):
            flat.update((f"{name}.{member}", part) for member, part in value.items())
        else:
            flat[name] = value
    return flat


def _kept(value: Any) -> Any:  # noqa: ANN401  any JSON
    """The value, or the beginning of it if it is very long."""
    if not isinstance(value, str | list | dict):
        return value
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return value if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _name(kind: Kind, tree: dict[str, Any]) -> str | None:
    return _storable(tree.get("title" if kind is Kind.COLLECTION else "name"))


def _storable(name: object) -> str | None:
    if not isinstance(name, str):
        return None
    if name.isascii() and name.isprintable():
        return name[:LONGEST_NAME]
    # Control characters and halves of surrogate pairs, some of which no database stores.
    return "".join(each for each in name if unicodedata.category(each) not in {"Cc", "Cs"})[:LONGEST_NAME]
