"""Months: locked, trued up, reported; what turns up later counts in the next one."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from foundation.errors import InvalidInputError
from payments.ledger.periods import Period, PeriodError
from payments.revenue_share.closing import Closings
from payments.revenue_share.reports import GroupBy, Report, report
from payments.revenue_share.terms import Terms, Tier
from tests.integration.ledger.sales import Sales
from tests.integration.ledger.stage import Books

TIERED = Terms(rate_bps=1000, tiers=[Tier(5000, 2000)], brand_rates={"pens": 500})


@pytest.fixture
def sales(books: Books) -> Sales:
    """An app whose clock stands at the beginning of a month: what is sold is sold in it."""
    now = books.clock()
    books.clock.advance(seconds=(Period.of(now).ends - now).total_seconds() + 3600)
    sales = Sales(books)
    sales.shelf.put("green", "tea", 4000)
    sales.shelf.put("pen", "pens", 2000)
    return sales


@pytest.fixture
def closings(sales: Sales) -> Closings:
    return Closings(sales.books.sessions, sales.books.ledger, sales.accountant, sales.books.clock)


def sell(sales: Sales, product: str) -> str:
    order_id = sales.order([(product, 1)])
    sales.accept(order_id, [(product, 1)], tax=0)
    return order_id


def go_to_next_month(sales: Sales) -> Period:
    """Let the month end; returns it."""
    clock = sales.books.clock
    ended = Period.of(clock())
    clock.advance(seconds=(ended.ends - clock()).total_seconds() + 3600)
    return ended


def reported(sales: Sales, period: Period, group_by: GroupBy = GroupBy.BRAND) -> Report:
    last_day = (period.ends - timedelta(days=1)).date()
    with sales.books.sessions.read() as session:
        return report(session, sales.books.app_id, period.begins.date(), last_day, group_by, sales.books.clock())


def test_a_month_is_trued_up_and_locked(sales: Sales, closings: Closings) -> None:
    sales.agree(TIERED)
    for product in ("green", "green", "pen"):
        sell(sales, product)
    month = go_to_next_month(sales)
    closing = closings.close(sales.books.app_id, month, "ana")
    assert [(each["volume"], each["added"]) for each in closing.report["tiers"]] == [(8000, 300)]
    assert closing.report["closing_balances"]["share_receivable"] == 400 + 400 + 100 + 300
    assert closing.report["revenue_share"]["totals"]["earned"] == 1200
    assert reported(sales, month).totals.outstanding == 1200
    with pytest.raises(PeriodError, match="closed already"):
        closings.close(sales.books.app_id, month, "ana")


def test_what_turns_up_later_counts_in_the_next_month(sales: Sales, closings: Closings) -> None:
    sales.agree(Terms(rate_bps=1000))
    order_id = sell(sales, "green")
    month = go_to_next_month(sales)
    closings.close(sales.books.app_id, month, "ana")
    sales.books.deposit(777, occurred_at=month.begins + timedelta(days=1))
    sales.refund(order_id)
    sales.book()
    assert reported(sales, month).totals.earned == 400
    later = reported(sales, month.next)
    assert (later.opening, later.totals.refunded, later.totals.outstanding) == (400, 400, 0)
    deposited = next(entry for entry in sales.books.entries() if entry.kind == "deposit")
    assert (deposited.occurred_at, deposited.booked_at) == (month.begins + timedelta(days=1), month.ends)
    assert sales.books.balances(month.ends - timedelta(microseconds=1))["stored_value"] == -4000


def test_an_operator_reopens_the_last_month_and_its_tiers_are_trued_up_anew(sales: Sales, closings: Closings) -> None:
    sales.agree(TIERED)
    sell(sales, "green")
    month = go_to_next_month(sales)
    app_id = sales.books.app_id
    closings.close(app_id, month, "ana")
    with pytest.raises(PeriodError, match="last closed"):
        closings.reopen(app_id, month.next, "operator", "by mistake")
    closings.reopen(app_id, month, "operator", "An order was missing.")
    with sales.books.sessions.begin() as session:
        assert session.scalar(sa.text("SELECT count(*) FROM ledger_entries WHERE kind = 'tier_true_up'")) == 0
    sales.books.clock.advance(days=-2)
    sell(sales, "green")
    sales.books.clock.advance(days=2)
    closings.close(app_id, month, "ana")
    assert reported(sales, month).totals.earned == 400 + 400 + 300
    told = [(each.action, each.done_by, each.reason) for each in closings.all(app_id)]
    assert told == [
        ("closed", "ana", None),
        ("reopened", "operator", "An order was missing."),
        ("closed", "ana", None),
    ]
    with pytest.raises(IntegrityError, match="is never changed"), sales.books.sessions.begin() as session:
        session.execute(sa.text("DELETE FROM ledger_closings"))


def test_months_close_in_order_and_when_they_are_over(sales: Sales, closings: Closings) -> None:
    app_id = sales.books.app_id
    sales.books.deposit(100)
    first = go_to_next_month(sales)
    sales.books.deposit(100, "deposit:2")
    with pytest.raises(PeriodError, match="not over"):
        closings.close(app_id, first.next, "ana")
    go_to_next_month(sales)
    with pytest.raises(PeriodError, match=f"{first} has entries"):
        closings.close(app_id, first.next, "ana")
    closings.close(app_id, first, "ana")
    closings.close(app_id, first.next, "ana")


def test_a_report_by_brand_product_mode_and_day_tells_the_same_sums(sales: Sales) -> None:
    sales.agree(Terms(rate_bps=1000))
    first = sell(sales, "green")
    sell(sales, "pen")
    sales.books.clock.advance(days=2)
    sell(sales, "pen")
    sales.refund(first)
    sales.book()
    month = Period.of(sales.books.clock())
    expected = {GroupBy.BRAND: 2, GroupBy.PRODUCT: 2, GroupBy.MODE: 1, GroupBy.DAY: 2}
    for group_by, rows in expected.items():
        found = reported(sales, month, group_by)
        totals = found.totals
        assert (totals.orders, totals.earned, totals.refunded, totals.outstanding) == (3, 800, 400, 400)
        assert (totals.base, sum(totals.aged.values())) == (4000, 400)
        assert len(found.rows) == rows
    brands = {row.key: row.outstanding for row in reported(sales, month).rows}
    assert brands == {"tea": 0, "pens": 400}


def test_what_is_outstanding_is_aged(sales: Sales) -> None:
    sales.agree(Terms(rate_bps=1000))
    for days in (0, 35, 30, 40):
        sales.books.clock.advance(days=days)
        sell(sales, "green")
        sales.book()
    day = sales.books.clock().date()
    with sales.books.sessions.read() as session:
        found = report(session, sales.books.app_id, day, day, GroupBy.DAY, sales.books.clock())
    assert found.totals.aged == {"to_30_days": 400, "to_60_days": 400, "to_90_days": 400, "older": 400}
    assert (found.opening, found.totals.earned, found.totals.outstanding) == (1200, 400, 1600)


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "1999-01", "2026-11 ", "２０２６-11", "2026-11-01", ""])
def test_only_a_month_is_a_month(text: str) -> None:
    with pytest.raises(InvalidInputError):
        Period.read(text)


def test_december_is_followed_by_january() -> None:
    assert str(Period.read("2026-12").next) == "2027-01"
    assert Period.read("2026-12").ends == datetime(2027, 1, 1, tzinfo=UTC)
