"""Browsing: pages, sorts, filters, caching, and nothing of another app or of the partner's own business."""

import json
import re
from collections import Counter
from typing import Any, Final

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from catalog_sync.tables import PublishedCatalog
from foundation.http import HttpClient
from tests.api.answers import faults, problem
from tests.api.collections import with_collection
from tests.api.neighbours import second_app
from tests.api.pages import flat, walk
from tests.shop import Shop

EVERYTHING: Final = 203
"""The 200 products of the catalog, and three published gift collections that can be sent as a product."""
LISTS: Final = ("/v1/products", "/v1/brands", "/v1/cards")


def _ids(pages: list[list[dict[str, Any]]]) -> list[str]:
    return [item["id"] for item in flat(pages)]


def _get(shop: Shop, path: str, **headers: str) -> TestResponse:
    return shop.call("GET", path, key=shop.pk, headers=headers)


def _republish(shop: Shop) -> None:
    """Publish another generation of the same catalog."""
    with shop.services.sessions.begin() as session:
        later = {"generation": PublishedCatalog.generation + 1, "published_at": shop.clock()}
        session.execute(sa.update(PublishedCatalog).values(later))
    shop.execute(
        "INSERT INTO catalog_generations (app_id, generation, published_at)"
        " SELECT app_id, generation, published_at FROM catalogs"
    )
    shop.execute(
        "INSERT INTO published_indexes (app_id, generation, body)"
        " SELECT app_id, generation + 1, body FROM published_indexes"
    )
    shop.services.generations.renew(shop.app_id)


@pytest.mark.parametrize("limit", [7, 24, 100])
def test_every_product_is_on_exactly_one_page(shop: Shop, limit: int) -> None:
    pages = walk(shop, f"/v1/products?limit={limit}", key=shop.pk)
    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert len(_ids(pages)) == len(set(_ids(pages))) == EVERYTHING


def test_the_link_header_leads_through_all_pages_with_the_same_question(shop: Shop) -> None:
    url, found = "/v1/products?limit=50&sort=-price&price_min=2000", []
    while url:
        response = _get(shop, url)
        found += [product["price"] for product in response.get_json()["data"]]
        match = re.fullmatch(r'<(.+)>; rel="next"', response.headers.get("Link", ""))
        url = match[1] if match else ""
        assert not url or url.startswith("/v1/products?")
    assert len(found) > 50
    assert found == sorted(found, reverse=True)
    assert min(found) >= 2000


def test_a_page_has_24_items_unless_told_otherwise(shop: Shop) -> None:
    assert len(_get(shop, "/v1/products").get_json()["data"]) == 24


@pytest.mark.parametrize("sort", ["featured", "name", "price", "-price", "newest"])
def test_each_sort_keeps_everything_in_order(shop: Shop, sort: str) -> None:
    products = flat(walk(shop, f"/v1/products?limit=50&sort={sort}"))
    assert len({product["id"] for product in products}) == EVERYTHING
    keys: dict[str, list[Any]] = {
        "name": [product["name"].casefold() for product in products],
        "price": [product["price"] for product in products],
        "-price": [-product["price"] for product in products],
    }
    assert keys.get(sort, []) == sorted(keys.get(sort, []))


def test_filters_by_price_include_their_bounds(shop: Shop) -> None:
    prices = sorted(product["price"] for product in flat(walk(shop, "/v1/products?limit=100")))
    low, high = prices[20], prices[60]
    found = flat(walk(shop, f"/v1/products?limit=100&price_min={low}&price_max={high}"))
    assert sorted(product["price"] for product in found) == [price for price in prices if low <= price <= high]
    assert flat(walk(shop, "/v1/products?price_min=2&price_max=1")) == []


def test_filters_by_any_of_the_brands(shop: Shop) -> None:
    products = flat(walk(shop, "/v1/products?limit=100"))
    one, two = list(dict.fromkeys(product["brand"]["id"] for product in products))[:2]
    expected = {product["id"] for product in products if product["brand"]["id"] in {one, two}}
    found = walk(shop, f"/v1/products?brand={one}&brand={two}&limit=5")
    assert sorted(_ids(found)) == sorted(expected)
    assert _ids(walk(shop, "/v1/products?brand=nobody")) == []


@pytest.mark.parametrize("path", LISTS)
def test_the_total_is_told_when_it_is_asked_for(shop: Shop, path: str) -> None:
    everything = len(flat(walk(shop, f"{path}?limit=100")))
    assert "total_count" not in _get(shop, path).get_json()
    assert _get(shop, f"{path}?include=total&limit=3").get_json()["total_count"] == everything


def test_brands_are_those_with_something_on_sale(shop: Shop) -> None:
    on_sale = {product["brand"]["id"] for product in flat(walk(shop, "/v1/products?limit=100"))}
    brands = flat(walk(shop, "/v1/brands?limit=3"))
    assert {brand["id"] for brand in brands} == on_sale
    assert [brand["name"] for brand in brands] == sorted((b["name"] for b in brands), key=str.casefold)
    assert _get(shop, f"/v1/brands/{brands[0]['id']}").get_json() == brands[0]
    assert brands[0]["currency"] == "USD"


def test_cards_by_occasion(shop: Shop) -> None:
    cards = flat(walk(shop, "/v1/cards?limit=5"))
    occasion = cards[0]["occasions"][0]
    expected = {card["id"] for card in cards if occasion in card["occasions"]}
    assert set(_ids(walk(shop, f"/v1/cards?occasion={occasion.upper()}"))) == expected
    assert _ids(walk(shop, "/v1/cards?occasion=%25")) == []


def test_one_product_in_full_is_what_goody_has(shop: Shop) -> None:
    listed = flat(walk(shop, "/v1/products?limit=100"))
    product_id = next(each["id"] for each in listed if any(" / " in variant["name"] for variant in each["variants"]))
    shown = _get(shop, f"/v1/products/{product_id}").get_json()
    headers = {"Authorization": f"Bearer {shop.goody.key}"}
    with HttpClient(shop.goody.base_url, headers=headers) as http:
        sent = json.loads(http.get(f"/v1/products/{product_id}").body)
    for name in (
        "id",
        "name",
        "subtitle",
        "price",
        "price_is_variable",
        "restricted_states",
        "variants_num_selectable",
    ):
        assert shown[name] == sent[name]
    assert [variant["name"] for variant in shown["variants"]] == [variant["name"] for variant in sent["variants"]]
    assert shown["variant_groups"]
    assert shown["currency"] == "USD"
    brand = sent["brand"]
    is_free = brand["free_shipping_minimum"] is not None and sent["price"] >= brand["free_shipping_minimum"]
    assert shown["price_with_shipping"] == sent["price"] + (0 if is_free else brand["shipping_price"])
    in_lists = next(product for product in listed if product["id"] == product_id)
    assert in_lists == {name: shown[name] for name in in_lists}
    assert {"attributes", "variant_groups", "recipient_description"} & set(in_lists) == set()


def test_an_id_is_found_in_either_case_and_else_is_404(shop: Shop) -> None:
    product_id = shop.product()["id"]
    assert _get(shop, f"/v1/products/{product_id.upper()}").get_json()["id"] == product_id
    for path in ("/v1/products/{}", "/v1/brands/{}"):
        problem(_get(shop, path.format("0" * 8 + product_id[8:])), 404, "not_found")
        problem(_get(shop, path.format("not-a-uuid")), 404, "not_found")


def test_suppliers_html_is_sanitised(shop: Shop) -> None:
    products = [_get(shop, f"/v1/products/{product_id}").text for product_id in _ids(walk(shop, "/v1/products"))[:40]]
    told = "".join(products)
    assert '"attributes":[{' in told
    assert not re.search(r"<script|onerror|onclick|javascript:|<iframe|<style", told, re.IGNORECASE)


def test_nothing_tells_of_the_revenue_share(shop: Shop) -> None:
    order = shop.order()
    paths = ["/v1/products?limit=100", "/v1/brands?limit=100", "/v1/cards", "/v1/orders", "/v1/events"]
    paths += [f"/v1/products/{shop.product()['id']}", f"/v1/order_batches/{order['order_batch_id']}", "/openapi.json"]
    for path in paths:
        assert "revshare" not in shop.call("GET", path).text.casefold(), path


def test_the_catalog_of_another_app_is_not_visible(shop: Shop) -> None:
    other = second_app(shop)
    for path in LISTS:
        assert flat(walk(shop, path, key=other.publishable_key)) == []
    response = shop.call("GET", f"/v1/products/{shop.product()['id']}", key=other.secret_key)
    problem(response, 404, "not_found")
    cursor = _get(shop, "/v1/products").get_json()["next_cursor"]
    theirs = shop.call("GET", f"/v1/products?cursor={cursor}", key=other.publishable_key)
    assert faults(theirs) == [("/cursor", "cursor_of_another_query")]


@pytest.mark.parametrize(
    "path",
    [
        *LISTS,
        "/v1/products/{product}",
        "/v1/brands/{brand}",
        "/v1/products/filters",
        "/v1/collections",
        "/v1/changes",
    ],
)
def test_answers_are_cacheable_and_known_ones_are_304(shop: Shop, path: str) -> None:
    product = shop.product()
    path = path.format(product=product["id"], brand=product["brand"]["id"])
    first = _get(shop, path)
    tag = first.headers["ETag"]
    assert re.fullmatch(r'"[0-9a-f]{32}"', tag)
    again = _get(shop, path, **{"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    for response in (first, again):
        assert response.headers["ETag"] == tag
        assert response.headers["Cache-Control"] == "public, max-age=60"
        assert response.headers["Vary"] == "Authorization, Accept-Encoding"
    assert _get(shop, path, **{"If-None-Match": f'"other", {tag}'}).status_code == 304
    assert _get(shop, path, **{"If-None-Match": "*"}).status_code == 304
    assert _get(shop, path, **{"If-None-Match": '"other"'}).status_code == 200
    # The key comes first: a stranger that knows the tag learns nothing.
    assert shop.client.get(path, headers={"If-None-Match": tag}).status_code == 401
    head = shop.client.head(path, headers={"Authorization": f"Bearer {shop.pk}"})
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", tag)


def test_another_page_has_another_tag(shop: Shop) -> None:
    paths = ("/v1/products", "/v1/products?sort=name", "/v1/products?limit=5", "/v1/brands")
    assert len({_get(shop, path).headers["ETag"] for path in paths}) == len(paths)


@pytest.mark.parametrize("cursor", ["x", "é", "WzFd", "bnVsbA", "%00", "A" * 1000])
def test_a_cursor_that_is_none_is_refused(shop: Shop, cursor: str) -> None:
    for path in LISTS:
        assert faults(_get(shop, f"{path}?cursor={cursor}")) == [("/cursor", "bad_cursor")]


def test_a_cursor_belongs_to_its_question(shop: Shop) -> None:
    cursor = _get(shop, "/v1/products?limit=5").get_json()["next_cursor"]
    assert _get(shop, f"/v1/products?limit=9&cursor={cursor}").status_code == 200
    for other in ("/v1/products?sort=name&", "/v1/products?price_min=1&", "/v1/brands?"):
        assert faults(_get(shop, f"{other}cursor={cursor}")) == [("/cursor", "cursor_of_another_query")]


def test_a_cursor_outlives_the_catalog_by_an_hour(shop: Shop) -> None:
    cursor = _get(shop, "/v1/products").get_json()["next_cursor"]
    _republish(shop)
    assert _get(shop, f"/v1/products?cursor={cursor}").status_code == 200
    shop.clock.advance(minutes=59)
    assert _get(shop, f"/v1/products?cursor={cursor}").status_code == 200
    shop.clock.advance(minutes=2)
    problem(_get(shop, f"/v1/products?cursor={cursor}"), 410, "cursor_expired")
    assert _get(shop, "/v1/products").status_code == 200


def test_full_text_search(shop: Shop) -> None:
    product = shop.product()
    word = product["name"].split()[-1]
    found = _get(shop, f"/v1/products?q={word}&include=total&limit=100").get_json()
    assert product["id"] in {each["id"] for each in found["data"]}
    assert 0 < found["total_count"] < EVERYTHING
    names = [word.casefold() in each["name"].casefold() for each in found["data"]]
    assert names == sorted(names, reverse=True)
    assert _ids(walk(shop, f"/v1/products?q={word[:-1].upper()}&limit=3&brand={product['brand']['id']}"))
    for nothing in ("%22%27%3B--", "%00", "%F0%9F%8E%81", "zzzzzz"):
        assert _get(shop, f"/v1/products?q={nothing}").get_json()["data"] == []
    assert _get(shop, "/v1/products?q=+&include=total").get_json()["total_count"] == EVERYTHING


def test_filters_by_shipping_state_and_brand_value(shop: Shop) -> None:
    everything = flat(walk(shop, "/v1/products?limit=100"))
    state = next(each["restricted_states"][0] for each in everything if each["restricted_states"])
    value = next(each["brand"]["brand_values"][0] for each in everything if each["brand"]["brand_values"])
    expected = {
        each["id"]
        for each in everything
        if each["price_with_shipping"] <= 6000
        and state not in each["restricted_states"]
        and value in each["brand"]["brand_values"]
    }
    query = f"price_with_shipping_max=6000&ships_to={state.lower()}&brand_value={value.replace(' ', '+')}"
    assert set(_ids(walk(shop, f"/v1/products?{query}&limit=7"))) == expected != set()


def test_facets_count_what_the_list_holds(shop: Shop) -> None:
    brand = shop.product()["brand"]
    everything = flat(walk(shop, "/v1/products?limit=100"))
    query = f"brand={brand['id']}&price_max=5000&sort=name&limit=3&include=total"
    body = _get(shop, f"/v1/products/filters?{query}").get_json()
    cheap = [each for each in everything if each["price"] <= 5000]
    of_brand = [each for each in everything if each["brand"]["id"] == brand["id"]]
    assert body["total_count"] == sum(each["brand"]["id"] == brand["id"] for each in cheap)
    assert {each["id"]: each["count"] for each in body["brands"]} == Counter(each["brand"]["id"] for each in cheap)
    assert [each["name"] for each in body["brands"] if each["is_selected"]] == [brand["name"]]
    assert body["price"] == {"min": min(e["price"] for e in of_brand), "max": max(e["price"] for e in of_brand)}
    assert [each["value"] for each in body["sorts"] if each["is_default"]] == ["featured"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("colour=red&sort=rank", [("/colour", "unknown_field"), ("/sort", "invalid")]),
        ("price_min=1.5&price_max=x", [("/price_min", "invalid"), ("/price_max", "invalid")]),
        ("limit=0&include=all", [("/limit", "invalid"), ("/include", "invalid")]),
        ("ships_to=XX&price_with_shipping_max=-1", [("/ships_to", "invalid"), ("/price_with_shipping_max", "invalid")]),
        ("q=" + "x" * 501, [("/q", "invalid")]),
        ("cursor=", [("/cursor", "invalid")]),
    ],
)
def test_everything_wrong_with_a_question_is_told_at_once(
    shop: Shop, query: str, expected: list[tuple[str, str]]
) -> None:
    for path in ("/v1/products", "/v1/products/filters"):
        assert faults(_get(shop, f"{path}?{query}")) == sorted(expected)


@pytest.mark.parametrize("query", ["limit=%2B5", "limit=5&limit=6", "brand=", "q=&brand=a&brand=b", "price_min=0005"])
def test_unusual_ways_to_ask_are_read_by_the_schema(shop: Shop, query: str) -> None:
    assert _get(shop, f"/v1/products?{query}").status_code == 200


def test_collections_come_as_a_tree(shop: Shop) -> None:
    with_collection(shop)
    tree = _get(shop, "/v1/collections").get_json()
    assert [each["handle"] for each in tree["data"]] == ["gifts"]
    assert [each["handle"] for each in tree["data"][0]["children"]] == ["tea"]
    assert tree["data"][0]["children"][0] == _get(shop, "/v1/collections/tea").get_json()
    assert _get(shop, "/v1/collections/gifts").get_json() == tree["data"][0]
    problem(_get(shop, "/v1/collections/none"), 404, "not_found")
    assert faults(_get(shop, "/v1/collections?limit=1")) == [("/limit", "unknown_field")]


def test_the_change_feed_holds_the_catalog(shop: Shop) -> None:
    listed = {each["id"]: each for each in flat(walk(shop, "/v1/products?limit=100"))}
    copy: dict[str, Any] = {}
    url, more = "/v1/changes?limit=90", True
    while more:
        response = _get(shop, url)
        page = response.get_json()
        copy |= {each["product_id"]: each["product"] for each in page["data"]}
        more = page["has_more"]
        assert ("Link" in response.headers) == more
        url = f"/v1/changes?limit=90&cursor={page['next_cursor']}"
    assert copy == listed
    assert _get(shop, url).get_json() == {"data": [], "next_cursor": page["next_cursor"], "has_more": False}
    other = _get(shop, "/v1/products?limit=5").get_json()["next_cursor"]
    assert faults(_get(shop, f"/v1/changes?cursor={other}")) == [("/cursor", "cursor_of_another_query")]
