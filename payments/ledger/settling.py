"""Money that came for an order's share, divided among the lines that it settles. Pure but for the question."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from foundation.database import Session
from foundation.money import Cents
from payments.ledger.accounts import Account
from payments.ledger.entries import Posting
from payments.ledger.tables import LedgerPosting


@dataclass(frozen=True, slots=True)
class OpenLine:
    """What is still to come for one line of an order; US cents, negative where too much came."""

    brand_id: str | None
    product_id: str | None
    amount: Cents


def open_lines(session: Session, app_id: str, order_id: str) -> list[OpenLine]:
    """What is to be received for an order, line by line; empty once all has come."""
    row = LedgerPosting
    total = sa.func.sum(row.amount)
    lines = (
        sa.select(row.brand_id, row.product_id, total)
        .where(row.app_id == app_id, row.order_id == order_id, row.account == Account.SHARE_RECEIVABLE)
        .group_by(row.brand_id, row.product_id)
        .having(total != 0)
        .order_by(total.desc(), row.product_id)
    )
    return [OpenLine(brand_id, product_id, int(amount)) for brand_id, product_id, amount in session.execute(lines)]


def settled(lines: Sequence[OpenLine], amount: Cents) -> list[Posting]:
    """Credits (or debits, where a share is taken back) of SHARE_RECEIVABLE that sum up to minus the amount.

    Lines are settled in full one after the other, in the direction of the amount; what exceeds them all goes to the
    first one, or to none of them if there is none.
    """
    postings: dict[tuple[str | None, str | None], Cents] = {}
    left = amount
    for line in lines:
        if line.amount * left > 0:
            part = min(line.amount, left) if left > 0 else max(line.amount, left)
            postings[line.brand_id, line.product_id] = part
            left -= part
    if left:
        first = (lines[0].brand_id, lines[0].product_id) if lines else (None, None)
        postings[first] = postings.get(first, 0) + left
    return [
        Posting(Account.SHARE_RECEIVABLE, -part, brand_id, product_id)
        for (brand_id, product_id), part in postings.items()
        if part
    ]
