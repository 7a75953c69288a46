"""Lists that may be long, cut for an answer, with how many there are."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

T = TypeVar("T")
U = TypeVar("U")

SHOWN: Final = 100
"""How much of a long list is shown unless more is asked for."""


@dataclass(frozen=True, slots=True)
class Bounded(Generic[T]):
    """The first of the items, and how many there are in all."""

    total: int
    items: tuple[T, ...]

    def map(self, change: Callable[[T], U]) -> "Bounded[U]":
        """The same list of other things."""
        return Bounded(self.total, tuple(map(change, self.items)))


def bounded(items: Iterable[T], most: int = SHOWN) -> Bounded[T]:
    """At most so many of the items."""
    everything: Sequence[T] = items if isinstance(items, Sequence) else list(items)
    return Bounded(len(everything), tuple(everything[:most]))
