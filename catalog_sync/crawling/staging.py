"""What a run read that differs from the snapshot, written beside it in chunks as pages arrive.

Nobody reads it but the run itself, until it is applied. Nothing here holds more than a chunk of what was sent.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import sqlalchemy as sa

from catalog_sync.chunks import chunks
from catalog_sync.crawling.changes import Change, Found, appeared, differs, vanished
from catalog_sync.crawling.crawl import Crawled, ReadItem
from catalog_sync.crawling.listings import Kind
from catalog_sync.crawling.snapshot import Known, read_known, read_raw
from catalog_sync.runs import Claim
from catalog_sync.tables import StagedItem, SyncChange
from foundation.database import Session, insert
from foundation.goody.pages import BrokenItem

CHUNK: Final = 500
"""Rows per transaction."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Staged:
    """What stands in the staging of one thing, and under which number its change is recorded."""

    content_hash: str | None
    number: int
    change: Change
    leaves: bool
    is_repriced: bool


class Staging:
    """The staging of one run: the sink of its crawl."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        self._staged: dict[Kind, dict[str, _Staged]] = {kind: {} for kind in Kind}
        self._waiting: dict[Kind, dict[str, ReadItem]] = {kind: {} for kind in Kind}
        self._numbers = 0

    @cached_property
    def _known(self) -> dict[Kind, dict[str, Known]]:
        # Read when the first page is there: until then the threads are busy with Goody.
        with self._claim.sessions.read() as session:
            return read_known(session, self._claim.app_id)

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs from the snapshot."""
        return not any(self._staged.values())

    @property
    def present(self) -> int:
        """How many products the snapshot has that are not gone."""
        return sum(known.is_present for known in self._known[Kind.PRODUCT].values())

    @property
    def changes(self) -> Counter[Change]:
        """How many products of each change."""
        return Counter(staged.change for staged in self._staged[Kind.PRODUCT].values())

    @property
    def leaving(self) -> int:
        """How many products would no longer be on sale."""
        return sum(staged.leaves for staged in self._staged[Kind.PRODUCT].values())

    @property
    def repriced(self) -> int:
        """How many products would get another price."""
        return sum(staged.is_repriced for staged in self._staged[Kind.PRODUCT].values())

    def take(self, kind: Kind, items: Sequence[ReadItem]) -> None:
        """Stage what differs among the items of a page."""
        known, staged, waiting = self._known[kind], self._staged[kind], self._waiting[kind]
        for item in items:
            before, mine = known.get(item.id), staged.get(item.id)
            if before is not None and before.is_present and before.content_hash == item.content_hash:
                # Read anew it may be as it was: what differed was undone meanwhile.
                waiting.pop(item.id, None)
                if mine is not None:
                    self._unstage(kind, [item.id])
            elif mine is None or mine.content_hash != item.content_hash:
                waiting[item.id] = item
        if len(waiting) >= CHUNK:
            self._flush(kind)

    def absent(self, kind: Kind, seen: set[str]) -> int:
        """How many things of this kind are present in the snapshot and not among these."""
        return sum(1 for _ in self._gone(kind, seen))

    def settle(self, crawled: dict[Kind, Crawled]) -> None:
        """Stage what is gone, where a listing was read completely, and record what is broken."""
        for kind, reading in crawled.items():
            self._flush(kind)
            if reading.is_complete:
                # What was staged by an earlier reading and is not listed any more never was in the snapshot.
                self._unstage(kind, [each for each in self._staged[kind] if each not in reading.seen])
                for ids in chunks(list(self._gone(kind, reading.seen)), CHUNK):
                    self._stage_gone(kind, ids)
            for broken in chunks(reading.broken, CHUNK):
                self._record_broken(kind, broken)

    def _gone(self, kind: Kind, seen: set[str]) -> Iterator[str]:
        return (each for each, before in self._known[kind].items() if before.is_present and each not in seen)

    def _flush(self, kind: Kind) -> None:
        items = self._waiting[kind]
        if items:
            with self._claim.begin() as session:
                self._stage(session, kind, items)
            items.clear()

    def _stage(self, session: Session, kind: Kind, items: dict[str, ReadItem]) -> None:
        known = self._known[kind]
        old = [each for each in items if each in known]
        before = read_raw(session, self._claim.app_id, kind, old) if old else {}
        found = {}
        for item_id, item in items.items():
            if item_id in before:
                was_present = known[item_id].is_present
                found[item_id] = differs(kind, before[item_id], item.raw, was_present=was_present)
            else:
                found[item_id] = appeared(item.value)
        # Fields that nobody reads are not checked for being UTF-8; the database would refuse what is not.
        raws = {item_id: (item.raw.decode(errors="replace"), item.content_hash) for item_id, item in items.items()}
        self._write(session, kind, found, raws)

    def _stage_gone(self, kind: Kind, ids: Sequence[str]) -> None:
        with self._claim.begin() as session:
            before = read_raw(session, self._claim.app_id, kind, ids)
            found = {item_id: vanished(kind, raw) for item_id, raw in before.items()}
            self._write(session, kind, found, dict.fromkeys(found, (None, None)))

    def _write(
        self,
        session: Session,
        kind: Kind,
        found: dict[str, Found],
        raws: Mapping[str, tuple[str, str] | tuple[None, None]],
    ) -> None:
        staged: list[Row] = []
        changes: list[Row] = []
        for item_id, each in found.items():
            raw, content_hash = raws[item_id]
            mine = self._staged[kind].get(item_id)
            number = self._number() if mine is None else mine.number
            self._staged[kind][item_id] = _Staged(content_hash, number, each.change, each.leaves, each.is_repriced)
            staged.append({"kind": kind.value, "id": item_id, "raw": raw, "content_hash": content_hash})
            changes.append(_change(kind, item_id, number, each))
        _upsert(session, StagedItem, self._mine(staged), ("raw", "content_hash"))
        _upsert(session, SyncChange, self._mine(changes), ("name", "change", "fields"))

    def _record_broken(self, kind: Kind, broken: Sequence[BrokenItem]) -> None:
        rows = [
            _change(kind, each.id or "", self._number(), Found(Change.BROKEN, None, {"reason": each.reason[:1000]}))
            for each in broken
        ]
        with self._claim.begin() as session:
            session.execute(sa.insert(SyncChange), self._mine(rows))

    def _unstage(self, kind: Kind, ids: Iterable[str]) -> None:
        for some in chunks(list(ids), CHUNK):
            numbers = [self._staged[kind].pop(item_id).number for item_id in some]
            with self._claim.begin() as session:
                mine = sa.and_(StagedItem.run_id == self._claim.run_id, StagedItem.kind == kind.value)
                session.execute(sa.delete(StagedItem).where(mine, StagedItem.id.in_(some)))
                recorded = sa.and_(SyncChange.run_id == self._claim.run_id, SyncChange.number.in_(numbers))
                session.execute(sa.delete(SyncChange).where(recorded))

    def _mine(self, rows: list[Row]) -> list[Row]:
        return [{"run_id": self._claim.run_id, **row} for row in rows]

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers


def _change(kind: Kind, item_id: str, number: int, found: Found) -> Row:
    return {
        "number": number,
        "kind": kind.value,
        "item_id": item_id,
        "name": found.name,
        "change": found.change.value,
        "fields": found.fields,
    }


def _upsert(
    session: Session, table: type[StagedItem] | type[SyncChange], rows: Sequence[Row], columns: Sequence[str]
) -> None:
    statement = insert(session, table)
    key = [column.name for column in table.__table__.primary_key]
    changing = {name: statement.excluded[name] for name in columns}
    session.execute(statement.on_conflict_do_update(index_elements=key, set_=changing), rows)
