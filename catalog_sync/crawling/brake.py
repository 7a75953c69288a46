"""The brake: which runs would change so much that a person should look first. Plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_HUNDRED: Final = 100
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one run may change by itself. Percents are of the products that are present before it."""

    retire_percent: int = 10
    retire_count: int = 500
    reprice_percent: int = 25


@dataclass(frozen=True, slots=True)
class Brake:
    """One reason to stop: a stable code, a sentence for operators, what was found and what is allowed."""

    code: str
    detail: str
    found: int
    limit: int


def judge(
    limits: Limits,
    *,
    present: int,
    leaving: int,
    repriced: int,
    before: Mapping[str, int],
    after: Mapping[str, int],
) -> tuple[Brake, ...]:
    """Every reason to stop. `before` and `after` are the numbers of members of published collections, by handle."""
    brakes = []
    if leaving * _HUNDRED > limits.retire_percent * present:
        detail = f"{leaving} of {present} products would be retired; {limits.retire_percent} % may be."
        brakes.append(Brake("too_many_retired", detail, leaving, limits.retire_percent * present // _HUNDRED))
    elif leaving > limits.retire_count:
        detail = f"{leaving} products would be retired; {limits.retire_count} may be."
        brakes.append(Brake("too_many_retired", detail, leaving, limits.retire_count))
    if repriced * _HUNDRED > limits.reprice_percent * present:
        detail = f"{repriced} of {present} products would get another price; {limits.reprice_percent} % may."
        brakes.append(Brake("too_many_repriced", detail, repriced, limits.reprice_percent * present // _HUNDRED))
    emptied = sorted(handle for handle, members in before.items() if members and after.get(handle) == 0)
    if emptied:
        more = f" and {len(emptied) - _SHOWN} more" if len(emptied) > _SHOWN else ""
        detail = f"Nothing would be left in the collections {', '.join(emptied[:_SHOWN])}{more}."
        brakes.append(Brake("collection_emptied", detail, len(emptied), 0))
    return tuple(brakes)
