"""The indexes that a process holds: each app's current one, and older ones for those still paging through them."""

import threading
import time
from collections import OrderedDict
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from catalog_sync.browsing.loaded import LoadedIndex
from catalog_sync.browsing.paging import check_served, expired_cursor
from catalog_sync.browsing.served import ServedGenerations
from catalog_sync.index import PLACE, CatalogIndex, decode, pack
from catalog_sync.tables import PublishedIndex
from foundation.database import Sessions

PAUSE: Final = 0.002
"""Seconds to leave to readers between two steps of getting ready for a generation: each takes Python's one lock for a
millisecond or more, and some in a row would make several readers wait for all of them."""
MOST_PLACES: Final = 500_000
"""Products over all indexes that are kept; each takes some 250 bytes."""

_NONE: Final = pack(PLACE, [])
EMPTY: Final = CatalogIndex(
    ids=(),
    docids=b"",
    versions=b"",
    prices=b"",
    prices_with_shipping=b"",
    orders=dict.fromkeys(("price", "-price", "name", "newest"), _NONE),
    brands=(),
    collections=(),
    brand_values=(),
    restricted_states=(),
)
"""Before the first publication."""


class Indexes:
    """Loads each generation's index once. Threads may share it."""

    def __init__(self, sessions: Sessions, served: ServedGenerations, most_places: int = MOST_PLACES) -> None:
        self._sessions = sessions
        self._served = served
        self._most_places = most_places
        self._kept: OrderedDict[tuple[str, int], LoadedIndex] = OrderedDict()
        self._keeping = threading.Lock()
        self._loading: dict[str, threading.Lock] = {}

    def current(self, app_id: str) -> LoadedIndex:
        """What readers see now."""
        generation = self._served.of(app_id)
        kept = self._kept.get((app_id, generation))
        if kept is not None:
            return kept
        with self._loading_of(app_id):
            return self._load(app_id, generation) or self._keep(app_id, LoadedIndex(generation, EMPTY))

    def load(self, app_id: str, generation: int) -> LoadedIndex | None:
        """A generation that is about to be served; None if it is not there. Readers of others go first."""
        with self._loading_of(app_id):
            return self._load(app_id, generation, pause=PAUSE)

    def before(self, app_id: str, generation: int) -> LoadedIndex | None:
        """The one before a generation, if it is in memory."""
        return self._kept.get((app_id, generation - 1))

    def of_cursor(self, app_id: str, generation: int, now: datetime) -> LoadedIndex:
        """The generation that a cursor walks. CursorExpiredError or InvalidInputError if it is not served."""
        if generation != self._served.of(app_id):
            # Another process may know of a newer one, or this one is still served to those who began in it.
            with self._sessions.read() as session:
                check_served(session, app_id, generation, now)
        kept = self._kept.get((app_id, generation))
        if kept is not None:
            return kept
        with self._loading_of(app_id):
            loaded = self._load(app_id, generation)
        if loaded is None:
            raise expired_cursor()
        return loaded

    def _loading_of(self, app_id: str) -> threading.Lock:
        return self._loading.setdefault(app_id, threading.Lock())

    def _load(self, app_id: str, generation: int, pause: float = 0) -> LoadedIndex | None:
        kept = self._kept.get((app_id, generation))
        if kept is not None:
            return kept
        # The whole of it, as something that SQLite computes: a column as it is stored would be read from the file while
        # its driver holds Python's one lock.
        whole = sa.func.substr(PublishedIndex.body, 1, type_=sa.LargeBinary())
        body = sa.select(whole).where(PublishedIndex.app_id == app_id, PublishedIndex.generation == generation)
        with self._sessions.look() as connection:
            found = connection.execute(body).scalar()
        if not found:
            return None
        time.sleep(pause)
        decoded = decode(found)
        time.sleep(pause)
        return self._keep(app_id, LoadedIndex(generation, decoded))

    def _keep(self, app_id: str, index: LoadedIndex) -> LoadedIndex:
        with self._keeping:
            self._kept[app_id, index.generation] = index
            # Those loaded last stay: whoever still reads another one loads it again.
            while len(self._kept) > 1 and sum(each.size for each in self._kept.values()) > self._most_places:
                self._kept.popitem(last=False)
        return index
