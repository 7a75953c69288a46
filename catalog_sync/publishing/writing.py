"""The rows of a generation, written in short transactions beside those being served."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Final

import msgspec
import sqlalchemy as sa

from catalog_sync import search
from catalog_sync.bulk import insert_rows, insert_values
from catalog_sync.chunks import CHUNK, chunks
from catalog_sync.index import NUMBER, CatalogIndex, encode, pack, unpack
from catalog_sync.publishing.listings import Listings, make_listings, read_ingredients
from catalog_sync.publishing.plan import Plan
from catalog_sync.publishing.surroundings import Published, TableChanges, Values
from catalog_sync.runs import Claim
from catalog_sync.tables import FOREVER, Listing, ListingChange, PublishedIndex
from foundation.database import Session, insert

UNREAD_CHUNK: Final = 1000
"""Rows per transaction as long as nothing is served."""


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
        moved = [each for each in self._plan.changing if each not in self._replaced]
        for change, told in (("entered", sorted(self._plan.ahead)), ("changed", moved)):
            for ids in chunks(told, UNREAD_CHUNK):
                with self._claim.begin_derived() as session:
                    self._tell(session, dict.fromkeys(ids, change))
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
            announce(session, self._claim.app_id, self._generation)
            numbers = search.next_docids(session, len(pending)) if pending else range(0)
        return dict(zip(sorted(pending), numbers, strict=True))

    def _made_ahead(self, pool: Executor, docids: dict[str, int]) -> Iterator[Listings]:
        """What is pending, a chunk at a time; the next one is made while the one before is being written."""
        size = CHUNK if self._plan.served else UNREAD_CHUNK
        ahead: deque[Future[Listings]] = deque()
        # In the order of the keys: each transaction then touches few pages of the indexes.
        for ids in chunks(sorted(self._plan.pending), size):
            ahead.append(pool.submit(self._make, ids, docids))
            if len(ahead) > 1:
                yield ahead.popleft().result()
        for last in ahead:
            yield last.result()

    def _make(self, ids: Sequence[str], docids: dict[str, int]) -> Listings:
        app_id = self._claim.app_id
        with self._claim.sessions.read() as session:
            ingredients = read_ingredients(session, app_id, self._plan.pending, docids, ids)
            return make_listings(app_id, self._generation, ingredients, is_sqlite=search.is_sqlite(session))

    def _write_listings(self, made: Listings) -> None:
        with self._claim.begin_derived() as session:
            self._close(session, Listing, [each for each in made.ids if each in self._replaced])
            made.write(session)
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


def announce(session: Session, app_id: str, generation: int) -> None:
    """Leave word that a generation is being written: if it never is shown, what there is of it is cleared away."""
    word = insert(session, PublishedIndex).values(app_id=app_id, generation=generation, body=b"")
    session.execute(word.on_conflict_do_nothing())


def _completed(index: CatalogIndex, docids: dict[str, int], generation: int) -> CatalogIndex:
    """The index with the numbers of what has been written."""
    numbers, versions = unpack(NUMBER, index.docids), unpack(NUMBER, index.versions)
    for place, product_id in enumerate(index.ids):
        if product_id in docids:
            numbers[place], versions[place] = docids[product_id], generation
    return msgspec.structs.replace(index, docids=pack(NUMBER, numbers), versions=pack(NUMBER, versions))
