"""What came, as entries of the ledger: a share credits what is receivable, by the lines that it settles."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from foundation.database import Session
from payments.ledger.accounts import Account as Books
from payments.ledger.entries import Because, Kind, NewEntry, Origin, Posting
from payments.ledger.journal import Ledger, hold
from payments.ledger.settling import OpenLine, settled
from payments.ledger.tables import LedgerEntry, LedgerPosting
from payments.reconciliation.kinds import Part
from payments.reconciliation.values import Line, Match
from payments.revenue_share.explaining import ROW
from payments.statements.kinds import Account

ASSET: Mapping[Account, Books] = {Account.STORED_VALUE: Books.STORED_VALUE, Account.PAYOUTS: Books.PAYOUTS}
RECEIVED = (Part.SHARE, Part.REVERSAL)
"""Parts whose lines are posted. What was charged and given back is in the books by the order itself."""


class Receivables:
    """What is still to come for each of some orders, as entries are made of it one after the other."""

    def __init__(self, session: Session, app_id: str, order_ids: Sequence[str]) -> None:
        row = LedgerPosting
        total = sa.func.sum(row.amount)
        lines = (
            sa.select(row.order_id, row.brand_id, row.product_id, total)
            .where(row.app_id == app_id, row.order_id.in_(order_ids), row.account == Books.SHARE_RECEIVABLE)
            .group_by(row.order_id, row.brand_id, row.product_id)
            .having(total != 0)
            .order_by(total.desc(), row.product_id)
        )
        self._open: dict[str, list[OpenLine]] = {}
        for order_id, brand_id, product_id, amount in session.execute(lines):
            self._open.setdefault(str(order_id), []).append(OpenLine(brand_id, product_id, int(amount)))

    def settle(self, order_id: str | None, amount: int) -> list[Posting]:
        """The postings that settle what is to come of this order by so much; None: of no order, but of a month."""
        if order_id is None:
            return settled((), amount)
        lines = self._open.get(order_id, [])
        postings = settled(lines, amount)
        changes = {(posting.brand_id, posting.product_id): posting.amount for posting in postings}
        left = [
            OpenLine(line.brand_id, line.product_id, line.amount + changes.pop((line.brand_id, line.product_id), 0))
            for line in lines
        ]
        left += [OpenLine(brand_id, product_id, amount) for (brand_id, product_id), amount in changes.items()]
        self._open[order_id] = [line for line in left if line.amount]
        return postings


def received(app_id: str, match: Match, source: str, payment_mode: str, receivables: Receivables) -> NewEntry | None:
    """The entry of a matched line; None where there is nothing to post."""
    is_of_order = match.part in RECEIVED and match.order_id is not None
    if not (is_of_order or match.period is not None) or not match.amount:
        return None
    return NewEntry(
        app_id=app_id,
        kind=Kind.SHARE_RECEIVED,
        source=source,
        occurred_at=match.line.moment,
        postings=[
            Posting(ASSET[match.line.account], match.amount),
            *receivables.settle(match.order_id, match.amount),
        ],
        because=Because(Origin.IMPORT, "system", "A statement's line says that it came.", reference_of(match.line)),
        order_id=match.order_id,
        payment_mode=payment_mode or None,
        details={
            "transaction_id": match.line.transaction_id,
            "payout_id": match.line.payout_id,
            "rule": match.rule,
            "confidence": match.confidence,
            **({} if match.period is None else {"period": match.period}),
        },
    )


def take_back(ledger: Ledger, session: Session, app_id: str, number: int, because: Because) -> None:
    """Reverse an entry, unless somebody has done so already."""
    undone = sa.select(LedgerEntry.number).where(LedgerEntry.app_id == app_id, LedgerEntry.reverses == number)
    hold(session, app_id)
    if session.scalar(undone) is None:
        ledger.reverse(session, app_id, number, because)


def reference_of(line: Line) -> str:
    """A statement's line as entries name it."""
    return f"{ROW}{line.id}"
