"""Generations: which one readers see, and clearing away the rows that no reader can see."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from catalog_sync.browsing.paging import CURSOR_LIFE, Condition, Published, current_generation
from catalog_sync.chunks import CHUNK
from catalog_sync.runs import Claim
from catalog_sync.tables import (
    FOREVER,
    CatalogGeneration,
    Listing,
    PublishedBrand,
    PublishedCard,
    PublishedCatalog,
)
from foundation import events
from foundation.database import insert

TABLES: Final[tuple[Published, ...]] = (Listing, PublishedBrand, PublishedCard)


def clear_unfinished(claim: Claim) -> int:
    """Undo what a publication wrote that never was flipped to; the number of the generation being served."""
    with claim.sessions.read() as session:
        served = current_generation(session, claim.app_id)
    for table in TABLES:
        _delete(claim, table, table.valid_from > served)
        _reopen(claim, table, served)
    return served


def clear_superseded(claim: Claim) -> None:
    """Delete the rows of generations superseded so long ago that no cursor may ask for them."""
    old = sa.and_(
        CatalogGeneration.app_id == claim.app_id, CatalogGeneration.published_at < claim.clock() - CURSOR_LIFE
    )
    with claim.sessions.read() as session:
        oldest = session.scalar(sa.select(sa.func.max(CatalogGeneration.generation)).where(old))
        catalog = session.get(PublishedCatalog, claim.app_id)
    if oldest is None or catalog is None or oldest <= catalog.oldest_generation:
        return
    with claim.begin() as session:
        # Readers are told first: they refuse the cursors of what is about to be incomplete.
        session.execute(
            sa.update(PublishedCatalog).where(PublishedCatalog.app_id == claim.app_id).values(oldest_generation=oldest)
        )
        session.execute(
            sa.delete(CatalogGeneration).where(
                CatalogGeneration.app_id == claim.app_id, CatalogGeneration.generation < oldest
            )
        )
    for table in TABLES:
        _delete(claim, table, table.valid_to <= oldest)


def flip(claim: Claim, generation: int, now: datetime, products: int) -> None:
    """Let readers see the generation, all of it at once, and tell the partner."""
    with claim.begin() as session:
        catalog = insert(session, PublishedCatalog).values(
            app_id=claim.app_id, generation=generation, published_at=now, oldest_generation=generation
        )
        session.execute(
            catalog.on_conflict_do_update(
                index_elements=[PublishedCatalog.app_id], set_={"generation": generation, "published_at": now}
            )
        )
        session.add(CatalogGeneration(app_id=claim.app_id, generation=generation, published_at=now))
        changes = {"generation": generation, "products": products}
        events.append(session, claim.app_id, "catalog.published", str(generation), now, changes)


def _delete(claim: Claim, table: Published, condition: Condition) -> None:
    key = (table.app_id, table.id, table.valid_from)
    doomed = sa.select(*key).where(table.app_id == claim.app_id, condition).limit(CHUNK)
    while True:
        with claim.sessions.read() as session:
            keys = [tuple(found) for found in session.execute(doomed)]
        if not keys:
            return
        with claim.begin() as session:
            session.execute(sa.delete(table).where(sa.tuple_(*key).in_(keys)))


def _reopen(claim: Claim, table: Published, served: int) -> None:
    closed_early = sa.and_(table.app_id == claim.app_id, table.valid_to > served, table.valid_to < FOREVER)
    with claim.sessions.read() as session:
        if session.scalar(sa.select(table.id).where(closed_early).limit(1)) is None:
            return
    with claim.begin() as session:
        session.execute(sa.update(table).where(closed_early).values(valid_to=FOREVER))
