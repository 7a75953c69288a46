"""The page on which a recipient looks for something else, by links and forms alone."""

import re

import httpx
import pytest

from .browsing import TYPED, Page, dollars, read_page
from .partner import Json, Partner


def _gift(partner: Partner, swap: str) -> Json:
    dear = max((each for each in partner.products if not each["variants"]), key=lambda each: each["price"])
    item = {"product_id": dear["id"], "quantity": 1, "variable_price": dear["price_max"]}
    cart = {"items": [{name: value for name, value in item.items() if value is not None}]}
    order: Json = partner.place(cart=cart, swap=swap)["orders_preview"][0]
    return order


def _see(partner: Partner, path: str) -> Page:
    answer = partner.http.get(path)
    assert answer.status_code == 200, answer.headers
    return read_page(answer.text)


def _offers(page: Page) -> list[str]:
    return [each for each in page.links if "item=" in each]


def _accept(partner: Partner, order: Json, page: Page, **items: str) -> httpx.Response:
    return partner.http.post(order["individual_gift_link"], data={**page.fields, **TYPED, **items})


def test_a_single_swap_hides_prices_and_takes_one(partner: Partner) -> None:
    order = _gift(partner, "single")
    page = _see(partner, f"{order['individual_gift_link']}/swap")
    assert "$" not in page.text
    assert (page.scripts, page.styles) == (0, 0)
    page = _see(partner, next(each for each in _offers(page) if partner.plain["id"] in each))
    assert partner.plain["name"] in page.text
    assert "$" not in page.text
    assert page.fields["item"] == f"{partner.plain['id']}:1"
    assert _accept(partner, order, page).status_code == 303
    swapped = partner.get(f"/v1/orders/{order['id']}")
    assert (swapped["is_swapped"], swapped["cart"]["items"][0]["product"]["id"]) == (True, partner.plain["id"])


def test_several_are_gathered_and_can_be_put_back(partner: Partner) -> None:
    order, one = _gift(partner, "multiple"), partner.plain
    link = order["individual_gift_link"]
    budget = order["amounts"]["amount_product"]
    page = _see(partner, f"{link}/swap?item={one['id']}:1&item={one['id']}:1")
    assert f"2 × {one['name']}" in page.text
    left = dollars(budget - 2 * one["price"])
    assert f"{left} left" in page.text
    fewer = next(each for each in page.links if each.endswith(f"swap?item={one['id']}%3A1"))
    assert f"1 × {one['name']}" in _see(partner, fewer).text
    take = next(each for each in page.links if re.search(r"/gift/\w+\?item=", each))
    page = _see(partner, take)
    assert page.fields["item"] == f"{one['id']}:2"
    assert _accept(partner, order, page).status_code == 303
    assert partner.get(f"/v1/orders/{order['id']}")["amounts"]["amount_product"] == 2 * one["price"]


def test_search_and_paging_find_all_that_is_affordable(partner: Partner) -> None:
    order = _gift(partner, "multiple")
    link = f"{order['individual_gift_link']}/swap"
    found, path = list[str](), f"{link}?q=TEA"
    while True:
        page = _see(partner, path)
        found += [each for each in _offers(page) if "/swap?" in each and "page=" not in each]
        later = [each for each in page.links if "page=" in each and f"page={len(found) // 24 + 1}" in each]
        if not later:
            break
        path = later[0]
    ids = [re.search(r"item=([0-9a-f-]{36})", each) for each in found]
    everything = [
        each for page in range(1, 13) for each in partner.get("/v1/products", page=page, per_page=100)["data"]
    ]
    budget = order["amounts"]["amount_product"]
    wanted = [
        each["id"]
        for each in everything
        if not each["price_is_variable"]
        and each["price"] <= budget
        and ("tea" in each["name"].lower() or "tea" in each["brand"]["name"].lower())
    ]
    assert len(wanted) > 24
    assert [each[1] for each in ids if each] == wanted


@pytest.mark.parametrize(("query", "text"), [("no such thing", "Nothing is called"), ("<script>", "“<script>”")])
def test_a_search_without_a_find(partner: Partner, query: str, text: str) -> None:
    order = _gift(partner, "single")
    page = read_page(partner.http.get(f"{order['individual_gift_link']}/swap", params={"q": query}).text)
    assert text in page.text
    assert (page.fields["q"], page.scripts) == (query, 0)


@pytest.mark.parametrize("number", ["0", "-1", "x", "9999999999"])
def test_a_page_that_is_none_is_the_nearest(partner: Partner, number: str) -> None:
    order = _gift(partner, "single")
    assert _offers(_see(partner, f"{order['individual_gift_link']}/swap?page={number}"))


@pytest.mark.parametrize("item", ["nope:1", "", ":", "nope:-1", "{plain}:0", "{plain}:999", "{open}:1"])
def test_a_wish_that_cannot_be_is_put_aside_with_a_reason(partner: Partner, item: str) -> None:
    order = _gift(partner, "multiple")
    open_price = partner.product(lambda each: each["price_is_variable"])
    wish = item.format(plain=partner.plain["id"], open=open_price["id"])
    page = read_page(partner.http.get(order["individual_gift_link"], params={"item": wish}).text)
    assert "item" not in page.fields
    assert order["cart"]["items"][0]["product"]["name"] in page.text
    assert _see(partner, f"{order['individual_gift_link']}/swap?item={wish}")
    answer = _accept(partner, order, page, item=wish)
    assert answer.status_code == 200
    assert partner.get(f"/v1/orders/{order['id']}")["event_times"]["accepted_at"] is None


def test_a_gift_without_swap_offers_none(partner: Partner) -> None:
    order = _gift(partner, "disabled")
    link = order["individual_gift_link"]
    assert not [each for each in _see(partner, link).links if "swap" in each]
    answer = partner.http.get(f"{link}/swap")
    assert (answer.status_code, answer.headers["location"]) == (303, httpx.URL(link).path)
    page = _see(partner, f"{link}?item={partner.plain['id']}:1")
    assert "This gift can't be swapped." in page.text
