"""Group commits: threads that want to write at the same time share one transaction, and so one flush of the disk."""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from foundation.database import DatabaseUnavailableError

T = TypeVar("T")


class _Entry(Generic[T]):
    def __init__(self, item: T) -> None:
        self.item = item
        self.is_done = False
        self.error: Exception | None = None


class GroupedWrites(Generic[T]):
    """Whoever comes while another writes waits, and is written with all others who waited."""

    def __init__(self, write: Callable[[Sequence[T]], None]) -> None:
        """`write` commits the items that it is given, all or none."""
        self._write = write
        self._waiting: list[_Entry[T]] = []
        self._gate = threading.Lock()
        self._turn = threading.Lock()

    def add(self, item: T) -> None:
        """Return once the item is committed. Raises what writing it raised."""
        entry = _Entry(item)
        with self._gate:
            self._waiting.append(entry)
        with self._turn:
            if not entry.is_done:
                self._write_waiting()
        if entry.error is not None:
            raise entry.error

    def _write_waiting(self) -> None:
        with self._gate:
            entries, self._waiting = self._waiting, []
        error = self._try(entries)
        if error is not None and len(entries) > 1 and not isinstance(error, DatabaseUnavailableError):
            # One of them can't be written, which is no reason to lose the others.
            for entry in entries:
                entry.error = self._try([entry])
        else:
            for entry in entries:
                entry.error = error
        for entry in entries:
            entry.is_done = True

    def _try(self, entries: Sequence[_Entry[T]]) -> Exception | None:
        try:
            self._write([entry.item for entry in entries])
        except Exception as error:  # noqa: BLE001  handed to those who wait for it
            return error
        return None
