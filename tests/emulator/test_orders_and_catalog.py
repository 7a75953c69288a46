"""Orders and a catalog that changes or has corners: gifts of choice, inactive products, products that are gone."""

import pytest

from .browsing import TYPED, read_page
from .crawling import crawl, ids
from .partner import ADDRESS, Json, Partner


def _change(partner: Partner, action: str, product_id: str, **more: int) -> None:
    change = {"action": action, "product_id": product_id, **more}
    answer = partner.http.post("/_emulator/catalog/changes", json={"changes": [change]})
    assert answer.status_code == 201, answer.text


def _cart(product: Json, **more: int) -> Json:
    return {"items": [{"product_id": product["id"], "quantity": 1, **more}]}


def _collections(partner: Partner) -> list[Json]:
    return [each for each in partner.get("/v1/collections", published="true")["data"] if each["product"]]


def _fixed(partner: Partner) -> Json:
    return next(each for each in _collections(partner) if not each["product"]["price_is_variable"])


def _member(partner: Partner, collection: Json) -> Json:
    shown = partner.get(f"/v1/collections/{collection['id']}")["published_version"]
    members = [
        each["product"] for category in shown["collection_categories"] for each in category["collection_products"]
    ]
    return next(each for each in members if not (each["variants"] or each["restricted_states"]))


def test_a_gift_of_choice_is_for_something_of_its_collection(partner: Partner) -> None:
    collection = _fixed(partner)
    product, member = collection["product"], _member(partner, collection)
    order_id = partner.place_one(cart=_cart(product))
    path = f"/_emulator/orders/{order_id}/accept"
    for swap, detail in (
        ([], "This is a gift of choice: take a product of its collection, as `swap`"),
        ([{"product_id": partner.plain["id"]}], f"This gift can't be swapped for {partner.plain['name']}"),
    ):
        answer = partner.http.post(path, json={"mailing_address": ADDRESS, "swap": swap})
        assert (answer.status_code, answer.json()["detail"]) == (422, detail)
    order = partner.step(order_id, "accept", {"mailing_address": ADDRESS, "swap": [{"product_id": member["id"]}]})
    assert [each["product"]["id"] for each in order["cart"]["items"]] == [member["id"]]
    assert [each["product"]["id"] for each in order["original_cart"]["items"]] == [product["id"]]


def test_the_page_of_a_gift_of_choice_leads_to_the_choice(partner: Partner) -> None:
    collection = _fixed(partner)
    order = partner.place(cart=_cart(collection["product"]))["orders_preview"][0]
    link = order["individual_gift_link"]
    page = read_page(partner.http.get(link).text)
    assert "Choose your gift" in page.text
    refused = read_page(partner.http.post(link, data=TYPED).text)
    assert "Choose something of the collection first." in refused.text
    offered = {each for each in read_page(partner.http.get(f"{link}/swap").text).links if "item=" in each}
    shown = partner.get(f"/v1/collections/{collection['id']}")["published_version"]
    members = {each["product"]["id"] for part in shown["collection_categories"] for each in part["collection_products"]}
    assert len(offered) == len(members)
    member = _member(partner, collection)
    typed = TYPED | {"item": f"{member['id']}:1"}
    assert partner.http.post(link, data=typed).status_code == 303
    assert partner.get(f"/v1/orders/{order['id']}")["is_swapped"] is True


def test_a_gift_of_choice_cannot_go_without_swap_nor_cost_less_than_its_floor(partner: Partner) -> None:
    product = _fixed(partner)["product"]
    refusal = partner.refused(partner.wish(cart=_cart(product), swap="disabled"))
    assert refusal == "Swap can't be disabled for a gift collection"
    assert partner.place(cart=_cart(product), swap="multiple")["send_status"] == "complete"
    open_price = next(each["product"] for each in _collections(partner) if each["product"]["price_is_variable"])
    _change(partner, "reprice", open_price["id"], price_min=100)
    text = f"Variable price for {open_price['name']} must be between 1500 and {open_price['price_max']}"
    assert partner.refused(partner.wish(cart=_cart(open_price, variable_price=1499))) == text
    placed = partner.place(cart=_cart(open_price, variable_price=1500))
    assert placed["orders_preview"][0]["amounts"]["amount_product"] == 1500
    _change(partner, "reprice", product["id"], price=1499)
    assert partner.refused(partner.wish(cart=_cart(product))) == f"{product['name']} must cost at least 1500"


def _titled(partner: Partner, title: str) -> tuple[Json, list[Json]]:
    """A collection, and what of it goes everywhere without a choice to make, the cheapest first."""
    found = next(each for each in _collections(partner) if each["title"] == title)
    shown = partner.get(f"/v1/collections/{found['id']}")["published_version"]
    members = [each["product"] for part in shown["collection_categories"] for each in part["collection_products"]]
    easy = [each for each in members if not (each["variants"] or each["restricted_states"])]
    return found, sorted(easy, key=lambda each: int(each["price"]))


def _take(partner: Partner, order_id: str, *products: Json) -> tuple[int, str]:
    swap = [{"product_id": each["id"], "quantity": products.count(each)} for each in products]
    wanted = {each["product_id"]: each for each in swap}.values()
    body = {"mailing_address": ADDRESS, "swap": list(wanted)}
    answer = partner.http.post(f"/_emulator/orders/{order_id}/accept", json=body)
    return answer.status_code, answer.json().get("detail", "")


@pytest.mark.parametrize("swap", ["single", "multiple"])
def test_a_collection_without_multiple_choice_gives_one_thing(partner: Partner, swap: str) -> None:
    collection, members = _titled(partner, "Office Welcome")
    order_id = partner.place_one(cart=_cart(collection["product"]), swap=swap)
    assert _take(partner, order_id, members[0], members[0]) == (422, "This gift can be swapped for one item only")
    assert _take(partner, order_id, members[0])[0] == 200


@pytest.mark.parametrize("swap", ["single", "multiple"])
def test_a_collection_of_a_count_gives_so_many_things(partner: Partner, swap: str) -> None:
    collection, members = _titled(partner, "Team Thank You")
    assert collection["published_version"]["multiple_select_count"] == 2
    order = partner.place(cart=_cart(collection["product"]), swap=swap)["orders_preview"][0]
    dearest = members[-1]
    refusal = _take(partner, order["id"], *[dearest] * 3)
    assert refusal == (422, "This gift can be swapped for 2 items at most")
    page = f"{order['individual_gift_link']}/swap?item={dearest['id']}:"
    assert "Choose 2 things" in partner.http.get(f"{page}1").text
    assert "Nothing else fits into what is left." in partner.http.get(f"{page}2").text
    assert _take(partner, order["id"], dearest, dearest)[0] == 200


@pytest.mark.parametrize("swap", ["single", "multiple"])
def test_a_collection_of_a_limit_gives_what_it_and_the_gift_are_worth(partner: Partner, swap: str) -> None:
    collection, members = _titled(partner, "Holiday Table")
    product, cheapest = collection["product"], members[0]
    limit = collection["published_version"]["multiple_select_price"]
    too_many = limit // cheapest["price"] + 1
    order_id = partner.place_one(cart=_cart(product, variable_price=product["price_max"]), swap=swap)
    assert _take(partner, order_id, *[cheapest] * too_many) == (422, "Together that costs more than the gift")
    assert _take(partner, order_id, *[cheapest] * (too_many - 1))[0] == 200
    price = max(1500, cheapest["price"])
    order_id = partner.place_one(cart=_cart(product, variable_price=price), swap=swap)
    assert _take(partner, order_id, *[cheapest] * (price // cheapest["price"] + 1))[0] == 422
    assert _take(partner, order_id, cheapest)[0] == 200


def test_an_inactive_product_can_neither_be_ordered_nor_swapped_to(partner: Partner) -> None:
    gift = max(partner.products, key=lambda each: (not each["variants"], not each["price_is_variable"], each["price"]))
    order = partner.place(cart=_cart(gift))["orders_preview"][0]
    product = partner.plain
    swap_path = f"{order['individual_gift_link']}/swap"
    assert product["id"] in partner.http.get(swap_path, params={"q": product["name"]}).text
    _change(partner, "deactivate", product["id"])
    text = f"{product['name']} is not available"
    assert partner.refused(partner.wish(cart=_cart(product))) == text
    price = {"send_method": "direct_send", "recipients": [{"first_name": "A"}], "cart": _cart(product)}
    assert partner.refused(price, "/v1/order_batches/price") == text
    assert product["id"] not in partner.http.get(swap_path, params={"q": product["name"]}).text
    body = {"mailing_address": ADDRESS, "swap": [{"product_id": product["id"]}]}
    answer = partner.http.post(f"/_emulator/orders/{order['id']}/accept", json=body)
    assert (answer.status_code, answer.json()["detail"]) == (422, f"This gift can't be swapped for {product['name']}")


def test_a_swap_reaches_beyond_the_custom_catalog(partner: Partner) -> None:
    custom = set(ids(crawl(partner, use_custom_catalog="true")))
    outside = next(
        each
        for each in crawl(partner)
        if each["id"] not in custom
        and not (each["variants"] or each["price_is_variable"] or each["restricted_states"])
        and each["price"] < 5000
    )
    gift = partner.product(lambda each: not each["price_is_variable"] and each["price"] >= 5000)
    order = partner.place(cart=_cart(gift))["orders_preview"][0]
    page = partner.http.get(f"{order['individual_gift_link']}/swap", params={"q": outside["name"]})
    assert outside["id"] in page.text
    swap = [{"product_id": outside["id"]}]
    accepted = partner.step(order["id"], "accept", {"mailing_address": ADDRESS, "swap": swap})
    assert accepted["cart"]["items"][0]["product"]["id"] == outside["id"]


@pytest.mark.parametrize("action", ["remove", "deactivate"])
@pytest.mark.parametrize("by_page", [False, True])
def test_a_gift_outlives_its_product(partner: Partner, action: str, *, by_page: bool) -> None:
    product = partner.plain
    order = partner.place(cart=_cart(product))["orders_preview"][0]
    _change(partner, action, product["id"])
    _change(partner, "reprice", partner.products[0]["id"], price=1)
    if by_page:
        page = read_page(partner.http.get(order["individual_gift_link"]).text)
        assert product["name"] in page.text
        assert partner.http.post(order["individual_gift_link"], data=TYPED).status_code == 303
    else:
        partner.accept(order["id"])
    accepted = partner.get(f"/v1/orders/{order['id']}")
    assert (accepted["status"], accepted["cart"]) == ("pending_payment", order["cart"])
    assert accepted["amounts"]["amount_product"] == order["amounts"]["amount_product"]
    for step in ("pay", "ship", "deliver"):
        partner.step(order["id"], step)
    assert partner.get(f"/v1/orders/{order['id']}")["shipments"][0]["brand_name"] == product["brand"]["name"]


def test_a_gift_keeps_the_price_of_its_day(partner: Partner) -> None:
    product = partner.plain
    order = partner.place(cart=_cart(product))["orders_preview"][0]
    _change(partner, "reprice", product["id"], price=product["price"] + 5000)
    assert partner.accept(order["id"])["amounts"]["amount_product"] == product["price"]
    assert partner.place(cart=_cart(product))["orders_preview"][0]["amounts"]["amount_product"] == (
        product["price"] + 5000
    )
