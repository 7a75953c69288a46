"""What a catalog is made of: the supplier snapshot, by itself or with what a run has staged laid over it.

Things come as they are stored, in no order: sorting rows of three kilobytes costs more than sorting what a plan keeps
of them. Nothing holds more than some hundred of them.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from catalog_sync.kinds import TABLES, Kind, Supplied
from catalog_sync.tables import StagedItem
from foundation.apart import give_way
from foundation.database import Session

_PER_FETCH: Final = 500


class Item(NamedTuple):
    """A thing that is present at the supplier."""

    id: str
    raw: str
    content_hash: str
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Source(ABC):
    """Where a plan reads from: everything of one app."""

    app_id: str

    def products(self, session: Session) -> Iterator[Item]:
        """The products, active or not."""
        return self.items(session, Kind.PRODUCT)

    def brands(self, session: Session) -> Iterator[Item]:
        """The brands, with or without something on sale."""
        return self.items(session, Kind.BRAND)

    def cards(self, session: Session) -> Iterator[Item]:
        """The greeting cards."""
        return self.items(session, Kind.CARD)

    def collections(self, session: Session) -> Iterator[Item]:
        """The supplier's gift collections, published or not."""
        return self.items(session, Kind.COLLECTION)

    @abstractmethod
    def items(self, session: Session, kind: Kind) -> Iterator[Item]:
        """What is present of a kind, in no order."""

    @abstractmethod
    def hashes(self, session: Session, kind: Kind) -> Iterator[tuple[str, str]]:
        """(id, content hash) of what is present of a kind, in no order."""


@dataclass(frozen=True, slots=True)
class SnapshotSource(Source):
    """The supplier snapshot as it stands."""

    def items(self, session: Session, kind: Kind) -> Iterator[Item]:
        """What has not vanished."""
        table = TABLES[kind]
        columns = (table.id, table.raw, table.content_hash, table.first_seen_at)
        return map(Item._make, _rows(session, sa.select(*columns).where(*self._present(table))))

    def hashes(self, session: Session, kind: Kind) -> Iterator[tuple[str, str]]:
        """(id, content hash) of what has not vanished."""
        table = TABLES[kind]
        return _rows(session, sa.select(table.id, table.content_hash).where(*self._present(table)))

    def _present(self, table: Supplied) -> tuple[sa.ColumnElement[bool], ...]:
        return table.app_id == self.app_id, table.vanished_at.is_(None)


@dataclass(frozen=True, slots=True)
class StagedSource(Source):
    """The snapshot as it will be once the run's staged rows are applied: `now` is when what is new was first seen."""

    run_id: str
    now: datetime

    def items(self, session: Session, kind: Kind) -> Iterator[Item]:
        """What will not have vanished: what is not staged, then what is."""
        table = TABLES[kind]
        untouched = sa.select(table.id, table.raw, table.content_hash, table.first_seen_at)
        yield from map(Item._make, _rows(session, untouched.where(*self._untouched(table, kind))))
        staged = (
            sa.select(StagedItem.id, StagedItem.raw, StagedItem.content_hash, table.first_seen_at)
            .outerjoin(table, sa.and_(table.app_id == self.app_id, table.id == StagedItem.id))
            .where(*self._staged(kind))
        )
        for item_id, raw, content_hash, first_seen_at in _rows(session, staged):
            yield Item(item_id, raw, content_hash, first_seen_at or self.now)

    def hashes(self, session: Session, kind: Kind) -> Iterator[tuple[str, str]]:
        """(id, content hash) of what will not have vanished."""
        table = TABLES[kind]
        yield from _rows(session, sa.select(table.id, table.content_hash).where(*self._untouched(table, kind)))
        yield from _rows(session, sa.select(StagedItem.id, StagedItem.content_hash).where(*self._staged(kind)))

    def _staged(self, kind: Kind) -> tuple[sa.ColumnElement[bool], ...]:
        return StagedItem.run_id == self.run_id, StagedItem.kind == kind, StagedItem.raw.is_not(None)

    def _untouched(self, table: Supplied, kind: Kind) -> tuple[sa.ColumnElement[bool], ...]:
        touched = sa.exists().where(
            StagedItem.run_id == self.run_id, StagedItem.kind == kind, StagedItem.id == table.id
        )
        return table.app_id == self.app_id, table.vanished_at.is_(None), ~touched


class Fingerprint:
    """A hash of things of one kind that come in no order: two equal ones are of the same things."""

    def __init__(self) -> None:
        # There may be many: a sum of hashes takes neither sorting nor memory.
        self._total = self._count = 0

    def add(self, item_id: str, content_hash: str) -> None:
        """It is one of them."""
        digest = blake2b(f"{item_id}:{content_hash}".encode(), digest_size=32).digest()
        self._total += int.from_bytes(digest)
        self._count += 1

    def __str__(self) -> str:
        return f"{self._count}:{self._total}"


def fingerprint(session: Session, source: Source, products: Fingerprint | None = None) -> str:
    """A hash of everything that is present: two equal ones make the same catalog. `products`: if known already."""
    digest = blake2b(digest_size=15)
    for kind in Kind:
        found = Fingerprint() if kind is not Kind.PRODUCT or products is None else products
        if found is not products:
            for item_id, content_hash in source.hashes(session, kind):
                found.add(item_id, content_hash)
        digest.update(f"{kind}:{found};".encode())
    return digest.hexdigest()


def _rows(session: Session, query: sa.Select[*tuple[Any, ...]]) -> Iterator[Any]:
    """The rows, of which only so many are in memory at a time."""
    # The connection itself: what the session adds for objects costs as much as the database.
    for part in session.connection().execute(query.execution_options(yield_per=_PER_FETCH)).partitions():
        for row in part:
            give_way()
            yield row
