"""How things are timed: in turns with their baseline, so that a noisy moment hits both."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

ROUNDS: Final = 15
SECONDS_A_ROUND: Final = 0.2


@dataclass(frozen=True, slots=True)
class Measured:
    """A subject's rate beside its baseline's, in calls a second."""

    name: str
    baseline_name: str
    rate: float
    baseline_rate: float

    def __str__(self) -> str:
        ratio = self.rate / self.baseline_rate
        return f"{self.name:<44} {self.rate:>8.0f}/s   {ratio:5.2f} × {self.baseline_name} ({self.baseline_rate:.0f}/s)"


def compare(name: str, subject: Callable[[], object], baseline_name: str, baseline: Callable[[], object]) -> Measured:
    """Median rates of both over rounds in which each gets its turn."""
    rates: tuple[list[float], list[float]] = ([], [])
    for call in (subject, baseline):
        call()
    for _ in range(ROUNDS):
        for call, found in zip((subject, baseline), rates, strict=True):
            found.append(_rate(call))
    return Measured(name, baseline_name, *(statistics.median(found) for found in rates))


def _rate(call: Callable[[], object]) -> float:
    calls, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < SECONDS_A_ROUND:
        call()
        calls += 1
    return calls / spent
