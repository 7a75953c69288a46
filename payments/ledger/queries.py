"""Questions about the journal. Every one takes the app whose it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from foundation.database import Session, Sessions
from foundation.money import Cents
from payments.ledger.accounts import Account
from payments.ledger.balances import balances
from payments.ledger.tables import LedgerEntry, LedgerPosting


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries, in the order of their numbers; `after` is the number of the last one seen."""

    order_id: str | None = None
    kind: str | None = None
    account: str | None = None
    booked_from: datetime | None = None
    booked_before: datetime | None = None
    after: int = 0
    limit: int = 24


@dataclass(frozen=True, slots=True)
class WholeEntry:
    """An entry with its postings."""

    entry: LedgerEntry
    postings: Sequence[LedgerPosting]


class LedgerReader:
    """Reads the journals of apps."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def balances(self, app_id: str, at: datetime | None = None) -> dict[Account, Cents]:
        """The balance of every account in US cents, of what counts up to that moment; None: of everything."""
        with self._sessions.read() as session:
            return balances(session, app_id, at)

    def entries(self, app_id: str, wanted: EntryFilter) -> list[WholeEntry]:
        """The app's entries that fit, one more than the limit if there are more."""
        with self._sessions.read() as session:
            return find_entries(session, app_id, wanted)


def find_entries(session: Session, app_id: str, wanted: EntryFilter) -> list[WholeEntry]:
    """The app's entries that fit, one more than the limit if there are more."""
    row = LedgerEntry
    query = sa.select(row).where(row.app_id == app_id, row.number > wanted.after)
    if wanted.order_id is not None:
        query = query.where(row.order_id == wanted.order_id)
    if wanted.kind is not None:
        query = query.where(row.kind == wanted.kind)
    if wanted.booked_from is not None:
        query = query.where(row.booked_at >= wanted.booked_from)
    if wanted.booked_before is not None:
        query = query.where(row.booked_at < wanted.booked_before)
    if wanted.account is not None:
        touches = sa.exists().where(
            LedgerPosting.app_id == row.app_id,
            LedgerPosting.number == row.number,
            LedgerPosting.account == wanted.account,
        )
        query = query.where(touches)
    entries = list(session.scalars(query.order_by(row.number).limit(wanted.limit + 1)))
    return _whole(session, app_id, entries)


def _whole(session: Session, app_id: str, entries: Sequence[LedgerEntry]) -> list[WholeEntry]:
    postings: dict[int, list[Any]] = {entry.number: [] for entry in entries}
    mine = sa.select(LedgerPosting).where(LedgerPosting.app_id == app_id, LedgerPosting.number.in_([*postings]))
    for posting in session.scalars(mine.order_by(LedgerPosting.number, LedgerPosting.position)):
        postings[posting.number].append(posting)
    return [WholeEntry(entry, postings[entry.number]) for entry in entries]
