"""Pages of what is published: one walk along an index, in one generation, from the place that a cursor names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from catalog_sync.browsing.cursors import CursorExpiredError, Position, bad_cursor, read_cursor, write_cursor
from catalog_sync.tables import (
    CatalogGeneration,
    Listing,
    PublishedBrand,
    PublishedCard,
    PublishedCatalog,
    PublishedCollection,
)
from foundation.database import Session
from foundation.errors import Fault, InvalidInputError

CURSOR_LIFE: Final = timedelta(hours=1)
"""How long a generation is still served to those who are paging through it, after another superseded it."""

LARGEST_LIMIT: Final = 100
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MOMENT: Final = (datetime(9999, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)

Published = type[Listing] | type[PublishedBrand] | type[PublishedCard] | type[PublishedCollection]
Condition = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """Ready-made JSON documents, in order, of one generation. `next_cursor` is None on the last page."""

    documents: list[bytes]
    next_cursor: str | None
    total_count: int | None
    """Over all pages; None unless it was asked for."""
    generation: int


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is sorted on; ties go by id, in the same direction, so that one index serves both."""

    column: InstrumentedAttribute[Any]
    kind: type[str | int | datetime]
    """What the column holds."""
    descending: bool = False

    @property
    def key_type(self) -> type[str | int]:
        """How the column's values stand in a cursor: moments as microseconds."""
        return str if self.kind is str else int

    def to_key(self, value: str | int | datetime) -> str | int:
        """A column's value as a cursor holds it."""
        return (value - _EPOCH) // timedelta(microseconds=1) if isinstance(value, datetime) else value

    def from_key(self, key: str | int) -> str | int | datetime:
        """The column's value that a cursor holds. InvalidInputError for a moment that no calendar has."""
        if isinstance(key, str) or self.kind is not datetime:
            return key
        if not 0 <= key <= _LAST_MOMENT:
            raise bad_cursor()
        return _EPOCH + timedelta(microseconds=key)


@dataclass(frozen=True, slots=True)
class Walk:
    """One list: rows of a table that meet the conditions, in an order. `question` tells its cursors from others'."""

    table: Published
    document: InstrumentedAttribute[bytes]
    order: Order
    conditions: tuple[Condition, ...]
    question: str


def read_page(
    session: Session, app_id: str, walk: Walk, now: datetime, limit: int, cursor: str | None, *, include_total: bool
) -> DocumentPage:
    """The page after the cursor, of the generation that the cursor walks; without one the first of the current.

    InvalidInputError for a cursor of another list or of nobody's making, and for a limit outside 1..100;
    CursorExpiredError when its generation was superseded more than an hour ago.
    """
    if not 1 <= limit <= LARGEST_LIMIT:
        raise InvalidInputError("The limit is out of bounds.", [Fault("/limit", "out_of_range", "1 to 100")])
    position = None if cursor is None else read_cursor(cursor, walk.question, walk.order.key_type)
    generation = current_generation(session, app_id)
    if position is not None:
        generation = _served(session, app_id, position.generation, generation, now)
    inside = (*in_generation(walk.table, app_id, generation), *walk.conditions)
    rows = session.execute(_after(walk, inside, position).limit(limit + 1)).all()
    total = None
    if include_total:
        total = session.scalar(sa.select(sa.func.count()).select_from(walk.table).where(*inside))
    return DocumentPage([row[0] for row in rows[:limit]], _next(walk, generation, rows, limit), total, generation)


def in_generation(table: Published, app_id: str, generation: int) -> tuple[Condition, ...]:
    """What tells the rows of a generation from those before and after."""
    return table.app_id == app_id, table.valid_from <= generation, table.valid_to > generation


def current_generation(session: Session, app_id: str) -> int:
    """The number of the generation being served; 0 before the first."""
    generation = sa.select(PublishedCatalog.generation).where(PublishedCatalog.app_id == app_id)
    return session.scalar(generation) or 0


def _after(walk: Walk, inside: Sequence[Condition], position: Position | None) -> sa.Select[bytes, Any, str]:
    order, row_id = walk.order, walk.table.id
    page = sa.select(walk.document, order.column, row_id).where(*inside)
    if position is not None:
        here = sa.tuple_(order.column, row_id)
        last = (order.from_key(position.key), position.id)
        page = page.where(here < last if order.descending else here > last)
    if order.descending:
        return page.order_by(order.column.desc(), row_id.desc())
    return page.order_by(order.column, row_id)


def _next(walk: Walk, generation: int, rows: Sequence[sa.Row[bytes, Any, str]], limit: int) -> str | None:
    if len(rows) <= limit:
        return None
    _document, key, row_id = rows[limit - 1]
    return write_cursor(Position(walk.question, generation, walk.order.to_key(key), row_id))


def _served(session: Session, app_id: str, wanted: int, current: int, now: datetime) -> int:
    """The wanted generation, if it is the current one or was superseded no longer than an hour ago."""
    if wanted == current:
        return wanted
    if wanted > current:
        raise bad_cursor()
    superseded = (
        sa.select(CatalogGeneration.published_at, PublishedCatalog.oldest_generation)
        .join(PublishedCatalog, PublishedCatalog.app_id == CatalogGeneration.app_id)
        .where(CatalogGeneration.app_id == app_id, CatalogGeneration.generation == wanted + 1)
    )
    found = session.execute(superseded).one_or_none()
    # Both are asked: the clock of the process that publishes and ours need not agree.
    if found is None or wanted < found.oldest_generation or now - found.published_at > CURSOR_LIFE:
        raise CursorExpiredError("The catalog has changed since the cursor was given out. Begin again without one.")
    return wanted
