"""Balances: sums of postings, as of any moment."""

from datetime import datetime

import sqlalchemy as sa

from foundation.database import Session
from foundation.money import Cents
from payments.ledger.accounts import Account
from payments.ledger.tables import LedgerPosting


def balances(session: Session, app_id: str, at: datetime | None = None) -> dict[Account, Cents]:
    """The balance of every account in US cents, of what counts up to that moment (included); None: of everything."""
    row = LedgerPosting
    sums = sa.select(row.account, sa.func.sum(row.amount)).where(row.app_id == app_id).group_by(row.account)
    if at is not None:
        sums = sums.where(row.booked_at <= at)
    found = {Account(account): int(total) for account, total in session.execute(sums)}
    return {account: found.get(account, 0) for account in Account}


def balance(session: Session, app_id: str, account: Account, at: datetime | None = None) -> Cents:
    """The balance of one account, likewise."""
    row = LedgerPosting
    total = sa.select(sa.func.sum(row.amount)).where(row.app_id == app_id, row.account == account)
    if at is not None:
        total = total.where(row.booked_at <= at)
    return int(session.scalar(total) or 0)


def order_balances(session: Session, app_id: str, order_id: str) -> dict[Account, Cents]:
    """What the entries about one order sum up to, by account; accounts that it does not touch are left out."""
    row = LedgerPosting
    sums = (
        sa.select(row.account, sa.func.sum(row.amount))
        .where(row.app_id == app_id, row.order_id == order_id)
        .group_by(row.account)
    )
    return {Account(account): int(total) for account, total in session.execute(sums)}
