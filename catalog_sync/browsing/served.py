"""Which generation each app's readers are served from, known in process and asked again every moment."""

import threading
import time
from collections.abc import Callable
from typing import Final

from catalog_sync.browsing.paging import current_generation
from foundation.database import Sessions

MOST_SECONDS: Final = 0.25
"""How long after a publish a process may still serve the generation before it."""


class ServedGenerations:
    """The number of each app's generation, at most `most_seconds` old. Threads may share it."""

    def __init__(
        self,
        sessions: Sessions,
        most_seconds: float = MOST_SECONDS,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sessions = sessions
        self._most_seconds = most_seconds
        self._elapsed = elapsed
        self._known: dict[str, tuple[int, float]] = {}
        self._asking = threading.Lock()

    def of(self, app_id: str) -> int:
        """The generation to serve; 0 before the first."""
        known = self._known.get(app_id)
        if known is not None and self._elapsed() < known[1]:
            return known[0]
        # While one thread asks, the others go on with what they have.
        if not self._asking.acquire(blocking=known is None):
            return known[0] if known is not None else 0
        try:
            with self._sessions.read() as session:
                generation = current_generation(session, app_id)
            self._known[app_id] = (generation, self._elapsed() + self._most_seconds)
        finally:
            self._asking.release()
        return generation

    def forget(self, app_id: str) -> None:
        """Ask anew next time: there is something newer to see."""
        # Not while a thread is about to note what it was told before.
        with self._asking:
            self._known.pop(app_id, None)
