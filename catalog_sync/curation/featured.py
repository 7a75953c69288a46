"""The featured order of what is on sale."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, TypeAlias

from catalog_sync.curation.placement import Placement

Entry: TypeAlias = tuple[Placement, str, datetime, str]
"""How it is placed, its brand, when it was first seen, its id."""

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


def featured_order(entries: Sequence[Entry]) -> list[int]:
    """The numbers of the entries in featured order.

    Ranks of overrides come first (lowest first), then boosts (highest first); then the brands take turns, so that each
    one's first product comes before any one's second; then what was first seen, and the id.
    """
    turns: Counter[str] = Counter()
    keys: list[tuple[bool, int, int, int, datetime, str]] = [(False, 0, 0, 0, _NEVER, "")] * len(entries)
    for number in sorted(range(len(entries)), key=lambda number: entries[number][2:]):
        placement, brand_id, first_seen_at, product_id = entries[number]
        rank = placement.featured_rank
        keys[number] = (rank is None, rank or 0, -placement.boost, turns[brand_id], first_seen_at, product_id)
        turns[brand_id] += 1
    return sorted(range(len(entries)), key=keys.__getitem__)
