"""The dialect: the same answers in the spellings that Goody's documents leave open."""

from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from goody_emulator.dialect import SPELLINGS, UNKNOWN_FIELD, spell
from goody_emulator.quirks import Quirk

from .partner import Json, Partner, partner_of
from .program import running

_scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
_names = st.text() | st.sampled_from(["price", "amount_tax", "cart_price", "individual_gift_link"])
values = st.recursive(_scalars, lambda inner: st.lists(inner) | st.dictionaries(_names, inner), max_leaves=20)


@settings(deadline=None)  # the machine may be busy
@given(values, st.frozensets(st.sampled_from(sorted(set(Quirk) - SPELLINGS))))
def test_without_quirks_of_spelling_nothing_is_touched(value: Any, quirks: frozenset[Quirk]) -> None:
    assert spell(quirks, value) is value


def turn(partner: Partner, *quirks: Quirk) -> None:
    answer = partner.http.put("/_emulator/quirks", json={"quirks": list(quirks)})
    assert answer.status_code == 200, answer.text


def walk(value: Any, see: Callable[[str, Any], None], name: str = "") -> None:
    """Show every value and the name it has."""
    see(name, value)
    if isinstance(value, dict):
        for key, each in value.items():
            walk(each, see, key)
    elif isinstance(value, list):
        for each in value:
            walk(each, see)


def estimate(partner: Partner) -> Json:
    answer = partner.http.post("/v1/order_batches/price", json=partner.wish())
    assert answer.status_code == 200
    found: Json = answer.json()
    return found


def test_float_amounts(partner: Partner) -> None:
    order_id = partner.place_one()
    wanted = [f"/v1/orders/{order_id}", "/v1/products", "/v1/brands", "/v1/payment_methods"]
    before = [partner.get(path) for path in wanted] + [estimate(partner)]
    turn(partner, Quirk.FLOAT_AMOUNTS)
    after = [partner.get(path) for path in wanted] + [estimate(partner)]
    assert after == before
    kinds: dict[str, set[type]] = {}
    walk(after, lambda name, value: kinds.setdefault(name, set()).add(type(value)))
    for name in ("amount_product", "amount_pre_tax_total", "price", "shipping_price", "free_shipping_minimum"):
        assert kinds[name] - {type(None)} == {float}, name
    for name in ("price_product", "price_est_tax_low", "est_group_total_high", "balance"):
        assert kinds[name] == {float}, name
    for name in ("quantity", "total_count", "view_count_recipient", "recipients", "width"):
        assert kinds[name] == {int}, name
    assert kinds["price_is_variable"] == {bool}
    amount = before[0]["amounts"]["amount_product"]
    assert f'"amount_product":{amount}.0,' in partner.http.get(wanted[0]).text


def test_price_estimate_names(partner: Partner) -> None:
    before = estimate(partner)
    turn(partner, Quirk.PRICE_ESTIMATE_NAMES)
    assert estimate(partner) == {
        "cart_price_estimate": before["cart_price"],
        "total_price_estimate": before["total_price"],
    }


@pytest.mark.parametrize(
    ("quirk", "name"),
    [
        (Quirk.ORDER_LINK_NAME, "individual_order_link"),
        (Quirk.SHARED_LINK_NAME, "individual_gift_link_shared"),
    ],
)
def test_names_of_the_gift_link(partner: Partner, quirk: Quirk, name: str) -> None:
    batch = partner.place()
    link = batch["orders_preview"][0]["individual_gift_link"]
    turn(partner, quirk)
    for path in ("/v1/orders", f"/v1/order_batches/{batch['id']}/orders"):
        [order] = partner.get(path)["data"]
        assert order[name] == link
        assert "individual_gift_link" not in order
    assert partner.place()["orders_preview"][0][name].startswith("http")


def test_unknown_fields(partner: Partner) -> None:
    partner.place()
    before = partner.get("/v1/order_batches")
    turn(partner, Quirk.UNKNOWN_FIELDS)
    objects: list[Json] = []
    answer = partner.get("/v1/order_batches")
    walk(answer, lambda name, value: objects.append(value) if isinstance(value, dict) and name else None)
    objects = [each for each in objects if "kind" not in each]
    assert len(objects) > 5
    assert all(UNKNOWN_FIELD in each for each in (answer, *objects))
    assert answer["data"][0]["id"] == before["data"][0]["id"]
    refused = partner.http.get("/v1/orders/nope").json()
    assert list(refused) == ["error", UNKNOWN_FIELD]


def test_nulls_left_out(partner: Partner) -> None:
    order_id = partner.place_one()
    before = partner.get(f"/v1/orders/{order_id}")
    nulls = {name for name, value in before.items() if value is None}
    assert {"message", "thank_you_note", "payment_link"} <= nulls
    turn(partner, Quirk.NULLS_LEFT_OUT)
    after = partner.get(f"/v1/orders/{order_id}")
    assert set(before) - set(after) == nulls
    walk(after, lambda name, value: pytest.fail(f"{name} is null") if value is None else None)


def test_share_flag_left_out(partner: Partner) -> None:
    before = partner.get("/v1/products")["data"]
    assert all("commerce_revshare_excluded" in each["brand"] for each in before)
    turn(partner, Quirk.SHARE_FLAG_LEFT_OUT)
    for each in before:
        del each["brand"]["commerce_revshare_excluded"]
    assert partner.get("/v1/products")["data"] == before
    assert partner.get(f"/v1/products/{before[0]['id']}") == before[0]


def test_an_empty_page_within(partner: Partner) -> None:
    turn(partner, Quirk.EMPTY_PAGE_WITHIN)
    first, second, third = (partner.get("/v1/products", page=page, per_page=50) for page in (1, 2, 3))
    assert (len(first["data"]), second["data"], len(third["data"])) == (50, [], 50)
    assert second["list_meta"] == first["list_meta"]
    for number in range(3):
        partner.place(recipients=[{"first_name": f"R{number}"}])
    assert [len(partner.get("/v1/orders", page=page, per_page=1)["data"]) for page in (1, 2, 3)] == [1, 0, 1]
    assert [len(partner.get("/v1/orders", page=page, per_page=2)["data"]) for page in (1, 2)] == [2, 1]


def test_a_quirk_of_one_app_is_not_anothers(emulator_url: str, partner: Partner) -> None:
    turn(partner, Quirk.PRICE_ESTIMATE_NAMES)
    with partner_of(emulator_url) as other:
        assert list(estimate(other)) == ["cart_price", "total_price"]


def active(partner: Partner) -> list[str]:
    return [each["name"] for each in partner.get("/_emulator/quirks")["quirks"] if each["active"]]


def test_a_quirk_that_is_none(partner: Partner) -> None:
    turn(partner, Quirk.NULLS_LEFT_OUT)
    answer = partner.http.put("/_emulator/quirks", json={"quirks": ["float-amounts", "sideways"]})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert "'sideways' is not a valid Quirk; the quirks are duplicate-text, " in answer.json()["detail"]
    assert active(partner) == ["nulls-left-out"]


def test_quirks_are_lifted() -> None:
    with running("--products", "12", "--quirk", "float-amounts") as url, partner_of(url) as one, partner_of(url) as two:
        turn(one, Quirk.NULLS_LEFT_OUT)
        turn(two, Quirk.UNKNOWN_FIELDS)
        assert one.http.delete("/_emulator/quirks").status_code == 204
        assert (active(one), active(two)) == (["float-amounts"], ["float-amounts", "unknown-fields"])
        assert one.http.delete("/_emulator/quirks", headers={"Authorization": ""}).status_code == 204
        assert (active(one), active(two)) == ([], [])
