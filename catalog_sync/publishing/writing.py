"""The rows of a generation, written in short transactions beside those being served."""

from collections.abc import Iterable, Sequence

import msgspec
import sqlalchemy as sa

from catalog_sync import search
from catalog_sync.chunks import chunks
from catalog_sync.index import NUMBER, CatalogIndex, encode, pack, unpack
from catalog_sync.publishing.bulk import insert_rows
from catalog_sync.publishing.listings import make_listings
from catalog_sync.publishing.plan import Plan
from catalog_sync.publishing.surroundings import Published, TableChanges, Values
from catalog_sync.runs import Claim
from catalog_sync.tables import FOREVER, Listing, ListingChange, PublishedIndex
from foundation.database import Base, Session


class Writer:
    """Writes the generation after the one that the plan starts from; readers don't see it yet."""

    def __init__(self, claim: Claim, plan: Plan) -> None:
        self._claim = claim
        self._plan = plan
        self._generation = plan.served + 1
        self._now = claim.clock()
        self._changing = frozenset(plan.changing)

    def write(self) -> None:
        """All of it. Whatever is written begins with a row that tells of it, and that a flip makes true."""
        docids = self._open()
        # In the order of the keys: each transaction then touches few pages of the indexes.
        for ids in chunks(sorted(self._plan.pending)):
            self._write_listings(ids, docids)
        for ids in chunks(self._plan.leaving):
            with self._claim.begin() as session:
                self._close(session, Listing, ids)
                self._tell(session, dict.fromkeys(ids, "left"))
        for changes in self._plan.around:
            self._write_around(changes)
        self._write_index(_completed(self._plan.index, docids, self._generation))

    def _open(self) -> dict[str, int]:
        """Leave word that a generation is being written; by product id, the document numbers of what is pending."""
        pending = self._plan.pending
        with self._claim.begin() as session:
            row = {"app_id": self._claim.app_id, "generation": self._generation, "body": b""}
            session.execute(sa.insert(PublishedIndex).values(row))
            numbers = search.next_docids(session, len(pending)) if pending else range(0)
        return dict(zip(sorted(pending), numbers, strict=True))

    def _write_listings(self, ids: Sequence[str], docids: dict[str, int]) -> None:
        with self._claim.sessions.read() as session:
            rows, texts = make_listings(session, self._claim.app_id, self._plan.pending, docids, ids)
        with self._claim.begin() as session:
            self._close(session, Listing, [each for each in ids if each in self._changing])
            self._insert_valid(session, Listing, rows)
            search.write(session, texts)
            self._tell(session, {each: "changed" if each in self._changing else "entered" for each in ids})

    def _write_around(self, changes: TableChanges) -> None:
        with self._claim.begin() as session:
            for ids in chunks([*changes.gone, *(row["id"] for row in changes.changed)]):
                self._close(session, changes.table, ids)
            for rows in chunks(changes.changed):
                self._insert_valid(session, changes.table, rows)

    def _write_index(self, index: CatalogIndex) -> None:
        mine = PublishedIndex.app_id == self._claim.app_id, PublishedIndex.generation == self._generation
        body = encode(index)
        with self._claim.begin() as session:
            session.execute(sa.update(PublishedIndex).where(*mine).values(body=body))

    def _tell(self, session: Session, changes: dict[str, str]) -> None:
        told = {"generation": self._generation, "changed_at": self._now}
        rows = [told | {"product_id": product_id, "change": change} for product_id, change in changes.items()]
        self._insert(session, ListingChange, rows)

    def _close(self, session: Session, table: Published, ids: Sequence[str]) -> None:
        """End the rows with the generation; those who read the one before still see them."""
        if ids:
            current = table.app_id == self._claim.app_id, table.id.in_(ids), table.valid_to == FOREVER
            session.execute(sa.update(table).where(*current).values(valid_to=self._generation))

    def _insert_valid(self, session: Session, table: Published, rows: Iterable[Values]) -> None:
        validity = {"valid_from": self._generation, "valid_to": FOREVER}
        self._insert(session, table, [validity | row for row in rows])

    def _insert(self, session: Session, table: type[Base], rows: Iterable[Values]) -> None:
        insert_rows(session, table, [{"app_id": self._claim.app_id} | row for row in rows])


def _completed(index: CatalogIndex, docids: dict[str, int], generation: int) -> CatalogIndex:
    """The index with the numbers of what has been written."""
    numbers, versions = unpack(NUMBER, index.docids), unpack(NUMBER, index.versions)
    for place, product_id in enumerate(index.ids):
        if product_id in docids:
            numbers[place], versions[place] = docids[product_id], generation
    return msgspec.structs.replace(index, docids=pack(NUMBER, numbers), versions=pack(NUMBER, versions))
