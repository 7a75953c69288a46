"""From the staging to the snapshot, in chunks of set-based SQL. What is unchanged is not written.

A process killed on the way leaves a part of the snapshot newer than the rest. Nobody is served from it: the next run
finds what still differs, stages that, and publishes all of it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec
import sqlalchemy as sa

from catalog_sync.facts import Priced, record_facts
from catalog_sync.kinds import TABLES, Kind, Supplied
from catalog_sync.runs import Claim
from catalog_sync.tables import StagedItem, SyncRunRow
from foundation.database import Session, insert
from foundation.goody.reading import reader

CHUNK: Final = 1000
"""Rows per transaction: some tens of milliseconds of SQLite's one writer."""

_PURGED: Final = 2000


class _StandIn(msgspec.Struct, frozen=True):
    """Of a gift collection the product that stands for it, if it is published."""

    product: Priced | None = None


_read_priced: Final = reader(Priced)
_read_stand_in: Final = reader(_StandIn)


def apply(claim: Claim, now: datetime) -> None:
    """Bring the snapshot up to date with all that the run staged, and empty its staging.

    What is new was first seen `now`. The history of what a product's revenue share depends on is kept in the same
    transactions.
    """
    for kind in Kind:
        for ids in _staged_ids(claim, kind):
            with claim.begin_derived() as session:
                _apply_chunk(session, claim, kind, ids, now)


def drop_staged(claim: Claim, *, keep_quarantined: bool) -> None:
    """Empty the staging of the app's other runs: those killed, those superseded, and (unless kept) those that wait."""
    with claim.sessions.read() as session:
        run_ids = _leftover_runs(session, claim, keep_quarantined=keep_quarantined)
    for run_id in run_ids:
        discard(claim, run_id)


def discard(claim: Claim, run_id: str) -> None:
    """Empty the staging of one run."""
    some = sa.select(StagedItem.kind, StagedItem.id).where(StagedItem.run_id == run_id).limit(_PURGED)
    while True:
        with claim.begin_derived() as session:
            keys = [tuple(key) for key in session.execute(some)]
            if not keys:
                return
            mine = sa.and_(StagedItem.run_id == run_id, sa.tuple_(StagedItem.kind, StagedItem.id).in_(keys))
            session.execute(sa.delete(StagedItem).where(mine))


def _leftover_runs(session: Session, claim: Claim, *, keep_quarantined: bool) -> Sequence[str]:
    others = sa.select(SyncRunRow.id).where(
        SyncRunRow.app_id == claim.app_id,
        SyncRunRow.id != claim.run_id,
        sa.exists().where(StagedItem.run_id == SyncRunRow.id),
    )
    if keep_quarantined:
        others = others.where(SyncRunRow.status != "quarantined")
    return session.scalars(others).all()


def _staged_ids(claim: Claim, kind: Kind) -> Iterator[list[str]]:
    """The ids staged, a chunk at a time in ascending order, until none is left."""
    mine = sa.select(StagedItem.id).where(StagedItem.run_id == claim.run_id, StagedItem.kind == kind.value)
    while True:
        with claim.sessions.read() as session:
            ids = list(session.scalars(mine.order_by(StagedItem.id).limit(CHUNK)))
        if not ids:
            return
        yield ids


def _apply_chunk(session: Session, claim: Claim, kind: Kind, ids: Sequence[str], now: datetime) -> None:
    table = TABLES[kind]
    staged = sa.and_(
        StagedItem.run_id == claim.run_id, StagedItem.kind == kind.value, StagedItem.id.between(ids[0], ids[-1])
    )
    _write(session, claim, table, staged, now)
    _retire(session, claim, table, staged, now)
    if kind in {Kind.PRODUCT, Kind.COLLECTION}:
        _record_facts(session, claim, kind, staged, now)
    session.execute(sa.delete(StagedItem).where(staged))


def _write(session: Session, claim: Claim, table: Supplied, staged: sa.ColumnElement[bool], now: datetime) -> None:
    moment = sa.literal(now, table.first_seen_at.type)
    read = sa.select(
        sa.literal(claim.app_id),
        StagedItem.id,
        StagedItem.raw,
        StagedItem.content_hash,
        moment,
        moment,
        sa.literal(claim.run_id),
        sa.null(),
    ).where(staged, StagedItem.raw.is_not(None))
    columns = ("app_id", "id", "raw", "content_hash", "first_seen_at", "changed_at", "run_id", "vanished_at")
    statement = insert(session, table).from_select(columns, read)
    sent = statement.excluded
    # `first_seen_at` stays: what comes back is the same thing as before.
    changing = {name: sent[name] for name in columns if name not in {"app_id", "id", "first_seen_at"}}
    session.execute(statement.on_conflict_do_update(index_elements=["app_id", "id"], set_=changing))


def _retire(session: Session, claim: Claim, table: Supplied, staged: sa.ColumnElement[bool], now: datetime) -> None:
    gone = sa.select(StagedItem.id).where(staged, StagedItem.raw.is_(None))
    session.execute(
        sa.update(table)
        .where(table.app_id == claim.app_id, table.id.in_(gone))
        .values(vanished_at=now, run_id=claim.run_id)
        .execution_options(synchronize_session=False)
    )


def _record_facts(session: Session, claim: Claim, kind: Kind, staged: sa.ColumnElement[bool], now: datetime) -> None:
    raws = session.scalars(sa.select(StagedItem.raw).where(staged, StagedItem.raw.is_not(None)))
    if kind is Kind.PRODUCT:
        products = [_read_priced(raw.encode()) for raw in raws if raw is not None]
    else:
        stand_ins = [_read_stand_in(raw.encode()).product for raw in raws if raw is not None]
        products = [product for product in stand_ins if product is not None]
    record_facts(session, claim.app_id, products, now)
