"""Being asked to end, by a signal: whatever is under way is broken off, and what swallows that is asked once more."""

import signal
from types import FrameType
from typing import Final

# SIGINT too: a shell has programs in the background ignore it, and whoever sends it to one means it.
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ending:
    """Raises KeyboardInterrupt wherever the program is when a signal comes.

    Python only reports what is raised while an object is cleared away, and goes on: so the signal is remembered too.
    """

    def __init__(self) -> None:
        self._is_asked_for = False

    def listen(self) -> None:
        """From now on signals count."""
        for each in SIGNALS:
            signal.signal(each, self._asked)

    def check(self) -> None:
        """KeyboardInterrupt if a signal has come."""
        if self._is_asked_for:
            raise KeyboardInterrupt

    def _asked(self, _signal: int, _frame: FrameType | None) -> None:
        self._is_asked_for = True
        raise KeyboardInterrupt
