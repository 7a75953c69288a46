"""Kept answers, bounded in bytes."""

import threading
from typing import Final

from storefront.edge.entry import Entry

Question = tuple[str, str, int, str, str]
"""App, kind of key, generation, path, query string."""

LARGEST_PART: Final = 8
"""One entry takes no more than this part of the room."""


class ResponseCache:
    """The answers asked for lately. Those not asked for while half the room was filled anew are forgotten.

    There are two halves: the young one takes what is new or asked for again; when it is full the old one is dropped and
    the young one becomes the old one. So finding an answer takes no lock and moves nothing.
    """

    def __init__(self, most_bytes: int) -> None:
        self._half = most_bytes // 2
        self._largest = most_bytes // LARGEST_PART
        self._young: dict[Question, Entry] = {}
        self._old: dict[Question, Entry] = {}
        self._young_bytes = 0
        self._keeping = threading.Lock()

    def get(self, question: Question) -> Entry | None:
        """The answer to this question, if it is kept."""
        entry = self._young.get(question)
        if entry is None:
            entry = self._old.get(question)
            if entry is not None:
                self.keep(question, entry)
        return entry

    def keep(self, question: Question, entry: Entry) -> None:
        """Keep an answer, unless it is too large."""
        size = entry.size + len(question[3]) + len(question[4])
        if size > self._largest:
            return
        with self._keeping:
            if question in self._young:
                return
            self._make_room(size)
            self._young[question] = entry
            self._young_bytes += size

    def grow(self, size: int) -> None:
        """Reckon with so many bytes more of an entry that is kept."""
        with self._keeping:
            self._young_bytes += size
            self._make_room(0)

    @property
    def kept_bytes(self) -> int:
        """How much is kept in all."""
        return sum(entry.size for entry in ({**self._old, **self._young}).values())

    def _make_room(self, size: int) -> None:
        if self._young_bytes + size > self._half:
            self._old, self._young, self._young_bytes = self._young, {}, 0
