"""Booking killed with SIGKILL wherever it happens to be, and done by several at once: each entry is there once."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from payments.ledger.journal import Ledger
from payments.revenue_share.accounting import Accountant
from payments.revenue_share.terms import Terms
from tests.integration.ledger.sales import Sales
from tests.integration.ledger.stage import Books

ORDERS = 16
KILLS = 5
CART = [("green", 1)]


class Bookings:
    """Runs of a real process, one after the other."""

    def __init__(self, url: str) -> None:
        program = (sys.executable, "-m", "tests.integration.ledger.killing", url)
        self._process = subprocess.Popen(  # noqa: S603  our own program
            program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, kill_after: float | None = None) -> int:
        """How it ended: 0, or minus the signal."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        child = self._line()
        if kill_after is not None:
            time.sleep(kill_after)
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        return self._line()

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def _line(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())


@pytest.fixture
def sales(books: Books) -> Sales:
    """Many orders that were accepted, and none of them booked."""
    sales = Sales(books)
    sales.shelf.put("green", "tea", 2000)
    sales.agree(Terms(rate_bps=1000))
    for _ in range(ORDERS):
        sales.accept(sales.order(CART), CART, tax=0)
    return sales


@pytest.fixture
def bookings(sales: Sales) -> Iterator[Bookings]:
    bookings = Bookings(sales.books.sessions.engine.url.render_as_string(hide_password=False))
    yield bookings
    bookings.close()


def must_be_whole(sales: Sales) -> None:
    entries = sales.books.entries()
    assert [entry.number for entry in entries] == [*range(1, 2 * ORDERS + 1)]
    booked = Counter((entry.order_id, entry.kind) for entry in entries)
    assert set(booked.values()) == {1}
    assert len({entry.order_id for entry in entries}) == ORDERS
    assert sales.books.balances() == {
        "stored_value": -2000 * ORDERS,
        "order_cost": 2000 * ORDERS,
        "share_receivable": 200 * ORDERS,
        "share_income": -200 * ORDERS,
    }


def test_a_booking_that_is_killed_loses_and_doubles_nothing(sales: Sales, bookings: Bookings) -> None:
    dice = random.Random(7)  # noqa: S311  when to kill, not a secret
    ends = [bookings.run(kill_after=dice.uniform(0.02, 0.25)) for _ in range(KILLS)]
    assert -signal.SIGKILL in ends
    assert bookings.run() == 0
    must_be_whole(sales)


def test_several_at_once_book_each_order_once(sales: Sales) -> None:
    books = sales.books
    accountants = [Accountant(books.sessions, Ledger(books.clock), sales.shelf, books.clock) for _ in range(3)]
    with ThreadPoolExecutor(len(accountants)) as pool:
        list(pool.map(lambda accountant: accountant.book_due(), accountants))
    for accountant in accountants:
        accountant.close()
    sales.book()
    must_be_whole(sales)
