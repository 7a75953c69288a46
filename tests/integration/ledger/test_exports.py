"""The journal in other programs: Beancount accepts it, and no spreadsheet runs what stands in it."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from foundation.spreadsheets import csv_lines
from payments.ledger.accounts import Account
from payments.ledger.entries import Because, Origin
from payments.ledger.exporting import BEANCOUNT, HEADER, beancount, dollars, entries_in_order, journal_rows
from payments.revenue_share.terms import Terms
from tests.integration.ledger.sales import Sales
from tests.integration.ledger.stage import Books

NASTY = '=HYPERLINK("http://evil.example")\n"; rm \\'
CART = [("green", 1)]


@pytest.fixture
def booked(books: Books) -> Books:
    """An order charged, a share accrued and taken back, and deposits with nasty reasons."""
    sales = Sales(books)
    sales.shelf.put("green", "tea", 1995)
    sales.agree(Terms(rate_bps=1234))
    for _ in range(2):
        order_id = sales.order(CART)
        sales.accept(order_id, CART, shipping=500, tax=3)
    sales.book()
    sales.refund(order_id)
    sales.book()
    books.deposit(123_456, because=Because(Origin.PERSON, "=ana", NASTY, "@SUM(1)"))
    return books


def test_beancount_accepts_the_journal_and_has_the_same_balances(booked: Books, tmp_path: Path) -> None:
    with booked.sessions.read() as session:
        lines = list(beancount(session, booked.app_id, 'shop "one"'))
    file = tmp_path / "journal.beancount"
    balances = booked.balances()
    tomorrow = "2999-01-01"
    checks = [f"{tomorrow} balance {BEANCOUNT[account]} {dollars(balances.get(account, 0))} USD" for account in Account]
    file.write_text("\n".join([*lines, "", *checks, ""]))
    program = Path(sys.executable).parent / "bean-check"
    checked = subprocess.run([program, file], capture_output=True, text=True, check=False)  # noqa: S603  a dev dependency
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
    file.write_text(file.read_text().replace("1234.56 USD", "1234.57 USD", 1))
    assert subprocess.run([program, file], capture_output=True, check=False).returncode != 0  # noqa: S603  as above


def test_the_journal_as_csv_holds_every_posting_and_no_formula(booked: Books) -> None:
    with booked.sessions.read() as session:
        text = "".join(csv_lines(HEADER, journal_rows(entries_in_order(session, booked.app_id))))
    rows = list(csv.DictReader(text.splitlines(keepends=True)))
    assert sum(int(row["amount_cents"]) for row in rows) == 0
    assert {row["account"] for row in rows} >= {"stored_value", "share_receivable", "deposits"}
    (deposit, _) = [row for row in rows if row["kind"] == "deposit"]
    assert (deposit["posted_by"], deposit["reference"]) == ("'=ana", "'@SUM(1)")
    assert deposit["reason"] == f"'{NASTY}"


def test_an_app_without_entries_exports_nothing(books: Books) -> None:
    with books.sessions.read() as session:
        assert len(list(beancount(session, books.app_id, "shop"))) == 2
        assert list(entries_in_order(session, books.app_id)) == []


@pytest.mark.parametrize(("amount", "text"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (-12_345, "-123.45")])
def test_cents_as_dollars(amount: int, text: str) -> None:
    assert dollars(amount) == text
