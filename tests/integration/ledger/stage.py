"""What the tests of the ledger have in common."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from foundation.database import Sessions
from payments.ledger.accounts import Account
from payments.ledger.balances import balances
from payments.ledger.entries import Because, Kind, NewEntry, Origin, Posting
from payments.ledger.journal import Ledger, Posted
from payments.ledger.tables import LedgerEntry
from tests.shop import MovingClock

BECAUSE = Because(Origin.PERSON, "ana", "The bank says so.")


@dataclass(frozen=True)
class Books:
    """The ledger of one app, with the clock that it goes by."""

    sessions: Sessions
    ledger: Ledger
    clock: MovingClock
    app_id: str

    def deposit(self, amount: int, source: str = "deposit:1", **values: Any) -> Posted:
        """Post a deposit; returns what stands in the journal then."""
        postings = [Posting(Account.STORED_VALUE, amount), Posting(Account.DEPOSITS, -amount)]
        return self.post(postings, source, **values)

    def post(self, postings: list[Posting], source: str, **values: Any) -> Posted:
        """Post any entry, as a deposit unless said otherwise."""
        entry: dict[str, Any] = {
            "app_id": self.app_id,
            "kind": Kind.DEPOSIT,
            "source": source,
            "occurred_at": self.clock(),
            "postings": postings,
            "because": BECAUSE,
            **values,
        }
        with self.sessions.begin() as session:
            return self.ledger.post(session, NewEntry(**entry))

    def balances(self, at: datetime | None = None) -> dict[str, int]:
        """The balances that are not nothing."""
        with self.sessions.read() as session:
            found = balances(session, self.app_id, at)
        return {account.value: amount for account, amount in found.items() if amount}

    def entries(self) -> list[LedgerEntry]:
        """Every entry, in order."""
        mine = sa.select(LedgerEntry).where(LedgerEntry.app_id == self.app_id).order_by(LedgerEntry.number)
        with self.sessions.read() as session:
            return list(session.scalars(mine))
