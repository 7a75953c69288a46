"""The stored value balance is watched: judged once everything is known, and told when it will not last."""

from typing import Any

import pytest
import sqlalchemy as sa

from payments.modes import PaymentMode
from payments.reconciliation.tables import BalanceWatchRow
from tests.integration.statements.stage import Sales
from tests.shop import Shop

STORED = PaymentMode.STORED_VALUE


@pytest.fixture
def sales(shop: Shop) -> Sales:
    sales = Sales(shop)
    sales.agree()
    return sales


def look(sales: Sales, times: int = 2) -> None:
    """Let time pass and look, so often; what happened is learnt in between."""
    for _ in range(times):
        sales.shop.clock.advance(seconds=301)
        sales.catch_up()
        assert sales.shop.services.balance_watch.look_due() == 1


def told(sales: Sales) -> list[dict[str, Any]]:
    return [each["data"] for each in sales.shop.events() if each["type"] == "balance.low"]


def row(sales: Sales) -> BalanceWatchRow:
    with sales.shop.services.sessions.read() as session:
        return session.scalars(sa.select(BalanceWatchRow)).one()


def test_what_we_know_moves_it_without_a_word_and_what_we_do_not_is_told(sales: Sales) -> None:
    good = sales.of_brand(is_excluded=False)
    first = sales.sell(good, STORED, 2)
    look(sales)
    assert row(sales).opening is not None
    sales.sell(good, STORED, 2)
    sales.refund(first[0])
    look(sales)
    assert (sales.types(), row(sales).judged_at == row(sales).sampled_at) == ([], True)

    sales.shop.goody.spend(99_000)
    look(sales, times=1)
    assert sales.types() == [], "it may be something that is learnt in a moment"
    look(sales, times=1)
    [found] = sales.discrepancies()
    assert (found.type, found.amount, found.found) == ("balance_mismatch", -99_000, sales.goodys_balance())
    look(sales)
    assert [each["type"] for each in sales.shop.events()].count("discrepancy.opened") == 1

    sales.shop.goody.control("POST", "stored_value/deposits", {"amount": 99_000})
    look(sales)
    assert (sales.types(), sales.types("resolved")) == ([], ["balance_mismatch"])


def test_it_is_not_judged_while_something_is_under_way(sales: Sales) -> None:
    good = sales.of_brand(is_excluded=False)
    order_id = sales.sell(good, STORED, 1)[0]
    look(sales)
    judged_at = row(sales).judged_at
    sales.shop.goody.spend(5)
    look(sales, times=1)
    sales.shop.hear("order.refunded", sales.shop.goody.order(order_id), apply=False)
    sales.shop.clock.advance(seconds=301)
    assert sales.shop.services.balance_watch.look_due() == 1
    assert (row(sales).judged_at, sales.types()) == (judged_at, [])
    sales.shop.services.inbox.apply_due()
    look(sales)
    assert row(sales).judged_at != judged_at


def test_a_deposit_of_before_that_is_recorded_later_was_part_of_the_opening(sales: Sales) -> None:
    began = sales.shop.clock()
    sales.sell(sales.of_brand(is_excluded=False), STORED, 1)
    look(sales)
    sales.deposit(10_000_000, "the first one", at=began)
    look(sales)
    assert sales.types() == []
    sales.deposit(5, "one that is not there")
    look(sales)
    assert [each.amount for each in sales.discrepancies()] == [-5]


def test_a_balance_that_will_not_last_is_told_once(sales: Sales) -> None:
    sales.sell(sales.of_brand(is_excluded=False), STORED, 10)
    look(sales)
    assert told(sales) == []
    spent = 10_000_000 - sales.goodys_balance()
    sales.shop.goody.spend(sales.goodys_balance() - spent // 3)
    look(sales, times=3)
    [low] = told(sales)
    assert (low["balance"], low["days_left"]) == (spent // 3, 4)
    sales.shop.goody.control("POST", "stored_value/deposits", {"amount": 10_000_000})
    look(sales)
    sales.shop.goody.spend(10_000_000)
    look(sales)
    assert len(told(sales)) == 2


def test_a_goody_that_does_not_answer_is_asked_again(sales: Sales) -> None:
    sales.sell(sales.of_brand(is_excluded=False), STORED, 1)
    sales.shop.goody.fail(kind="status", method="GET", path="/v1/payment_methods", status=503, count=10)
    assert sales.shop.services.balance_watch.look_due() == 0
