"""The journal: balanced, written once, never changed."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from foundation.errors import NotFoundError
from payments.ledger.accounts import Account
from payments.ledger.balances import order_balances
from payments.ledger.entries import Posting, UnsoundEntryError
from payments.ledger.journal import AlreadyReversedError
from payments.ledger.settling import OpenLine, open_lines, settled
from tests.integration.ledger.stage import BECAUSE, Books

ENTRY = (
    "INSERT INTO ledger_entries (app_id, number, kind, source, occurred_at, booked_at, posted_at, origin, posted_by,"
    " reason, details) VALUES (:app, :number, 'deposit', :source, '2026-01-01', '2026-01-01', '2026-01-01', 'person',"
    " 'eve', 'none', '{}')"
)
POSTING = (
    "INSERT INTO ledger_postings (app_id, number, position, account, amount, kind, booked_at)"
    " VALUES (:app, :number, :position, 'deposits', :amount, 'deposit', '2026-01-01')"
)

Values = dict[str, Any]


def run(books: Books, *statements: tuple[str, Values]) -> None:
    """Say it to the database itself, in one transaction."""
    with books.sessions.begin() as session:
        for statement, values in statements:
            session.execute(sa.text(statement), values)


def test_an_entry_moves_money_from_one_account_to_another(books: Books) -> None:
    posted = books.deposit(10_000)
    assert (posted.number, posted.is_new) == (1, True)
    assert books.balances() == {"stored_value": 10_000, "deposits": -10_000}
    (entry,) = books.entries()
    assert (entry.posted_by, entry.reason, entry.origin) == ("ana", "The bank says so.", "person")


def test_a_source_is_posted_once_and_numbers_have_no_gap(books: Books) -> None:
    first, again, second = books.deposit(500), books.deposit(500), books.deposit(700, "deposit:2")
    assert (first.number, again.number, again.is_new, second.number) == (1, 1, False, 2)
    assert books.balances()["stored_value"] == 1200


def test_balances_of_any_past_time(books: Books) -> None:
    began = books.clock()
    books.deposit(100, occurred_at=began)
    books.clock.advance(days=1)
    books.deposit(50, "deposit:2")
    assert books.balances(began - timedelta(seconds=1)) == {}
    assert books.balances(began)["stored_value"] == 100
    assert books.balances()["stored_value"] == 150


def test_what_is_said_to_happen_later_counts_now(books: Books) -> None:
    books.deposit(100, occurred_at=books.clock() + timedelta(days=40))
    assert books.balances(books.clock())["stored_value"] == 100


def test_a_reversal_takes_an_entry_back_once(books: Books) -> None:
    books.deposit(100)
    with books.sessions.begin() as session:
        taken_back = books.ledger.reverse(session, books.app_id, 1, BECAUSE)
    assert books.balances() == {}
    assert [(entry.number, entry.reverses) for entry in books.entries()] == [(1, None), (2, 1)]
    for number in (1, taken_back.number):
        with pytest.raises(AlreadyReversedError), books.sessions.begin() as session:
            books.ledger.reverse(session, books.app_id, number, BECAUSE)
    with pytest.raises(NotFoundError), books.sessions.begin() as session:
        books.ledger.reverse(session, books.app_id, 9, BECAUSE)


@pytest.mark.parametrize(
    "amounts", [(), (0, 0), (5,), (5, -4), (True, -1), (1.0, -1.0), (5, -5.0), (None, 5)], ids=repr
)
def test_an_unsound_entry_is_refused(books: Books, amounts: tuple[Any, ...]) -> None:
    with pytest.raises(UnsoundEntryError):
        books.post([Posting(Account.DEPOSITS, amount) for amount in amounts], "bad")
    assert books.entries() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entries SET reason = 'another'",
        "UPDATE ledger_postings SET amount = amount * 2",
        "UPDATE ledger_postings SET account = 'payouts' WHERE position = 0",
        "DELETE FROM ledger_entries",
        "DELETE FROM ledger_postings WHERE position = 1",
    ],
)
def test_the_database_refuses_to_change_the_past(books: Books, statement: str) -> None:
    books.deposit(100)
    with pytest.raises(IntegrityError, match="is never changed"), books.sessions.begin() as session:
        session.execute(sa.text(statement))
    assert books.balances() == {"stored_value": 100, "deposits": -100}


def test_the_database_refuses_to_empty_it(books: Books) -> None:
    if books.sessions.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no TRUNCATE")
    books.deposit(100)
    for statement in ("TRUNCATE ledger_postings", "TRUNCATE ledger_entries CASCADE"):
        with pytest.raises(IntegrityError, match="is never changed"):
            run(books, (statement, {}))
    assert books.balances() == {"stored_value": 100, "deposits": -100}


def test_the_database_refuses_to_replace_an_entry(books: Books) -> None:
    if books.sessions.engine.dialect.name == "postgresql":
        pytest.skip("PostgreSQL has no REPLACE")
    books.deposit(100)
    app = {"app": books.app_id}
    replace = "INSERT OR REPLACE" + ENTRY.removeprefix("INSERT")
    postings = [(POSTING, {**app, "number": 2, "position": at, "amount": amount}) for at, amount in ((0, 7), (1, -7))]
    with pytest.raises(IntegrityError, match="source exists"):
        run(books, *postings, (replace, {**app, "number": 2, "source": "deposit:1"}))
    posting = "INSERT OR REPLACE" + POSTING.removeprefix("INSERT")
    with pytest.raises(IntegrityError, match="no more postings"):
        run(books, (posting, {**app, "number": 1, "position": 0, "amount": 7}))
    assert books.balances() == {"stored_value": 100, "deposits": -100}


@pytest.mark.parametrize("amounts", [[], [5], [5, -4]], ids=repr)
def test_the_database_refuses_what_does_not_balance(books: Books, amounts: list[int]) -> None:
    rows = [{"app": books.app_id, "number": 1, "position": at, "amount": amount} for at, amount in enumerate(amounts)]
    statements = [*((POSTING, row) for row in rows), (ENTRY, {"app": books.app_id, "number": 1, "source": "raw"})]
    with pytest.raises(IntegrityError, match="sum up to nothing"):
        run(books, *statements)


def test_the_database_refuses_postings_to_an_entry_that_stands_and_those_of_none(books: Books) -> None:
    books.deposit(100)
    for number, message in ((1, "no more postings"), (2, "(?i)foreign key")):
        with pytest.raises(IntegrityError, match=message):
            run(books, (POSTING, {"app": books.app_id, "number": number, "position": 7, "amount": 5}))


def test_money_that_came_settles_the_lines_of_its_order(books: Books) -> None:
    order = {"order_id": "order-1", "payment_mode": "stored_value"}
    lines = [
        Posting(Account.SHARE_RECEIVABLE, 300, "brand-a", "tea"),
        Posting(Account.SHARE_RECEIVABLE, 200, "brand-b", "pen"),
        Posting(Account.SHARE_INCOME, -500),
    ]
    books.post(lines, "accrual", **order)
    with books.sessions.read() as session:
        found = open_lines(session, books.app_id, "order-1")
    assert found == [OpenLine("brand-a", "tea", 300), OpenLine("brand-b", "pen", 200)]
    books.post([Posting(Account.STORED_VALUE, 450), *settled(found, 450)], "received", **order)
    with books.sessions.read() as session:
        assert open_lines(session, books.app_id, "order-1") == [OpenLine("brand-b", "pen", 50)]
        assert order_balances(session, books.app_id, "order-1") == {
            Account.STORED_VALUE: 450,
            Account.SHARE_RECEIVABLE: 50,
            Account.SHARE_INCOME: -500,
        }


@pytest.mark.parametrize("amount", [450, 500, 501, -20, 1])
def test_what_is_settled_is_what_came(amount: int) -> None:
    lines = [OpenLine("a", "tea", 300), OpenLine("b", "pen", 200)]
    for these in (lines, lines[:1], []):
        assert sum(posting.amount for posting in settled(these, amount)) == -amount
