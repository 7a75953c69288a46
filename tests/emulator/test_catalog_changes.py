"""The catalog changed from outside, for one app or for all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .crawling import crawl, ids
from .partner import Json, Partner, partner_of
from .program import running

PATH = "/_emulator/catalog/changes"


def _change(partner: Partner, *changes: Json) -> list[Json]:
    answer = partner.http.post(PATH, json={"changes": list(changes)})
    assert answer.status_code == 201, answer.text
    made: list[Json] = answer.json()["changes"]
    return made


def _refused(partner: Partner, *changes: Json) -> str:
    answer = partner.http.post(PATH, json={"changes": list(changes)})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    detail: str = answer.json()["detail"]
    return detail


def _now(partner: Partner, product: Json) -> Json:
    return partner.get(f"/v1/products/{product['id']}")


@pytest.fixture(scope="module")
def emulator_url() -> Iterator[str]:
    """Serve a smaller catalog, of which crawls take less time."""
    with running("--products", "240") as url:
        yield url


@pytest.fixture
def other(emulator_url: str) -> Iterator[Partner]:
    with partner_of(emulator_url) as other:
        yield other


def test_a_removed_product_is_gone_until_it_is_restored_to_its_place(partner: Partner, other: Partner) -> None:
    before = crawl(partner)
    product = before[150]
    _change(partner, {"action": "remove", "product_id": product["id"]})
    assert crawl(partner) == before[:150] + before[151:]
    assert partner.http.get(f"/v1/products/{product['id']}").status_code == 404
    assert "not found" in partner.refused(partner.wish(cart={"items": [{"product_id": product["id"], "quantity": 1}]}))
    assert crawl(other) == before

    made = _change(partner, {"action": "restore", "product_id": product["id"]})
    after = crawl(partner)
    assert ids(after) == ids(before)
    assert after[150] == product | {"updated_at": made[0]["made_at"]}
    assert after[:150] + after[151:] == before[:150] + before[151:]


def test_a_price_counts_at_once_in_lists_quotes_and_orders(partner: Partner, other: Partner) -> None:
    product = partner.plain
    made = _change(partner, {"action": "reprice", "product_id": product["id"], "price": 12_345})
    expected = product | {"price": 12_345, "updated_at": made[0]["made_at"]}
    assert _now(partner, product) == expected
    assert expected in crawl(partner)
    body = partner.wish()
    quote = partner.http.post("/v1/order_batches/price", json=body).json()
    assert quote["cart_price"]["price_product"] == 12_345
    order = partner.place()["orders_preview"][0]
    assert order["amounts"]["amount_product"] == 12_345
    assert other.place(cart=body["cart"])["orders_preview"][0]["amounts"]["amount_product"] == product["price"]


def test_an_order_keeps_the_price_it_was_made_at(partner: Partner) -> None:
    product = partner.plain
    order_id = partner.place_one()
    _change(partner, {"action": "reprice", "product_id": product["id"], "price": product["price"] + 500})
    assert partner.accept(order_id)["amounts"]["amount_product"] == product["price"]


def test_bounds_of_a_variable_price_can_move(partner: Partner) -> None:
    product = partner.product(lambda each: each["price_is_variable"])
    bounds = {"price": 3000, "price_min": 3000, "price_max": 4000}
    _change(partner, {"action": "reprice", "product_id": product["id"], **bounds})
    assert {name: _now(partner, product)[name] for name in bounds} == bounds
    item = {"product_id": product["id"], "quantity": 1}
    assert "3000" in partner.refused(partner.wish(cart={"items": [item | {"variable_price": 2999}]}))
    partner.place(cart={"items": [item | {"variable_price": 4000}]})


def test_an_inactive_product_is_listed_for_those_who_ask(partner: Partner) -> None:
    custom = partner.get("/v1/products", use_custom_catalog="true")["data"][0]
    _change(partner, {"action": "deactivate", "product_id": custom["id"]})
    assert custom["id"] not in ids(crawl(partner))
    shown = next(each for each in crawl(partner, custom_catalog_show_inactive="true") if each["id"] == custom["id"])
    assert shown["status"] == "inactive"
    assert partner.http.get(f"/v1/products/{custom['id']}").status_code == 404
    _change(partner, {"action": "activate", "product_id": custom["id"]})
    assert _now(partner, custom)["status"] == "active"


def test_a_drawn_inactive_product_can_be_activated(partner: Partner) -> None:
    listed = set(ids(crawl(partner)))
    idle = next(each for each in crawl(partner, custom_catalog_show_inactive="true") if each["id"] not in listed)
    _change(partner, {"action": "activate", "product_id": idle["id"]})
    assert _now(partner, idle)["status"] == "active"
    assert len(crawl(partner)) == len(listed) + 1


def test_a_name_and_a_touch_change_nothing_else(partner: Partner) -> None:
    one, other = partner.products[:2]
    made = _change(
        partner,
        {"action": "rename", "product_id": one["id"], "name": "Späte <Ernte>"},
        {"action": "touch", "product_id": other["id"]},
    )
    assert _now(partner, one) == one | {"name": "Späte <Ernte>", "updated_at": made[0]["made_at"]}
    assert _now(partner, other) == other | {"updated_at": made[1]["made_at"]}
    assert made[1]["made_at"] > other["updated_at"]


def test_shipping_is_changed_for_all_products_of_a_brand(partner: Partner) -> None:
    product = partner.plain
    brand = product["brand"]
    before = crawl(partner)
    shipping = {"shipping_price": 4321, "free_shipping_minimum": None}
    made = _change(partner, {"action": "rebrand_shipping", "brand_id": brand["id"], **shipping})
    after = crawl(partner)
    for old, new in zip(before, after, strict=True):
        changed = {"brand": old["brand"] | shipping, "updated_at": made[0]["made_at"]}
        assert new == (old | changed if old["brand"]["id"] == brand["id"] else old)
    listed = next(each for each in crawl(partner, "/v1/brands") if each["id"] == brand["id"])
    assert {name: listed[name] for name in shipping} == shipping
    order = partner.place()["orders_preview"][0]
    assert order["amounts"]["amount_shipping"] == 4321
    _change(partner, {"action": "rebrand_shipping", "product_id": product["id"], "free_shipping_minimum": 1})
    assert partner.place()["orders_preview"][0]["amounts"]["amount_shipping"] == 0


def test_a_brand_is_excluded_from_the_share_and_taken_in_again(partner: Partner) -> None:
    product = partner.product(lambda each: not each["brand"]["commerce_revshare_excluded"])
    siblings = [each for each in crawl(partner) if each["brand"]["id"] == product["brand"]["id"]]
    change = {"action": "exclude_from_revshare", "product_id": product["id"]}
    for excluded in (True, False):
        _change(partner, change | {"excluded": excluded})
        assert {_now(partner, each)["brand"]["commerce_revshare_excluded"] for each in siblings} == {excluded}


def test_touching_a_brand_touches_its_products(partner: Partner) -> None:
    brand = partner.products[0]["brand"]
    made = _change(partner, {"action": "touch", "brand_id": brand["id"]})
    touched = [each for each in crawl(partner) if each["updated_at"] == made[0]["made_at"]]
    assert {each["brand"]["id"] for each in touched} == {brand["id"]}
    assert len(touched) == 12


def test_a_new_product_is_drawn_and_may_be_told_its_name_price_and_brand(partner: Partner, other: Partner) -> None:
    brand = partner.product(lambda each: each["price_is_variable"])["brand"]
    wished = {"name": "Lantern", "price": 1234, "brand_id": brand["id"]}
    before = crawl(partner)
    free, told = _change(partner, {"action": "add"}, {"action": "add", "place": 0} | wished)
    after = crawl(partner)
    assert ids(after) == [told["product_id"], *ids(before), free["product_id"]]
    lantern = after[0]
    assert (lantern["name"], lantern["price"], lantern["brand"]) == ("Lantern", 1234, brand)
    assert (lantern["price_is_variable"], lantern["price_min"], lantern["price_max"]) == (False, None, None)
    assert lantern["updated_at"] == told["made_at"]
    assert _now(partner, lantern) == lantern
    assert lantern in crawl(partner, use_custom_catalog="true")
    assert (free["name"], free["price"]) == (after[-1]["name"], after[-1]["price"])
    assert "Lantern" in partner.http.get(lantern["images"][0]["image_large"]["url"]).text
    assert other.http.get(f"/v1/products/{lantern['id']}").status_code == 404


def test_a_new_product_can_be_ordered_by_its_own_app_only(partner: Partner, other: Partner) -> None:
    brand = partner.plain["brand"]
    added = _change(partner, {"action": "add", "price": 2500, "brand_id": brand["id"]})[0]
    cart = {"items": [{"product_id": added["product_id"], "quantity": 2}]}
    assert partner.place(cart=cart)["orders_preview"][0]["amounts"]["amount_product"] == 5000
    assert added["product_id"] in other.refused(other.wish(cart=cart))


def test_a_product_is_moved_within_the_list(partner: Partner) -> None:
    before = ids(crawl(partner))
    _change(partner, {"action": "move", "product_id": before[7], "place": 0})
    assert ids(crawl(partner)) == [before[7], *before[:7], *before[8:]]
    _change(partner, {"action": "move", "product_id": before[7]})
    assert ids(crawl(partner)) == [*before[:7], *before[8:], before[7]]
    _change(partner, {"action": "move", "product_id": before[7], "place": 7})
    assert ids(crawl(partner)) == before


def test_a_brand_without_anything_active_is_not_listed(partner: Partner) -> None:
    brand = partner.products[0]["brand"]
    goods = [each for each in crawl(partner) if each["brand"]["id"] == brand["id"]]
    _change(partner, *({"action": "deactivate", "product_id": each["id"]} for each in goods))
    assert brand["id"] not in ids(crawl(partner, "/v1/brands"))
    _change(partner, {"action": "activate", "product_id": goods[0]["id"]})
    assert brand["id"] in ids(crawl(partner, "/v1/brands"))


def test_brand_sets_show_what_is_still_there(partner: Partner) -> None:
    brand = next(each for each in crawl(partner, "/v1/brands") if each["brand_sets"])
    shown = brand["brand_sets"][0]["products"]
    _change(
        partner,
        {"action": "remove", "product_id": shown[0]["id"]},
        {"action": "rename", "product_id": shown[1]["id"], "name": "Renamed"},
    )
    after = next(each for each in crawl(partner, "/v1/brands") if each["id"] == brand["id"])["brand_sets"][0]
    assert ids(after["products"]) == ids(shown[1:])
    assert after["products"][0]["name"] == "Renamed"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"action": "reprice", "product_id": "{id}"}, "changes[1] (reprice): Give the new price in cents as `price`."),
        ({"action": "rename", "product_id": "{id}"}, "changes[1] (rename): Give the new name as `name`."),
        ({"action": "reprice", "product_id": "{id}", "price": -1}, "Expected `int` >= 0 - at `$.changes[1].price`"),
        ({"action": "explode"}, "Invalid enum value 'explode' - at `$.changes[1].action`"),
        ({"action": "touch", "colour": "red"}, "Object contains unknown field `colour` - at `$.changes[1]`"),
        (
            {"action": "remove", "product_id": "nope"},
            "changes[1] (remove): Name a product of the catalog as `product_id`; GET /v1/products lists them.",
        ),
        ({"action": "restore", "product_id": "{id}"}, "Name a product that was removed as `product_id`."),
        ({"action": "add", "brand_id": "nope"}, "changes[1] (add): There is no such brand; GET /v1/brands lists them."),
        (
            {"action": "add", "product_id": "{id}"},
            "A new product gets an id of its own, or that of `new_id`; leave `product_id` out.",
        ),
        ({"action": "move", "product_id": "{id}", "place": 1 << 70}, "`int` <= 1000000 - at `$.changes[1].place`"),
        ({"action": "rename", "product_id": "{id}", "name": " "}, "at `$.changes[1].name`"),
        ({"action": "rebrand_shipping"}, "changes[1] (rebrand_shipping): Give `shipping_price`"),
        ({"action": "exclude_from_revshare"}, "changes[1] (exclude_from_revshare): Name a brand as `brand_id`"),
        ({"action": "touch", "brand_id": "nope"}, "changes[1] (touch): Name a brand as `brand_id`"),
        ({"action": "reprice", "product_id": "{id}", "price_max": 9}, "has a fixed price; only `price` can be given."),
        (
            {"action": "reprice", "product_id": "{open}", "price": 1},
            "changes[1] (reprice): The price has to lie within",
        ),
    ],
)
def test_all_or_nothing_and_the_first_wrong_one_is_named(partner: Partner, change: Json, text: str) -> None:
    plain, variable = partner.plain, partner.product(lambda each: each["price_is_variable"])
    named = {"{id}": plain["id"], "{open}": variable["id"]}
    unfit = {name: named.get(str(value), value) for name, value in change.items()}
    assert text in _refused(partner, {"action": "touch", "product_id": plain["id"]}, unfit)
    assert _now(partner, plain) == plain
    assert partner.get(PATH) == {"changes": []}


def test_a_change_sees_the_ones_before_it(partner: Partner) -> None:
    product = partner.plain
    removal = {"action": "remove", "product_id": product["id"]}
    detail = _refused(partner, removal, {"action": "reprice", "product_id": product["id"], "price": 5})
    assert detail == f"changes[1] (reprice): {product['name']} was removed; `restore` brings it back."
    _change(partner, removal, {"action": "restore", "product_id": product["id"]})
    assert _now(partner, product)["name"] == product["name"]


@pytest.mark.parametrize("body", [{}, {"changes": []}, {"changes": [{"action": "add"}] * 1001}, {"change": []}, []])
def test_one_to_a_thousand_changes_at_a_time(partner: Partner, body: object) -> None:
    answer = partner.http.post(PATH, json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert partner.get(PATH) == {"changes": []}


def test_changes_are_listed_and_undone_together(partner: Partner, other: Partner) -> None:
    before = crawl(partner)
    product = before[3]
    made = _change(
        partner, {"action": "add", "name": "Lantern"}, {"action": "reprice", "product_id": product["id"], "price": 1}
    )
    assert partner.get(PATH) == {"changes": made}
    assert [each["by_drift"] for each in made] == [False, False]
    assert {each["app"] for each in made} == {partner.get("/v1/me")["public_app_id"]}
    assert (made[1]["action"], made[1]["product_id"], made[1]["price"]) == ("reprice", product["id"], 1)
    assert other.get(PATH) == {"changes": []}
    assert other.http.delete(PATH).status_code == 204
    assert partner.get(PATH) == {"changes": made}
    assert partner.http.delete(PATH).status_code == 204
    assert partner.get(PATH) == {"changes": []}
    assert crawl(partner) == before


def test_a_reset_takes_changes_back(partner: Partner) -> None:
    product = partner.products[0]
    _change(partner, {"action": "remove", "product_id": product["id"]})
    assert partner.http.post("/_emulator/reset").status_code == 204
    assert _now(partner, product) == product


def test_a_kept_state_may_be_of_another_seed(tmp_path: Path) -> None:
    options = ("--products", "30", "--state", str(tmp_path / "state.db"))
    with running(*options) as url, partner_of(url, "one") as one:
        gone = one.products[0]["id"]
        added = _change(one, {"action": "remove", "product_id": gone}, {"action": "add", "name": "Lantern"})[1]
    with running(*options, "--seed", "8") as url, partner_of(url, "one") as one:
        assert len(crawl(one)) == 30
        assert len(one.get(PATH)["changes"]) == 2
        assert one.http.get(f"/v1/products/{added['product_id']}").status_code == 404
        assert "Lantern" in one.http.get(f"/products/{added['product_id']}").text
        assert one.http.get(f"/images/products/{added['product_id']}/view1-120x120.svg").status_code == 200


@contextmanager
def _operator(url: str) -> Iterator[Partner]:
    """Yield a client without a key, whose changes are everybody's."""
    with partner_of(url) as operator:
        del operator.http.headers["Authorization"]
        yield operator


def test_everybodys_changes_reach_all_apps_and_a_restart_keeps_them(tmp_path: Path) -> None:
    options = ("--products", "30", "--state", str(tmp_path / "state.db"))
    with running(*options) as url, partner_of(url, "one") as one, partner_of(url, "two") as two:
        first, second, third = one.products[:3]
        _change(one, {"action": "rename", "product_id": first["id"], "name": "Mine"})
        _change(one, {"action": "remove", "product_id": second["id"]})
        prices = [{"action": "reprice", "product_id": each["id"], "price": 777} for each in (first, second)]
        with _operator(url) as operator:
            _change(operator, *prices, {"action": "remove", "product_id": third["id"]}, {"action": "add"})
        before = _shown(one), _shown(two)
        everything = ids(one.products)
        added = crawl(two)[-1]["id"]
        # Everybody's new price does not bring back what one app lacks.
        assert ids(crawl(one)) == [first["id"], *everything[3:], added]
        assert ids(crawl(two)) == [first["id"], second["id"], *everything[3:], added]
        assert before[0][0][1:] == ("Mine", 777)
        assert before[1][:2] == [(first["id"], first["name"], 777), (second["id"], second["name"], 777)]
        assert (len(one.get(PATH)["changes"]), len(two.get(PATH)["changes"])) == (6, 4)
    with running(*options) as url, partner_of(url, "one") as one, partner_of(url, "two") as two:
        assert (_shown(one), _shown(two)) == before
        with _operator(url) as operator:
            assert len(operator.get(PATH)["changes"]) == 6
            assert operator.http.delete(PATH).status_code == 204
        assert ids(crawl(one)) == ids(crawl(two)) == everything


def _shown(partner: Partner) -> list[tuple[str, str, int]]:
    return [(each["id"], each["name"], each["price"]) for each in crawl(partner)]
