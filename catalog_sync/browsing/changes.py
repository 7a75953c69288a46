"""The change feed: what a partner's copy of the catalog has to be told, in the order of the generations.

Each product stands in it once, at its latest change. So a copy that reads from any cursor to the end holds what is on
sale, however long ago it last read, and one that begins without a cursor is given the whole catalog.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
import sqlalchemy as sa

from catalog_sync.browsing.cursors import ChangePosition, fingerprint, read_cursor, write_cursor
from catalog_sync.browsing.loaded import LoadedIndex
from catalog_sync.browsing.loading import Indexes
from catalog_sync.browsing.questions import check_limit
from catalog_sync.browsing.summaries import Summaries
from catalog_sync.tables import ListingChange
from foundation.database import Sessions

LEFT: Final = "left"
CHANGED: Final = "changed"


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Ready-made JSON documents of changes. `next_cursor` is for now if there is more, else for later."""

    documents: list[bytes]
    next_cursor: str
    has_more: bool
    generation: int
    """The one that the changes lead to."""


class _Change(msgspec.Struct):
    product_id: str
    change: str
    generation: int
    changed_at: datetime
    product: msgspec.Raw | None


class Changes:
    """Reads the feed."""

    def __init__(self, sessions: Sessions, indexes: Indexes, summaries: Summaries) -> None:
        self._sessions = sessions
        self._indexes = indexes
        self._summaries = summaries

    def page(self, app_id: str, limit: int, cursor: str | None) -> ChangePage:
        """What changed after the cursor; from the beginning without one.

        InvalidInputError for a cursor of another list, and for a limit outside 1..100. A page may be shorter than the
        limit, and even empty, while there is more: tombstones are left out of what a copy reads that began after them.
        """
        check_limit(limit)
        question = fingerprint(app_id, "changes")
        index = self._indexes.current(app_id)
        after = ChangePosition(question, 0, "", index.generation)
        if cursor is not None:
            after = read_cursor(cursor, question, ChangePosition)
        rows = self._rows(app_id, after, index.generation, limit + 1)
        page, has_more = rows[:limit], len(rows) > limit
        if page:
            after = ChangePosition(question, page[-1].generation, page[-1].product_id, after.began)
        documents = self._documents(app_id, index, page, after.began)
        return ChangePage(documents, write_cursor(after), has_more, index.generation)

    def _rows(
        self, app_id: str, after: ChangePosition, generation: int, limit: int
    ) -> Sequence[sa.Row[str, int, str, datetime]]:
        """In the order of the feed. Rows of a generation to come are not shown yet."""
        row = ListingChange
        changes = (
            sa.select(row.product_id, row.generation, row.change, row.changed_at)
            .where(
                row.app_id == app_id,
                row.generation <= generation,
                sa.tuple_(row.generation, row.product_id) > (after.generation, after.id),
            )
            .order_by(row.generation, row.product_id)
            .limit(limit)
        )
        with self._sessions.look() as connection:
            return connection.execute(changes).all()

    def _documents(
        self, app_id: str, index: LoadedIndex, rows: Sequence[sa.Row[str, int, str, datetime]], began: int
    ) -> list[bytes]:
        place_of = index.place_of_id
        places = [place_of[row.product_id] for row in rows if row.product_id in place_of]
        products = {
            index.ids[place]: msgspec.Raw(summary.document)
            for place, summary in zip(places, self._summaries.of(app_id, index, places), strict=True)
        }
        return [
            msgspec.json.encode(_change(row, products.get(row.product_id)))
            for row in rows
            # Who began when it had gone already never heard of it.
            if row.product_id in products or row.generation > began
        ]


def _change(row: sa.Row[str, int, str, datetime], product: msgspec.Raw | None) -> _Change:
    """What is on sale now decides: a later change is told again in its own place."""
    change = row.change
    if product is None:
        change = LEFT
    elif change == LEFT:
        change = CHANGED
    return _Change(row.product_id, change, row.generation, row.changed_at, product)
