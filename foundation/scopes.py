"""Scopes of a secret key: the areas of the API that it may read, or read and write. A key without scopes may all."""

from collections.abc import Iterable
from typing import Final

from foundation.errors import Fault, InvalidInputError

AREAS: Final = ("catalog", "orders", "curation", "webhooks", "revenue_share", "events")
READ: Final = "read"
WRITE: Final = "write"
SCOPES: Final = tuple(f"{area}:{right}" for area in AREAS for right in (READ, WRITE))


def read_scopes(named: Iterable[str]) -> list[str]:
    """Scopes as they are stored, from `orders:read`, `orders:write` or just `orders`, which is both.

    InvalidInputError for one that is not known.
    """
    found = set()
    for name in named:
        wanted = SCOPES if name == "all" else [scope for scope in SCOPES if name in {scope, scope.partition(":")[0]}]
        if not wanted:
            fault = Fault("/scopes", "unknown_scope", f"{name} is none of: {', '.join(AREAS)}, with :read or :write")
            raise InvalidInputError("The key can't have this scope.", [fault])
        found |= set(wanted)
    return sorted(found)


def allows(scopes: frozenset[str] | None, area: str | None, *, is_write: bool) -> bool:
    """Whether a key of these scopes may do this. Who may write may read; what is of no area is for whole keys."""
    if scopes is None:
        return True
    return f"{area}:{WRITE}" in scopes or (not is_write and f"{area}:{READ}" in scopes)
