"""What a full text query found: where the words of each tier stand, put together word by word.

Whoever searches uses words that others used before: each is looked up once in a generation, and any number of them is
then a matter of intersecting bits. That is exact, since a tier asks of every word the same: to stand in its columns.
"""

from array import array
from collections.abc import Iterable
from typing import Final

from catalog_sync.browsing.selection import BIT, Selection
from catalog_sync.browsing.sequence import Order
from catalog_sync.index import PLACE
from catalog_sync.search import COLUMNS

Tiers = tuple[int, ...]
"""By tier, the bits of the places that have a word there or in a better one."""

LAST_TIER: Final = len(COLUMNS) - 1
"""That of tags too."""


def tiers_of(found: Iterable[tuple[int, int]], size: int) -> Tiers:
    """Made of (place, tier)."""
    data = [bytearray(size // 8 + 1) for _ in COLUMNS]
    for place, tier in found:
        data[tier][place >> 3] |= BIT[place & 7]
    best, *others = (int.from_bytes(each, "little") for each in data)
    tiers = [best]
    for bits in others:
        tiers.append(tiers[-1] | bits)
    return tuple(tiers)


def both(one: Tiers, other: Tiers) -> Tiers:
    """Where two words stand together."""
    return tuple(bits & others for bits, others in zip(one, other, strict=True))


class Matches:
    """The places that have all words of a query, in one generation."""

    def __init__(self, tiers: Tiers, size: int) -> None:
        self.selection = Selection(tiers[-1], size)
        self.order = Order(array(PLACE, _ranked(tiers, size)), is_whole=False)
        """The best tier first, and as featured within one."""


def _ranked(tiers: Tiers, size: int) -> list[int]:
    ranked, better = [], 0
    for bits in tiers:
        if bits != better:
            ranked += Selection(bits ^ better, size).places()
        better = bits
    return ranked
