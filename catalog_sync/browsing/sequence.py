"""An order of places, and walking it: a page costs the same at any depth, however many products there are."""

from array import array
from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING, Final

from catalog_sync.browsing.selection import BIT, Selection
from catalog_sync.index import PLACE

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_STEPS: Final = 3000
"""How far a page looks for matches one by one before all of them are found once and for all."""


class Order:
    """Places in some order; a *position* is an index into it. `is_whole` if it holds every place of the index."""

    def __init__(self, places: "Sequence[int]", *, is_whole: bool) -> None:
        self.places = places
        self.is_whole = is_whole

    @cached_property
    def positions(self) -> "Sequence[int]":
        """By place, its position. Of a whole order only."""
        if isinstance(self.places, range):
            return self.places
        positions = array(PLACE, bytes(4 * len(self.places)))
        for position, place in enumerate(self.places):
            positions[place] = position
        return positions


class Walk:
    """The places of an order that are selected, within a window of positions (`start` inclusive, `end` exclusive)."""

    def __init__(self, order: Order, selection: Selection | None, start: int, end: int) -> None:
        self.order = order
        self._selection = selection
        """None for all of them."""
        self._start = start
        self._end = end
        self.count = max(0, end - start) if selection is None else selection.count
        """How many places in all: the selection holds none outside of the window."""
        self._found: Sequence[int] | None = None
        """The positions of all matches, once they were worth finding."""

    @property
    def most_cost(self) -> int:
        """How many bytes it may come to keep."""
        return 400 + (0 if self._selection is None else self._selection.size // 4 + 4 * self.count)

    def page(self, start: int, limit: int) -> "Sequence[int]":
        """The positions of the first matches from a position on, at most so many."""
        start = max(start, self._start)
        if self._selection is None:
            return range(start, min(start + limit, self._end))
        if self._found is None:
            found = None if self._is_sparse else self._look(self._selection, start, limit)
            if found is not None:
                return found
            self._found = self._all(self._selection)
        first = bisect_left(self._found, start)
        return self._found[first : first + limit]

    @cached_property
    def _is_sparse(self) -> bool:
        """Whether finding all matches takes less than walking to the first few of them."""
        return self.order.is_whole and self.count * self.count < 5 * len(self.order.places)

    def _look(self, selection: Selection, start: int, limit: int) -> "list[int] | None":
        """Walk from there; None if that leads too far."""
        places, data, found = self.order.places, selection.data, []
        stop = min(self._end, start + MOST_STEPS)
        for position in range(start, stop):
            place = places[position]
            if data[place >> 3] & BIT[place & 7]:
                found.append(position)
                if len(found) == limit:
                    return found
        return found if stop == self._end else None

    def _all(self, selection: Selection) -> "Sequence[int]":
        if self._is_sparse:
            positions = self.order.positions
            return sorted(positions[place] for place in selection.places())
        places, data = self.order.places, selection.data
        walked = range(self._start, self._end)
        return array(PLACE, [each for each in walked if data[places[each] >> 3] & BIT[places[each] & 7]])
