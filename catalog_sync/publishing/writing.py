"""The rows of a generation, written in short transactions beside those being served."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import msgspec
import sqlalchemy as sa

from catalog_sync import search
from catalog_sync.chunks import CHUNK, chunks
from catalog_sync.index import NUMBER, CatalogIndex, encode, pack, unpack
from catalog_sync.publishing.bulk import Row, insert_rows, insert_values
from catalog_sync.publishing.listings import COLUMNS, make_listings
from catalog_sync.publishing.plan import Plan
from catalog_sync.publishing.surroundings import Published, TableChanges, Values
from catalog_sync.runs import Claim
from catalog_sync.tables import FOREVER, Listing, ListingChange, PublishedIndex
from foundation.database import Session

UNREAD_CHUNK: Final = 1000
"""Rows per transaction as long as nothing is served."""
_VALIDITY: Final = ("app_id", "valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class _Made:
    """Listings ready to be written: their ids, their rows, their words."""

    ids: Sequence[str]
    rows: list[Row]
    texts: list[search.WrittenText]


class Writer:
    """Writes the generation after the one that the plan starts from; readers don't see it yet."""

    def __init__(self, claim: Claim, plan: Plan) -> None:
        self._claim = claim
        self._plan = plan
        self._generation = plan.served + 1
        self._now = claim.clock()
        self._replaced = frozenset(each for each in plan.changing if each in plan.pending)

    def write(self) -> None:
        """All of it. Whatever is written begins with a row that tells of it, and that a flip makes true."""
        docids = self._open()
        with ThreadPoolExecutor(1, "listings") as pool:
            for made in self._made_ahead(pool, docids):
                self._write_listings(made)
        for ids in chunks([each for each in self._plan.changing if each not in self._replaced], UNREAD_CHUNK):
            with self._claim.begin_derived() as session:
                self._tell(session, dict.fromkeys(ids, "changed"))
        for ids in chunks(self._plan.leaving):
            with self._claim.begin_derived() as session:
                self._close(session, Listing, ids)
                self._tell(session, dict.fromkeys(ids, "left"))
        for changes in self._plan.around:
            self._write_around(changes)
        self._write_index(_completed(self._plan.index, docids, self._generation))

    def _open(self) -> dict[str, int]:
        """Leave word that a generation is being written; by product id, the document numbers of what is pending."""
        pending = self._plan.pending
        with self._claim.begin_derived() as session:
            row = {"app_id": self._claim.app_id, "generation": self._generation, "body": b""}
            session.execute(sa.insert(PublishedIndex).values(row))
            numbers = search.next_docids(session, len(pending)) if pending else range(0)
        return dict(zip(sorted(pending), numbers, strict=True))

    def _made_ahead(self, pool: Executor, docids: dict[str, int]) -> Iterator[_Made]:
        """What is pending, a chunk at a time; the next one is made while the one before is being written."""
        size = CHUNK if self._plan.served else UNREAD_CHUNK
        ahead: deque[Future[_Made]] = deque()
        # In the order of the keys: each transaction then touches few pages of the indexes.
        for ids in chunks(sorted(self._plan.pending), size):
            ahead.append(pool.submit(self._make, ids, docids))
            if len(ahead) > 1:
                yield ahead.popleft().result()
        for last in ahead:
            yield last.result()

    def _make(self, ids: Sequence[str], docids: dict[str, int]) -> _Made:
        with self._claim.sessions.read() as session:
            rows, texts = make_listings(session, self._claim.app_id, self._plan.pending, docids, ids)
            validity = (self._claim.app_id, self._generation, FOREVER)
            return _Made(ids, [validity + row for row in rows], search.cut(texts, is_sqlite=search.is_sqlite(session)))

    def _write_listings(self, made: _Made) -> None:
        with self._claim.begin_derived() as session:
            self._close(session, Listing, [each for each in made.ids if each in self._replaced])
            insert_values(session, Listing, (*_VALIDITY, *COLUMNS), made.rows)
            search.write(session, made.texts)
            self._tell(session, {each: "changed" if each in self._replaced else "entered" for each in made.ids})

    def _write_around(self, changes: TableChanges) -> None:
        with self._claim.begin_derived() as session:
            for ids in chunks([*changes.gone, *(row["id"] for row in changes.changed)]):
                self._close(session, changes.table, ids)
            for rows in chunks(changes.changed):
                self._insert_valid(session, changes.table, rows)

    def _write_index(self, index: CatalogIndex) -> None:
        mine = PublishedIndex.app_id == self._claim.app_id, PublishedIndex.generation == self._generation
        body = encode(index)
        with self._claim.begin_derived() as session:
            session.execute(sa.update(PublishedIndex).where(*mine).values(body=body))

    def _tell(self, session: Session, changes: dict[str, str]) -> None:
        told = self._claim.app_id, self._generation, self._now
        rows = [(*told, product_id, change) for product_id, change in changes.items()]
        insert_values(session, ListingChange, ("app_id", "generation", "changed_at", "product_id", "change"), rows)

    def _close(self, session: Session, table: Published, ids: Sequence[str]) -> None:
        """End the rows with the generation; those who read the one before still see them."""
        if ids:
            current = table.app_id == self._claim.app_id, table.id.in_(ids), table.valid_to == FOREVER
            session.execute(sa.update(table).where(*current).values(valid_to=self._generation))

    def _insert_valid(self, session: Session, table: Published, rows: Iterable[Values]) -> None:
        validity = {"app_id": self._claim.app_id, "valid_from": self._generation, "valid_to": FOREVER}
        insert_rows(session, table, [validity | row for row in rows])


def _completed(index: CatalogIndex, docids: dict[str, int], generation: int) -> CatalogIndex:
    """The index with the numbers of what has been written."""
    numbers, versions = unpack(NUMBER, index.docids), unpack(NUMBER, index.versions)
    for place, product_id in enumerate(index.ids):
        if product_id in docids:
            numbers[place], versions[place] = docids[product_id], generation
    return msgspec.structs.replace(index, docids=pack(NUMBER, numbers), versions=pack(NUMBER, versions))
