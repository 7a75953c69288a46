"""What shoppers ask of the published catalog."""

import msgspec
import pytest

from catalog_sync.browsing.catalog import Catalog, CatalogState, ProductQuery, SellableItem, Sort
from catalog_sync.sync import CatalogSync
from foundation.errors import InvalidInputError, NotFoundError

from .conftest import Shop
from .supplier import Supplier, brand, product


def test_newest_come_first(stocked: Supplier, shop: Shop) -> None:
    newest = {each["id"] for each in shop.documents(sort=Sort.NEWEST)[:15]}
    assert newest == {each["id"] for each in stocked.products[25:]}


def test_featured_lets_the_brands_take_turns(stocked: Supplier, shop: Shop) -> None:
    featured = [each["brand"]["id"] for each in shop.documents(sort=Sort.FEATURED)]
    assert all(len(set(featured[start : start + 3])) == 3 for start in range(0, 39, 3))
    assert len(stocked.brands) == 3


def test_filters(stocked: Supplier, shop: Shop) -> None:
    everything = stocked.products
    two = ("brand-0000", "brand-0002")
    assert shop.names(brand_ids=two) == sorted(each["name"] for each in everything if each["brand"]["id"] in two)
    assert shop.names(brand_ids=("brand-9999",)) == []
    assert shop.names(brand_ids=("no\x00id",)) == []
    assert {each["price"] for each in shop.documents(price_min=2000)} == {2000, 3000}
    assert {each["price"] for each in shop.documents(price_max=2000)} == {1000, 2000}
    assert {each["price"] for each in shop.documents(price_min=2000, price_max=2000)} == {2000}
    assert shop.documents(price_min=2001, price_max=2000) == []


def test_total_count_when_asked_for(stocked: Supplier, shop: Shop, app_id: str) -> None:
    ask = shop.catalog.products
    assert ask(app_id, ProductQuery()).total_count is None
    assert ask(app_id, ProductQuery(include_total=True)).total_count == len(stocked.products)
    first = ask(app_id, ProductQuery(price_min=2000, limit=5, include_total=True))
    second = ask(app_id, ProductQuery(price_min=2000, limit=5, include_total=True, cursor=first.next_cursor))
    dear = sum(each["price"] >= 2000 for each in stocked.products)
    assert (first.total_count, second.total_count) == (dear, dear)


@pytest.mark.parametrize("limit", [-1, 0, 101])
def test_limit_is_bounded(shop: Shop, app_id: str, limit: int) -> None:
    with pytest.raises(InvalidInputError) as refused:
        shop.catalog.products(app_id, ProductQuery(limit=limit))
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/limit", "out_of_range")]


def test_nothing_published_yet(catalog: Catalog, app_id: str) -> None:
    assert catalog.state(app_id) == CatalogState(0, None)
    page = catalog.products(app_id, ProductQuery(include_total=True))
    assert (page.documents, page.next_cursor, page.total_count, page.generation) == ([], None, 0, 0)
    assert catalog.brands(app_id).documents == []
    assert catalog.cards(app_id).documents == []
    assert catalog.sellable(app_id, ["product-0001"]) == {}


def test_brands_with_something_on_sale(stocked: Supplier, sync: CatalogSync, shop: Shop, app_id: str) -> None:
    stocked.brands = [
        brand(1, name="álpha", brand_values=["Sustainable"]),
        brand(2, name="Beta"),
        brand(8, name="Idle"),
    ]
    stocked.products = [product(1, brand(1)), product(2, brand(2)), product(3, brand(7, name="aardvark"))]
    sync.run(app_id)
    first = shop.catalog.brands(app_id, limit=2, include_total=True)
    last = shop.catalog.brands(app_id, limit=2, cursor=first.next_cursor)
    brands = [msgspec.json.decode(document) for document in first.documents + last.documents]
    assert [each["name"] for each in brands] == ["aardvark", "álpha", "Beta"]
    assert (first.total_count, last.next_cursor) == (3, None)
    assert brands[1] == msgspec.json.decode(shop.catalog.brand(app_id, "brand-0001"))
    assert (brands[1]["brand_values"], brands[1]["currency"]) == (["Sustainable"], "USD")
    for missing in ("brand-0008", "brand-0000", "no\x00id", ""):
        with pytest.raises(NotFoundError):
            shop.catalog.brand(app_id, missing)


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize(
    ("occasion", "cards"),
    [
        (None, ["card-0001", "card-0002", "card-0003"]),
        ("birthday", ["card-0001", "card-0002"]),
        ("Thank You", ["card-0002"]),
        ("Thank", []),
        ("%", []),
        ("", []),
    ],
)
def test_cards_of_an_occasion(shop: Shop, app_id: str, occasion: str | None, cards: list[str]) -> None:
    found, cursor = [], None
    while True:
        page = shop.catalog.cards(app_id, occasion, limit=1, cursor=cursor)
        found += [msgspec.json.decode(document)["id"] for document in page.documents]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert found == cards


@pytest.mark.usefixtures("stocked")
def test_has_card(catalog: Catalog, app_id: str) -> None:
    assert catalog.has_card(app_id, "card-0001")
    assert not any(catalog.has_card(app_id, missing) for missing in ("card-0009", "", "card-0001 ", "\x00"))


def test_sellable_items(stocked: Supplier, sync: CatalogSync, shop: Shop, app_id: str) -> None:
    maker = brand(1, free_shipping_minimum=9000, commerce_revshare_excluded=True)
    stocked.products = [
        product(1, maker, price=2500, price_is_variable=True, price_min=1500, price_max=50000),
        product(2, maker, variants=[], variants_num_selectable=None, restricted_states=[]),
    ]
    sync.run(app_id)
    items = shop.catalog.sellable(app_id, ["product-0001", "product-0002", "product-0003", "\x00"])
    assert items["product-0001"] == SellableItem(
        product_id="product-0001",
        name="Product 1",
        brand_id="brand-0001",
        brand_name="Brand 1",
        price=2500,
        price_is_variable=True,
        price_min=1500,
        price_max=50000,
        variants=("Small", "Large"),
        variants_num_selectable=1,
        restricted_states=("HI",),
        revshare_excluded=True,
        shipping_price=500,
        free_shipping_minimum=9000,
    )
    assert (items["product-0002"].variants, items["product-0002"].variants_num_selectable) == ((), 0)
    assert items.keys() == {"product-0001", "product-0002"}


@pytest.mark.parametrize("missing", ["product-9999", "", "no\x00id", "x" * 100])
@pytest.mark.usefixtures("stocked")
def test_product_that_is_not_on_sale(shop: Shop, missing: str) -> None:
    with pytest.raises(NotFoundError):
        shop.product(missing)
