"""The supplier snapshot: each thing as Goody last sent it. What is unchanged is not written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import TypeAlias, TypeVar

import sqlalchemy as sa

from catalog_sync.chunks import chunks
from catalog_sync.crawling.crawl import Reading
from catalog_sync.facts import record_facts
from catalog_sync.runs import Claim
from catalog_sync.tables import SupplierBrand, SupplierCard, SupplierProduct
from foundation.database import Session, insert
from foundation.goody.pages import Sent
from foundation.goody.resources import Brand, Card, Product

Supplied: TypeAlias = type[SupplierProduct] | type[SupplierBrand] | type[SupplierCard]
T = TypeVar("T", Product, Brand, Card)


@dataclass(frozen=True, slots=True)
class Changes:
    """How many rows a reading created, changed (those that came back among them) and retired."""

    created: int
    changed: int
    retired: int


@dataclass(frozen=True, slots=True)
class _Known:
    content_hash: str
    is_present: bool


def record_products(claim: Claim, reading: Reading[Product]) -> Changes:
    """Bring the products up to date, and the history of what their revenue share depends on with them."""
    return _record(claim, SupplierProduct, reading, record_facts)


def record_brands(claim: Claim, reading: Reading[Brand]) -> Changes:
    """Bring the brands up to date."""
    return _record(claim, SupplierBrand, reading)


def record_cards(claim: Claim, reading: Reading[Card]) -> Changes:
    """Bring the greeting cards up to date."""
    return _record(claim, SupplierCard, reading)


def _record(
    claim: Claim,
    table: Supplied,
    reading: Reading[T],
    also: Callable[[Session, str, Sequence[T], datetime], None] | None = None,
) -> Changes:
    """Write what differs, and what else belongs in the same transaction; then mark what is gone."""
    now = claim.clock()
    known = _read_known(claim, table)
    hashes = {item_id: _hash(sent.raw) for item_id, sent in reading.items.items()}
    changed = [item_id for item_id, digest in hashes.items() if known.get(item_id) != _Known(digest, is_present=True)]
    for ids in chunks(changed):
        with claim.begin() as session:
            rows = [_row(claim, item_id, reading.items[item_id], hashes[item_id], now) for item_id in ids]
            _upsert(session, table, rows)
            if also is not None:
                also(session, claim.app_id, [reading.items[item_id].value for item_id in ids], now)
    retired = _retire(claim, table, reading, known, now)
    created = sum(item_id not in known for item_id in changed)
    return Changes(created, len(changed) - created, retired)


def _read_known(claim: Claim, table: Supplied) -> dict[str, _Known]:
    stored = sa.select(table.id, table.content_hash, table.vanished_at).where(table.app_id == claim.app_id)
    with claim.sessions.read() as session:
        return {
            item_id: _Known(digest, is_present=vanished_at is None)
            for item_id, digest, vanished_at in session.execute(stored)
        }


def _row(claim: Claim, item_id: str, sent: Sent[T], digest: str, now: datetime) -> dict[str, object]:
    return {
        "app_id": claim.app_id,
        "id": item_id,
        # Fields that nobody reads are not checked for being UTF-8; the database would refuse what is not.
        "raw": sent.raw.decode(errors="replace"),
        "content_hash": digest,
        "first_seen_at": now,
        "changed_at": now,
        "run_id": claim.run_id,
        "vanished_at": None,
    }


def _upsert(session: Session, table: Supplied, rows: Sequence[dict[str, object]]) -> None:
    statement = insert(session, table)
    sent = statement.excluded
    # `first_seen_at` stays: what comes back is the same thing as before.
    changing = ("raw", "content_hash", "changed_at", "run_id", "vanished_at")
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[table.app_id, table.id], set_={name: sent[name] for name in changing}
        ),
        rows,
    )


def _retire(claim: Claim, table: Supplied, reading: Reading[T], known: Mapping[str, _Known], now: datetime) -> int:
    """Mark what is absent, if the reading is complete: else it may merely have been missed."""
    if not reading.is_complete:
        return 0
    gone = [item_id for item_id, before in known.items() if before.is_present and item_id not in reading.items]
    for ids in chunks(gone):
        with claim.begin() as session:
            session.execute(
                sa.update(table)
                .where(table.app_id == claim.app_id, table.id.in_(ids))
                .values(vanished_at=now, run_id=claim.run_id)
            )
    return len(gone)


def _hash(raw: bytes) -> str:
    return blake2b(raw, digest_size=32).hexdigest()
