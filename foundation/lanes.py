"""A lane for each app: work for all apps at once, so that one whose Goody hangs holds up nobody else.

An app has one lane. While that is busy the app gets no other: it never takes more than its share of the threads.
"""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final

from foundation.logs import get_logger

log = get_logger(__name__)

WIDTH: Final = 16
"""Apps at work at once, of one kind of work; they wait for Goody, not for the processor."""


class Lanes:
    """Runs one piece of work per app. Threads are started when there is work."""

    def __init__(self, name: str, width: int = WIDTH) -> None:
        self._name = name
        self._pool = ThreadPoolExecutor(width, thread_name_prefix=name)
        self._busy: set[str] = set()
        self._lock = threading.Lock()
        self._closing = threading.Event()

    @property
    def is_closing(self) -> bool:
        """Whether what is under way should end soon: long work looks at this between its steps."""
        return self._closing.is_set()

    def run(self, work: Mapping[str, Callable[[], int]], patience: float | None = None) -> int:
        """Start each app's work unless its lane is busy; returns what the lanes that ended meanwhile dealt with.

        Waits for all of them, or for `patience` seconds: the rest goes on by itself. A failure is logged; its rows
        are still there.
        """
        if patience is None and len(work) == 1:
            # Nobody else to hold up.
            return sum(self._work(app_id, call) for app_id, call in work.items() if self._enter(app_id))
        started = [self._start(app_id, call) for app_id, call in work.items() if self._enter(app_id)]
        ended, _ = wait(started, timeout=patience)
        return sum(future.result() for future in ended)

    def close(self) -> None:
        """Start nothing more, and wait for what is under way."""
        self._closing.set()
        self._pool.shutdown(cancel_futures=True)

    def _enter(self, app_id: str) -> bool:
        with self._lock:
            is_free = app_id not in self._busy
            self._busy.add(app_id)
        return is_free

    def _start(self, app_id: str, call: Callable[[], int]) -> "Future[int]":
        return self._pool.submit(self._work, app_id, call)

    def _work(self, app_id: str, call: Callable[[], int]) -> int:
        try:
            return call()
        except Exception:
            log.exception("an app's turn broke off; its next one comes", app=app_id, work=self._name)
            return 0
        finally:
            with self._lock:
                self._busy.discard(app_id)
