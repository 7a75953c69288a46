"""Gifts sold, accepted, paid and refunded at the emulated Goody, and what its statements make of them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import sleep
from typing import Any, Final

import sqlalchemy as sa

from foundation.goody.payloads import RecipientInput
from foundation.ids import new_id
from payments.ledger.accounts import Account
from payments.ledger.balances import balances
from payments.ledger.entries import Because, Kind, NewEntry, Origin, Posting
from payments.modes import RULES, PaymentMode
from payments.placing import Gift, Line, NewOrder, place
from payments.reconciliation.tables import Discrepancy, ReconciliationRow
from payments.revenue_share.terms import RefundRule, Rounding, Terms
from payments.tables import ActivityCursor
from tests.integration.statements.files import take
from tests.shop import Shop

FAR: Final = "2990-01-01"
"""A statement that goes so far shows late lines too, and tells of everything that was due."""
RECIPIENTS: Final = 10
"""Orders in one batch."""

PRODUCTS: Final = "/v1/products?per_page=100"

Json = dict[str, Any]


@dataclass
class Sales:
    """The shop's sales, as its finance department sees them."""

    shop: Shop
    began: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.shop.clock()
        listed = self.shop.call("GET", "/v1/products?limit=100").get_json()["data"]
        plain = [each for each in listed if not (each["price_is_variable"] or each["gift_collection"])]
        details = [self.shop.call("GET", f"/v1/products/{each['id']}").get_json() for each in plain[:60]]
        self.products = [each for each in details if not each["variants"] and not each["restricted_states"]]
        told = [product for page in (1, 2) for product in self.shop.goody.ask(f"{PRODUCTS}&page={page}")["data"]]
        self.excluded = {each["brand"]["id"] for each in told if each["brand"]["commerce_revshare_excluded"]}

    def agree(self, bps: int | None = None, refund_rule: RefundRule = RefundRule.PRO_RATA) -> None:
        """Enter the terms that Goody holds, or let others hold from now on, there and here."""
        if bps is not None:
            self.shop.goody.control("PUT", "revenue_share", {"bps": bps})
        held = self.shop.goody.control("GET", "revenue_share")["current"]
        terms = Terms(held["bps"], rounding=Rounding.HALF_UP, refund_rule=refund_rule)
        since = self.began - timedelta(days=1) if bps is None else None
        self.shop.services.share_terms.enter(self.shop.app_id, terms, since, "test", "As agreed.")
        if since is None:
            # Goody tells moments to the second: what is accepted in this one was accepted before.
            sleep(1.01 - self.shop.clock().microsecond / 1_000_000)

    def deposit(self, amount: int, name: str, at: datetime | None = None) -> None:
        """Record a deposit, as its sender does."""
        entry = NewEntry(
            app_id=self.shop.app_id,
            kind=Kind.DEPOSIT,
            source=f"deposit:{name}",
            occurred_at=at or self.shop.clock(),
            postings=[Posting(Account.STORED_VALUE, amount), Posting(Account.DEPOSITS, -amount)],
            because=Because(Origin.PERSON, "test", "The bank says so."),
        )
        with self.shop.services.sessions.begin() as session:
            self.shop.services.ledger.post(session, entry)

    def of_brand(self, *, is_excluded: bool) -> Json:
        """A product that earns a share, or earns none."""
        return next(each for each in self.products if (each["brand"]["id"] in self.excluded) is is_excluded)

    def order(self, product: Json, mode: PaymentMode, count: int = RECIPIENTS, swap: str = "disabled") -> list[str]:
        """Order gifts of this product; the orders' ids at Goody."""
        shop = self.shop
        line = Line(
            product_id=product["id"],
            name=product["name"],
            brand_id=product["brand"]["id"],
            brand_name=product["brand"]["name"],
            price=product["price"],
            quantity=1,
            variants=(),
            is_price_chosen=False,
            revshare_excluded=product["brand"]["id"] in self.excluded,
        )
        names = tuple(RecipientInput(first_name=f"Li {number}") for number in range(count))
        expires_at = shop.clock() + timedelta(days=70) if RULES[mode].spends_balance else None
        total = {"total_high": 2 * product["price"] + 5000}
        new = NewOrder(
            app_id=shop.app_id,
            checkout_id=new_id("chk"),
            customer_id=None,
            payment_mode=mode,
            lines=[line],
            gift=Gift("Ana", "link_multiple_custom_list", names, swap=swap, expires_at=expires_at),
            quote={"per_recipient": total, "total": total},
        )
        with shop.services.sessions.begin() as session:
            batch_id = place(session, new, shop.clock())
        shop.services.submissions.submit(batch_id)
        listed = shop.call("GET", f"/v1/order_batches/{batch_id}/orders?limit=100").get_json()["data"]
        assert len(listed) == count, listed
        return [each["id"] for each in listed]

    def sell(self, product: Json, mode: PaymentMode, count: int = RECIPIENTS) -> list[str]:
        """Gifts ordered, accepted and paid."""
        order_ids = self.order(product, mode, count)
        for order_id in order_ids:
            self.shop.goody.step(order_id, "accept")
            if mode is PaymentMode.HOSTED_PAYMENT:
                self.shop.goody.step(order_id, "pay")
        return order_ids

    def refund(self, order_id: str, amount: int | None = None) -> None:
        """Refund an order; its webhook arrives."""
        self.shop.goody.step(order_id, "refund", {} if amount is None else {"amount": amount})
        self.shop.hear("order.refunded", self.shop.goody.order(order_id))

    def catch_up(self) -> None:
        """Let the worker learn what happened, and the accountant book it."""
        a_minute_ago = self.shop.clock() - timedelta(seconds=61)
        with self.shop.services.sessions.begin() as session:
            # Or it would not be their turn. The clock stays: Goody's does as well.
            session.execute(sa.update(ActivityCursor).values(polled_at=a_minute_ago))
        self.shop.services.activities.poll_due()
        while self.shop.services.accountant.book_due():
            pass

    def statements(self, **params: str) -> None:
        """Import what Goody tells of both accounts."""
        for which in ("stored_value", "payouts"):
            self.take(self.shop.goody.statement(which, **{"to": FAR, **params}))

    def take(self, content: bytes) -> None:
        """Import a file."""
        taken = take(self.shop.services, self.shop.app_id, content)
        assert taken.statement.counts["bad"] == 0, taken.statement.problems

    def reconcile(self) -> ReconciliationRow:
        """Reconcile the time in which the test runs."""
        since, until = self.began - timedelta(days=1), self.shop.clock() + timedelta(days=100)
        return self.shop.services.reconciliations.run(self.shop.app_id, since, until, "test")

    def spoil(self, **faults: int) -> Json:
        """Let Goody's statements have these mistakes, and no others; which."""
        told: Json = self.shop.goody.control("PUT", "statement_faults", faults)
        return told

    def discrepancies(self, status: str = "open") -> list[Discrepancy]:
        """Those that stand so."""
        mine = sa.select(Discrepancy).where(Discrepancy.app_id == self.shop.app_id, Discrepancy.status == status)
        with self.shop.services.sessions.read() as session:
            return [*session.scalars(mine.order_by(Discrepancy.type, Discrepancy.amount))]

    def types(self, status: str = "open") -> list[str]:
        """Their types."""
        return sorted(each.type for each in self.discrepancies(status))

    def balance(self, account: Account = Account.STORED_VALUE) -> int:
        """What our books say."""
        with self.shop.services.sessions.read() as session:
            return balances(session, self.shop.app_id)[account]

    def goodys_balance(self) -> int:
        """What Goody says."""
        return self.shop.services.stored_value.balance(self.shop.app_id)
