"""Moves the clock, and lets everything happen in its order that comes due on the way."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Protocol

from goody_emulator.errors import RefusedError
from goody_emulator.state import timestamps
from goody_emulator.state.store import Store

PATIENCE: Final = 120
"""Real seconds that one advance may take unless it is told: webhooks are sent on the way to slow receivers."""
_PAUSE: Final = 0.05

Target = Callable[[int], int]
"""Says which moment the clock is to be moved to from the present one, in milliseconds."""


class Worker(Protocol):
    """A thread that does what is due."""

    def next_due(self) -> int | None:
        """Return the moment of the next thing to do, which may have passed; None when there is nothing."""

    def is_busy(self) -> bool:
        """Tell whether something is being done at the moment."""


class Timeline:
    """Keeps the clock in the store, and moves it on."""

    def __init__(self, store: Store, workers: Sequence[Worker]) -> None:
        self._store = store
        self._clock = store.clock
        self._workers = workers
        self._moving = threading.Lock()
        self.load()

    def load(self) -> None:
        """Set the clock as the store knows it."""
        kept = self._store.row("SELECT ahead, frozen_at FROM clock")
        self._clock.ahead, self._clock.frozen_at = (0, None) if kept is None else (kept["ahead"], kept["frozen_at"])

    def freeze(self, target: Target, patience: float = PATIENCE) -> bool:
        """Let the clock stand still, at the present moment or at a later one; answers as `advance` does."""
        with self._moving:
            return self._advance(target, patience, runs=False)

    def resume(self) -> None:
        """Let the clock run on."""
        with self._moving:
            self._clock.resume()
            self._keep()

    def advance(self, target: Target, patience: float = PATIENCE) -> bool:
        """Move the clock to a later moment, and let happen what comes due on the way.

        False when not all of that was done within so many real seconds of `patience`: the rest is done late.
        """
        with self._moving:
            was_running = self._clock.frozen_at is None
            is_done = self._advance(target, patience, runs=was_running)
            if was_running:
                self._clock.resume()
                self._keep()
            return is_done

    def reset(self) -> None:
        """Set the clock by the machine's."""
        with self._moving:
            self._clock.reset()
            self._keep()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let nobody else move the clock inside, and load it at the end."""
        with self._moving:
            try:
                yield
            finally:
                self.load()

    def hold_back(self, moment: int) -> None:
        """Let the clock stand still, no later than at a moment: nothing comes due while rows are replaced.

        Call while the clock is `held`; loading it lets it go.
        """
        self._clock.freeze(min(moment, self._clock.now()))

    def settle(self, until: float) -> bool:
        """Wait until nothing is left to do that is due; False when the real moment `until` comes first."""
        while True:
            seen = self._store.commits
            if self._is_settled():
                return True
            if time.monotonic() >= until:
                return False
            self._store.wait_for_news(seen, _PAUSE)

    def _is_settled(self) -> bool:
        moment = self._clock.now()
        # All rooms are looked at as of one moment: what one room hands to another is then in either of them.
        with self._store.reading():
            dues = [worker.next_due() for worker in self._workers]
        is_due = any(due is not None and due <= moment for due in dues)
        return not is_due and not any(worker.is_busy() for worker in self._workers)

    def _advance(self, target: Target, patience: float, *, runs: bool) -> bool:
        """Stand still, then step from one due moment to the next, as they would have come."""
        start = self._clock.now()
        end = target(start)
        if end < start:
            raise RefusedError("The clock cannot go back; reset the emulator or restore a snapshot instead.")
        until = time.monotonic() + patience
        self._clock.freeze(start)
        is_done = self.settle(until)
        while is_done and (due := self._next_due()) is not None and due <= end:
            self._clock.freeze(max(due, self._clock.now()))
            self._keep(runs=runs)
            is_done = self.settle(until)
        self._clock.freeze(end)
        self._keep(runs=runs)
        return is_done

    def _next_due(self) -> int | None:
        return min((due for worker in self._workers if (due := worker.next_due()) is not None), default=None)

    def _keep(self, *, runs: bool = False) -> None:
        """Write the clock down, which wakes the workers; `runs` notes one that stands still for the move only."""
        moment = self._clock.frozen_at
        ahead, frozen_at = self._clock.ahead, moment
        if runs and moment is not None:
            ahead, frozen_at = moment - timestamps.machine_time(), None
        with self._store.transaction():
            self._store.execute(
                "INSERT INTO clock (id, ahead, frozen_at) VALUES (1, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET ahead = excluded.ahead, frozen_at = excluded.frozen_at",
                ahead,
                frozen_at,
            )
