"""Where what was read is written: beside the snapshot until it is applied, or into a snapshot that was empty.

The first run of an app writes straight: nothing is served yet, so nobody can see a part of it, and of what is not there
nothing can be lost. That spares it writing each thing twice.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa

from catalog_sync.bulk import Row, insert_rows, insert_values
from catalog_sync.crawling.crawl import ReadItem
from catalog_sync.facts import begin_facts, record_facts
from catalog_sync.kinds import TABLES, Kind
from catalog_sync.publishing.ahead import Ahead
from catalog_sync.runs import Claim
from catalog_sync.tables import StagedItem
from foundation.database import Base, Session
from foundation.goody.resources import GiftCollection, Product


class Destination(Protocol):
    """Takes rows in the caller's transaction. Nothing of what is written may be there already: erase it first."""

    def write(self, session: Session, kind: Kind, items: Sequence[ReadItem]) -> None:
        """Write what was read."""

    def written(self, items: Sequence[ReadItem]) -> None:
        """What was read has been written, and the transaction is over."""

    def write_gone(self, session: Session, kind: Kind, ids: Sequence[str]) -> None:
        """Write that these are listed no more."""

    def erase(self, session: Session, kind: Kind, ids: Sequence[str]) -> None:
        """Take back what this run wrote of these."""

    def finish(self) -> None:
        """Nothing more comes: wait until everything is written."""

    def close(self) -> None:
        """Let go of what is still under way, if something is."""


@dataclass(frozen=True, slots=True)
class Beside:
    """The run's staging."""

    claim: Claim

    def write(self, session: Session, kind: Kind, items: Sequence[ReadItem]) -> None:
        """Write what was read."""
        mine = self.claim.run_id, kind.value
        rows: list[Row] = [(*mine, each.id, text(each), each.content_hash) for each in items]
        insert_values(session, StagedItem, ("run_id", "kind", "id", "raw", "content_hash"), rows)

    def written(self, items: Sequence[ReadItem]) -> None:
        """Nothing is made of it yet."""

    def write_gone(self, session: Session, kind: Kind, ids: Sequence[str]) -> None:
        """Write that these are listed no more."""
        mine = {"run_id": self.claim.run_id, "kind": kind.value}
        insert_rows(session, StagedItem, [mine | {"id": item_id} for item_id in ids])

    def erase(self, session: Session, kind: Kind, ids: Sequence[str]) -> None:
        """Take back what this run wrote of these."""
        mine = sa.and_(StagedItem.run_id == self.claim.run_id, StagedItem.kind == kind.value)
        session.execute(sa.delete(StagedItem).where(mine, StagedItem.id.in_(ids)))

    def finish(self) -> None:
        """Everything is."""

    def close(self) -> None:
        """Nothing is."""


@dataclass(frozen=True, slots=True)
class Straight:
    """A snapshot that held nothing when the run began, and listings that are made of it meanwhile if none is served."""

    claim: Claim
    now: datetime
    ahead: Ahead | None
    _met: set[str] = field(default_factory=set, init=False)
    """Ids of products that facts may have been recorded of already."""

    def write(self, session: Session, kind: Kind, items: Sequence[ReadItem]) -> None:
        """Write what was read, and begin the history of what its revenue share depends on."""
        app_id, run_id, now = self.claim.app_id, self.claim.run_id, self.now
        rows: list[Row] = [(app_id, each.id, text(each), each.content_hash, now, now, run_id) for each in items]
        columns = ("app_id", "id", "raw", "content_hash", "first_seen_at", "changed_at", "run_id")
        insert_values(session, TABLES[kind], columns, rows)
        self._record_facts(session, kind, [each for item in items for each in _products(item)])

    def written(self, items: Sequence[ReadItem]) -> None:
        """Go on to the listings of these."""
        if self.ahead is not None:
            self.ahead.take([(each.value, each.content_hash) for each in items if isinstance(each.value, Product)])

    def write_gone(self, session: Session, kind: Kind, ids: Sequence[str]) -> None:
        """Nothing was there that could be gone."""
        del session, kind
        if ids:
            raise ValueError("An empty snapshot has nothing to lose.")

    def erase(self, session: Session, kind: Kind, ids: Sequence[str]) -> None:
        """Take back what this run wrote of these."""
        table = TABLES[kind]
        mine = sa.and_(table.app_id == self.claim.app_id, table.run_id == self.claim.run_id, table.id.in_(ids))
        session.execute(sa.delete(table).where(mine).execution_options(synchronize_session=False))
        self._met.update(ids)

    def finish(self) -> None:
        """Wait for the listings."""
        if self.ahead is not None:
            self.ahead.finish()

    def close(self) -> None:
        """Write no more listings."""
        if self.ahead is not None:
            self.ahead.close()

    def _record_facts(self, session: Session, kind: Kind, products: Sequence[Product]) -> None:
        app_id = self.claim.app_id
        if kind is Kind.PRODUCT:
            begin_facts(session, app_id, [each for each in products if each.id not in self._met], self.now)
            record_facts(session, app_id, [each for each in products if each.id in self._met], self.now)
        else:
            # What stands for a gift collection may be listed as a product too.
            self._met.update(each.id for each in products)
            record_facts(session, app_id, products, self.now)


def text(item: ReadItem) -> str:
    """What was sent as the database keeps it.

    Fields that nobody reads are not checked for being UTF-8; the database would refuse what is not.
    """
    return item.raw.decode(errors="replace")


def insert_with_gaps(session: Session, table: type[Base], columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert rows some of whose columns may be null."""
    alike: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        if None in row:
            given = {name: value for name, value in zip(columns, row, strict=True) if value is not None}
            alike[tuple(given)].append(tuple(given.values()))
        else:
            alike[tuple(columns)].append(row)
    for names, values in alike.items():
        insert_values(session, table, names, values)


def _products(item: ReadItem) -> tuple[Product, ...]:
    value = item.value
    if isinstance(value, GiftCollection):
        return () if value.product is None else (value.product,)
    return (value,) if isinstance(value, Product) else ()
