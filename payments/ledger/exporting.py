"""The journal for other programs: Beancount, and CSV for spreadsheets."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from foundation.database import Session
from foundation.money import CURRENCY, Cents
from payments.ledger.accounts import TITLES, Account
from payments.ledger.queries import EntryFilter, WholeEntry, find_entries
from payments.ledger.tables import LedgerEntry

PAGE: Final = 500
BEANCOUNT: Final = {
    Account.STORED_VALUE: "Assets:Goody:StoredValue",
    Account.SHARE_RECEIVABLE: "Assets:Goody:ShareReceivable",
    Account.PAYOUTS: "Assets:Bank:Payouts",
    Account.ORDER_COST: "Expenses:Orders:Cost",
    Account.REFUNDS: "Expenses:Orders:Refunds",
    Account.SHARE_INCOME: "Income:RevenueShare",
    Account.ROUNDING: "Expenses:Rounding",
    Account.DEPOSITS: "Equity:Deposits",
    Account.ADJUSTMENTS: "Equity:Adjustments",
}
HEADER: Final = (
    "number", "booked_at", "occurred_at", "kind", "account", "amount_cents", "order_id", "payment_mode", "brand_id",
    "product_id", "base_cents", "origin", "posted_by", "reason", "reference", "source",
)  # fmt: skip


def entries_in_order(session: Session, app_id: str, until: datetime | None = None) -> Iterator[WholeEntry]:
    """Every entry that counts before that moment (None: every one), by number."""
    after = 0
    while True:
        page = find_entries(session, app_id, EntryFilter(booked_before=until, after=after, limit=PAGE))
        yield from page[:PAGE]
        if len(page) <= PAGE:
            return
        after = page[PAGE - 1].entry.number


def beancount(session: Session, app_id: str, slug: str, until: datetime | None = None) -> Iterator[str]:
    """The journal in Beancount's language, line by line; every transaction is dated by where it counts."""
    earliest = sa.select(sa.func.min(LedgerEntry.booked_at)).where(LedgerEntry.app_id == app_id)
    first = session.scalar(earliest)
    yield f'option "title" "Goody storefront: {_quoted(slug)}"'
    yield f'option "operating_currency" "{CURRENCY}"'
    if first is None:
        return
    for account in Account:
        yield f"{first:%Y-%m-%d} open {BEANCOUNT[account]} {CURRENCY}"
        yield f'  title: "{TITLES[account]}"'
    for whole in entries_in_order(session, app_id, until):
        yield ""
        yield from _transaction(whole)


def journal_rows(wholes: Iterable[WholeEntry]) -> Iterator[list[Any]]:
    """A row for each posting, under HEADER."""
    for whole in wholes:
        entry = whole.entry
        for posting in whole.postings:
            yield [
                entry.number,
                entry.booked_at.isoformat(),
                entry.occurred_at.isoformat(),
                entry.kind,
                posting.account,
                posting.amount,
                *(entry.order_id, entry.payment_mode, posting.brand_id, posting.product_id, posting.base),
                *(entry.origin, entry.posted_by, entry.reason, entry.reference, entry.source),
            ]


def dollars(amount: Cents) -> str:
    """Cents as `-1234.56`, for other programs to read."""
    whole, cents = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}{whole}.{cents:02}"


def _transaction(whole: WholeEntry) -> Iterator[str]:
    entry = whole.entry
    yield f'{entry.booked_at:%Y-%m-%d} * "{_quoted(entry.reason)}"'
    told = {
        "number": str(entry.number),
        "kind": entry.kind,
        "source": entry.source,
        "order": entry.order_id,
        "by": entry.posted_by,
        "origin": entry.origin,
        "reference": entry.reference,
    }
    for name, value in told.items():
        if value is not None:
            yield f'  {name}: "{_quoted(value)}"'
    for posting in whole.postings:
        yield f"  {BEANCOUNT[Account(posting.account)]}  {dollars(posting.amount)} {CURRENCY}"


def _quoted(text: str) -> str:
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return plain.replace("\\", "\\\\").replace('"', '\\"')
