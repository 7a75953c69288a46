"""Entries by people: deposits, withdrawals, corrections, and the taking back of an entry. Each with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.errors import Fault, InvalidInputError, NotFoundError
from foundation.ids import new_token
from foundation.money import Cents
from payments.ledger.accounts import Account
from payments.ledger.entries import FEWEST, Because, Kind, NewEntry, Origin, Posting
from payments.ledger.journal import Ledger, Posted
from payments.ledger.queries import EntryFilter, WholeEntry, find_entries
from payments.tables import Order


class Adjustment(StrEnum):
    """What a person may post."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    CORRECTION = "correction"
    REVERSAL = "reversal"


NEEDS: Final = {
    Adjustment.DEPOSIT: "amount",
    Adjustment.WITHDRAWAL: "amount",
    Adjustment.CORRECTION: "postings",
    Adjustment.REVERSAL: "entry",
}
"""What each of them cannot be without; the others' fields are refused."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be posted; US cents, debits positive."""

    adjustment: Adjustment
    reason: str
    amount: Cents | None = None
    postings: Sequence[tuple[Account, Cents]] = field(default_factory=tuple)
    entry: int | None = None
    """The number of the entry to take back."""
    order_id: str | None = None
    occurred_at: datetime | None = None
    reference: str | None = None


class Adjustments:
    """Posts what people want posted."""

    def __init__(self, sessions: Sessions, ledger: Ledger, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._ledger = ledger
        self._clock = clock

    def post(self, app_id: str, wish: Wish, by: str, source: str | None = None) -> WholeEntry:
        """The entry as it stands then. The same source is posted once.

        InvalidInputError for what can't be; NotFoundError, AlreadyReversedError for a reversal.
        """
        _check(wish)
        because = Because(Origin.PERSON, by, wish.reason, wish.reference)
        with self._sessions.begin() as session:
            if wish.order_id is not None:
                _must_be_ours(session, app_id, wish.order_id)
            posted = self._post(session, app_id, wish, because, source or f"adjustment:{new_token()}")
            (whole,) = find_entries(session, app_id, EntryFilter(after=posted.number - 1, limit=1))[:1]
        return whole

    def _post(self, session: Session, app_id: str, wish: Wish, because: Because, source: str) -> Posted:
        if wish.entry is not None:
            return self._ledger.reverse(session, app_id, wish.entry, because)
        entry = NewEntry(
            app_id=app_id,
            kind=Kind(wish.adjustment.value),
            source=source,
            occurred_at=wish.occurred_at or self._clock(),
            postings=_postings(wish),
            because=because,
            order_id=wish.order_id,
        )
        return self._ledger.post(session, entry)


def _postings(wish: Wish) -> list[Posting]:
    if wish.amount is None:
        return [Posting(account, amount) for account, amount in wish.postings]
    amount = wish.amount if wish.adjustment is Adjustment.DEPOSIT else -wish.amount
    return [Posting(Account.STORED_VALUE, amount), Posting(Account.DEPOSITS, -amount)]


def _check(wish: Wish) -> None:
    given = {"amount": wish.amount is not None, "postings": bool(wish.postings), "entry": wish.entry is not None}
    needed = NEEDS[wish.adjustment]
    faults = [
        Fault(f"/{name}", "required" if name == needed else "unexpected", f"{wish.adjustment} needs {needed} alone")
        for name, is_given in given.items()
        if is_given != (name == needed)
    ]
    if wish.amount is not None and wish.amount <= 0:
        faults.append(Fault("/amount", "invalid", "must be more than nothing: say withdrawal for what goes out"))
    if wish.postings:
        faults += _posting_faults(wish.postings)
    if faults:
        raise InvalidInputError("The adjustment can't be posted.", faults)


def _posting_faults(postings: Sequence[tuple[Account, Cents]]) -> list[Fault]:
    faults = [
        Fault(f"/postings/{at}/amount", "invalid", "must not be nothing")
        for at, (_, amount) in enumerate(postings)
        if amount == 0
    ]
    if len(postings) < FEWEST or sum(amount for _, amount in postings) != 0:
        faults.append(Fault("/postings", "unbalanced", "debits and credits must sum up to nothing, two at least"))
    return faults


def _must_be_ours(session: Session, app_id: str, order_id: str) -> None:
    mine = sa.select(Order.id).where(Order.id == order_id, Order.app_id == app_id)
    if session.scalar(mine) is None:
        raise NotFoundError(f"There is no order {order_id}.")
