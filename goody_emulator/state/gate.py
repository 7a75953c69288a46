"""The gate that requests pass, so that rows can be replaced when none is halfway through reading them."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

PATIENCE: Final = 15
"""Real seconds that closing waits for the requests inside: a fault may hold one up for longer."""


class Gate:
    """Lets any number of requests pass at a time, or none."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._news = threading.Condition()
        self._inside = 0
        self._is_closed = False

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Wait until the gate is open, and be inside."""
        with self._news:
            self._news.wait_for(lambda: not self._is_closed)
            self._inside += 1
        try:
            yield
        finally:
            with self._news:
                self._inside -= 1
                self._news.notify_all()

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Let nobody in, and wait until those inside have left, or for the patience; not to be called from inside."""
        until = time.monotonic() + self._patience
        with self._news:
            self._news.wait_for(lambda: not self._is_closed)
            self._is_closed = True
            self._news.wait_for(lambda: self._inside == 0, max(0, until - time.monotonic()))
        try:
            yield
        finally:
            with self._news:
                self._is_closed = False
                self._news.notify_all()
