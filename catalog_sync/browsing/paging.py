"""Pages of the small tables: one walk along an index, in one generation, from the row that a cursor names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from catalog_sync.browsing.cursors import CursorExpiredError, RowPosition, bad_cursor, read_cursor, write_cursor
from catalog_sync.browsing.questions import check_limit
from catalog_sync.tables import (
    CatalogGeneration,
    Listing,
    PublishedBrand,
    PublishedCard,
    PublishedCatalog,
    PublishedCollection,
)
from foundation.database import Session

CURSOR_LIFE: Final = timedelta(hours=1)
"""How long a generation is still served to those who are paging through it, after another superseded it."""

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
    digests: list[bytes] | None = None
    """Of each document, where they are known already: equal ones have equal content."""


@dataclass(frozen=True, slots=True)
class Walk:
    """One list: rows of a table that meet the conditions, ordered by a text, ties by id, so that one index serves."""

    table: type[PublishedBrand] | type[PublishedCard]
    document: InstrumentedAttribute[bytes]
    order: InstrumentedAttribute[str]
    conditions: tuple[Condition, ...]
    question: str
    """Tells its cursors from others'."""


def read_page(
    session: Session, app_id: str, walk: Walk, now: datetime, limit: int, cursor: str | None, *, include_total: bool
) -> DocumentPage:
    """The page after the cursor, of the generation that the cursor walks; without one the first of the current.

    InvalidInputError for a cursor of another list or of nobody's making, and for a limit outside 1..100;
    CursorExpiredError when its generation was superseded more than an hour ago.
    """
    check_limit(limit)
    position = None if cursor is None else read_cursor(cursor, walk.question, RowPosition)
    generation = current_generation(session, app_id)
    if position is not None:
        check_served(session, app_id, position.generation, now)
        generation = position.generation
    inside = (*in_generation(walk.table, app_id, generation), *walk.conditions)
    rows = session.execute(_after(walk, inside, position).limit(limit + 1)).all()
    total = None
    if include_total:
        total = session.scalar(sa.select(sa.func.count()).select_from(walk.table).where(*inside))
    return DocumentPage([row[0] for row in rows[:limit]], _next(walk, generation, rows, limit), total, generation)


def in_generation(
    table: Published, app_id: str | sa.ColumnElement[str], generation: int | sa.ScalarSelect[int]
) -> tuple[Condition, ...]:
    """What tells the rows of a generation from those before and after."""
    return table.app_id == app_id, table.valid_from <= generation, table.valid_to > generation


def current_generation(session: Session, app_id: str) -> int:
    """The number of the generation being served; 0 before the first."""
    generation = sa.select(PublishedCatalog.generation).where(PublishedCatalog.app_id == app_id)
    return session.scalar(generation) or 0


def check_served(session: Session, app_id: str, wanted: int, now: datetime) -> None:
    """Whether a cursor may still walk the generation: the current one, or superseded no longer than an hour ago.

    CursorExpiredError if it was superseded before; InvalidInputError if there never was such a one.
    """
    current = current_generation(session, app_id)
    if wanted == current and current:
        return
    if wanted >= current:
        raise bad_cursor()
    superseded = (
        sa.select(CatalogGeneration.published_at, PublishedCatalog.oldest_generation)
        .join(PublishedCatalog, PublishedCatalog.app_id == CatalogGeneration.app_id)
        .where(CatalogGeneration.app_id == app_id, CatalogGeneration.generation == wanted + 1)
    )
    found = session.execute(superseded).one_or_none()
    # Both are asked: the clock of the process that publishes and ours need not agree.
    if found is None or wanted < found.oldest_generation or now - found.published_at > CURSOR_LIFE:
        raise expired_cursor()


def expired_cursor() -> CursorExpiredError:
    """What to raise for a cursor of a generation that is not served any more."""
    return CursorExpiredError("The catalog has changed since the cursor was given out. Begin again without one.")


def _after(walk: Walk, inside: Sequence[Condition], position: RowPosition | None) -> sa.Select[bytes, Any, str]:
    page = sa.select(walk.document, walk.order, walk.table.id).where(*inside)
    if position is not None:
        page = page.where(sa.tuple_(walk.order, walk.table.id) > (position.key, position.id))
    return page.order_by(walk.order, walk.table.id)


def _next(walk: Walk, generation: int, rows: Sequence[sa.Row[bytes, Any, str]], limit: int) -> str | None:
    if len(rows) <= limit:
        return None
    _document, key, row_id = rows[limit - 1]
    return write_cursor(RowPosition(walk.question, generation, key, row_id))
