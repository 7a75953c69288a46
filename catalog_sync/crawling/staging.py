"""What a run read that differs from the snapshot, written beside it in chunks as pages arrive.

Nobody reads it but the run itself, until it is applied. Nothing here holds more than a chunk of what was sent.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

import msgspec
import sqlalchemy as sa

from catalog_sync.browsing.paging import current_generation
from catalog_sync.bulk import Row
from catalog_sync.chunks import chunks
from catalog_sync.crawling.changes import Change, Found, appeared, differs, vanished
from catalog_sync.crawling.crawl import Crawled, ReadItem
from catalog_sync.crawling.destinations import Beside, Destination, Straight, insert_with_gaps
from catalog_sync.crawling.listings import Familiar
from catalog_sync.crawling.snapshot import Known, read_known, read_raw
from catalog_sync.kinds import Kind
from catalog_sync.publishing.ahead import Ahead
from catalog_sync.runs import Claim
from catalog_sync.tables import SyncChange
from foundation.database import Session
from foundation.goody.pages import BrokenItem

CHUNK: Final = 1000
"""Rows per transaction."""
LONGEST: Final = 1000
"""Characters of a reason that are kept."""


_CHANGE: Final = ("run_id", "number", "kind", "item_id", "name", "change", "fields")


class _Staged(msgspec.Struct, frozen=True, gc=False):
    """What stands in the staging of one thing, and under which number its change is recorded."""

    content_hash: str | None
    number: int
    change: Change
    leaves: bool
    is_repriced: bool


@dataclass(frozen=True, slots=True)
class Extent:
    """How much a run found different. The numbers are of products."""

    is_empty: bool
    """Whether nothing differs from the snapshot."""
    is_apart: bool
    """Whether something stands beside the snapshot and has to be applied to it."""
    present: int
    """How many the snapshot has that are not gone."""
    leaving: int
    """How many would no longer be on sale."""
    repriced: int


class Staging:
    """The staging of one run: the sink of its crawl."""

    def __init__(
        self, claim: Claim, now: datetime, familiar: Familiar | None = None, *, is_dry_run: bool = False
    ) -> None:
        self._claim = claim
        self._familiar = familiar
        self._now = now
        self._is_dry_run = is_dry_run
        self._staged: dict[Kind, dict[str, _Staged]] = {kind: {} for kind in Kind}
        self._waiting: dict[Kind, dict[str, ReadItem]] = {kind: {} for kind in Kind}
        self._numbers = 0

    @cached_property
    def _known(self) -> dict[Kind, dict[str, Known]]:
        with self._claim.sessions.read() as session:
            return read_known(session, self._claim.app_id)

    @cached_property
    def _destination(self) -> Destination:
        is_first = not any(self._known.values()) and not self._is_dry_run
        if not is_first:
            return Beside(self._claim)
        with self._claim.sessions.read() as session:
            served = current_generation(session, self._claim.app_id)
        # An app whose catalog was empty so far serves a generation already.
        return Straight(self._claim, self._now, None if served else Ahead(self._claim))

    @property
    def changes(self) -> Counter[Change]:
        """How many products of each change."""
        return Counter(staged.change for staged in self._staged[Kind.PRODUCT].values())

    @property
    def extent(self) -> Extent:
        """How much differs."""
        is_empty = not any(self._staged.values())
        products = self._staged[Kind.PRODUCT].values()
        return Extent(
            is_empty=is_empty,
            is_apart=not is_empty and isinstance(self._destination, Beside),
            present=sum(known.is_present for known in self._known[Kind.PRODUCT].values()),
            leaving=sum(staged.leaves for staged in products),
            repriced=sum(staged.is_repriced for staged in products),
        )

    def prepare(self) -> None:
        """Read what the snapshot has, and let it be recognised."""
        known = self._known[Kind.PRODUCT]
        if self._familiar is not None:
            self._familiar.learn({each.content_hash: item_id for item_id, each in known.items() if each.is_present})

    def unchanged(self, kind: Kind, ids: Sequence[str]) -> None:
        """Take back what an earlier reading found of these: what differed was undone meanwhile."""
        staged, waiting = self._staged[kind], self._waiting[kind]
        if waiting:
            for item_id in ids:
                waiting.pop(item_id, None)
        if staged:
            self._unstage(kind, [item_id for item_id in ids if item_id in staged])

    def take(self, kind: Kind, items: Sequence[ReadItem]) -> None:
        """Stage what differs among the items of a page."""
        known, staged, waiting = self._known[kind], self._staged[kind], self._waiting[kind]
        for item in items:
            before, mine = known.get(item.id), staged.get(item.id)
            if before is not None and before.is_present and before.content_hash == item.content_hash:
                self.unchanged(kind, [item.id])
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
                # What an earlier reading found and this one did not came and went, or is gone like the others.
                self._unstage(kind, [each for each in self._staged[kind] if each not in reading.seen])
                for ids in chunks(list(self._gone(kind, reading.seen)), CHUNK):
                    self._stage_gone(kind, ids)
            for broken in chunks(reading.broken, CHUNK):
                self._record_broken(kind, broken)
        self._destination.finish()

    def close(self) -> None:
        """Let go of everything that is still under way."""
        self._destination.close()

    def _gone(self, kind: Kind, seen: set[str]) -> Iterator[str]:
        return (each for each, before in self._known[kind].items() if before.is_present and each not in seen)

    def _flush(self, kind: Kind) -> None:
        items = self._waiting[kind]
        if items:
            with self._claim.begin_derived() as session:
                self._stage(session, kind, items)
            self._destination.written(list(items.values()))
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
        self._record(session, kind, found, {item_id: item.content_hash for item_id, item in items.items()})
        self._destination.write(session, kind, list(items.values()))

    def _stage_gone(self, kind: Kind, ids: Sequence[str]) -> None:
        with self._claim.begin_derived() as session:
            before = read_raw(session, self._claim.app_id, kind, ids)
            self._record(session, kind, {item_id: vanished(kind, raw) for item_id, raw in before.items()}, {})
            self._destination.write_gone(session, kind, ids)

    def _record(self, session: Session, kind: Kind, found: dict[str, Found], hashes: Mapping[str, str]) -> None:
        """Record the changes, in the place of those that an earlier reading found of the same things."""
        staged = self._staged[kind]
        self._erase(session, kind, [each for each in found if each in staged])
        rows = []
        for item_id, each in found.items():
            number = self._number()
            staged[item_id] = _Staged(hashes.get(item_id), number, each.change, each.leaves, each.is_repriced)
            rows.append(self._change(kind, item_id, number, each))
        insert_with_gaps(session, SyncChange, _CHANGE, rows)

    def _record_broken(self, kind: Kind, broken: Sequence[BrokenItem]) -> None:
        found = [(each.id or "", Found(Change.BROKEN, None, {"reason": each.reason[:LONGEST]})) for each in broken]
        rows = [self._change(kind, item_id, self._number(), each) for item_id, each in found]
        with self._claim.begin_derived() as session:
            insert_with_gaps(session, SyncChange, _CHANGE, rows)

    def _unstage(self, kind: Kind, ids: Sequence[str]) -> None:
        for some in chunks(ids, CHUNK):
            with self._claim.begin_derived() as session:
                self._erase(session, kind, some)

    def _erase(self, session: Session, kind: Kind, ids: Sequence[str]) -> None:
        if not ids:
            return
        numbers = [self._staged[kind].pop(item_id).number for item_id in ids]
        self._destination.erase(session, kind, ids)
        recorded = sa.and_(SyncChange.run_id == self._claim.run_id, SyncChange.number.in_(numbers))
        session.execute(sa.delete(SyncChange).where(recorded))

    def _change(self, kind: Kind, item_id: str, number: int, found: Found) -> Row:
        fields = json.dumps(found.fields) if found.fields else "{}"
        return self._claim.run_id, number, kind.value, item_id, found.name, found.change.value, fields

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers
