"""Writing to the journal: posting an entry once, and taking one back."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from foundation.clock import Clock, utc_now
from foundation.database import Session, insert
from foundation.errors import ConflictError, NotFoundError
from payments.ledger.accounts import Account
from payments.ledger.entries import Because, Kind, NewEntry, Posting, must_be_sound, opposite
from payments.ledger.tables import LedgerBook, LedgerEntry, LedgerPosting


class AlreadyReversedError(ConflictError):
    """The entry was taken back before, or is itself the taking back of another."""

    code = "already_reversed"


@dataclass(frozen=True, slots=True)
class Posted:
    """An entry that stands in the journal; `is_new` if this call wrote it."""

    app_id: str
    number: int
    is_new: bool


class Ledger:
    """The journals of all apps."""

    def __init__(self, clock: Clock = utc_now) -> None:
        self._clock = clock

    def post(self, session: Session, entry: NewEntry) -> Posted:
        """Post the entry in the caller's transaction, unless its source is posted already. UnsoundEntryError."""
        must_be_sound(entry)
        last_number, closed_until = hold(session, entry.app_id)
        same = sa.select(LedgerEntry.number).where(
            LedgerEntry.app_id == entry.app_id, LedgerEntry.source == entry.source
        )
        known = session.scalar(same)
        if known is not None:
            return Posted(entry.app_id, known, is_new=False)
        number = last_number + 1
        now = self._clock()
        booked_at = booking_moment(entry.occurred_at, closed_until, now)
        session.execute(sa.insert(LedgerPosting), posting_rows(entry, number, booked_at))
        session.execute(sa.insert(LedgerEntry), [entry_row(entry, number, booked_at, now)])
        session.execute(sa.update(LedgerBook).where(LedgerBook.app_id == entry.app_id).values(last_number=number))
        return Posted(entry.app_id, number, is_new=True)

    def reverse(self, session: Session, app_id: str, number: int, because: Because) -> Posted:
        """Take an entry back by its opposite, as of now; once. NotFoundError, AlreadyReversedError."""
        hold(session, app_id)
        wrong = session.get(LedgerEntry, (app_id, number))
        if wrong is None:
            raise NotFoundError(f"There is no ledger entry {number}.")
        taken_back = sa.select(LedgerEntry.number).where(LedgerEntry.app_id == app_id, LedgerEntry.reverses == number)
        by = session.scalar(taken_back)
        if by is not None or wrong.reverses is not None:
            other = f"entry {by} has taken it back" if by is not None else f"it takes back entry {wrong.reverses}"
            raise AlreadyReversedError(f"Entry {number} can't be reversed: {other}. Post a new entry instead.")
        entry = NewEntry(
            app_id=app_id,
            kind=Kind(wrong.kind),
            source=f"reversal:{number}",
            occurred_at=self._clock(),
            postings=opposite(postings_of(session, app_id, number)),
            because=because,
            order_id=wrong.order_id,
            payment_mode=wrong.payment_mode,
            reverses=number,
        )
        return self.post(session, entry)


def hold(session: Session, app_id: str) -> tuple[int, datetime | None]:
    """Hold the app's journal until the transaction ends; its last number, and until when it is closed."""
    book = insert(session, LedgerBook).values(app_id=app_id, last_number=0, closed_until=None)
    same = book.on_conflict_do_update(index_elements=[LedgerBook.app_id], set_={"last_number": LedgerBook.last_number})
    row = session.execute(same.returning(LedgerBook.last_number, LedgerBook.closed_until)).one()
    return row.last_number, row.closed_until


def booking_moment(occurred_at: datetime, closed_until: datetime | None, now: datetime) -> datetime:
    """Where something counts: when it occurred, but in no closed month, and not ahead of our own clock."""
    moment = min(occurred_at, now)
    return moment if closed_until is None else max(moment, closed_until)


def postings_of(session: Session, app_id: str, number: int) -> list[Posting]:
    """The postings of an entry, in their order."""
    mine = sa.select(LedgerPosting).where(LedgerPosting.app_id == app_id, LedgerPosting.number == number)
    return [
        Posting(Account(row.account), row.amount, row.brand_id, row.product_id, row.base)
        for row in session.scalars(mine.order_by(LedgerPosting.position))
    ]


def posting_rows(entry: NewEntry, number: int, booked_at: datetime) -> list[dict[str, object]]:
    """The rows of an entry's postings."""
    return [
        {
            "app_id": entry.app_id,
            "number": number,
            "position": position,
            "account": posting.account,
            "amount": posting.amount,
            "kind": entry.kind,
            "booked_at": booked_at,
            "order_id": entry.order_id,
            "payment_mode": entry.payment_mode,
            "brand_id": posting.brand_id,
            "product_id": posting.product_id,
            "base": posting.base,
        }
        for position, posting in enumerate(entry.postings)
    ]


def entry_row(entry: NewEntry, number: int, booked_at: datetime, now: datetime) -> dict[str, object]:
    """The row of an entry."""
    return {
        "app_id": entry.app_id,
        "number": number,
        "kind": entry.kind,
        "source": entry.source,
        "order_id": entry.order_id,
        "payment_mode": entry.payment_mode,
        "occurred_at": entry.occurred_at,
        "booked_at": booked_at,
        "posted_at": now,
        "origin": entry.because.origin,
        "posted_by": entry.because.by,
        "reason": entry.because.reason,
        "reference": entry.because.reference,
        "reverses": entry.reverses,
        "details": entry.details,
    }
