"""Publishing: from the supplier snapshot to listings, written where nobody looks yet, then shown all at once.

Rows of the next generation are written in short transactions beside those being served. One small transaction then
moves the number that readers go by. A crash before that leaves rows that the next publication clears away.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from catalog_sync.browsing.paging import Published
from catalog_sync.chunks import chunks
from catalog_sync.publishing.assembly import Assembler, Values
from catalog_sync.publishing.generations import clear_superseded, clear_unfinished, flip
from catalog_sync.runs import Claim
from catalog_sync.tables import FOREVER, Listing, PublishedBrand, PublishedCard
from foundation.database import Session


@dataclass(frozen=True, slots=True)
class Publication:
    """What is served after publishing. Nothing changed if it is not new: the generation is the one before."""

    generation: int
    products: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Plan:
    """What has to change in one table: rows to write, ids to take off, and how many there will be."""

    table: Published
    changed: list[Values]
    gone: list[str]
    total: int

    @property
    def is_empty(self) -> bool:
        return not self.changed and not self.gone


def publish(claim: Claim) -> Publication:
    """Serve what the snapshot holds. LeaseLostError, and nothing shown, if another run has taken over."""
    served = clear_unfinished(claim)
    clear_superseded(claim)
    with claim.sessions.read() as session:
        plans = _plans(session, claim.app_id)
    products = plans[0].total
    if served and all(plan.is_empty for plan in plans):
        return Publication(served, products, is_new=False)
    for plan in plans:
        _write(claim, plan, served + 1)
    flip(claim, served + 1, claim.clock(), products)
    return Publication(served + 1, products, is_new=True)


def _plans(session: Session, app_id: str) -> tuple[_Plan, ...]:
    assembler = Assembler(session, app_id)
    return (
        _plan(session, app_id, Listing, assembler.listings(), assembler.unreadable),
        _plan(session, app_id, PublishedBrand, assembler.brands(), assembler.unreadable),
        _plan(session, app_id, PublishedCard, assembler.cards(), assembler.unreadable),
    )


def _plan(session: Session, app_id: str, table: Published, wanted: Iterable[Values], unreadable: set[str]) -> _Plan:
    """How the rows that are current differ from those that are wanted."""
    current = sa.select(table.id, table.content_hash).where(table.app_id == app_id, table.valid_to == FOREVER)
    hashes = dict(session.execute(current).all())
    changed, staying = [], set()
    for values in wanted:
        staying.add(values["id"])
        if hashes.get(values["id"]) != values["content_hash"]:
            changed.append(values)
    staying |= unreadable & hashes.keys()
    return _Plan(table, changed, sorted(hashes.keys() - staying), len(staying))


def _write(claim: Claim, plan: _Plan, generation: int) -> None:
    for rows in chunks(plan.changed):
        validity = {"app_id": claim.app_id, "valid_from": generation, "valid_to": FOREVER}
        with claim.begin() as session:
            _close(session, claim.app_id, plan.table, [row["id"] for row in rows], generation)
            session.execute(sa.insert(plan.table), [validity | row for row in rows])
    for ids in chunks(plan.gone):
        with claim.begin() as session:
            _close(session, claim.app_id, plan.table, ids, generation)


def _close(session: Session, app_id: str, table: Published, ids: Iterable[str], generation: int) -> None:
    """End the rows with the generation; those who read the one before still see them."""
    session.execute(
        sa.update(table)
        .where(table.app_id == app_id, table.id.in_(ids), table.valid_to == FOREVER)
        .values(valid_to=generation)
    )
