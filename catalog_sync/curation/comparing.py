"""What differs between two curations: rules by name, collections by handle, overrides by product."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog_sync.curation.bounded import Bounded, bounded
from catalog_sync.curation.model import Curation
from catalog_sync.curation.reading import write_version


@dataclass(frozen=True, slots=True)
class Change:
    """A thing in both curations that is not the same: by name of the member, what it was and what it is."""

    name: str
    fields: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Differences:
    """What differs among things of one kind. `is_reordered`: those in both stand in another order."""

    added: Bounded[str]
    removed: Bounded[str]
    changed: Bounded[Change]
    is_reordered: bool

    @property
    def is_empty(self) -> bool:
        """Whether nothing does."""
        return not (self.added.total or self.removed.total or self.changed.total or self.is_reordered)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two curations, from one to the other."""

    default: tuple[str, str]
    rules: Differences
    collections: Differences
    overrides: Differences

    @property
    def is_empty(self) -> bool:
        """Whether they are the same."""
        parts = (self.rules, self.collections, self.overrides)
        return self.default[0] == self.default[1] and all(part.is_empty for part in parts)


def compare(before: Curation, after: Curation) -> Comparison:
    """What differs, from `before` to `after`."""
    old, new = write_version(before), write_version(after)
    return Comparison(
        default=(old["default"], new["default"]),
        rules=_differences(_by("name", old["rules"]), _by("name", new["rules"])),
        collections=_differences(_by("handle", old["collections"]), _by("handle", new["collections"])),
        overrides=_differences(_values(old["overrides"]), _values(new["overrides"])),
    )


def _by(key: str, items: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {item[key]: item for item in items}


def _values(overrides: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {product_id: entry["values"] for product_id, entry in overrides.items()}


def _differences(before: Mapping[str, dict[str, Any]], after: Mapping[str, dict[str, Any]]) -> Differences:
    changed = [
        Change(name, _fields(before[name], item))
        for name, item in after.items()
        if name in before and before[name] != item
    ]
    kept, order = [name for name in before if name in after], [name for name in after if name in before]
    return Differences(
        added=bounded(name for name in after if name not in before),
        removed=bounded(name for name in before if name not in after),
        changed=bounded(changed),
        is_reordered=kept != order,
    )


def _fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    names = dict.fromkeys([*before, *after])
    return {name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)}
