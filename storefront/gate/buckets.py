"""Buckets of tokens in this process's memory: so many requests at once, and so many a minute after that.

A bucket is one number, the moment at which it will be full again (the generic cell rate algorithm). One that is full
is as good as none, so it need not be kept.
"""

import threading
import time
from collections.abc import Callable
from typing import Final, NamedTuple

MOST_KEPT: Final = 50_000
"""Buckets: some 10 MB. Past it the full ones are dropped, then those that are nearest to it."""


class Allowance(NamedTuple):
    """How much one caller may ask: `burst` at once, refilled at `per_minute`."""

    name: str
    burst: int
    per_minute: int


class Verdict(NamedTuple):
    """What a bucket says to one request. Durations are in seconds."""

    allowance: Allowance
    remaining: int
    full_in: float
    retry_after: float | None
    """None: it may pass."""


class Buckets:
    """A bucket for each caller, all of the same allowance."""

    def __init__(
        self, allowance: Allowance, elapsed: Callable[[], float] = time.monotonic, most_kept: int = MOST_KEPT
    ) -> None:
        self._allowance = allowance
        self._interval = 60.0 / allowance.per_minute
        self._capacity = allowance.burst * self._interval
        # What floating point makes of a moment must not cost a token.
        self._grain = self._interval / 1e6
        self._elapsed = elapsed
        self._most_kept = most_kept
        self._full_at: dict[str, float] = {}
        self._taking = threading.Lock()

    def take(self, who: str, cost: int = 1) -> Verdict:
        """Take tokens out of this caller's bucket; none are taken if there are too few."""
        price = cost * self._interval
        with self._taking:
            now = self._elapsed()
            debt = max(self._full_at.get(who, now) - now, 0.0)
            missing = debt + price - self._capacity
            if missing > self._grain:
                return Verdict(self._allowance, self._tokens(debt), debt, missing)
            debt += price
            if len(self._full_at) >= self._most_kept and who not in self._full_at:
                self._make_room(now)
            self._full_at[who] = now + debt
        return Verdict(self._allowance, self._tokens(debt), debt, None)

    def is_empty(self, who: str) -> bool:
        """Whether this caller's bucket has no token left."""
        full_at = self._full_at.get(who)
        return full_at is not None and full_at - self._elapsed() + self._interval > self._capacity + self._grain

    @property
    def kept(self) -> int:
        """How many buckets are kept."""
        return len(self._full_at)

    def _tokens(self, debt: float) -> int:
        return max(int((self._capacity - debt) / self._interval + 1e-6), 0)

    def _make_room(self, now: float) -> None:
        waiting = {who: full_at for who, full_at in self._full_at.items() if full_at > now}
        if len(waiting) > self._most_kept // 2:
            # Somebody has very many addresses. Those that took most are remembered longest.
            fullest_first = sorted(waiting.items(), key=lambda bucket: bucket[1])
            waiting = dict(fullest_first[-(self._most_kept // 2) :])
        self._full_at = waiting
