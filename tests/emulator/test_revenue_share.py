"""Revenue share: what earns it, by which terms, how it is rounded and taken back."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goody_emulator.catalog.brands import draw_brands
from goody_emulator.catalog.products import draw_product
from goody_emulator.money.shares import part_of
from goody_emulator.money.terms import Base, Terms
from goody_emulator.orders.pricing import BrandCost, Line, quote, revenue_share

from .partner import ADDRESS, HOSTED, STORED, Json, Partner, partner_of
from .program import running
from .receiver import Receiver
from .sales import earning, entries, excluded, order_of, put, sold

PATH = "/_emulator/revenue_share"
CENTS = st.integers(0, 10**10)
RATES = st.integers(0, 10_000)
MAKERS = draw_brands(7, 240)
PRODUCTS = tuple(draw_product(7, place, *MAKERS[place % len(MAKERS)]) for place in range(240))
LINES = st.lists(
    st.builds(Line, st.sampled_from(PRODUCTS), st.integers(1, 40), st.integers(1, 90_000)), min_size=1, max_size=6
)
COSTS = st.lists(st.builds(BrandCost, st.sampled_from("abcd"), CENTS, CENTS, st.booleans()), max_size=5)


@given(CENTS, RATES)
def test_a_share_is_off_by_half_a_cent_at_most(base: int, rate: int) -> None:
    exact = base * rate
    assert -5000 < revenue_share(base, rate) * 10_000 - exact <= 5000


@given(CENTS, RATES)
def test_a_share_lies_between_nothing_and_all(base: int, rate: int) -> None:
    assert 0 <= revenue_share(base, rate) <= base
    assert revenue_share(base, 10_000) == base
    assert revenue_share(base, 0) == revenue_share(0, rate) == 0


@given(CENTS, CENTS, RATES)
def test_more_earns_no_less(one: int, other: int, rate: int) -> None:
    assert revenue_share(min(one, other), rate) <= revenue_share(max(one, other), rate)


def test_half_a_cent_is_rounded_up() -> None:
    assert [revenue_share(base, 1500) for base in (10, 30, 50, 3333)] == [2, 5, 8, 500]


@given(LINES)
def test_a_quote_tells_what_each_brand_costs(lines: list[Line]) -> None:
    priced = quote(lines)
    assert sum(brand.goods for brand in priced.brands) == priced.product
    assert sum(brand.shipping for brand in priced.brands) == priced.shipping
    assert {brand.brand_id for brand in priced.brands} == {line.product.brand.id for line in lines}
    earning = [line for line in lines if not line.product.brand.commerce_revshare_excluded]
    base = Terms(1500, Base.PRODUCTS).base_amount(priced.brands, 0)
    assert base == sum(line.unit_price * line.quantity for line in earning)


@given(COSTS, CENTS)
def test_bases(brands: list[BrandCost], credit: int) -> None:
    goods = Terms(1, Base.PRODUCTS, ("a",)).base_amount(brands, credit)
    earning = [brand for brand in brands if not brand.is_excluded and brand.brand_id != "a"]
    assert goods == sum(brand.goods for brand in earning)
    with_shipping = Terms(1, Base.PRODUCTS_AND_SHIPPING, ("a",)).base_amount(brands, credit)
    assert with_shipping == goods + sum(brand.shipping for brand in earning)
    assert Terms(1, Base.AFTER_CREDITS, ("a",)).base_amount(brands, credit) == max(goods - credit, 0)
    assert Terms(1, Base.PRODUCTS, ("a",)).excluded_amount(brands) + goods == sum(brand.goods for brand in brands)


@given(CENTS, st.lists(st.integers(0, 10**6), min_size=1, max_size=8))
def test_refunds_take_back_the_share_in_proportion(share: int, refunds: list[int]) -> None:
    charged, refunded, last = sum(refunds), 0, 0
    for refund in refunds:
        refunded += refund
        taken = part_of(share, refunded, charged)
        assert last <= taken <= share
        assert charged == refunded or -charged <= 2 * (share * refunded - taken * charged) <= charged
        last = taken
    assert last == share


@pytest.fixture
def shipping_url() -> Iterator[str]:
    with running("--products", "240", "--revshare-bps", "1000", "--revshare-base", "products_and_shipping") as url:
        yield url


def _last(partner: Partner) -> tuple[str, int, int, int]:
    entry = entries(partner)[-1]
    return entry["base"], entry["bps"], entry["base_amount"], entry["amount"]


def test_the_command_line_sets_the_terms(shipping_url: str) -> None:
    with partner_of(shipping_url) as partner:
        terms = {"bps": 1000, "base": "products_and_shipping", "excluded_brand_ids": [], "from": None}
        assert partner.get(PATH) == {"current": terms, "terms": [terms], "entries": []}
        amounts = sold(partner, earning(partner), STORED)["amounts"]
        base = amounts["amount_product"] + amounts["amount_shipping"]
        assert _last(partner) == ("products_and_shipping", 1000, base, revenue_share(base, 1000))
        assert partner.account()[1][-1]["amount"] == revenue_share(base, 1000)


def test_terms_of_all_apps_give_way_to_an_apps_own(shipping_url: str) -> None:
    nobody = {"Authorization": ""}
    with partner_of(shipping_url) as partner, partner_of(shipping_url) as other:
        put(partner, PATH, {"bps": 300})
        answer = partner.http.put(PATH, json={"bps": 200, "from": "2001-01-01"}, headers=nobody)
        assert answer.json()["current"]["bps"] == 200
        assert partner.get(PATH)["current"]["bps"] == 300
        assert other.get(PATH)["current"]["bps"] == 200
        assert partner.http.post("/_emulator/reset").status_code == 204
        assert [each["bps"] for each in partner.get(PATH)["terms"]] == [1000, 200]


def test_an_entry_explains_itself(partner: Partner) -> None:
    goods, other = earning(partner), excluded(partner)
    order_id = order_of(partner, goods, other, payment_method_id=HOSTED)
    partner.accept(order_id)
    order = partner.step(order_id, "pay")
    price = order["amounts"]["amount_product"]
    [entry] = entries(partner)
    assert {name: entry[name] for name in ("kind", "settled_by", "order_id", "payout_id", "of_refunds")} == {
        "kind": "revenue_share",
        "settled_by": "bank_transfer",
        "order_id": order["id"],
        "payout_id": None,
        "of_refunds": 0,
    }
    assert (entry["base"], entry["bps"]) == ("products", 1500)
    assert (entry["base_amount"], entry["excluded_amount"]) == (goods["price"], price - goods["price"])
    assert entry["amount"] == revenue_share(goods["price"], 1500)


def test_hosted_payment_earns_nothing_until_it_is_paid(partner: Partner) -> None:
    order_id = order_of(partner, earning(partner), payment_method_id=HOSTED)
    partner.accept(order_id)
    assert entries(partner) == []
    partner.step(order_id, "pay")
    assert [each["order_id"] for each in entries(partner)] == [order_id]


def test_goods_that_earn_nothing_can_bear_their_part_of_the_credit() -> None:
    brands = [BrandCost(name, goods, 500, is_excluded=name == "b") for name, goods in (("a", 3001), ("b", 1000))]
    for base, amount in ((Base.AFTER_CREDITS, 2001), (Base.AFTER_CREDITS_IN_PROPORTION, 2251)):
        assert Terms(1500, base).base_amount(brands, 1000) == amount
    assert Terms(1500, Base.AFTER_CREDITS_IN_PROPORTION).base_amount([], 1000) == 0
    assert Terms(1500, Base.AFTER_CREDITS_IN_PROPORTION).base_amount(brands, 9000) == 0


def test_credit_lessens_the_base_where_it_is_after_credits(partner: Partner) -> None:
    put(partner, PATH, {"bps": 2000, "base": "after_credits"})
    product = earning(partner)
    for credit in (250, product["price"] + 100):
        order_id = order_of(partner, product)
        partner.step(order_id, "accept", {"mailing_address": ADDRESS, "credit_applied": credit})
        base = max(0, product["price"] - credit)
        assert _last(partner) == ("after_credits", 2000, base, revenue_share(base, 2000))


def test_named_brands_earn_nothing_in_a_gift_or_a_swap(partner: Partner) -> None:
    product = earning(partner)
    put(partner, PATH, {"bps": 1500, "excluded_brand_ids": [product["brand"]["id"]]})
    sold(partner, product, STORED)
    assert entries(partner)[-1]["excluded_amount"] == product["price"]
    dear = max((each for each in partner.products if not each["price_is_variable"]), key=lambda each: each["price"])
    body = {"mailing_address": ADDRESS, "swap": [{"product_id": product["id"]}]}
    partner.step(order_of(partner, dear), "accept", body)
    assert _last(partner) == ("products", 1500, 0, 0)
    assert [each["kind"] for each in partner.account()[1]] == ["deposit", "charge", "charge"]


def test_the_terms_at_acceptance_count(partner: Partner) -> None:
    order_id = order_of(partner, earning(partner), payment_method_id=HOSTED)
    partner.accept(order_id)
    assert put(partner, PATH, {"bps": 10})["current"]["bps"] == 10
    partner.step(order_id, "pay")
    sold(partner, earning(partner))
    assert [each["bps"] for each in entries(partner)] == [1500, 10]


def test_terms_hold_from_a_day_on(partner: Partner) -> None:
    put(partner, PATH, {"bps": 2500, "from": "2090-01-01"})
    put(partner, PATH, {"bps": 700, "from": "2020-01-01T00:00:00Z"})
    found = put(partner, PATH, {"bps": 800, "from": "2020-01-01"})
    assert found["current"]["bps"] == 800
    assert [(each["bps"], each["from"]) for each in found["terms"]] == [
        (1500, None),
        (800, "2020-01-01T00:00:00Z"),
        (2500, "2090-01-01T00:00:00Z"),
    ]
    sold(partner, earning(partner))
    assert entries(partner)[-1]["bps"] == 800


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"bps": -1},
        {"bps": 10_001},
        {"bps": 1.5},
        {"bps": 1, "base": "everything"},
        {"bps": 1, "from": "soon"},
        {"bps": 1, "excluded_brand_ids": ["nope"]},
        {"bps": 1, "rate": 2},
    ],
)
def test_terms_that_make_no_sense(partner: Partner, body: Json) -> None:
    before = partner.get(PATH)
    answer = partner.http.put(PATH, json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert partner.get(PATH) == before


@pytest.mark.parametrize("method", [STORED, HOSTED])
def test_partial_refunds_take_the_share_back_in_part(partner: Partner, receiver: Receiver, method: str) -> None:
    order = sold(partner, earning(partner), method)
    order_id, total = order["id"], order["amounts"]["amount_total"]
    [share] = entries(partner)
    partner.step(order_id, "refund", {"amount": total // 3})
    first = part_of(share["amount"], total // 3, total)
    too_much = partner.http.post(f"/_emulator/orders/{order_id}/refund", json={"amount": total - total // 3 + 1})
    assert too_much.status_code == 400
    assert f"from 1 to {total - total // 3} cents" in too_much.json()["detail"]
    partner.step(order_id, "refund")
    reversals = entries(partner)[1:]
    assert [each["amount"] for each in reversals] == [-first, first - share["amount"]]
    assert [each["of_refunds"] for each in reversals] == [total // 3, total]
    assert partner.http.post(f"/_emulator/orders/{order_id}/refund").status_code == 409
    if method == STORED:
        assert partner.account()[0] == 10_000_000
    assert len(entries(partner)) == 3
    events = [each.event["event_type"] for each in receiver.wait_for(order["workspace_id"], 6)]
    assert events[3:] == ["order.gift_accepted", "order.refunded", "order.refunded"]
