"""The catalog: complete, repeatable, pleasant to look at."""

import re
from collections import Counter
from itertools import product as every
from xml.etree import ElementTree as ET

import pytest

from .partner import Json, Partner, partner_of
from .program import running


def _all(partner: Partner, path: str, size: int) -> list[Json]:
    total = partner.get(path)["list_meta"]["total_count"]
    pages = range(1, -(-total // size) + 1)
    found = [item for page in pages for item in partner.get(path, page=page, per_page=size)["data"]]
    assert partner.get(path, page=len(pages) + 1, per_page=size)["data"] == []
    assert len(found) == total
    return found


def test_paging_covers_every_product_exactly_once(partner: Partner) -> None:
    products = _all(partner, "/v1/products", 97)
    assert len(products) == 1200
    assert set(Counter(each["id"] for each in products).values()) == {1}
    assert len(partner.get("/v1/products")["data"]) == 20


def test_all_kinds_of_gift_are_there(partner: Partner) -> None:
    products = _all(partner, "/v1/products", 100)
    assert {each["variants_num_selectable"] for each in products} == {None, 0, 1, 3}
    for holds in (
        lambda each: each["price_is_variable"] and each["price_min"] < each["price_max"],
        lambda each: each["restricted_states"],
        lambda each: each["brand"]["commerce_revshare_excluded"],
        lambda each: each["brand"]["free_shipping_minimum"],
        lambda each: "<p>" in str(each["attributes"]),
        lambda each: each["variants"] and each["variants"][0]["image_large"],
    ):
        assert 10 < sum(bool(holds(each)) for each in products) < 1100
    assert len({each["brand"]["id"] for each in products}) == 100
    assert len({each["brand"]["name"] for each in products}) == 100


def test_grouped_variants_are_all_permutations(partner: Partner) -> None:
    product = partner.product(lambda each: len(each["variant_groups"]) > 1)
    options = [[option["name"] for option in group["options"]] for group in product["variant_groups"]]
    assert [each["name"] for each in product["variants"]] == [" / ".join(names) for names in every(*options)]


def test_only_products_tell_of_the_revenue_share(partner: Partner) -> None:
    assert "commerce_revshare_excluded" in partner.products[0]["brand"]
    assert "commerce_revshare_excluded" not in partner.get("/v1/brands")["data"][0]


def test_one_product_is_the_same_as_in_the_list(partner: Partner) -> None:
    product = partner.products[3]
    assert partner.get(f"/v1/products/{product['id']}") == product
    missing = partner.http.get("/v1/products/nope")
    assert (missing.status_code, missing.json()) == (404, {"error": "Product not found"})


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"page": 0}, "Page must be greater than 0"),
        ({"page": -1}, "Page must be greater than 0"),
        ({"page": "x"}, "Page must be greater than 0"),
        ({"per_page": 0}, "Per page must be between 1 and 100"),
        ({"per_page": 101}, "Per page must be between 1 and 100"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/products", "/v1/orders", "/v1/order_batches", "/v1/order_activities"])
def test_impossible_pages_are_refused(partner: Partner, path: str, params: dict[str, str | int], text: str) -> None:
    answer = partner.http.get(path, params=params)
    assert (answer.status_code, answer.json()) == (400, {"error": text})


def test_the_same_seed_gives_the_same_bytes() -> None:
    pages = []
    for seed in ("3", "3", "4"):
        with (
            running("--products", "60", "--seed", seed, "--public-url", "http://goody.test") as url,
            partner_of(url) as partner,
        ):
            answer = partner.http.get("/v1/products", params={"per_page": 100})
            pages.append(answer.content)
            assert "http://goody.test/images/" in answer.text
    assert pages[0] == pages[1] != pages[2]


def test_pictures_are_svg_of_the_size_they_claim(partner: Partner) -> None:
    pictured = partner.product(lambda each: each["variants"] and each["variants"][0]["image_large"])
    card = partner.get("/v1/cards")["data"][0]
    pictures = [
        *(image["image_large"] for product in partner.products for image in product["images"][:1]),
        pictured["variants"][0]["image_large"],
        pictured["brand"]["logo_image"],
        card["image"],
        card["image_thumb"],
    ]
    for picture in pictures:
        answer = partner.http.get(picture["url"])
        assert answer.headers["content-type"].startswith("image/svg+xml")
        assert answer.status_code == 200
        drawn = ET.fromstring(answer.content)  # noqa: S314 - drawn by the emulator itself
        assert (int(drawn.attrib["width"]), int(drawn.attrib["height"])) == (picture["width"], picture["height"])
        assert re.fullmatch(r"\{.*\}svg", drawn.tag)


def test_a_picture_shows_its_product_and_never_changes(partner: Partner) -> None:
    product = partner.products[0]
    url = product["images"][0]["image_large"]["url"]
    first = partner.http.get(url)
    assert product["name"] in first.text
    assert first.content == partner.http.get(url).content
    small = partner.http.get(url.replace("1200x1200", "120x120"))
    assert 'width="120"' in small.text
    assert partner.http.get(url.replace("1200x1200", "9x9")).status_code == 404


def test_cards_carry_occasions(partner: Partner) -> None:
    cards = _all(partner, "/v1/cards", 7)
    assert len(cards) == 24
    assert {"Birthday", "Thank You"} <= {occasion for card in cards for occasion in card["occasions"]}
