"""A watch over the database: one cheap look many times a second, which rings the bells of what has grown.

What another process commits is then dealt with at once, and not at the next turn of a job's interval. A look that
fails, or that finds nothing, loses nothing: the jobs come by anyway.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from foundation.database import DatabaseUnavailableError, Sessions, fetch
from foundation.jobs import Bell

EVERY_SECONDS: Final = 0.02
AFTER_FAILURE: Final = 5.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A number that grows with something, as a query of one row, and whom to wake then."""

    query: str
    bell: Bell


EVENTS: Final = "SELECT sum(last_sequence) FROM event_counters"
"""Grows with each event of any app."""


class Watch:
    """Looks, in a thread of its own, from `start` to `stop`."""

    def __init__(self, sessions: Sessions, marks: Sequence[Mark], every_seconds: float = EVERY_SECONDS) -> None:
        self._sessions = sessions
        self._marks = marks
        self._every = every_seconds
        self._query = f"SELECT {', '.join(f'({mark.query})' for mark in marks)}"
        self._seen: Sequence[Any] = [None] * len(marks)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="database watch", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for the last look."""
        self._stopping.set()
        self._thread.join()

    def look(self) -> None:
        """Look once, and ring for what has grown since the last look."""
        with self._sessions.look() as connection:
            (found,) = fetch(connection, self._query, ())
        for mark, before, now in zip(self._marks, self._seen, found, strict=True):
            if now != before:
                mark.bell.ring()
        self._seen = found

    def _run(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            try:
                self.look()
                pause = self._every
            except DatabaseUnavailableError:
                # The jobs say so in the log, each time they fail.
                pause = AFTER_FAILURE
