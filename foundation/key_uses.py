"""When keys were used last, to the minute: a request only remembers it, a thread writes it down now and then."""

import threading
from typing import Final

import sqlalchemy as sa

from foundation.clock import Clock, utc_now
from foundation.database import DatabaseUnavailableError, Sessions
from foundation.keys import ApiKey
from foundation.logs import get_logger

log = get_logger(__name__)

WRITE_SECONDS: Final = 60.0


class KeyUses:
    """The keys that this process has seen since it wrote last."""

    def __init__(self, sessions: Sessions, clock: Clock = utc_now, pause: float = WRITE_SECONDS) -> None:
        self._sessions = sessions
        self._clock = clock
        self._pause = pause
        self._seen: set[str] = set()
        self._closing = threading.Event()
        self._starting = threading.Lock()
        self._writer: threading.Thread | None = None

    def note(self, key_id: str) -> None:
        """Remember that this key is in use. Costs a tenth of a microsecond, and no write."""
        self._seen.add(key_id)
        if self._writer is None:
            self._start()

    def write(self) -> int:
        """Write down which keys were used; returns how many."""
        seen, self._seen = self._seen, set()
        # A request that is just now noting its key may still hold the old set.
        key_ids = list(seen)
        if not key_ids:
            return 0
        used = sa.update(ApiKey).where(ApiKey.id.in_(key_ids)).values(last_used_at=self._clock())
        with self._sessions.begin_derived() as session:
            session.execute(used.execution_options(synchronize_session=False))
        return len(key_ids)

    def close(self) -> None:
        """Write for the last time."""
        self._closing.set()
        if self._writer is not None:
            self._writer.join()
            self._try_to_write()

    def _start(self) -> None:
        with self._starting:
            if self._writer is None and not self._closing.is_set():
                self._writer = threading.Thread(target=self._write_on, name="key uses", daemon=True)
                self._writer.start()

    def _write_on(self) -> None:
        while not self._closing.wait(self._pause):
            self._try_to_write()

    def _try_to_write(self) -> None:
        try:
            self.write()
        except DatabaseUnavailableError as error:
            log.warning("when keys were used could not be written down", why=error.detail)
