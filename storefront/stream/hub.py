"""Who listens, and what they are told: one look at the database for all, a bounded queue for each."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Final, ParamSpec, TypeVar

from foundation.database import DatabaseUnavailableError
from foundation.logs import get_logger
from storefront.stream.grants import Grant
from storefront.stream.source import PAGE, Source, Told

log = get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

QUEUE: Final = 256
"""Events that wait for one listener; who lets more gather is dropped, and comes back with what it got last."""
AFTER_FAILURE: Final = 5.0


class Listener:
    """One open stream. An item of None ends it; `drop` breaks it off, whatever it waits for."""

    def __init__(self, grant: Grant, drop: Callable[[], None], place: str | None = None) -> None:
        self.grant = grant
        self.place = place
        """The client address whose share of the places it takes; None for a backend, which has no share."""
        self.scope = grant.scope
        self.is_cut = False
        self._drop = drop
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(QUEUE)

    def tell(self, told: Told) -> None:
        """Queue what is for this listener; drop it if it reads too slowly."""
        written = None if self.is_cut else told.to(self.scope)
        if written is not None:
            self._put(written)

    def end(self) -> None:
        """Let it end after what is queued, or at once if that is too much."""
        self._put(None)

    def cut(self) -> None:
        """End it before anything else is told: what is queued is for nobody any more."""
        self.is_cut = True
        while not self._queue.empty():
            self._queue.get_nowait()
        self._put(None)

    async def next(self, seconds: float) -> bytes | None:
        """What comes next. TimeoutError if nothing does for so many seconds; None at the end."""
        async with asyncio.timeout(seconds):
            return await self._queue.get()

    def _put(self, item: bytes | None) -> None:
        if self._queue.full():
            self._drop()
        else:
            self._queue.put_nowait(item)


class Hub:
    """All listeners of a process. Everything but the reading happens in the event loop's one thread."""

    def __init__(
        self,
        source: Source,
        pool: ThreadPoolExecutor,
        poll_seconds: float,
        check_seconds: float,
        clock: Callable[[], datetime],
    ) -> None:
        self._source = source
        self._pool = pool
        self._poll_seconds = poll_seconds
        self._check_seconds = check_seconds
        self._clock = clock
        self._check_at = float("-inf")
        self._listeners: defaultdict[str, set[Listener]] = defaultdict(set)
        self._positions: dict[str, int] = {}
        """Up to where the listeners of an app have been told."""
        self._places: Counter[str] = Counter()

    @property
    def count(self) -> int:
        """How many listen."""
        return sum(map(len, self._listeners.values()))

    def count_of(self, place: str) -> int:
        """How many listen from there."""
        return self._places[place]

    async def join(self, listener: Listener) -> int:
        """Tell it of what comes after the number returned; what was before it has to read by itself."""
        app_id = listener.scope.app_id
        if app_id not in self._positions:
            newest = (await self.read(self._source.positions)).get(app_id, 0)
            # Another listener of the app may have been quicker.
            self._positions.setdefault(app_id, newest)
        self._listeners[app_id].add(listener)
        if listener.place is not None:
            self._places[listener.place] += 1
        return self._positions[app_id]

    def leave(self, listener: Listener) -> None:
        """Tell it nothing more."""
        app_id = listener.scope.app_id
        if listener.place is not None and listener in self._listeners[app_id]:
            self._places[listener.place] -= 1
            if not self._places[listener.place]:
                del self._places[listener.place]
        self._listeners[app_id].discard(listener)
        if not self._listeners[app_id]:
            del self._listeners[app_id]
            self._positions.pop(app_id, None)

    def end_all(self) -> None:
        """End every stream."""
        for listeners in list(self._listeners.values()):
            for listener in list(listeners):
                listener.end()

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                await self._look()
                pause = self._poll_seconds
            except DatabaseUnavailableError as error:
                log.warning("streams wait for the database", why=error.detail)
                pause = AFTER_FAILURE
            except Exception:
                log.exception("streams could not be fed; it is tried again")
                pause = AFTER_FAILURE
            await asyncio.sleep(pause)

    async def _look(self) -> None:
        if not self._listeners:
            return
        # Before anything is told, also after an outage of the database: nobody gets what it lost the right to.
        if asyncio.get_running_loop().time() >= self._check_at:
            await self._check()
        newest = await self.read(self._source.positions)
        for app_id in list(self._listeners):
            if app_id in self._positions and newest.get(app_id, 0) > self._positions[app_id]:
                await self._tell(app_id)

    async def _check(self) -> None:
        """End the streams whose right is over: one query for all listeners of the process."""
        listeners = [listener for several in self._listeners.values() for listener in several]
        standing = await self.read(self._source.standing, {listener.grant.key_id for listener in listeners})
        now = self._clock()
        for listener in listeners:
            if not listener.grant.holds(standing.get(listener.grant.key_id), now):
                listener.cut()
        self._check_at = asyncio.get_running_loop().time() + self._check_seconds

    async def _tell(self, app_id: str) -> None:
        after = self._positions[app_id]
        while True:
            page = await self.read(self._source.after, app_id, after)
            for told in page:
                for listener in self._listeners.get(app_id, ()):
                    listener.tell(told)
            if not page or app_id not in self._positions:
                return
            after = self._positions[app_id] = page[-1].sequence
            if len(page) < PAGE:
                return

    async def read(self, function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """What a blocking function gives, run in a thread."""
        call = partial(function, *arguments, **named)
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)
