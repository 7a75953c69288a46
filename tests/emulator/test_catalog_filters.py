"""Which products and brands a list has, and which ones are shown by their id."""

from collections.abc import Iterator

import pytest

from .crawling import crawl, ids
from .partner import Json, Partner, partner_of
from .program import running
from .sales import use_quirks

CUSTOM = {"use_custom_catalog": "true"}
INACTIVE = {"custom_catalog_show_inactive": "true"}


@pytest.fixture(scope="module")
def shopper(emulator_url: str) -> Iterator[Partner]:
    with partner_of(emulator_url) as partner:
        yield partner


@pytest.fixture(scope="module")
def everything(shopper: Partner) -> list[Json]:
    return crawl(shopper)


@pytest.fixture(scope="module")
def custom(shopper: Partner) -> list[Json]:
    return crawl(shopper, **CUSTOM)


@pytest.fixture(scope="module")
def inactive(shopper: Partner, everything: list[Json]) -> list[Json]:
    listed = set(ids(everything))
    return [each for each in crawl(shopper, **INACTIVE) if each["id"] not in listed]


def _missing(partner: Partner, product_id: str, **params: str) -> bool:
    answer = partner.http.get(f"/v1/products/{product_id}", params=params)
    if answer.status_code == 200:
        return False
    assert (answer.status_code, answer.json()) == (404, {"error": "Product not found"})
    return True


def test_a_custom_catalog_is_nine_tenths_in_the_same_order(everything: list[Json], custom: list[Json]) -> None:
    chosen = set(ids(custom))
    assert [each for each in everything if each["id"] in chosen] == custom
    assert 0.87 < len(custom) / len(everything) < 0.93


def test_the_order_can_be_another_with_every_page(partner: Partner) -> None:
    use_quirks(partner, "products-unordered")
    one, other = (partner.get("/v1/products", per_page=100) for _ in range(2))
    assert one["list_meta"] == other["list_meta"] == {"total_count": 1200}
    assert ids(one["data"]) != ids(other["data"])
    crawled = ids(crawl(partner))
    assert len(crawled) == 1200
    assert len(set(crawled)) < 1200  # Some come twice, and others never.
    use_quirks(partner)
    assert ids(crawl(partner)) == ids(crawl(partner))


def test_outside_the_custom_catalog_a_product_is_still_known(
    shopper: Partner, everything: list[Json], custom: list[Json]
) -> None:
    outside = next(each for each in everything if each not in custom)
    assert shopper.get(f"/v1/products/{outside['id']}") == outside
    assert _missing(shopper, outside["id"], **CUSTOM)
    assert shopper.get(f"/v1/products/{custom[0]['id']}", **CUSTOM) == custom[0]


def test_inactive_products_come_only_when_asked_for(
    shopper: Partner, everything: list[Json], inactive: list[Json]
) -> None:
    assert {each["status"] for each in everything} == {"active"}
    assert {each["status"] for each in inactive} == {"inactive"}
    assert len(inactive) == 60
    assert len(crawl(shopper, **INACTIVE)) == 1260
    assert crawl(shopper, custom_catalog_show_inactive="false") == everything


def test_an_inactive_product_is_not_shown_by_its_id(shopper: Partner, inactive: list[Json]) -> None:
    assert _missing(shopper, inactive[0]["id"])


def test_both_flags_show_the_custom_catalog_with_its_inactive_products(
    shopper: Partner, custom: list[Json], inactive: list[Json]
) -> None:
    both = crawl(shopper, **CUSTOM, **INACTIVE)
    assert sorted(ids(both)) == sorted([*ids(custom), *ids(inactive)])
    assert both != [*custom, *inactive]  # Inactive ones stand among the others.


def test_everything_ships_to_the_united_states_some_elsewhere(shopper: Partner, everything: list[Json]) -> None:
    assert crawl(shopper, country_code="US") == crawl(shopper, country_code="us") == everything
    assert crawl(shopper, country_code="") == everything
    to_canada = crawl(shopper, country_code="CA")
    assert 0 < len(to_canada) < len(everything)
    assert set(ids(to_canada)) < set(ids(everything))
    reached, whole = {each["brand"]["id"] for each in to_canada}, crawl(shopper, country_code="CA", **CUSTOM)
    assert [each for each in everything if each["brand"]["id"] in reached] == to_canada
    assert set(ids(whole)) < set(ids(to_canada))


@pytest.mark.parametrize("path", ["/v1/products", "/v1/brands"])
@pytest.mark.parametrize("country", ["XX", "USA", "ZZZZ", "🇨🇦"])
def test_nothing_ships_to_an_unknown_country(shopper: Partner, path: str, country: str) -> None:
    assert shopper.get(path, country_code=country) == {"data": [], "list_meta": {"total_count": 0}}


def test_brands_by_country_are_those_of_the_products(shopper: Partner) -> None:
    brands = crawl(shopper, "/v1/brands", country_code="CA")
    products = crawl(shopper, country_code="CA")
    assert set(ids(brands)) == {each["brand"]["id"] for each in products}
    assert 0 < len(brands) < len(crawl(shopper, "/v1/brands"))


@pytest.mark.parametrize("name", ["use_custom_catalog", "custom_catalog_show_inactive"])
def test_a_flag_is_true_or_false(shopper: Partner, everything: list[Json], name: str) -> None:
    answer = shopper.http.get("/v1/products", params={name: "maybe"})
    assert (answer.status_code, answer.json()) == (400, {"error": f"{name} must be true or false"})
    assert shopper.get("/v1/products", **{name: "True"}) == shopper.get("/v1/products", **{name: "1"})
    for no in ("false", "0", ""):
        assert shopper.get("/v1/products", **{name: no})["list_meta"]["total_count"] == len(everything)


def test_brand_sets_have_products_of_their_brand(shopper: Partner, everything: list[Json]) -> None:
    brands = crawl(shopper, "/v1/brands")
    with_sets = [brand for brand in brands if brand["brand_sets"]]
    assert 5 < len(with_sets) < 50
    known = {each["id"]: each for each in everything}
    for brand in with_sets:
        for each in brand["brand_sets"]:
            assert list(each) == ["id", "name", "images", "products", "categories"]
            assert each["products"]
            assert each["categories"][0]["subcategories"]
            assert {product["brand"]["id"] for product in each["products"]} == {brand["id"]}
            assert [product["price"] for product in each["products"]] == [
                known[product["id"]]["price"] for product in each["products"]
            ]
            picture = shopper.http.get(each["images"][0]["image_large"]["url"])
            assert (picture.status_code, picture.headers["content-type"]) == (200, "image/svg+xml; charset=utf-8")


def test_sets_and_shares_stand_where_goody_shows_them(shopper: Partner, everything: list[Json]) -> None:
    brand = next(brand for brand in crawl(shopper, "/v1/brands") if brand["brand_sets"])
    assert "commerce_revshare_excluded" not in brand
    assert "commerce_revshare_excluded" not in brand["brand_sets"][0]["products"][0]["brand"]
    assert all("commerce_revshare_excluded" in each["brand"] for each in everything)
    assert not any("brand_sets" in each["brand"] for each in everything)


@pytest.mark.parametrize("products", ["1", "13"])
def test_a_small_catalog_is_complete_too(products: str) -> None:
    with running("--products", products) as url, partner_of(url) as partner:
        assert len(crawl(partner)) == int(products)
        assert len(crawl(partner, **INACTIVE)) == int(products) + 1
        assert [each["is_published"] for each in partner.get("/v1/collections")["data"]] == [True] * 4 + [False] * 2
        for each in partner.get("/v1/collections")["data"]:
            assert partner.get(f"/v1/collections/{each['id']}")["id"] == each["id"]
