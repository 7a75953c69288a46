"""Orders in the books: each change once, whatever told of it, with the terms that were in force."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from payments import timeline
from payments.modes import PaymentMode
from payments.revenue_share.share_states import MOVES, ShareState
from payments.revenue_share.tables import OrderShare
from payments.revenue_share.terms import RefundRule, Terms
from payments.revenue_share.terms_book import PastTermsError
from payments.tables import Order
from tests.integration.ledger.sales import Sales
from tests.integration.ledger.stage import Books

CART = [("green", 2), ("pen", 1)]


@pytest.fixture
def sales(books: Books) -> Sales:
    sales = Sales(books)
    sales.shelf.put("green", "tea", 1500)
    sales.shelf.put("pen", "pens", 2000)
    sales.shelf.put("voucher", "cards", 5000, is_excluded=True)
    return sales


def kinds(sales: Sales) -> list[str]:
    return [entry.kind for entry in sales.books.entries()]


def test_an_accepted_order_is_charged_and_earns(sales: Sales) -> None:
    sales.agree(Terms(rate_bps=1000))
    order_id = sales.order(CART)
    sales.book()
    assert (sales.share(order_id).state, sales.share(order_id).low) == (ShareState.EXPECTED, 500)
    assert sales.books.entries() == []
    sales.accept(order_id, CART, shipping=800, tax=400, credit_applied=200)
    sales.book()
    assert sales.books.balances() == {
        "stored_value": -6000,
        "order_cost": 6000,
        "share_receivable": 500,
        "share_income": -500,
    }
    assert sales.share(order_id).state == ShareState.ACCRUED


def test_however_often_and_from_wherever_it_is_told_it_is_booked_once(sales: Sales) -> None:
    sales.agree(Terms(rate_bps=1000))
    order_id = sales.order(CART)
    told = sales.told(order_id, "paid", CART, {"tax": 100})
    moment = sales.books.clock()
    for source, event_type in (
        (timeline.webhook("msg_1"), "order.gift_accepted"),
        (timeline.activity("act_1", "paid", moment), None),
        (timeline.REFETCH, None),
        (timeline.webhook("msg_1"), "order.gift_accepted"),
    ):
        sales.hear(told, source, event_type=event_type)
        sales.book()
        sales.book()
    assert kinds(sales) == ["order_charged", "share_accrued"]
    accrued = sales.books.entries()[1]
    assert (accrued.origin, accrued.reference, accrued.posted_by) == ("webhook", "msg_1", "system")


def test_modes_that_goody_charges_touch_no_stored_value(sales: Sales) -> None:
    sales.agree(Terms(rate_bps=1000))
    order_id = sales.order(CART, mode=PaymentMode.HOSTED_PAYMENT)
    sales.accept(order_id, CART, status="pending_payment", tax=100)
    sales.book()
    assert sales.books.balances() == {"share_receivable": 500, "share_income": -500}


def test_a_stored_value_order_that_waits_for_a_deposit_is_not_charged_yet(sales: Sales) -> None:
    sales.agree(Terms(rate_bps=1000))
    order_id = sales.order(CART)
    sales.accept(order_id, CART, status="pending_payment", tax=100)
    sales.book()
    assert kinds(sales) == ["share_accrued"]
    sales.accept(order_id, CART, tax=100)
    sales.book()
    assert kinds(sales) == ["share_accrued", "order_charged"]


def test_the_final_cart_counts_with_the_price_of_what_was_swapped_in(sales: Sales) -> None:
    sales.agree(Terms(rate_bps=1000, brand_rates={"wool": 2000}))
    order_id = sales.order(CART, swap="single")
    sales.book()
    assert (sales.share(order_id).low, sales.share(order_id).high) == (0, 1000)
    sales.shelf.put("scarf", "wool", 4000)
    swapped = [("scarf", 1), ("pen", 1)]
    sales.accept(order_id, swapped, product=5000, tax=10)
    sales.book()
    lines = sales.share(order_id).lines
    assert [(line["brand_id"], line["goods"], line["share"]) for line in lines] == [
        ("wool", 3334, 667),
        ("pens", 1666, 166),
    ]


def test_what_nobody_knows_is_pending_and_never_nothing(sales: Sales) -> None:
    sales.agree(Terms(rate_bps=1000))
    order_id = sales.order(CART, swap="single")
    sales.accept(order_id, [("scarf", 1)], product=5000, tax=10)
    sales.book()
    share = sales.share(order_id)
    assert (share.state, share.pending_because, share.low, share.high) == ("accrual_pending", "product", 0, 500)
    assert kinds(sales) == ["order_charged"]
    assert sales.book() == 0, "it is not time yet"
    sales.books.clock.advance(minutes=2)
    sales.shelf.is_away = True
    assert sales.book() == 1
    assert sales.share(order_id).state == ShareState.PENDING
    sales.shelf.is_away = False
    sales.shelf.put("scarf", "wool", 4000)
    sales.books.clock.advance(hours=1)
    sales.book()
    assert sales.share(order_id).state == ShareState.ACCRUED
    assert sales.books.balances()["share_receivable"] == 500


def test_an_order_without_terms_waits_for_them(sales: Sales) -> None:
    order_id = sales.order(CART)
    accepted = sales.books.clock()
    sales.accept(order_id, CART, tax=0)
    sales.book()
    assert sales.share(order_id).pending_because == "terms"
    sales.agree(Terms(rate_bps=1000), accepted - timedelta(days=1))
    sales.book()
    assert sales.books.balances()["share_receivable"] == 500


def test_new_terms_never_change_the_past(sales: Sales) -> None:
    sales.agree(Terms(rate_bps=1000))
    sales.books.clock.advance(days=1)
    first = sales.order(CART)
    sales.accept(first, CART, tax=0)
    sales.book()
    with pytest.raises(PastTermsError):
        sales.agree(Terms(rate_bps=3000), sales.books.clock() - timedelta(seconds=1))
    sales.agree(Terms(rate_bps=3000))
    sales.accept(first, CART, tax=70)
    second = sales.order(CART)
    sales.accept(second, CART, tax=0)
    sales.book()
    assert [sum(line["share"] for line in sales.share(each).lines) for each in (first, second)] == [500, 1500]


def test_terms_to_come_hold_when_their_day_has_come(sales: Sales) -> None:
    sales.agree(Terms(rate_bps=1000))
    tomorrow = sales.books.clock() + timedelta(days=1)
    sales.agree(Terms(rate_bps=9000), tomorrow)
    sales.agree(Terms(rate_bps=2000), tomorrow)
    today = sales.order(CART)
    sales.accept(today, CART, tax=0)
    sales.books.clock.advance(days=2)
    late = sales.order(CART)
    sales.accept(late, CART, tax=0)
    sales.book()
    assert [sum(line["share"] for line in sales.share(each).lines) for each in (today, late)] == [500, 1000]


def test_a_cancelled_gift_earns_nothing(sales: Sales) -> None:
    sales.agree(Terms(rate_bps=1000))
    never, late = sales.order(CART), sales.order(CART)
    sales.accept(late, CART, tax=100)
    sales.book()
    for order_id in (never, late):
        sales.cancel(order_id)
    sales.book()
    assert sales.books.balances() == {"order_cost": 5100, "refunds": -5100}
    assert [sales.share(each).state for each in (never, late)] == [ShareState.VOID, ShareState.REVERSED]


@pytest.mark.parametrize(
    ("rule", "first", "later"),
    [(RefundRule.FULL, 0, 0), (RefundRule.PRO_RATA, 0, 375), (RefundRule.NONE, 500, 500)],
)
def test_a_refund_takes_back_what_the_rule_says_and_is_corrected_when_its_amount_is_learnt(
    sales: Sales, rule: RefundRule, first: int, later: int
) -> None:
    sales.agree(Terms(rate_bps=1000, refund_rule=rule))
    order_id = sales.order(CART)
    sales.accept(order_id, CART, tax=0)
    sales.book()
    sales.refund(order_id)
    sales.book()
    balances = sales.books.balances()
    assert (balances.get("share_receivable", 0), balances.get("stored_value", 0)) == (first, 0)
    sales.learn_refund(order_id, 1250)
    sales.book()
    balances = sales.books.balances()
    assert (balances.get("share_receivable", 0), balances["stored_value"]) == (later, 1250 - 5000)
    assert sales.books.entries()[-1].origin == "import"


def test_a_corrected_tax_is_an_adjusting_entry(sales: Sales) -> None:
    sales.agree(Terms(rate_bps=1000))
    order_id = sales.order(CART)
    sales.accept(order_id, CART, tax=400)
    sales.book()
    sales.books.clock.advance(days=3)
    sales.accept(order_id, CART, tax=350)
    sales.book()
    assert sales.books.balances()["order_cost"] == 5350
    last = sales.books.entries()[-1]
    assert (last.kind, last.occurred_at.date()) == ("order_charged", sales.books.clock().date())


def test_an_excluded_brand_earns_nothing_and_says_so(sales: Sales) -> None:
    sales.agree(Terms(rate_bps=1000))
    order_id = sales.order([("voucher", 1)])
    sales.accept(order_id, [("voucher", 1)], tax=0)
    sales.book()
    assert kinds(sales) == ["order_charged"]
    assert sales.share(order_id).lines[0]["without"] == "excluded_by_goody"


def test_an_order_that_cant_be_booked_holds_up_no_other(sales: Sales) -> None:
    sales.agree(Terms(rate_bps=1000))
    bad, good = sales.order(CART), sales.order(CART)
    for order_id in (bad, good):
        sales.accept(order_id, CART, tax=0)
    with sales.books.sessions.begin() as session:
        amounts = {"amount_product": "much"}
        session.execute(sa.update(Order).where(Order.id == bad).values(amounts=amounts))
    sales.book()
    assert sales.share(bad).pending_because == "failed"
    assert sales.share(good).state == ShareState.ACCRUED


def test_every_state_can_be_reached_and_each_but_the_last_left() -> None:
    reachable = {state for targets in MOVES.values() for state in targets} | {ShareState.EXPECTED}
    assert reachable == set(ShareState)
    assert [state for state in ShareState if not MOVES[state]] == [ShareState.VOID]


def test_orders_of_before_are_taken_in(sales: Sales) -> None:
    sales.agree(Terms(rate_bps=1000))
    order_id = sales.order(CART)
    sales.accept(order_id, CART, tax=0)
    sales.book()
    with sales.books.sessions.begin() as session:
        # As the migration leaves orders that were there already: marked, and booked once only.
        session.execute(sa.update(Order).values(is_unbooked=True))
    assert sales.book() == 1
    with sales.books.sessions.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(OrderShare)) == 1
    assert kinds(sales) == ["order_charged", "share_accrued"]


def test_terms_of_acceptance_count_however_late_it_is_learnt(sales: Sales) -> None:
    sales.agree(Terms(rate_bps=1000))
    order_id = sales.order(CART)
    paid_at = sales.books.clock()
    sales.books.clock.advance(hours=1)
    sales.agree(Terms(rate_bps=2000))
    told = sales.told(order_id, "paid", CART, {"tax": 100})
    sales.hear(told, timeline.activity("act_1", "paid", paid_at))
    sales.book()
    assert sales.books.balances()["share_receivable"] == 500
    assert sales.share(order_id).accepted_at == paid_at
