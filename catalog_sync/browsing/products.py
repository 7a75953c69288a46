"""Lists of products and their facets: a question becomes places of an index, places become documents."""

import threading
import time
from datetime import datetime
from functools import reduce
from itertools import chain
from typing import Final

from catalog_sync.browsing import selecting
from catalog_sync.browsing.cursors import PlacePosition, fingerprint, read_cursor, write_cursor
from catalog_sync.browsing.facets import facets_document
from catalog_sync.browsing.loaded import LoadedIndex
from catalog_sync.browsing.loading import PAUSE, Indexes
from catalog_sync.browsing.matches import LAST_TIER, Matches, Tiers, both, tiers_of
from catalog_sync.browsing.paging import DocumentPage
from catalog_sync.browsing.questions import Filters, ProductQuery, Sort, check_limit
from catalog_sync.browsing.sequence import Walk
from catalog_sync.browsing.summaries import Summaries
from catalog_sync.search import match_words
from foundation.database import Sessions

MOST_PREPARED: Final = 100
"""Questions that were asked of a generation and are answered ahead for the next."""
PREPARING_SECONDS: Final = 0.15
"""How long that may take: whoever published waits for it."""
_START: Final = PlacePosition("", 0, 0, 0)


class Products:
    """Answers from the index of a generation, asking the database for matching texts and unknown documents only."""

    def __init__(self, sessions: Sessions, indexes: Indexes, summaries: Summaries) -> None:
        self._sessions = sessions
        self._indexes = indexes
        self._summaries = summaries
        self._preparing = threading.Lock()

    def prepare(self, app_id: str, generation: int) -> None:
        """Get ready for a generation that is about to be served: readers go on with the questions they had."""
        until = time.monotonic() + PREPARING_SECONDS
        with self._preparing:
            index, before = self._indexes.load(app_id, generation), self._indexes.before(app_id, generation)
            if index is None or before is None:
                return
            for sort, filters in before.walks.newest(MOST_PREPARED):
                if time.monotonic() > until:
                    return
                time.sleep(PAUSE)
                self._walk(app_id, index, filters, sort)

    def page(self, app_id: str, query: ProductQuery, now: datetime) -> DocumentPage:
        """The page after the query's cursor; what can be wrong with one is told at `Indexes.of_cursor`."""
        check_limit(query.limit)
        filters, sort = query.filters, query.order
        question = fingerprint(app_id, "products", filters, sort)
        begin, index = _START, None
        if query.cursor is not None:
            begin = read_cursor(query.cursor, question, PlacePosition)
            index = self._indexes.of_cursor(app_id, begin.generation, now)
        if index is None:
            index = self._indexes.current(app_id)
        walk = self._walk(app_id, index, filters, sort)
        positions = walk.page(begin.position, query.limit)
        summaries = self._summaries.of(app_id, index, [walk.order.places[each] for each in positions])
        given, cursor = begin.given + len(positions), None
        if positions and given < walk.count:
            cursor = write_cursor(PlacePosition(question, index.generation, positions[-1] + 1, given))
        return DocumentPage(
            [summary.document for summary in summaries],
            cursor,
            walk.count if query.include_total else None,
            index.generation,
            [summary.digest for summary in summaries],
        )

    def facets(self, app_id: str, query: ProductQuery) -> tuple[bytes, int]:
        """The document of the facets under the query's filters, and the generation that it counts."""
        index, filters = self._indexes.current(app_id), query.filters
        document = index.facets.get(filters)
        if document is None:
            document = facets_document(index, filters, self._matches(app_id, index, filters.words))
            index.facets.put(filters, document, 500 + len(document))
        return document, index.generation

    def _walk(self, app_id: str, index: LoadedIndex, filters: Filters, sort: Sort | None) -> Walk:
        walk = index.walks.get((sort, filters))
        if walk is None:
            walk = selecting.walk(index, filters, sort, self._matches(app_id, index, filters.words))
            index.walks.put((sort, filters), walk, walk.most_cost)
        return walk

    def _matches(self, app_id: str, index: LoadedIndex, words: tuple[str, ...] | None) -> Matches | None:
        """What has all of the words; None if nothing has, or nothing is looked for."""
        if not words:
            return None
        matches = index.matches.get(words)
        if matches is None:
            matches = Matches(reduce(both, [self._tiers(app_id, index, word) for word in words]), index.size)
            index.matches.put(words, matches, 500 + 4 * matches.selection.count + index.size // 4)
        return matches

    def _tiers(self, app_id: str, index: LoadedIndex, word: str) -> Tiers:
        tiers = index.words.get(word)
        if tiers is None:
            with self._sessions.look() as connection:
                found = match_words(connection, app_id, (word,))
            place_of = index.place_of_docid.get
            # Rows of other generations, and of an app that shares the key, are none of this index.
            placed = ((place, tier) for docid, tier in found if (place := place_of(docid)) is not None)
            tagged = ((place, LAST_TIER) for place in index.tagged(word))
            tiers = tiers_of(chain(placed, tagged), index.size)
            index.words.put(word, tiers, 500 + len(tiers) * index.size // 8)
        return tiers
