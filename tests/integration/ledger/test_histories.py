"""Any history of orders, swaps, credits, refunds and changes of terms: the books balance, and say what paper says."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.database import Sessions
from foundation.ids import new_token
from payments import timeline
from payments.ledger.accounts import Account
from payments.ledger.balances import balances, order_balances
from payments.ledger.journal import Ledger
from payments.modes import PaymentMode
from payments.revenue_share.computing import Item, OrderAmounts
from payments.revenue_share.terms import Terms
from tests.databases import Databases
from tests.integration.ledger.conftest import new_app
from tests.integration.ledger.sales import Sales
from tests.integration.ledger.stage import Books
from tests.shop import MovingClock
from tests.unit.revenue_share import plain
from tests.unit.revenue_share.drawn import PRODUCTS, terms

PRICES: Final = {name: 700 + 333 * at for at, name in enumerate(PRODUCTS)}
EXCLUDED: Final = "wool-2"
CARTS = st.lists(st.tuples(st.sampled_from([*PRODUCTS]), st.integers(1, 3)), min_size=1, max_size=3)
STEPS: Final = ("order", "agree", "wait", "book", *["go on"] * 10)


@dataclass
class Sold:
    """An order as the test remembers it."""

    order_id: str
    mode: PaymentMode
    cart: list[tuple[str, int]]
    status: str = "created"
    accepted_at: datetime | None = None
    amounts: dict[str, int] = field(default_factory=dict)
    was_paid: bool = False
    is_refunded: bool = False
    refund_amount: int | None = None

    @property
    def possible(self) -> list[str]:
        """What may happen to it now; what is told once more counts as well."""
        if self.status == "created":
            return ["accept", "accept", "cancel"]
        if self.status == "canceled":
            return ["learn", "cancel"] if self.was_paid else ["cancel"]
        after_payment = ["learn", "correct"] if self.is_refunded else ["refund", "correct", "cancel"]
        return after_payment if self.status == "paid" else ["pay", "correct", "cancel"]

    @property
    def charge(self) -> int:
        """What Goody charges for it."""
        return self.amounts["product"] + self.amounts["shipping"] + self.amounts["tax"] - self.amounts["credit_applied"]


@dataclass
class History:
    """What happened to one app, and what its books must say of that."""

    sales: Sales
    agreed: list[tuple[datetime, Terms]] = field(default_factory=list)
    orders: list[Sold] = field(default_factory=list)

    def take(self, step: str, draw: st.DataObject) -> None:
        """Let something happen."""
        if step == "order":
            self.order(draw)
        elif step == "agree":
            self.agree(draw)
        elif step == "wait":
            self.sales.books.clock.advance(days=draw.draw(st.integers(1, 40)))
        elif step == "book":
            self.sales.book()
        else:
            sold = draw.draw(st.sampled_from(self.orders))
            self.happen(draw.draw(st.sampled_from(sold.possible)), sold, draw)

    def agree(self, draw: st.DataObject) -> None:
        """New terms, from now or from a day to come."""
        agreed = draw.draw(terms)
        days = draw.draw(st.sampled_from([None, 5, 30]))
        clock = self.sales.books.clock
        holds_from = None if days is None else clock() + timedelta(days=days)
        self.sales.agree(agreed, holds_from)
        self.agreed.append((holds_from or clock(), agreed))

    def order(self, draw: st.DataObject) -> None:
        """A gift is ordered."""
        cart, mode = draw.draw(CARTS), draw.draw(st.sampled_from(PaymentMode))
        self.orders.append(Sold(self.sales.order(cart, mode=mode, swap="single"), mode, cart))

    def happen(self, step: str, sold: Sold, draw: st.DataObject) -> None:
        """Something happens to an order."""
        if step == "accept":
            sold.cart = draw.draw(st.just(sold.cart) | CARTS)
            sold.status = draw.draw(st.sampled_from(["paid", "pending_payment"]))
            sold.accepted_at = self.sales.books.clock()
            self.tell(sold, draw, draw_amounts(draw, sold.cart))
        elif step == "correct":
            self.tell(sold, draw, draw_amounts(draw, sold.cart))
        elif step == "pay":
            sold.status = "paid"
            self.tell(sold, draw)
        elif step == "refund":
            self.sales.refund(sold.order_id)
            sold.is_refunded = True
        elif step == "learn":
            sold.refund_amount = draw.draw(st.integers(0, max(sold.charge, 0)))
            self.sales.learn_refund(sold.order_id, sold.refund_amount)
        else:
            sold.status = "canceled"
            self.sales.cancel(sold.order_id)

    def tell(self, sold: Sold, draw: st.DataObject, amounts: dict[str, int] | None = None) -> None:
        """Goody tells of it, in one way or another, perhaps twice."""
        sold.amounts = amounts or sold.amounts
        sold.was_paid = sold.was_paid or sold.status == "paid"
        told = self.sales.told(sold.order_id, sold.status, sold.cart, sold.amounts)
        moment = self.sales.books.clock()
        ways = [timeline.REFETCH, timeline.webhook("msg_1"), timeline.activity("act_1", sold.status, moment)]
        for way in draw.draw(st.lists(st.sampled_from(ways), min_size=1, max_size=2)):
            self.sales.hear(told, way)

    def must_agree(self) -> None:
        """The books against paper."""
        total: dict[Account, int] = {}
        with self.sales.books.sessions.read() as session:
            for sold in self.orders:
                found = order_balances(session, self.sales.books.app_id, sold.order_id)
                assert {account: amount for account, amount in found.items() if amount} == self.on_paper(sold), sold
                for account, amount in found.items():
                    total[account] = total.get(account, 0) + amount
            whole = balances(session, self.sales.books.app_id)
        assert sum(whole.values()) == 0
        assert {account: amount for account, amount in whole.items() if amount} == {k: v for k, v in total.items() if v}

    def on_paper(self, sold: Sold) -> dict[Account, int]:
        """What the accounts must say of one order."""
        charged = sold.charge if sold.was_paid and sold.mode is PaymentMode.STORED_VALUE else 0
        back = 0
        if sold.status == "canceled" or sold.is_refunded:
            back = charged if sold.refund_amount is None else sold.refund_amount
        if sold.mode is not PaymentMode.STORED_VALUE:
            back = 0
        share = self.share_on_paper(sold)
        found = {
            Account.STORED_VALUE: back - charged,
            Account.ORDER_COST: charged,
            Account.REFUNDS: -back,
            Account.SHARE_RECEIVABLE: share,
            Account.SHARE_INCOME: -share,
        }
        return {account: amount for account, amount in found.items() if amount}

    def share_on_paper(self, sold: Sold) -> int:
        """What the order earns in the end."""
        in_force = [agreed for since, agreed in sorted(self.agreed, key=lambda each: each[0]) if self.held(sold, since)]
        if sold.accepted_at is None or sold.status == "canceled" or not in_force:
            return 0
        agreed = in_force[-1]
        items = [Item(name, PRODUCTS[name], number, PRICES[name], name == EXCLUDED) for name, number in sold.cart]
        costs = OrderAmounts(sold.amounts["product"], sold.amounts["shipping"], sold.amounts["credit_applied"])
        share = plain.share_of(agreed, items, costs)
        if not sold.is_refunded or agreed.refund_rule == "none":
            return share
        if agreed.refund_rule == "full" or sold.refund_amount is None:
            return 0
        if sold.charge <= 0:
            return share
        return share - plain.whole_cents(Fraction(share * sold.refund_amount, sold.charge), agreed.rounding)

    def held(self, sold: Sold, since: datetime) -> bool:
        """Whether terms from that moment on had begun when the order was accepted."""
        return sold.accepted_at is not None and since <= sold.accepted_at


def draw_amounts(draw: st.DataObject, cart: list[tuple[str, int]]) -> dict[str, int]:
    """What the order comes to cost: Goody's total for products need not be what the prices say."""
    goods = sum(PRICES[name] * number for name, number in cart)
    product = draw.draw(st.just(goods) | st.integers(1, 20_000))
    shipping = draw.draw(st.integers(0, 2000))
    credit = draw.draw(st.just(0) | st.integers(0, product + shipping))
    return {"product": product, "shipping": shipping, "tax": draw.draw(st.integers(0, 999)), "credit_applied": credit}


@pytest.fixture(scope="module")
def ledgers(databases: Databases, books_template: str) -> Iterator[Sessions]:
    """A database in which every history gets an app of its own."""
    url = databases.copy(books_template)
    sessions = Sessions(url)
    yield sessions
    sessions.dispose()
    databases.drop(url)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(draw=st.data())
def test_the_books_say_what_paper_says(ledgers: Sessions, draw: st.DataObject) -> None:
    clock = MovingClock()
    books = Books(ledgers, Ledger(clock), clock, new_app(ledgers, new_token()))
    sales = Sales(books)
    for name, brand in PRODUCTS.items():
        sales.shelf.put(name, brand, PRICES[name], is_excluded=name == EXCLUDED)
    history = History(sales)
    if draw.draw(st.booleans()):
        history.agree(draw)
    history.order(draw)
    for step in draw.draw(st.lists(st.sampled_from(STEPS), min_size=12, max_size=30)):
        history.take(step, draw)
    sales.book()
    history.must_agree()
    before = len(books.entries())
    sales.book()
    assert len(books.entries()) == before
