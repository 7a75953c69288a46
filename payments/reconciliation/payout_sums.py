"""Which of the things due a bank transfer is the sum of: a bounded subset sum, with an explanation. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, combinations
from typing import Final

from foundation.money import show
from payments.reconciliation.kinds import Confidence, Part

FEW: Final = 20
"""So many things are tried in every combination."""
MOST_PAIRED: Final = 2000
"""Among so many, every two are tried as what was left out."""
ENOUGH: Final = 2
"""Two explanations are as good as none."""


@dataclass(frozen=True, slots=True)
class Due:
    """A part of an order's money that was due by then; US cents."""

    order_id: str
    part: Part
    amount: int
    moment: datetime


@dataclass(frozen=True, slots=True)
class Explained:
    """What a sum consists of; nothing where nothing, or more than one thing, explains it."""

    parts: Sequence[Due]
    confidence: int
    explanation: str


def explain(target: int, due: Sequence[Due]) -> Explained:
    """What comes to this sum: everything due; the oldest up to a date; all but one or two; any few of a few."""
    ordered = sorted(due, key=lambda each: (each.moment, each.order_id, each.part))
    total = sum(each.amount for each in ordered)
    if ordered and total == target:
        return Explained(ordered, Confidence.SUM_OF_ALL, f"is all that was due: {_counted(ordered)}")
    prefixes = [number for number, sum_ in enumerate(accumulate(each.amount for each in ordered), 1) if sum_ == target]
    if len(prefixes) == 1:
        oldest = ordered[: prefixes[0]]
        until = f"{oldest[-1].moment:%Y-%m-%d}"
        return Explained(oldest, Confidence.SUM_OF_ALL, f"is all that was due until {until}: {_counted(oldest)}")
    found = _first(_left_out(ordered, total - target)) or _first(_any(ordered, target))
    if len(found) == 1:
        chosen = [each for place, each in enumerate(ordered) if place not in found[0]]
        without = ", ".join(f"{ordered[place].order_id} ({show(ordered[place].amount)})" for place in sorted(found[0]))
        said = f"is {_counted(chosen)}, without {len(found[0])} that were due: {without}"
        return Explained(chosen, Confidence.SUM_OF_MOST, said)
    why = "in more than one way" if found else f"in no way that was tried; in all {show(total)} was due"
    return Explained((), 0, f"is explained by what was due {why}")


def _left_out(ordered: Sequence[Due], difference: int) -> Iterator[frozenset[int]]:
    """One thing, or two, that come to the difference: by their places."""
    by_amount: defaultdict[int, list[int]] = defaultdict(list)
    for place, each in enumerate(ordered):
        by_amount[each.amount].append(place)
    yield from (frozenset({place}) for place in by_amount.get(difference, ()))
    if len(ordered) <= MOST_PAIRED:
        for place, each in enumerate(ordered):
            others = by_amount.get(difference - each.amount, ())
            yield from (frozenset({place, other}) for other in others if other > place)


def _any(ordered: Sequence[Due], target: int) -> Iterator[frozenset[int]]:
    """Of a few things, any that come to the target: by the places of the others. Half by half, so 2^10 sums each."""
    if len(ordered) > FEW:
        return
    half = len(ordered) // 2
    right: defaultdict[int, list[frozenset[int]]] = defaultdict(list)
    for places, sum_ in _sums(ordered, range(half, len(ordered))):
        right[sum_].append(places)
    everything = frozenset(range(len(ordered)))
    for places, sum_ in _sums(ordered, range(half)):
        for others in right.get(target - sum_, ()):
            if places or others:
                yield everything - places - others


def _sums(ordered: Sequence[Due], places: range) -> Iterator[tuple[frozenset[int], int]]:
    for size in range(len(places) + 1):
        for chosen in combinations(places, size):
            yield frozenset(chosen), sum(ordered[place].amount for place in chosen)


def _first(found: Iterator[frozenset[int]]) -> list[frozenset[int]]:
    """No more than is needed to know whether there is one, or more than one."""
    distinct: dict[frozenset[int], None] = {}
    for places in found:
        distinct[places] = None
        if len(distinct) == ENOUGH:
            break
    return [*distinct]


def _counted(parts: Sequence[Due]) -> str:
    shares = sum(each.part is Part.SHARE for each in parts)
    reversals = len(parts) - shares
    return f"{shares} shares" + (f" less {reversals} taken back" if reversals else "")
