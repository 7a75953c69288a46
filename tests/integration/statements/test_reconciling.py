"""Statements of the emulated Goody beside our books."""

import pytest

from payments.ledger.accounts import Account
from payments.modes import PaymentMode
from tests.integration.statements.stage import Sales
from tests.shop import Shop

OPENING = 10_000_000


@pytest.fixture
def sales(shop: Shop) -> Sales:
    sales = Sales(shop)
    sales.agree()
    sales.deposit(OPENING, "opening")
    return sales


def test_what_agrees_is_posted_once_and_both_books_say_the_same(sales: Sales) -> None:
    good, poor = sales.of_brand(is_excluded=False), sales.of_brand(is_excluded=True)
    stored = sales.sell(good, PaymentMode.STORED_VALUE, 4)
    hosted = sales.sell(good, PaymentMode.HOSTED_PAYMENT, 4)
    sales.sell(poor, PaymentMode.STORED_VALUE, 1)
    sales.refund(stored[0])
    sales.refund(stored[1], 700)
    sales.refund(hosted[0])
    sales.shop.goody.step(stored[2], "refund", {"amount": 300})  # its webhook is lost
    sales.catch_up()
    sales.shop.goody.control("POST", "payouts")
    sales.statements()
    run = sales.reconcile()
    assert sales.types() == [], [each.explanation for each in sales.discrepancies()]
    assert sales.balance() == sales.goodys_balance()
    paid = sum(each["amount"] for each in sales.shop.goody.control("GET", "payouts")["data"])
    assert (sales.balance(Account.PAYOUTS), sales.balance(Account.SHARE_RECEIVABLE)) == (paid, 0)
    assert run.counts["refunds_learnt"] == 3
    again = sales.reconcile()
    assert (again.counts["matches_new"], again.counts["matches_undone"]) == (0, 0)
    assert sales.balance() == sales.goodys_balance()
    shown = sales.shop.call("GET", f"/v1/orders/{stored[2]}").get_json()
    assert (shown["refund_amount"], shown["refunded_at"] is None) == (300, False)
    assert sales.shop.event_types().count("order.refunded") == 4
