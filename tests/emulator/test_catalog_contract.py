"""Every answer of the catalog is as Goody's own description says."""

from collections.abc import Iterator
from itertools import product as every

import pytest

from .openapi import PATH, Contract
from .partner import Partner, partner_of

pytestmark = pytest.mark.skipif(not PATH.exists(), reason="Goody's openapi.json is not beside this repository")

FLAGS = ("true", "false")


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract()


@pytest.fixture(scope="module")
def shopper(emulator_url: str) -> Iterator[Partner]:
    with partner_of(emulator_url) as partner:
        yield partner


@pytest.mark.parametrize(("custom", "inactive", "country"), list(every(FLAGS, FLAGS, ("US", "CA", "XX"))))
def test_products(shopper: Partner, contract: Contract, custom: str, inactive: str, country: str) -> None:
    for page in (1, 2, 13, 14):
        answer = shopper.get(
            "/v1/products",
            page=page,
            per_page=100,
            use_custom_catalog=custom,
            custom_catalog_show_inactive=inactive,
            country_code=country,
        )
        contract.judge("GET /v1/products", answer)


@pytest.mark.parametrize("custom", FLAGS)
def test_one_product(shopper: Partner, contract: Contract, custom: str) -> None:
    for each in shopper.get("/v1/products", use_custom_catalog="true")["data"]:
        shown = shopper.get(f"/v1/products/{each['id']}", use_custom_catalog=custom)
        contract.judge("GET /v1/products/{id}", shown)


@pytest.mark.parametrize("country", ["US", "CA", "XX"])
def test_brands_with_their_sets(shopper: Partner, contract: Contract, country: str) -> None:
    answer = shopper.get("/v1/brands", per_page=100, country_code=country)
    assert any(brand["brand_sets"] for brand in answer["data"]) is (country != "XX")
    contract.judge("GET /v1/brands", answer)


def test_cards(shopper: Partner, contract: Contract) -> None:
    contract.judge("GET /v1/cards", shopper.get("/v1/cards", page=2, per_page=7))


@pytest.mark.parametrize("published", FLAGS)
def test_collections(shopper: Partner, contract: Contract, published: str) -> None:
    answer = shopper.get("/v1/collections", per_page=100, published=published)
    contract.judge("GET /v1/collections", answer)
    for each in answer["data"]:
        contract.judge("GET /v1/collections/{id}", shopper.get(f"/v1/collections/{each['id']}"))


@pytest.mark.parametrize("thing", ["products", "collections"])
def test_what_is_not_there(shopper: Partner, contract: Contract, thing: str) -> None:
    answer = shopper.http.get(f"/v1/{thing}/nope")
    assert answer.status_code == 404
    contract.judge(f"GET /v1/{thing}/{{id}}", answer.json(), refused=True)


def test_what_was_changed(partner: Partner, contract: Contract) -> None:
    known = partner.products[0]
    changes = [
        {"action": "add"},
        {"action": "deactivate", "product_id": known["id"]},
        {"action": "rebrand_shipping", "brand_id": known["brand"]["id"], "free_shipping_minimum": None},
        {"action": "exclude_from_revshare", "product_id": partner.products[1]["id"]},
    ]
    made = partner.http.post("/_emulator/catalog/changes", json={"changes": changes})
    assert made.status_code == 201
    added = partner.get(f"/v1/products/{made.json()['changes'][0]['product_id']}")
    contract.judge("GET /v1/products/{id}", added)
    contract.judge("GET /v1/products", partner.get("/v1/products", custom_catalog_show_inactive="true"))
