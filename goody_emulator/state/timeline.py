"""Moves the clock, and lets everything happen in its order that comes due on the way."""

import threading
import time
from collections.abc import Sequence
from typing import Final, Protocol

from goody_emulator.errors import RefusedError
from goody_emulator.state.store import Store

PATIENCE: Final = 120
"""Real seconds that one advance may take: webhooks are sent on the way, and a receiver may be slow."""
_PAUSE: Final = 0.05


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

    def freeze(self, moment: int | None = None) -> None:
        """Let the clock stand still, now or at a later moment, with everything done that is due until then."""
        with self._moving:
            start = self._clock.now()
            self._clock.freeze(start)
            self._advance(self._later(start if moment is None else moment))
            self._keep()

    def resume(self) -> None:
        """Let the clock run on."""
        with self._moving:
            self._clock.resume()
            self._keep()

    def advance(self, moment: int) -> bool:
        """Move the clock to a later moment; False when what came due on the way is not all done yet."""
        with self._moving:
            was_running = self._clock.frozen_at is None
            target = self._later(moment)
            self._clock.freeze(self._clock.now())
            is_done = self._advance(target)
            if was_running:
                self._clock.resume()
            self._keep()
            return is_done

    def reset(self) -> None:
        """Set the clock by the machine's."""
        with self._moving:
            self._clock.reset()
            self._keep()

    def settle(self, until: float) -> bool:
        """Wait until nothing is left to do that is due; False when the real moment `until` comes first."""
        while time.monotonic() < until:
            seen = self._store.commits
            moment = self._clock.now()
            dues = [worker.next_due() for worker in self._workers]
            if not any(due is not None and due <= moment for due in dues) and not any(
                worker.is_busy() for worker in self._workers
            ):
                return True
            self._store.wait_for_news(seen, _PAUSE)
        return False

    def _later(self, moment: int) -> int:
        if moment < self._clock.now():
            raise RefusedError("The clock cannot go back; reset the emulator or restore a snapshot instead.")
        return moment

    def _advance(self, target: int) -> bool:
        """Step from one due moment to the next, as they would have come."""
        until = time.monotonic() + PATIENCE
        is_done = self.settle(until)
        while is_done and (due := self._next_due()) is not None and due <= target:
            self._clock.freeze(max(due, self._clock.now()))
            self._store.announce()
            is_done = self.settle(until)
        self._clock.freeze(target)
        self._store.announce()
        return is_done

    def _next_due(self) -> int | None:
        return min((due for worker in self._workers if (due := worker.next_due()) is not None), default=None)

    def _keep(self) -> None:
        with self._store.transaction():
            self._store.execute(
                "INSERT INTO clock (id, ahead, frozen_at) VALUES (1, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET ahead = excluded.ahead, frozen_at = excluded.frozen_at",
                self._clock.ahead,
                self._clock.frozen_at,
            )
