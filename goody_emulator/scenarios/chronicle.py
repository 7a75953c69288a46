"""What is to happen in a history, in the order of its moments."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from goody_emulator.scenarios.script import Step


@dataclass(frozen=True, slots=True)
class Event:
    """A batch of some size is ordered, or a step of an order is taken."""

    moment: int
    size: int = 0
    order_id: str | None = None
    step: "Step | None" = None


class Chronicle:
    """Events, the next of which is always known; more can be added while it is gone through."""

    def __init__(self) -> None:
        self._events: list[tuple[int, int, Event]] = []
        self._added = 0

    def add(self, event: Event) -> None:
        """Add an event; of two at the same moment, the one added first comes first."""
        heapq.heappush(self._events, (event.moment, self._added, event))
        self._added += 1

    def has_any(self, end: int) -> bool:
        """Tell whether anything is left that comes no later than a moment."""
        return bool(self._events) and self._events[0][0] <= end

    def take(self, most: int, end: int) -> Iterator[Event]:
        """Take out so many events at most that come no later than a moment."""
        for _ in range(most):
            if not self.has_any(end):
                return
            yield heapq.heappop(self._events)[2]

    def rest(self) -> Iterator[Event]:
        """Return what is left, in no order."""
        return (event for _, _, event in self._events)
