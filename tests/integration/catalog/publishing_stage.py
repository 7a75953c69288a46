"""An app's snapshot that a test writes as a run would, and publications of it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any

import msgspec
import sqlalchemy as sa

from catalog_sync.browsing.paging import current_generation, in_generation
from catalog_sync.curation.model import Curation
from catalog_sync.index import CatalogIndex, decode
from catalog_sync.kinds import TABLES, Kind
from catalog_sync.publishing.placings import placings_of
from catalog_sync.publishing.plan import Plan, plan
from catalog_sync.publishing.publish import Publication, publish
from catalog_sync.publishing.source import SnapshotSource, Source
from catalog_sync.runs import Claim
from catalog_sync.tables import Listing, ListingChange, PublishedIndex, StagedItem
from foundation import leases
from foundation.database import Base, Sessions, insert

from .supplier import Item, SteppingClock

RUN = "run_test"


class KilledError(BaseException):
    """Stands for a process that ends where it is."""


@contextmanager
def killed_at(sessions: Sessions, statement: str, count: int = 1) -> Iterator[None]:
    """The process ends before the so many-th statement that has this in it."""
    seen = 0

    def listener(_connection: object, _cursor: object, text: str, *_rest: object) -> None:
        nonlocal seen
        seen += statement in text
        if seen == count and statement in text:
            raise KilledError

    sa.event.listen(sessions.engine, "before_cursor_execute", listener)
    try:
        yield
    finally:
        sa.event.remove(sessions.engine, "before_cursor_execute", listener)


class PublishingStage:
    """One app, whose snapshot changes as a test says."""

    def __init__(self, sessions: Sessions, app_id: str, clock: SteppingClock) -> None:
        self.sessions = sessions
        self.app_id = app_id
        self.clock = clock
        self.source: Source = SnapshotSource(app_id)
        self.claim = Claim(sessions, app_id, RUN, clock)
        with sessions.begin() as session:
            leases.take(session, f"catalog_sync:{app_id}", RUN, clock(), 10**6)

    def supply(self, products: Sequence[Item] = (), **others: Sequence[Item]) -> None:
        """Let the snapshot hold these too: products, `brands`, `cards`, `collections`."""
        self._write(Kind.PRODUCT, products)
        for name, items in others.items():
            self._write(Kind(name.removesuffix("s")), items)

    def withdraw(self, *product_ids: str) -> None:
        """Let these products vanish."""
        table = TABLES[Kind.PRODUCT]
        with self.sessions.begin() as session:
            gone = sa.update(table).where(table.app_id == self.app_id, table.id.in_(product_ids))
            session.execute(gone.values(vanished_at=self.clock()))

    def stage(self, run_id: str, kind: Kind, items: Mapping[str, Item | None]) -> None:
        """Stage these for a run; None for what is gone."""
        with self.sessions.begin() as session:
            for item_id, item in items.items():
                raw = None if item is None else msgspec.json.encode(item).decode()
                digest = None if raw is None else hash_of(raw)
                session.add(StagedItem(run_id=run_id, kind=kind, id=item_id, raw=raw, content_hash=digest))

    def plan(self, curation: Curation | None = None, source: Source | None = None) -> Plan:
        """What publishing would change."""
        with self.sessions.read() as session:
            return plan(session, self.app_id, source or self.source, curation or Curation())

    def publish(self, curation: Curation | None = None) -> Publication:
        """Plan and publish."""
        return publish(self.claim, self.plan(curation))

    def documents(self) -> dict[str, Any]:
        """By id, the whole documents that are served."""
        placings = placings_of(self.index())
        with self.sessions.read() as session:
            inside = in_generation(Listing, self.app_id, current_generation(session, self.app_id))
            return {
                each: msgspec.json.decode(body) | msgspec.json.decode(msgspec.json.encode(placings[each]))
                for each, body in session.execute(sa.select(Listing.id, Listing.document).where(*inside))
            }

    def versions(self) -> list[tuple[str, int, int]]:
        """(product id, number in the full text index, generation) of every listing ever written."""
        with self.sessions.read() as session:
            row = Listing
            rows = session.execute(sa.select(row.id, row.docid, row.valid_from).where(row.app_id == self.app_id))
            return sorted((product_id, docid, version) for product_id, docid, version in rows)

    def index(self) -> CatalogIndex:
        """That of the generation being served."""
        with self.sessions.read() as session:
            mine = PublishedIndex.app_id == self.app_id
            served = PublishedIndex.generation == current_generation(session, self.app_id)
            return decode(session.scalars(sa.select(PublishedIndex.body).where(mine, served)).one())

    def changes(self) -> set[tuple[str, int, str]]:
        """(product id, generation, change) of every row of the feed."""
        row = ListingChange
        with self.sessions.read() as session:
            told = sa.select(row.product_id, row.generation, row.change).where(row.app_id == self.app_id)
            return {(product_id, generation, change) for product_id, generation, change in session.execute(told)}

    def count(self, table: type[Base]) -> int:
        """How many rows a table has."""
        with self.sessions.read() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0

    def _write(self, kind: Kind, items: Sequence[Item]) -> None:
        if not items:
            return
        raws = {item["id"]: msgspec.json.encode(item).decode() for item in items}
        now = self.clock()
        common = {"app_id": self.app_id, "first_seen_at": now, "changed_at": now, "run_id": RUN, "vanished_at": None}
        rows = [common | {"id": each, "raw": raw, "content_hash": hash_of(raw)} for each, raw in raws.items()]
        with self.sessions.begin() as session:
            statement = insert(session, TABLES[kind])
            sent = {name: statement.excluded[name] for name in ("raw", "content_hash", "changed_at", "vanished_at")}
            session.connection().execute(
                statement.on_conflict_do_update(index_elements=["app_id", "id"], set_=sent), rows
            )


def hash_of(raw: str) -> str:
    """As runs hash what was sent."""
    return blake2b(raw.encode(), digest_size=32).hexdigest()
