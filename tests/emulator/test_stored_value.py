"""The stored value account, to the cent."""

import uuid
from collections.abc import Iterator

import pytest

from goody_emulator.orders.pricing import revenue_share

from .partner import ADDRESS, HOSTED, STORED, Json, Partner, partner_of
from .program import running

OPENING = 20_000
RATE = 1250
LATER = "2099-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def poor_url() -> Iterator[str]:
    with running("--products", "240", "--balance", str(OPENING), "--revshare-bps", str(RATE)) as url:
        yield url


@pytest.fixture
def poor(poor_url: str) -> Iterator[Partner]:
    with partner_of(poor_url) as partner:
        yield partner


def _order(partner: Partner, *products: Json, quantity: int = 1, **changes: str) -> str:
    items = [
        {"product_id": each["id"], "quantity": quantity, "variable_price": each["price_max"]} for each in products
    ]  # fmt: skip
    return partner.place_one(
        cart={"items": [{name: value for name, value in item.items() if value is not None} for item in items]},
        **{"payment_method_id": STORED, "expires_at": LATER, **changes},
    )


def _earning(partner: Partner) -> Json:
    return partner.product(
        lambda each: (
            not (
                each["variants"]
                or each["price_is_variable"]
                or each["restricted_states"]
                or each["brand"]["commerce_revshare_excluded"]
            )
        )
    )


def _kinds(transactions: list[Json]) -> list[tuple[str, int]]:
    return [(each["kind"], each["amount"]) for each in transactions]


def _check_sums(partner: Partner) -> None:
    balance, transactions = partner.account()
    running_sum = 0
    for each in transactions:
        running_sum += each["amount"]
        assert each["balance_after"] == running_sum
    assert balance == running_sum == partner.get("/v1/payment_methods")["data"][0]["balance"]


def test_a_charge_then_the_share_then_both_back(poor: Partner) -> None:
    product = _earning(poor)
    order_id = _order(poor, product)
    assert _kinds(poor.account()[1]) == [("deposit", OPENING)]
    total = poor.accept(order_id)["amounts"]["amount_total"]
    share = (product["price"] * RATE + 5000) // 10_000
    balance, transactions = poor.account()
    assert balance == OPENING - total + share
    assert _kinds(transactions) == [("deposit", OPENING), ("charge", -total), ("revenue_share", share)]
    assert [each["order_id"] for each in transactions] == [None, order_id, order_id]
    assert [each["balance_after"] for each in transactions] == [OPENING, OPENING - total, balance]
    poor.step(order_id, "refund")
    balance, transactions = poor.account()
    assert balance == OPENING
    assert _kinds(transactions)[3:] == [("refund", total), ("revenue_share_reversal", -share)]
    _check_sums(poor)


def test_excluded_brands_earn_nothing(poor: Partner) -> None:
    poor.deposit(500_000)
    excluded = poor.product(lambda each: each["brand"]["commerce_revshare_excluded"] and each["price_is_variable"])
    earning = _earning(poor)
    total = poor.accept(_order(poor, earning, excluded))["amounts"]["amount_total"]
    assert _kinds(poor.account()[1])[2:] == [
        ("charge", -total),
        ("revenue_share", revenue_share(earning["price"], RATE)),
    ]
    total = poor.accept(_order(poor, excluded))["amounts"]["amount_total"]
    assert _kinds(poor.account()[1])[4:] == [("charge", -total)]
    _check_sums(poor)


def test_the_share_is_of_what_was_taken_in_the_end(poor: Partner) -> None:
    dear = max((each for each in poor.products if not each["price_is_variable"]), key=lambda each: each["price"])
    earning = _earning(poor)
    order_id = _order(poor, dear)
    swap = [{"product_id": earning["id"]}]
    order = poor.step(order_id, "accept", {"mailing_address": ADDRESS, "swap": swap})
    charged = -order["amounts"]["amount_total"]
    assert _kinds(poor.account()[1])[1:] == [
        ("charge", charged),
        ("revenue_share", revenue_share(earning["price"], RATE)),
    ]


def test_credit_lessens_the_charge(poor: Partner) -> None:
    order_id = _order(poor, _earning(poor))
    order = poor.step(order_id, "accept", {"mailing_address": ADDRESS, "credit_applied": 300})
    amounts = order["amounts"]
    assert amounts["amount_credit_applied"] == 300
    assert _kinds(poor.account()[1])[1] == ("charge", 300 - amounts["amount_total"])


@pytest.mark.parametrize("credit", [-1, 10_000_000])
def test_credit_has_bounds(poor: Partner, credit: int) -> None:
    order_id = _order(poor, _earning(poor))
    body = {"mailing_address": ADDRESS, "credit_applied": credit}
    assert poor.http.post(f"/_emulator/orders/{order_id}/accept", json=body).status_code == 422
    assert _kinds(poor.account()[1]) == [("deposit", OPENING)]


def test_what_is_not_covered_waits_for_a_deposit(poor: Partner) -> None:
    product = _earning(poor)
    dear = _order(poor, product, quantity=1000)
    waiting = poor.accept(dear)
    assert (waiting["status"], waiting["payment_link"]) == ("pending_payment", None)
    refused = poor.http.post(f"/_emulator/orders/{dear}/pay")
    assert (refused.status_code, refused.json()["detail"]) == (400, "The balance does not cover this order.")
    total = waiting["amounts"]["amount_total"]
    poor.deposit(total - OPENING - 1)
    assert poor.get(f"/v1/orders/{dear}")["status"] == "pending_payment"
    account = poor.deposit(1)
    assert poor.get(f"/v1/orders/{dear}")["status"] == "ordered"
    assert [each["kind"] for each in account["transactions"]] == [*["deposit"] * 3, "charge", "revenue_share"]
    assert account["transactions"][3]["balance_after"] == 0
    statuses = [each["order_status"] for each in poor.get("/v1/order_activities")["data"]]
    assert statuses[:3] == ["ordered", "paid", "pending_payment"]
    _check_sums(poor)


def test_a_deposit_pays_oldest_first_and_what_it_can(poor: Partner) -> None:
    product = _earning(poor)
    orders = [_order(poor, product, quantity=count) for count in (1000, 500, 500)]
    totals = [poor.accept(order_id)["amounts"]["amount_total"] for order_id in orders]
    poor.deposit(totals[1] - OPENING)
    found = [poor.get(f"/v1/orders/{order_id}")["status"] for order_id in orders]
    assert found == ["pending_payment", "ordered", "pending_payment"]
    _check_sums(poor)


def test_hosted_payment_leaves_the_account_alone(poor: Partner) -> None:
    order_id = _order(poor, _earning(poor), payment_method_id=HOSTED)
    poor.accept(order_id)
    poor.step(order_id, "pay")
    poor.step(order_id, "refund")
    assert _kinds(poor.account()[1]) == [("deposit", OPENING)]


@pytest.mark.parametrize("amount", [0, -5, 10**12, "12", None, 1.5])
def test_a_deposit_is_a_positive_number_of_cents(poor: Partner, amount: object) -> None:
    answer = poor.http.post("/_emulator/stored_value/deposits", json={"amount": amount})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert _kinds(poor.account()[1]) == [("deposit", OPENING)]


def test_apps_have_accounts_of_their_own(poor: Partner) -> None:
    app = poor.get("/v1/me")["public_app_id"]
    poor.deposit(7)
    other = {"Authorization": f"Bearer other-{uuid.uuid4()}"}
    assert poor.http.get("/_emulator/stored_value", headers=other).json()["balance"] == OPENING
    nobody = {"Authorization": ""}
    everything = poor.http.get("/_emulator/stored_value", headers=nobody).json()
    assert {each["app"] for each in everything["transactions"]} > {app}
    assert everything["balance"] == sum(each["amount"] for each in everything["transactions"])
    keyless = poor.http.post("/_emulator/stored_value/deposits", json={"amount": 1}, headers=nobody)
    assert keyless.status_code == 401


def test_a_reset_starts_the_account_over(poor: Partner) -> None:
    poor.accept(_order(poor, _earning(poor)))
    assert poor.http.post("/_emulator/reset").status_code == 204
    assert _kinds(poor.account()[1]) == [("deposit", OPENING)]
    _check_sums(poor)


def test_no_rate_no_share() -> None:
    with running("--products", "60", "--revshare-bps", "0") as url, partner_of(url) as partner:
        partner.accept(_order(partner, partner.plain))
        assert [each["kind"] for each in partner.account()[1]] == ["deposit", "charge"]
