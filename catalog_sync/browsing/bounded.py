"""A cache that never grows past its bound and that threads may share without waiting for each other."""

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """Keeps what was used last, roughly: two halves, of which the older is dropped when the younger is full.

    Each step is one operation of a dict, so two threads at worst do the same work twice.
    """

    def __init__(self, most: int) -> None:
        self._most_of_half = max(1, most // 2)
        self._young: dict[K, tuple[V, int]] = {}
        self._old: dict[K, tuple[V, int]] = {}
        self._cost = 0

    def get(self, key: K) -> V | None:
        """What is kept under the key."""
        found = self._young.get(key)
        if found is not None:
            return found[0]
        found = self._old.get(key)
        if found is None:
            return None
        self.put(key, *found)
        return found[0]

    def newest(self, most: int) -> list[K]:
        """The keys that were put last, in that order."""
        return [*self._young][-most:]

    def put(self, key: K, value: V, cost: int) -> None:
        """Keep it; `cost` is in the unit of the bound. What costs more than half of the bound is not kept."""
        if cost > self._most_of_half:
            return
        if self._cost + cost > self._most_of_half:
            self._old, self._young, self._cost = self._young, {}, 0
        self._young[key] = (value, cost)
        self._cost += cost
