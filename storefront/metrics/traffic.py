"""The requests that this process answered, and those of the other web processes beside it.

A request only appends to a queue, which costs a tenth of a microsecond. Where several processes serve, each leaves its
counts in a file of a directory that they share, twice a second; whichever is asked adds the files up. A process that
ended leaves its file, so that totals never fall; one that is killed takes half a second of counts with it.
"""

import os
import threading
from collections import deque
from pathlib import Path
from typing import Final

from foundation.ids import new_token
from foundation.logs import get_logger
from storefront.metrics.counts import Counts, Kind, decode, encode, total

log = get_logger(__name__)

MOST_PENDING: Final = 2000
WRITE_SECONDS: Final = 0.5
SUFFIX: Final = ".counts"


class Traffic:
    """Counts requests. With a directory, other processes' too."""

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self._file = None if directory is None else directory / f"{os.getpid()}-{new_token(8)}{SUFFIX}"
        self._pending: deque[tuple[Kind, float]] = deque()
        self._counts = Counts()
        self._is_unwritten = False
        """Whether something was counted, by whoever asked, that the file does not hold yet."""
        self._counting = threading.Lock()
        self._writer: threading.Thread | None = None

    def count(self, kind: Kind, seconds: float) -> None:
        """Count one request, and how long it took."""
        self._pending.append((kind, seconds))
        if len(self._pending) > MOST_PENDING:
            self._take_in()
        if self._writer is None and self._directory is not None:
            self._start_writing()

    def everything(self) -> Counts:
        """What all processes counted."""
        self._take_in()
        with self._counting:
            mine = total([self._counts])
        return total([mine, *self._others()])

    def write(self) -> None:
        """Leave this process's counts for the others."""
        self._take_in()
        if self._file is None or not self._is_unwritten:
            return
        with self._counting:
            body = encode(self._counts)
            self._is_unwritten = False
        unfinished = self._file.with_suffix(".part")
        unfinished.write_bytes(body)
        unfinished.replace(self._file)

    def _take_in(self) -> None:
        """Count what is pending."""
        with self._counting:
            # What is appended meanwhile waits for the next time.
            taken = [self._pending.popleft() for _ in range(len(self._pending))]
            self._counts.add(taken)
            self._is_unwritten |= bool(taken)

    def _others(self) -> list[Counts]:
        if self._directory is None:
            return []
        return [decode(file.read_bytes()) for file in self._directory.glob(f"*{SUFFIX}") if file != self._file]

    def _start_writing(self) -> None:
        with self._counting:
            if self._writer is not None:
                return
            self._writer = threading.Thread(target=self._write_on, name="metrics", daemon=True)
        self._writer.start()

    def _write_on(self) -> None:
        pause = threading.Event()
        while not pause.wait(WRITE_SECONDS):
            try:
                self.write()
            except OSError as error:
                self._is_unwritten = True
                log.warning("the counts of requests can't be left for other processes", why=str(error))
