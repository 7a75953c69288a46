"""Sets of places as bits: intersecting two of them, or counting one, costs next to nothing."""

import struct
from collections.abc import Iterable
from functools import cached_property
from typing import Final

BIT: Final = tuple(1 << number for number in range(8))
"""What each place is in its byte."""


class Selection:
    """Some places of an index: place p is bit p."""

    def __init__(self, bits: int, size: int) -> None:
        self.bits = bits
        self.size = size
        """Of the whole index."""

    @classmethod
    def of(cls, places: Iterable[int], size: int) -> "Selection":
        """These places, in any order."""
        data = bytearray(_bytes(size))
        for place in places:
            data[place >> 3] |= BIT[place & 7]
        selection = cls(int.from_bytes(data, "little"), size)
        selection.data = bytes(data)
        return selection

    @cached_property
    def data(self) -> bytes:
        """The bits as bytes, the first place in the lowest bit of the first byte: quick to look one up in."""
        return self.bits.to_bytes(_bytes(self.size), "little")

    @cached_property
    def count(self) -> int:
        """How many places."""
        return self.bits.bit_count()

    def __and__(self, other: "Selection") -> "Selection":
        return Selection(self.bits & other.bits, self.size)

    def __or__(self, other: "Selection") -> "Selection":
        return Selection(self.bits | other.bits, self.size)

    def common(self, other: "Selection | None") -> int:
        """How many places both have; all of its own if there is no other."""
        return self.count if other is None else (self.bits & other.bits).bit_count()

    def places(self) -> list[int]:
        """The places in ascending order."""
        found = []
        for number, word in enumerate(struct.unpack(f"<{len(self.data) // 8}Q", self.data)):
            # Where few are left nearly all words are zero.
            while word:
                found.append((number << 6) + (word & -word).bit_length() - 1)
                word &= word - 1  # noqa: PLW2901  the lowest bit is taken off
        return found


def everything(size: int) -> Selection:
    """All places."""
    return Selection((1 << size) - 1, size)


def nothing(size: int) -> Selection:
    """No place."""
    return Selection(0, size)


def _bytes(size: int) -> int:
    """In whole words of 64 bits."""
    return (size + 63) // 64 * 8
