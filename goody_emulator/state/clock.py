"""The emulator's time, which can be stopped and moved on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from goody_emulator.state import timestamps


class Clock:
    """Tells the emulator's time: the machine's and what it was moved ahead by, or the moment it stands still at."""

    def __init__(self) -> None:
        self.ahead = 0
        """Milliseconds the clock is ahead of the machine's while it runs."""
        self.frozen_at: int | None = None
        """The moment it stands still at, or None while it runs."""
        self._history = threading.local()

    def now(self) -> int:
        """Return the present moment in milliseconds since the epoch."""
        past: int | None = getattr(self._history, "moment", None)
        if past is not None:
            return past
        frozen_at = self.frozen_at
        return timestamps.machine_time() + self.ahead if frozen_at is None else frozen_at

    @property
    def is_silent(self) -> bool:
        """Whether the present thread writes a history that nobody is to be told of."""
        return bool(getattr(self._history, "is_silent", False))

    @contextmanager
    def at(self, moment: int, *, is_silent: bool) -> Iterator[None]:
        """Let it be another moment inside, for the present thread alone: that is how a history is written."""
        before = dict(vars(self._history))
        self._history.moment, self._history.is_silent = moment, is_silent
        try:
            yield
        finally:
            vars(self._history).clear()
            vars(self._history).update(before)

    def seconds_until(self, moment: int) -> float | None:
        """Return how many real seconds it takes until a moment comes; None when it never does by itself."""
        left = max(0, moment - self.now()) / 1000
        return None if left and self.frozen_at is not None else left

    def freeze(self, moment: int) -> None:
        """Stand still at a moment."""
        self.frozen_at = moment

    def resume(self) -> None:
        """Run again, from the moment it stood still at."""
        if self.frozen_at is not None:
            self.ahead = self.frozen_at - timestamps.machine_time()
            self.frozen_at = None

    def reset(self) -> None:
        """Run with the machine's clock again."""
        self.ahead, self.frozen_at = 0, None
