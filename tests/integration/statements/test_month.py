"""A month of a shop: both modes, swaps, refunds, excluded brands, other terms half-way; and spoilt statements.

120 orders on SQLite usually, 500 on both databases with `--every-database` (`make test-all`).
"""

import csv
import io
from collections import Counter
from collections.abc import Callable
from typing import Final

import pytest

from payments.ledger.accounts import Account
from payments.modes import PaymentMode
from tests.databases import Databases
from tests.integration.statements.stage import FAR, Json, Sales
from tests.shop import ADDRESS, Shop

STORED, HOSTED = PaymentMode.STORED_VALUE, PaymentMode.HOSTED_PAYMENT
OPENING: Final = 10_000_000
TYPES: Final = {"unknown": "unknown_transaction"}
"""What the emulator calls otherwise."""
OF_STORED_VALUE: Final = dict.fromkeys(
    ("missing_share", "wrong_amount", "duplicate", "late", "unknown", "excluded_but_paid"), 1
)
OF_PAYOUTS: Final = dict.fromkeys(("missing_share", "wrong_amount", "duplicate"), 1)


class Month(Sales):
    """Everything that a month brings."""

    def happen(self, batches: int) -> None:
        """So many batches of ten, half of them under other terms."""
        self.agree()
        self.deposit(OPENING, "opening")
        good, poor, dear = self.of_brand(is_excluded=False), self.of_brand(is_excluded=True), self.dear()
        half = batches // 2
        for number in range(batches):
            if number == half:
                self.catch_up()  # no webhook arrives here: acceptances are learnt when activities are read
                self.agree(bps=1234)
            mode = STORED if number % 3 else HOSTED
            if number % 4 == 1:
                self.swapped(dear, poor if number % 8 == 1 else good, mode)
            else:
                self.sell(poor if number % 5 == 2 else good, mode)
        self.catch_up()
        self.refunds()
        self.catch_up()
        self.shop.goody.control("POST", "payouts")

    def dear(self) -> Json:
        """The dearest product that earns a share: anything can be taken in its place."""
        earning = [each for each in self.products if each["brand"]["id"] not in self.excluded]
        return max(earning, key=lambda each: int(each["price"]))

    def swapped(self, product: Json, other: Json, mode: PaymentMode) -> None:
        """Gifts of which every other is swapped for something else."""
        for number, order_id in enumerate(self.order(product, mode, swap="single")):
            swap = [{"product_id": other["id"], "quantity": 1}] if number % 2 else []
            self.shop.goody.step(order_id, "accept", {"mailing_address": ADDRESS, "swap": swap})
            if mode is HOSTED:
                self.shop.goody.step(order_id, "pay")

    def refunds(self) -> None:
        """Some wholly, some in part; of one the webhook is lost."""
        listed = self.shop.call("GET", "/v1/orders?limit=100").get_json()["data"]
        of_mode = {mode: [each["id"] for each in listed if each["payment_mode"] == mode] for mode in (STORED, HOSTED)}
        for order_id in (*of_mode[STORED][::20], *of_mode[HOSTED][::20]):
            self.refund(order_id)
        for order_id in of_mode[STORED][1::20]:
            self.refund(order_id, 250)
        self.shop.goody.step(of_mode[STORED][2], "refund")


def edited(content: bytes, edit: Callable[[list[dict[str, str]]], None]) -> bytes:
    """A statement with some of its lines changed."""
    rows = [*csv.DictReader(io.StringIO(content.decode(), newline=""))]
    names = [*rows[0]]
    edit(rows)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


@pytest.fixture
def month(shop: Shop, databases: Databases, request: pytest.FixtureRequest) -> Month:
    is_long = request.config.getoption("--every-database")
    if databases.kind != "sqlite" and not is_long:
        pytest.skip("takes its time: on PostgreSQL with --every-database")
    month = Month(shop)
    month.happen(50 if is_long else 12)
    return month


def test_twelve_mistakes_are_found_and_nothing_else_and_then_both_books_agree_to_the_cent(month: Month) -> None:
    planted: Counter[str] = Counter()
    unexplained = 31_337
    month.shop.goody.control("POST", "stored_value/deposits", {"amount": unexplained})
    planted["unexplained_deposit"] += 1

    mistakes = month.spoil(**OF_STORED_VALUE, seed=11)["stored_value"]
    planted.update(TYPES.get(each["fault"], each["fault"]) for each in mistakes)
    spoilt_orders = {each["order_id"] for each in mistakes}

    def spoil(rows: list[dict[str, str]]) -> None:
        reversals = [row for row in rows if row["type"] == "revenue_share_reversal"]
        rows.remove(next(row for row in reversals if row["order_id"] not in spoilt_orders))
        rows[-1]["balance"] = "1.00"

    month.take(edited(month.shop.goody.statement("stored_value", to=FAR), spoil))
    planted.update(["refund_not_reversed", "balance_mismatch"])
    mistakes = month.spoil(**OF_PAYOUTS, seed=12)["payouts"]
    planted.update(each["fault"] for each in mistakes)
    month.take(month.shop.goody.statement("payouts", to=FAR))

    assert (planted.total(), len(planted)) == (12, 9), "twelve mistakes, of every type"
    month.reconcile()
    assert Counter(month.types()) == planted, [each.explanation for each in month.discrepancies()]
    assert month.reconcile().counts["discrepancies_opened"] == 0

    month.spoil()
    month.statements()
    month.reconcile()
    assert month.types() == ["unexplained_deposit"]
    assert month.balance() == month.goodys_balance() - unexplained
    month.deposit(unexplained, "now recorded")
    run = month.reconcile()
    assert (month.types(), run.counts["discrepancies_resolved"]) == ([], 1)
    assert month.balance() == month.goodys_balance() == sum(each["amount"] for each in month.shop.goody.transactions)
    paid = sum(each["amount"] for each in month.shop.goody.control("GET", "payouts")["data"])
    assert (month.balance(Account.PAYOUTS), month.balance(Account.SHARE_RECEIVABLE)) == (paid, 0)
