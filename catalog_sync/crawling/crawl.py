"""Every page of the supplier's listings, read by a few threads, and handed on as it arrives.

No more pages are held than are being read: what becomes of their items is the sink's business.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

import msgspec

from catalog_sync.crawling.completeness import Reading, doubt
from catalog_sync.crawling.listings import Fetch, Item, SentPage, Unchanged, digest_of, fault, is_id
from catalog_sync.kinds import Kind
from foundation.errors import GoodyUnreadableError, StorefrontError
from foundation.goody.client import LARGEST_PAGE
from foundation.goody.pages import BrokenItem

MOST_READINGS: Final = 4
"""How often a listing is read at most, when it changes while it is read."""
MOST_ITEMS: Final = 1_000_000
PAGE_TRIES: Final = 3
"""How often a page is asked for that comes mangled."""

_PAUSE: Final = 0.25
_LOOK_UP: Final = 0.5
_SHOWN: Final = 5

Progress: TypeAlias = Callable[[int, int], None]
"""Told of pages read and pages in all, from the thread that crawls. The latter grows when something is read anew."""


class CrawlStoppedError(StorefrontError):
    """The process was asked to end while it crawled."""


class ReadItem(msgspec.Struct, frozen=True, gc=False):
    """One thing that a page held, as it was sent, and the hash of those bytes."""

    id: str
    raw: bytes
    content_hash: str
    value: Item


class Sink(Protocol):
    """Takes what is read."""

    def prepare(self) -> None:
        """Called once, while the first pages are being waited for."""

    def unchanged(self, kind: Kind, ids: Sequence[str]) -> None:
        """What of a page the snapshot has to the letter; may come again like the rest."""

    def take(self, kind: Kind, items: Sequence[ReadItem]) -> None:
        """The good items of a page; one comes again when its listing is read anew."""

    def absent(self, kind: Kind, seen: set[str]) -> int:
        """How many things of this kind are known and not among these."""


@dataclass(frozen=True, slots=True)
class Crawled:
    """What reading a listing came to. `shortfall` says why it may not be all."""

    seen: set[str]
    broken: tuple[BrokenItem, ...]
    readings: int
    shortfall: str | None

    @property
    def is_complete(self) -> bool:
        """Whether what is absent here is absent at Goody."""
        return self.shortfall is None


@dataclass(slots=True)
class Tally:
    """How far a crawl is: pages read, pages in all, and pages that had to be asked for again."""

    pages: int = 0
    expected: int = 0
    retries: int = 0


@dataclass(frozen=True, slots=True)
class _ReadPage:
    """A page, decoded and hashed by the thread that fetched it."""

    items: list[ReadItem]
    unchanged: list[str]
    broken: list[BrokenItem]
    ids: list[str | None]
    total: int | None
    retries: int


def crawl(
    fetchers: Mapping[Kind, Fetch],
    workers: int,
    sink: Sink,
    tally: Tally,
    progress: Progress | None = None,
    is_stopped: Callable[[], bool] = bool,
) -> dict[Kind, Crawled]:
    """Read all listings with so many threads. Raises what the client raises, and stops then.

    CrawlStoppedError once `is_stopped`.
    """
    listings = [_Listing(kind, fetch, sink, tally) for kind, fetch in fetchers.items()]
    pool = ThreadPoolExecutor(workers, thread_name_prefix="crawl")
    try:
        _Crawling(pool, workers, tally, progress, is_stopped).run(listings, sink)
    finally:
        pool.shutdown(cancel_futures=True)
    return {listing.kind: listing.crawled() for listing in listings}


class _Listing:
    """One listing while it is read, again and again until nothing is in doubt or it has been tried often enough."""

    def __init__(self, kind: Kind, fetch: Fetch, sink: Sink, tally: Tally) -> None:
        self.kind = kind
        self.fetch = fetch
        self._sink = sink
        self._tally = tally
        self._readings = 0
        self._before: Reading | None = None
        self._doubt: str | None = None
        self.begin()

    def begin(self) -> int:
        """Begin another reading; the number of the page to begin with."""
        self._reading = Reading()
        self._broken: list[BrokenItem] = []
        self._waiting = 1
        self._readings += 1
        self._tally.expected += 1
        return 1

    def take(self, number: int, page: _ReadPage) -> Iterable[int]:
        """Take a page in; the numbers of the pages to read on its account."""
        self._reading.add(number, page.ids, page.total)
        self._broken += page.broken
        self._sink.unchanged(self.kind, page.unchanged)
        self._sink.take(self.kind, page.items)
        self._waiting -= 1
        further = range(2, _page_count(self.kind, page) + 1) if number == 1 else range(0)
        self._waiting += len(further)
        self._tally.expected += len(further)
        return further or (() if self._waiting else self._again())

    def crawled(self) -> Crawled:
        """What it came to."""
        shortfall = self._doubt or _damage(self.kind, self._broken)
        return Crawled(self._reading.seen, tuple(self._broken), self._readings, shortfall)

    def _again(self) -> Iterable[int]:
        """Where to go on after a reading: nowhere if what it says can be relied on."""
        # Something without an id may be any of the absent ones: no further reading would clear that up.
        absent = 0 if self._reading.nameless else self._sink.absent(self.kind, self._reading.seen)
        self._doubt = doubt(self.kind.plural, self._reading, self._before, absent)
        if self._doubt is None or self._readings == MOST_READINGS:
            return ()
        self._before = self._reading
        return (self.begin(),)


class _Crawling:
    """Keeps the threads busy, a bounded number of pages ahead of the sink."""

    def __init__(
        self,
        pool: ThreadPoolExecutor,
        workers: int,
        tally: Tally,
        progress: Progress | None,
        is_stopped: Callable[[], bool],
    ) -> None:
        self._pool = pool
        self._most_at_once = 2 * workers
        self._tally = tally
        self._progress = progress
        self._is_stopped = is_stopped
        self._to_read: deque[tuple[_Listing, int]] = deque()
        self._being_read: dict[Future[_ReadPage], tuple[_Listing, int]] = {}

    def run(self, listings: Sequence[_Listing], sink: Sink) -> None:
        """Read until no listing wants another page."""
        # First pages first: they tell how many there are in all.
        self._to_read.extend((listing, 1) for listing in listings)
        self._hand_out()
        sink.prepare()
        while self._to_read or self._being_read:
            if self._is_stopped():
                raise CrawlStoppedError("The process was asked to end; the next run begins anew.")
            self._hand_out()
            done, _ = wait(self._being_read, _LOOK_UP, FIRST_COMPLETED)
            for future in done:
                self._take(future)

    def _hand_out(self) -> None:
        while self._to_read and len(self._being_read) < self._most_at_once:
            listing, number = self._to_read.popleft()
            self._being_read[self._pool.submit(_read, listing.fetch, number)] = listing, number

    def _take(self, future: Future[_ReadPage]) -> None:
        listing, number = self._being_read.pop(future)
        page = future.result()
        further = listing.take(number, page)
        self._to_read.extend((listing, each) for each in further)
        self._hand_out()
        self._tally.pages += 1
        self._tally.retries += page.retries
        if self._progress is not None:
            self._progress(self._tally.pages, self._tally.expected)


def _read(fetch: Fetch, number: int) -> _ReadPage:
    page, mangled = _fetch(fetch, number)
    items: list[ReadItem] = []
    unchanged: list[str] = []
    ids: list[str | None] = []
    broken = [each if each.id and is_id(each.id) else BrokenItem(None, each.reason) for each in page.broken]
    for sent in page.items:
        value = sent.value
        if isinstance(value, Unchanged):
            unchanged.append(value.id)
            ids.append(value.id)
        elif not is_id(value.id):
            broken.append(BrokenItem(None, f"{value.id[:80]!r} is no id"))
        elif (reason := fault(value)) is not None:
            broken.append(BrokenItem(value.id, reason))
        else:
            items.append(ReadItem(value.id, sent.raw, digest_of(sent.raw), value))
            ids.append(value.id)
    ids += [each.id for each in broken]
    return _ReadPage(items, unchanged, broken, ids, page.total_count, page.retries + mangled)


def _fetch(fetch: Fetch, number: int) -> tuple[SentPage, int]:
    """The page, and how often it came mangled before. What does not answer the client has asked again by itself."""
    for tries in range(1, PAGE_TRIES):
        try:
            return fetch(number), tries - 1
        except GoodyUnreadableError:
            time.sleep(_PAUSE * tries)
    return fetch(number), PAGE_TRIES - 1


def _page_count(kind: Kind, first: _ReadPage) -> int:
    if first.total is None:
        raise GoodyUnreadableError(
            f"Goody does not say how many {kind.plural} there are, so nobody can tell if all were read."
        )
    if not 0 <= first.total <= MOST_ITEMS:
        raise GoodyUnreadableError(f"Goody says there are {first.total} {kind.plural}, which can't be.")
    # Whatever size of page was asked for, the size of the first one is what Goody gives.
    size = len(first.ids) or LARGEST_PAGE
    return max(1, -(-first.total // size))


def _damage(kind: Kind, broken: Sequence[BrokenItem]) -> str | None:
    """What makes a reading incomplete though its counts are right: an item that nobody can name."""
    nameless = [each for each in broken if each.id is None]
    if not nameless:
        return None
    return (
        f"{kind.plural.capitalize()} without a readable id ({len(nameless)}), so that none can be told to be gone: "
        + (shown(nameless))
    )


def shown(broken: Sequence[BrokenItem]) -> str:
    """Broken things for people: some of them by name, how many more there are, and why."""
    named = "; ".join(f"{each.id or 'without an id'}: {each.reason}" for each in broken[:_SHOWN])
    return named + (f"; and {len(broken) - _SHOWN} more." if len(broken) > _SHOWN else ".")
