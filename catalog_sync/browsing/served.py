"""Which generation each app's readers are served from, known in process and asked again every moment."""

import threading
import time
from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from catalog_sync.browsing.paging import current_generation
from foundation.database import Sessions
from foundation.logs import get_logger

log = get_logger(__name__)

MOST_SECONDS: Final = 0.25
"""How long after a publish a process may go on without asking; and how long it may then take to get ready for it."""
RECENT_SECONDS: Final = 60.0
"""How long a generation that was served then can be read still, whatever was published since; far below the hour of
`catalog_sync.browsing.paging.CURSOR_LIFE`."""

Prepare: TypeAlias = Callable[[str, int], None]
"""Gets ready for an app's generation."""


class _Known(NamedTuple):
    generation: int
    until: float


class _Begun(NamedTuple):
    """A generation that is being prepared, and until when readers are spared it."""

    generation: int
    until: float


class ServedGenerations:
    """The number of each app's generation, at most twice `most_seconds` old. Threads may share it.

    A new one is prepared in the background, and readers go on with the one before until that is done: none of them has
    to wait for it, and answers that are kept serve them as long.
    """

    def __init__(
        self,
        sessions: Sessions,
        most_seconds: float = MOST_SECONDS,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sessions = sessions
        self._most_seconds = most_seconds
        self._elapsed = elapsed
        self._prepare: Prepare | None = None
        self._known: dict[str, _Known] = {}
        self._begun: dict[str, _Begun] = {}
        self._asking = threading.Lock()

    def prepare_with(self, prepare: Prepare) -> None:
        """Have this called before a new generation is served. Whoever reads that one can do without."""
        self._prepare = prepare

    def of(self, app_id: str) -> int:
        """The generation to serve; 0 before the first."""
        known = self._known.get(app_id)
        if known is not None and self._elapsed() < known.until:
            return known.generation
        # While one thread asks, the others go on with what they have.
        if not self._asking.acquire(blocking=known is None):
            return known.generation if known is not None else 0
        try:
            # Whoever had the lock before may have asked, and moved on.
            known = self._known.get(app_id)
            if known is not None and self._elapsed() < known.until:
                return known.generation
            generation = self._ask(app_id)
            if known is not None and self._is_awaited(app_id, known, generation):
                generation = known.generation
            self._know(app_id, generation)
        finally:
            self._asking.release()
        return generation

    def renew(self, app_id: str) -> None:
        """Serve what is published now, once it is prepared: whoever has been told of it gets it from then on."""
        generation, known = self._ask(app_id), self._known.get(app_id)
        if self._prepare is not None and (known is None or known.generation != generation):
            self._prepare(app_id, generation)
        # Not while a thread is about to note what it was told before.
        with self._asking:
            self._begun.pop(app_id, None)
            self._know(app_id, self._ask(app_id))

    def _ask(self, app_id: str) -> int:
        with self._sessions.read() as session:
            return current_generation(session, app_id)

    def _know(self, app_id: str, generation: int) -> None:
        self._known[app_id] = _Known(generation, self._elapsed() + self._most_seconds)

    def _is_awaited(self, app_id: str, known: _Known, generation: int) -> bool:
        """Whether readers stay with what is known while the generation is prepared; that is begun if need be."""
        prepare, now = self._prepare, self._elapsed()
        if prepare is None or known.generation in {0, generation} or now > known.until + RECENT_SECONDS:
            return False
        begun = self._begun.get(app_id)
        if begun is not None and begun.generation == generation:
            return now < begun.until
        begun = self._begun[app_id] = _Begun(generation, now + self._most_seconds)
        if now < begun.until:
            threading.Thread(target=self._get_ready, args=(app_id, begun, prepare), daemon=True).start()
        return now < begun.until

    def _get_ready(self, app_id: str, begun: _Begun, prepare: Prepare) -> None:
        try:
            prepare(app_id, begun.generation)
        except Exception:
            log.exception("a generation could not be prepared: its first reader will do it", app_id=app_id)
        with self._asking:
            if self._begun.get(app_id) == begun:
                del self._begun[app_id]
                self._know(app_id, begun.generation)
