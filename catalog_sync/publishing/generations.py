"""Generations: which one readers see, and clearing away the rows that no reader can see."""

from collections.abc import Callable, Collection
from typing import Any, Final, TypeAlias

import sqlalchemy as sa

from catalog_sync import search
from catalog_sync.browsing.paging import CURSOR_LIFE, current_generation
from catalog_sync.chunks import chunks
from catalog_sync.publishing.plan import Plan
from catalog_sync.publishing.surroundings import Published
from catalog_sync.runs import Claim
from catalog_sync.tables import (
    FOREVER,
    CatalogGeneration,
    Listing,
    ListingChange,
    PublishedBrand,
    PublishedCard,
    PublishedCatalog,
    PublishedCollection,
    PublishedIndex,
)
from foundation import events
from foundation.database import Session, insert

Condition: TypeAlias = sa.ColumnElement[bool]
Keys: TypeAlias = list[dict[str, Any]]

_PER_FETCH: Final = 1000
_CHANGES: Final = 4000
"""Rows of the change feed deleted in one transaction."""

TABLES: Final[tuple[Published, ...]] = (Listing, PublishedBrand, PublishedCard, PublishedCollection)


def clear_unfinished(claim: Claim, ahead: Collection[str] = frozenset()) -> int:
    """Undo what a publication wrote that never was flipped to; the number of the generation being served.

    Listings of the products that were written `ahead` of the next one stay.
    """
    with claim.sessions.read() as session:
        served = current_generation(session, claim.app_id)
        begun = PublishedIndex.app_id == claim.app_id, PublishedIndex.generation > served
        if session.scalar(sa.select(PublishedIndex.generation).where(*begun).limit(1)) is None:
            return served
    for table in TABLES:
        _delete(claim, table, table.valid_from > served, ahead if table is Listing else frozenset())
        _reopen(claim, table, served)
    _delete_changes(claim, ListingChange.generation > served)
    if ahead:
        return served
    # Last, since this is what tells that there is something to clear.
    with claim.begin() as session:
        session.execute(sa.delete(PublishedIndex).where(*begun))
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
        for record in (CatalogGeneration, PublishedIndex):
            session.execute(sa.delete(record).where(record.app_id == claim.app_id, record.generation < oldest))
    for table in TABLES:
        _delete(claim, table, table.valid_to <= oldest)


def flip(claim: Claim, plan: Plan) -> None:
    """Let readers see the generation after the plan's, all of it at once, and tell the partner."""
    generation, now = plan.served + 1, claim.clock()
    told = {
        "generation": generation,
        "products": plan.listed,
        "entered": len(plan.entering),
        "changed": len(plan.changing),
        "left": len(plan.leaving),
    }
    with claim.begin() as session:
        values = {"generation": generation, "published_at": now, "inputs": plan.inputs}
        catalog = insert(session, PublishedCatalog).values(app_id=claim.app_id, oldest_generation=generation, **values)
        session.execute(catalog.on_conflict_do_update(index_elements=[PublishedCatalog.app_id], set_=values))
        session.add(CatalogGeneration(app_id=claim.app_id, generation=generation, published_at=now))
        events.append(session, claim.app_id, "catalog.published", str(generation), now, told)


def remember_inputs(claim: Claim, inputs: str) -> None:
    """Note that what is served is what these inputs make too, so that nobody plans the same again."""
    mine = PublishedCatalog.app_id == claim.app_id
    with claim.sessions.read() as session:
        if session.scalar(sa.select(PublishedCatalog.inputs).where(mine)) == inputs:
            return
    with claim.begin() as session:
        session.execute(sa.update(PublishedCatalog).where(mine).values(inputs=inputs))


def forget_older_changes(claim: Claim) -> None:
    """Keep the newest change of each product. To be done after a flip: until then the older one is the one to tell."""
    row = ListingChange
    oldest = sa.select(row.product_id, sa.func.min(row.generation)).where(row.app_id == claim.app_id)
    doubled = oldest.group_by(row.product_id).having(sa.func.count() > 1).limit(_CHANGES)
    while _delete_changes(claim, sa.tuple_(row.product_id, row.generation).in_(doubled)):
        pass  # One that a publication was killed before had more than two.


def _delete_changes(claim: Claim, condition: Condition) -> int:
    some = sa.delete(ListingChange).where(ListingChange.app_id == claim.app_id, condition)
    with claim.begin_derived() as session:
        return session.connection().execute(some).rowcount


def _delete(claim: Claim, table: Published, condition: Condition, staying: Collection[str] = frozenset()) -> None:
    doomed = sa.select(table.id.label("key_id"), table.valid_from.label("key_from")).where(condition)
    statement = sa.delete(table).where(*_row(claim, table))
    if table is not Listing:
        _execute(claim, doomed.where(table.app_id == claim.app_id), statement)
        return
    doomed = doomed.add_columns(Listing.docid.label("key_docid"))

    def forget(session: Session, keys: Keys) -> None:
        search.forget(session, [key.pop("key_docid") for key in keys])

    _execute(claim, doomed.where(table.app_id == claim.app_id), statement, forget, staying)


def _reopen(claim: Claim, table: Published, served: int) -> None:
    closed_early = sa.select(table.id.label("key_id"), table.valid_from.label("key_from")).where(
        table.app_id == claim.app_id, table.valid_to > served, table.valid_to < FOREVER
    )
    _execute(claim, closed_early, sa.update(table).where(*_row(claim, table)).values(valid_to=FOREVER))


def _row(claim: Claim, table: Published) -> tuple[Condition, ...]:
    return (
        table.app_id == claim.app_id,
        table.id == sa.bindparam("key_id"),
        table.valid_from == sa.bindparam("key_from"),
    )


def _execute(
    claim: Claim,
    keys: sa.Select[*tuple[Any, ...]],
    statement: sa.Delete | sa.Update,
    before: Callable[[Session, Keys], None] = lambda _session, _keys: None,
    staying: Collection[str] = frozenset(),
) -> None:
    """The statement for each of the keys but of what stays, so many of them in a transaction."""
    with claim.sessions.read() as session:
        rows = session.execute(keys.execution_options(yield_per=_PER_FETCH)).mappings()
        found: Keys = [dict(key) for key in rows if key["key_id"] not in staying]
    for part in chunks(found):
        with claim.begin_derived() as session:
            before(session, list(part))
            session.connection().execute(statement, list(part))
