"""Statements of the emulated Goody beside our books."""

import pytest

from foundation import leases
from foundation.errors import ConflictError, InvalidInputError, NotFoundError
from payments.ledger.accounts import Account
from payments.modes import PaymentMode
from payments.reconciliation.discrepancies import SettledOtherwiseError
from payments.reconciliation.kinds import Status
from payments.revenue_share.terms import RefundRule
from storefront.cli.ledger_tables import explanation_as_text
from storefront.ledger_presenters import present_explanation
from tests.integration.statements.files import another_app, line, stored_value
from tests.integration.statements.stage import FAR, Sales
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
    assert run.counts["refunds_learnt"] == 4, "of the shopper's it is what was taken back of the share"
    again = sales.reconcile()
    assert (again.counts["matches_new"], again.counts["matches_undone"]) == (0, 0)
    assert sales.balance() == sales.goodys_balance()
    shown = sales.shop.call("GET", f"/v1/orders/{stored[2]}").get_json()
    assert (shown["refund_amount"], shown["refunded_at"] is None) == (300, False)
    assert sales.shop.event_types().count("order.refunded") == 4


@pytest.mark.parametrize("rule", RefundRule)
def test_a_shoppers_refund_shows_in_what_is_taken_back_of_the_share(sales: Sales, rule: RefundRule) -> None:
    sales.agree(bps=1500, refund_rule=rule)
    order_id, other = sales.sell(sales.of_brand(is_excluded=False), PaymentMode.HOSTED_PAYMENT, 2)
    sales.catch_up()
    share = sales.balance(Account.SHARE_RECEIVABLE) // 2
    sales.refund(order_id, 1000)
    sales.catch_up()
    assert sales.balance(Account.SHARE_RECEIVABLE) == (2 * share if rule is RefundRule.NONE else share)
    sales.shop.goody.control("POST", "payouts")
    sales.statements()
    sales.reconcile()
    [payout] = sales.shop.goody.control("GET", "payouts")["data"]
    taken = -min(each["amount"] for each in payout["entries"])
    assert 0 < taken < share
    wrong = {RefundRule.FULL: share - taken, RefundRule.NONE: -taken}
    # What is agreed decides: Goody takes back in proportion, and where it must take all, or nothing, that is a fault.
    assert [(each.type, each.amount, each.order_id) for each in sales.discrepancies()] == (
        [("wrong_amount", wrong[rule], order_id)] if rule in wrong else []
    )
    told = sales.shop.services.explanations.explain(sales.shop.app_id, order_id)
    kept = {RefundRule.FULL: 0, RefundRule.NONE: share, RefundRule.PRO_RATA: share - taken}[rule]
    assert -told.balances[Account.SHARE_INCOME] == kept
    rows = {each.entry.reference: told.statement_rows.get(each.entry.reference or "") for each in told.entries[-2:]}
    assert [row and row.transaction_id for row in rows.values()] == [
        each["id"] for each in payout["entries"] if each["order_id"] == order_id
    ]
    shown = explanation_as_text(told)
    assert all(row and f": line {row.line} of {row.statement_id}, " in shown for row in rows.values())
    assert [each["id"] for each in present_explanation(told)["statement_rows"]] != []
    if rule is RefundRule.PRO_RATA:
        assert [each.entry.kind for each in told.entries] == [
            "share_accrued", "share_reversed", "share_reversed", "share_received", "share_received",
        ]  # fmt: skip
        assert told.entries[2].entry.origin == "import"
        assert sales.balance(Account.SHARE_RECEIVABLE) == 0
    assert sales.reconcile().counts["refunds_learnt"] == 0
    assert sales.shop.services.explanations.explain(sales.shop.app_id, other).balances[Account.SHARE_RECEIVABLE] == 0


FAULTS = {
    "missing_share": "missing_share",
    "wrong_amount": "wrong_amount",
    "duplicate": "duplicate",
    "late": "late",
    "unknown": "unknown_transaction",
    "excluded_but_paid": "excluded_but_paid",
}


def test_a_spoilt_statement_is_seen_through_and_a_right_one_resolves_it(sales: Sales) -> None:
    good, poor = sales.of_brand(is_excluded=False), sales.of_brand(is_excluded=True)
    sales.sell(good, PaymentMode.STORED_VALUE, 6)
    sales.sell(poor, PaymentMode.STORED_VALUE, 2)
    sales.catch_up()
    mistakes = sales.spoil(**dict.fromkeys(FAULTS, 1), seed=3)["stored_value"]
    sales.statements()
    run = sales.reconcile()
    found = sales.discrepancies()
    assert sorted(each.type for each in found) == sorted(FAULTS[each["fault"]] for each in mistakes)
    by_type = {each.type: each for each in found}
    for mistake in mistakes:
        discrepancy = by_type[FAULTS[mistake["fault"]]]
        if mistake["fault"] != "unknown":
            assert discrepancy.order_id == mistake["order_id"]
        if mistake["fault"] == "wrong_amount":
            assert discrepancy.amount == mistake["shown_amount"] - mistake["amount"]
        if mistake["fault"] != "missing_share":
            assert discrepancy.evidence["statement_row"]["transaction_id"] == mistake["id"]
    assert by_type["missing_share"].evidence["share"]["lines"]
    assert {step["step"] for step in by_type["missing_share"].evidence["told_by"]} >= {"accepted", "paid"}
    opened = [each for each in sales.shop.events() if each["type"] == "discrepancy.opened"]
    assert sorted(each["data"]["id"] for each in opened) == sorted(each.id for each in found)
    assert run.counts["discrepancies_opened"] == 6
    assert sales.reconcile().counts["discrepancies_opened"] == 0

    sales.spoil()
    sales.statements()
    again = sales.reconcile()
    assert (again.counts["discrepancies_resolved"], sales.types()) == (6, [])
    assert all("A later statement" in each.notes[-1]["note"] for each in sales.discrepancies("resolved"))
    assert sales.balance() == sales.goodys_balance()


def test_what_people_settle_is_in_the_books(sales: Sales) -> None:
    good = sales.of_brand(is_excluded=False)
    sales.sell(good, PaymentMode.STORED_VALUE, 3)
    sales.catch_up()
    sales.spoil(unknown=1, missing_share=1)
    sales.shop.goody.control("POST", "stored_value/deposits", {"amount": 4200})
    sales.statements()
    sales.reconcile()
    unexplained, unknown, missing = (
        next(each for each in sales.discrepancies() if each.type == kind)
        for kind in ("unexplained_deposit", "unknown_transaction", "missing_share")
    )
    services, app_id = sales.shop.services, sales.shop.app_id
    before, owed = sales.balance(), sales.balance(Account.SHARE_RECEIVABLE)
    assert owed == -missing.amount
    services.discrepancies.settle(app_id, unexplained.id, Status.EXPLAINED, "Our wire of Monday.", "ana")
    assert sales.balance() == before + 4200
    services.discrepancies.settle(app_id, unknown.id, Status.DISPUTED, "Asked Goody.", "ana")
    assert sales.balance() == before + 4200
    services.discrepancies.settle(app_id, unknown.id, Status.WRITTEN_OFF, "Not worth it.", "ana")
    assert sales.balance() == before + 4200 + unknown.amount
    services.discrepancies.settle(app_id, missing.id, Status.WRITTEN_OFF, "Never came.", "ana")
    assert sales.balance(Account.SHARE_RECEIVABLE) == 0
    with pytest.raises(SettledOtherwiseError):
        services.discrepancies.settle(app_id, missing.id, Status.DISPUTED, "Hm.", "ana")
    assert sales.reconcile().counts["discrepancies_opened"] == 0
    assert sales.types() == []
    # Now the truth comes out: the order's share comes, and the unknown line is gone.
    sales.spoil()
    sales.statements()
    sales.reconcile()
    assert sorted(sales.types("resolved")) == ["missing_share", "unknown_transaction"]
    assert sales.balance(Account.SHARE_RECEIVABLE) == 0
    assert sales.balance() == sales.goodys_balance()
    assert [note["status"] for note in sales.discrepancies("explained")[0].notes] == ["explained"]


def test_a_statement_that_does_not_add_up(sales: Sales) -> None:
    sales.sell(sales.of_brand(is_excluded=False), PaymentMode.STORED_VALUE, 1)
    sales.catch_up()
    right = sales.shop.goody.statement("stored_value", to=FAR)
    closing = right.decode().splitlines()[-1].rsplit(",", 1)[1]
    sales.take(right.replace(f",{closing}\r\n".encode(), f",1{closing}\r\n".encode()))
    sales.reconcile()
    assert [(each.type, each.amount) for each in sales.discrepancies()] == [
        ("balance_mismatch", int("1" + closing.replace(".", "")) - int(closing.replace(".", "")))
    ]
    sales.take(right)
    sales.reconcile()
    assert (sales.types(), sales.types("resolved")) == ([], ["balance_mismatch"])


def test_a_payout_statement_that_does_not_add_up(sales: Sales) -> None:
    sales.sell(sales.of_brand(is_excluded=False), PaymentMode.HOSTED_PAYMENT, 1)
    sales.catch_up()
    sales.shop.goody.control("POST", "payouts")
    right = sales.shop.goody.statement("payouts", to=FAR)
    start, total = right.rstrip().rsplit(b",", 1)
    sales.take(start + b",1" + total + b"\r\n")
    sales.reconcile()
    assert sales.types() == ["balance_mismatch"]
    sales.take(right)
    sales.reconcile()
    assert (sales.types(), sales.types("resolved")) == ([], ["balance_mismatch"])


def test_one_run_at_a_time_and_a_neighbour_sees_nothing(sales: Sales) -> None:
    services, shop = sales.shop.services, sales.shop
    with services.sessions.begin() as session:
        assert leases.take(session, f"reconciliation:{shop.app_id}", "somebody", shop.clock(), 60)
    with pytest.raises(ConflictError, match="under way"):
        sales.reconcile()
    shop.clock.advance(seconds=61)
    run = sales.reconcile()
    assert run.finished_at is not None
    other = another_app(shop)
    with pytest.raises(NotFoundError):
        services.reconciliations.get(other, run.id)
    sales.take(stored_value([line("x", "charge", -5, order="nobody", day=0)]))
    with pytest.raises(InvalidInputError):
        services.reconciliations.run(shop.app_id, run.period_to, run.period_from, "test")
