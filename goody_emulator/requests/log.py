"""The log of requests: the latest ones, in memory."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from goody_emulator.errors import RefusedError
from goody_emulator.patterns import fits
from goody_emulator.requests.entry import Entry

KEPT: Final = 1000
"""How many requests are kept."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which requests are meant; what is None or blank lets every one through."""

    app_id: str | None = None
    method: str = ""
    path: str = ""
    """A path, in which `*` stands for anything."""
    status: int | None = None
    contains: str = ""
    """A text that the query or the kept part of the body has in it, letter by letter."""
    since: str = ""
    """The id of a request: only those that were answered after it."""

    def lets_through(self, entry: Entry) -> bool:
        """Tell whether a request is meant, wherever it stands in the log."""
        return (
            self.app_id in {None, entry.app_id}
            and self.method.upper() in {"", "*", entry.method}
            and (not self.path or fits(self.path, entry.path))
            and self.status in {None, entry.status}
            and (self.contains in entry.query or self.contains.encode() in entry.body)
        )


class RequestLog:
    """The latest requests to Goody's operations, in the order they were answered."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._entries: deque[Entry] = deque(maxlen=KEPT)

    def append(self, entry: Entry) -> None:
        """Keep a request, and forget the oldest when there are too many."""
        with self._news:
            self._entries.append(entry)
            self._news.notify_all()

    def clear(self, app_id: str | None = None) -> None:
        """Forget the requests of an app, or all."""
        with self._news:
            keeping = [each for each in self._entries if app_id is not None and each.app_id != app_id]
            self._entries = deque(keeping, maxlen=KEPT)

    def found(self, wanted: Filter) -> list[Entry]:
        """Return the requests a filter lets through, oldest first; RefusedError when `since` is not in the log."""
        with self._news:
            return _found(self._entries, wanted)

    def wait_for(self, wanted: Filter, is_enough: Callable[[list[Entry]], bool], seconds: float) -> list[Entry]:
        """Return the requests a filter lets through once they are enough, or when so many real seconds are over."""
        found: list[Entry] = []

        def is_so() -> bool:
            found[:] = _found(self._entries, wanted)
            return is_enough(found)

        with self._news:
            self._news.wait_for(is_so, seconds)
        return found


def _found(entries: deque[Entry], wanted: Filter) -> list[Entry]:
    start = _place_after(entries, wanted.since) if wanted.since else 0
    return [each for each in list(entries)[start:] if wanted.lets_through(each)]


def _place_after(entries: deque[Entry], request_id: str) -> int:
    for place in range(len(entries), 0, -1):
        if entries[place - 1].id == request_id:
            return place
    raise RefusedError(f"`since` must be the id of a request that is still in the log; {request_id} is not.")
