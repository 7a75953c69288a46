"""How things are timed: in turns with their baseline, so that a noisy moment hits both."""

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

ROUNDS: Final = 7


@dataclass(frozen=True, slots=True)
class Ratio:
    """What was measured beside its baseline, and what is aimed at: at least, or at most, so many times the baseline."""

    name: str
    value: float
    baseline_name: str
    baseline: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float:
        """How many times the baseline it is."""
        return self.value / self.baseline

    @property
    def is_met(self) -> bool:
        """Whether it is as aimed at."""
        return (self.at_least is None or self.ratio >= self.at_least) and (
            self.at_most is None or self.ratio <= self.at_most
        )

    def __str__(self) -> str:
        measured = f"{self.name:<52} {_figure(self.value):>8} {self.unit:<4} {self.ratio:5.2f} × {self.baseline_name}"
        told = f"{measured} ({_figure(self.baseline)} {self.unit})"
        for word, bound in (("at least", self.at_least), ("at most", self.at_most)):
            if bound is not None:
                told += f"   aim: {word} {bound:g} ×{'' if self.is_met else ', MISSED'}"
        return told + (f"   {self.note}" if self.note else "")


def in_turns(measures: Mapping[str, Callable[[], float]], rounds: int = ROUNDS) -> dict[str, float]:
    """The median of each over rounds in which all get their turn; a first round, which warms up, is not counted."""
    found: dict[str, list[float]] = {name: [] for name in measures}
    for number in range(rounds + 1):
        for name, measure in _shifted(list(measures.items()), number):
            value = measure()
            if number:
                found[name].append(value)
    return {name: statistics.median(values) for name, values in found.items()}


def _shifted(measures: Sequence[tuple[str, Callable[[], float]]], by: int) -> Iterable[tuple[str, Callable[[], float]]]:
    """The same, beginning elsewhere: whoever comes after the slowest must not always be the same."""
    start = by % len(measures)
    return [*measures[start:], *measures[:start]]


def _figure(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004  three figures are enough
