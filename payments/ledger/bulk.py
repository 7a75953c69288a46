"""Many entries posted at once: a statement has a hundred thousand lines, and a question for each would take minutes."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from foundation.database import Session, table_of
from payments.ledger.entries import NewEntry, must_be_sound
from payments.ledger.journal import Posted, booking_moment, entry_row, hold, posting_rows
from payments.ledger.tables import LedgerBook, LedgerEntry, LedgerPosting

SOURCES_AT_ONCE: Final = 500


def post_all(session: Session, app_id: str, entries: Sequence[NewEntry], now: datetime) -> list[Posted]:
    """Post one app's entries in this order, as `Ledger.post` would: those whose source is posted are left alone."""
    for entry in entries:
        must_be_sound(entry)
    number, closed_until = hold(session, app_id)
    known = dict(_known(session, app_id, [entry.source for entry in entries]))
    posted, rows, sides = [], [], []
    for entry in entries:
        if entry.source in known:
            posted.append(Posted(app_id, known[entry.source], is_new=False))
            continue
        number += 1
        booked_at = booking_moment(entry.occurred_at, closed_until, now)
        known[entry.source] = number
        sides += posting_rows(entry, number, booked_at)
        rows.append(entry_row(entry, number, booked_at, now))
        posted.append(Posted(app_id, number, is_new=True))
    if rows:
        session.execute(sa.insert(table_of(LedgerPosting)), sides)
        session.execute(sa.insert(table_of(LedgerEntry)), rows)
        session.execute(sa.update(LedgerBook).where(LedgerBook.app_id == app_id).values(last_number=number))
    return posted


def _known(session: Session, app_id: str, sources: Sequence[str]) -> Iterator[tuple[str, int]]:
    for start in range(0, len(sources), SOURCES_AT_ONCE):
        same = sa.select(LedgerEntry.source, LedgerEntry.number).where(
            LedgerEntry.app_id == app_id, LedgerEntry.source.in_(sources[start : start + SOURCES_AT_ONCE])
        )
        yield from ((source, number) for source, number in session.execute(same))
