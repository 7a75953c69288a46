"""Terms, ledger, months and reports over REST."""

from datetime import timedelta
from typing import Any

import pytest

from foundation.ids import new_token
from tests.api.answers import problem
from tests.shop import Shop

TERMS: dict[str, Any] = {"rate_bps": 1000, "reason": "As agreed."}
TERMS_PATH = "/v1/revenue_share/terms"
ADJUSTMENTS = "/v1/ledger/adjustments"


def agree(shop: Shop, **terms: Any) -> dict[str, Any]:
    since = (shop.clock() - timedelta(days=1)).isoformat()
    answer = shop.call("PUT", TERMS_PATH, {**TERMS, "holds_from": since, **terms})
    assert answer.status_code == 200, answer.text
    agreed: dict[str, Any] = answer.get_json()
    return agreed


def sell(shop: Shop, mode: str = "stored_value") -> dict[str, Any]:
    """An order that was accepted, as the API shows it."""
    order_id = shop.complete(shop.checkout(payment_mode=mode)).get_json()["orders"][0]["id"]
    shop.hear("order.gift_accepted", shop.goody.step(order_id, "accept"))
    shop.services.activities.poll_due()
    shop.services.accountant.book_due()
    order: dict[str, Any] = shop.call("GET", f"/v1/orders/{order_id}").get_json()
    return order


def balances(shop: Shop, query: str = "") -> dict[str, int]:
    told = shop.call("GET", f"/v1/ledger/balances{query}").get_json()["balances"]
    return {each["account"]: each["amount"] for each in told if each["amount"]}


def entries(shop: Shop, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shop.call("GET", f"/v1/ledger/entries{query}").get_json()["data"]
    return found


def report(shop: Shop, group_by: str = "brand", *, days_later: int = 0) -> dict[str, Any]:
    day = shop.clock().date() + timedelta(days=days_later)
    path = f"/v1/revenue_share/report?from={day - timedelta(days=1)}&to={day}&group_by={group_by}"
    told: dict[str, Any] = shop.call("GET", path).get_json()
    return told


def test_a_sale_is_in_the_books_and_in_the_report(shop: Shop) -> None:
    agree(shop)
    order = sell(shop)
    total, product = order["amounts"]["amount_total"], order["amounts"]["amount_product"]
    share = round(product / 10)
    assert balances(shop) == {
        "stored_value": -total,
        "order_cost": total,
        "share_receivable": share,
        "share_income": -share,
    }
    told = report(shop, "mode")
    (row,) = told["rows"]
    assert (row["key"], row["orders"], row["base"], row["earned"]) == ("stored_value", 1, product, share)
    assert told["totals"]["outstanding"] == told["totals"]["aged"]["to_30_days"] == share
    charged, accrued = entries(shop, f"?order={order['id']}")
    assert (charged["kind"], accrued["kind"]) == ("order_charged", "share_accrued")
    assert accrued["details"]["lines"][0]["rate_bps"] == 1000
    assert accrued["origin"] in {"webhook", "activity"}
    assert accrued["reference"]


def test_what_the_shopper_has_not_paid_is_not_called_earned(shop: Shop) -> None:
    agree(shop)
    paid, unpaid = sell(shop, "stored_value"), sell(shop, "hosted_payment")
    share = {each["id"]: round(each["amounts"]["amount_product"] / 10) for each in (paid, unpaid)}
    told = report(shop, "mode")
    rows = {row["key"]: row for row in told["rows"]}
    names = ("earned", "awaiting_payment", "outstanding", "outstanding_unpaid")
    waiting = share[unpaid["id"]]
    assert [rows["hosted_payment"][name] for name in names] == [0, waiting, waiting, waiting]
    assert [rows["stored_value"][name] for name in names] == [share[paid["id"]], 0, share[paid["id"]], 0]
    totals = told["totals"]
    flows = totals["earned"] + totals["awaiting_payment"] - totals["refunded"] - totals["received"] + totals["adjusted"]
    assert told["opening"] + flows == totals["outstanding"]
    assert shop.services.explanations.explain(shop.app_id, unpaid["id"]).is_unpaid
    for group_by in ("mode", "day"):
        assert report(shop, group_by, days_later=-2)["rows"] == []
        later = report(shop, group_by, days_later=2)["totals"]
        assert [later[name] for name in names] == [0, 0, totals["outstanding"], waiting]
    shop.goody.step(unpaid["id"], "pay")
    shop.services.activities.poll_due()
    shop.services.accountant.book_due()
    (row,) = (row for row in report(shop, "mode")["rows"] if row["key"] == "hosted_payment")
    assert [row[name] for name in names] == [waiting, 0, waiting, 0]


def test_brands_and_products_are_called_by_their_names(shop: Shop) -> None:
    agree(shop)
    item = sell(shop)["cart"]["items"][0]["product"]
    for group_by, called in (("brand", item["brand"]), ("product", item)):
        (row,) = report(shop, group_by)["rows"]
        assert (row["key"], row["name"]) == (called["id"], called["name"])
    assert report(shop, "mode")["rows"][0]["name"] is None
    path = f"/v1/revenue_share/report?from={shop.clock().date()}&to={shop.clock().date()}&group_by=product"
    told = shop.call("GET", path, headers={"Accept": "text/csv"}).text
    assert item["name"] in told


def test_the_report_as_csv(shop: Shop) -> None:
    agree(shop)
    sell(shop)
    day = shop.clock().date()
    path = f"/v1/revenue_share/report?from={day}&to={day}&group_by=mode"
    answer = shop.call("GET", path, headers={"Accept": "text/csv"})
    assert answer.mimetype == "text/csv"
    header, row, total = answer.text.splitlines()
    assert header.startswith("mode,orders,base,earned,refunded,adjusted,received,outstanding,to_30_days")
    assert row.startswith("stored_value,1,")
    assert row.removeprefix("stored_value") == total.removeprefix("total")


def test_terms_are_shown_with_their_history(shop: Shop) -> None:
    first = agree(shop)
    later = shop.call("PUT", TERMS_PATH, {**TERMS, "rate_bps": 2000, "holds_from": "2199-01-01T00:00:00Z"}).get_json()
    told = shop.call("GET", TERMS_PATH).get_json()
    assert told["current"] == first
    assert told["data"] == [first, later]
    assert first["entered_by"].startswith("key_")
    problem(shop.call("PUT", TERMS_PATH, {**TERMS, "holds_from": first["holds_from"]}), 409, "terms_in_the_past")


@pytest.mark.parametrize("rate", [True, 1.0, 10.5, "10", None, -1, 10_001, 1e3])
def test_a_rate_is_a_whole_number(shop: Shop, rate: object) -> None:
    problem(shop.call("PUT", TERMS_PATH, {**TERMS, "rate_bps": rate}), 422, "invalid_input")
    assert shop.call("GET", TERMS_PATH).get_json() == {"current": None, "data": []}


def test_every_fault_of_terms_is_named_at_once(shop: Shop) -> None:
    brand = "00000000-0000-4000-8000-000000000000"
    tiers = [{"above": 500, "rate_bps": 1}, {"above": 500, "rate_bps": 2}]
    wrong = {**TERMS, "tiers": tiers, "brand_rates": {brand: 5}, "excluded_brand_ids": [brand]}
    told = problem(shop.call("PUT", TERMS_PATH, wrong), 422, "invalid_input")
    pointers = {each["pointer"] for each in told["errors"]}
    assert pointers == {"/tiers/1/above", f"/brand_rates/{brand}"}


@pytest.mark.parametrize("amount", [True, 1.0, 100.5, "100", None, 0, -5, 10**18, 1e2])
def test_money_is_a_whole_number_of_cents(shop: Shop, amount: object) -> None:
    wish = {"kind": "deposit", "amount": amount, "reason": "Wire"}
    problem(shop.call("POST", ADJUSTMENTS, wish), 422, "invalid_input")
    postings = [{"account": "deposits", "amount": amount}, {"account": "stored_value", "amount": amount}]
    wish = {"kind": "correction", "postings": postings, "reason": "Wire"}
    problem(shop.call("POST", ADJUSTMENTS, wish), 422, "invalid_input")
    assert entries(shop) == []


def test_deposits_withdrawals_and_their_reversal(shop: Shop) -> None:
    for kind, amount in (("deposit", 5000), ("withdrawal", 700)):
        posted = shop.call("POST", ADJUSTMENTS, {"kind": kind, "amount": amount, "reason": "=Wire()"})
        assert posted.status_code == 201
    assert balances(shop) == {"stored_value": 4300, "deposits": -4300}
    undo = {"kind": "reversal", "entry": 2, "reason": "It never left."}
    assert shop.call("POST", ADJUSTMENTS, undo).get_json()["reverses"] == 2
    assert balances(shop)["stored_value"] == 5000
    problem(shop.call("POST", ADJUSTMENTS, undo), 409, "already_reversed")
    problem(shop.call("POST", ADJUSTMENTS, {**undo, "entry": 99}), 404, "not_found")


def test_a_repeated_adjustment_is_posted_once(shop: Shop) -> None:
    wish = {"kind": "deposit", "amount": 5000, "reason": "Wire"}
    headers = {"Idempotency-Key": new_token()}
    first, again = (shop.call("POST", ADJUSTMENTS, wish, headers=headers) for _ in range(2))
    assert first.get_json() == again.get_json()
    shop.execute("DELETE FROM idempotency_keys")
    assert shop.call("POST", ADJUSTMENTS, wish, headers=headers).get_json()["number"] == 1
    assert balances(shop)["stored_value"] == 5000


def test_an_adjustment_that_does_not_fit_its_kind_is_refused(shop: Shop) -> None:
    posting = {"account": "rounding", "amount": 5}
    for wish, pointers in (
        ({"kind": "deposit"}, {"/amount"}),
        ({"kind": "deposit", "amount": 5, "entry": 1}, {"/entry"}),
        ({"kind": "correction", "amount": 5}, {"/amount", "/postings"}),
        ({"kind": "correction", "postings": [posting]}, {"/postings"}),
        ({"kind": "correction", "postings": [posting, posting]}, {"/postings"}),
        ({"kind": "reversal"}, {"/entry"}),
    ):
        told = problem(shop.call("POST", ADJUSTMENTS, {**wish, "reason": "Why"}), 422, "invalid_input")
        assert {each["pointer"] for each in told["errors"]} == pointers
    problem(shop.call("POST", ADJUSTMENTS, {"kind": "deposit", "amount": 5}), 422, "invalid_input")
    assert entries(shop) == []


def test_the_journal_is_paged(shop: Shop) -> None:
    for amount in (1, 2, 3):
        shop.call("POST", ADJUSTMENTS, {"kind": "deposit", "amount": amount, "reason": "Wire"})
    first = shop.call("GET", "/v1/ledger/entries?limit=2").get_json()
    rest = shop.call("GET", f"/v1/ledger/entries?limit=2&cursor={first['next_cursor']}").get_json()
    assert [each["number"] for page in (first, rest) for each in page["data"]] == [1, 2, 3]
    assert rest["next_cursor"] is None
    assert entries(shop, "?account=payouts") == []
    assert len(entries(shop, "?account=stored_value&kind=deposit")) == 3


def test_balances_as_of_a_moment(shop: Shop) -> None:
    shop.call("POST", ADJUSTMENTS, {"kind": "deposit", "amount": 5, "reason": "Wire"})
    assert balances(shop, "?at=2020-01-01T00:00:00Z") == {}
    later = {"kind": "deposit", "amount": 7, "reason": "Wire", "occurred_at": "2026-01-05T00:00:00Z"}
    shop.call("POST", ADJUSTMENTS, later)
    assert balances(shop, "?at=2026-01-06T00:00:00Z") == {"stored_value": 7, "deposits": -7}


def test_a_month_is_closed_once_over(shop: Shop) -> None:
    month = f"{shop.clock():%Y-%m}"
    problem(shop.call("POST", f"/v1/periods/{month}/close"), 409, "period_not_closable")
    shop.clock.advance(days=31)
    closed = shop.call("POST", f"/v1/periods/{month}/close")
    assert (closed.status_code, closed.get_json()["action"]) == (201, "closed")
    problem(shop.call("POST", f"/v1/periods/{month}/close"), 409, "period_not_closable")
    problem(shop.call("POST", "/v1/periods/2026-13/close"), 422, "invalid_input")
    assert [each["period"] for each in shop.call("GET", "/v1/periods").get_json()["data"]] == [month]
