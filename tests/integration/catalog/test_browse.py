"""What shoppers ask of the published catalog."""

import base64
import string
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog_sync.browse import Catalog, CatalogState, CursorExpiredError, ProductQuery, SellableItem, Sort
from catalog_sync.cursors import Position, write_cursor
from catalog_sync.documents import name_key
from catalog_sync.sync import CatalogSync
from catalog_sync.tables import FOREVER, CatalogGeneration, Listing, PublishedCatalog
from foundation.database import Sessions
from foundation.errors import ConflictError, InvalidInputError, NotFoundError

from .conftest import Shop
from .supplier import SteppingClock, Supplier, brand, card, product

SORT_KEYS: dict[Sort, Callable[[dict[str, Any]], Any]] = {
    Sort.NAME: lambda document: (name_key(document["name"]), document["id"]),
    Sort.PRICE: lambda document: (document["price"], document["id"]),
    Sort.PRICE_DESCENDING: lambda document: (-document["price"], [-ord(letter) for letter in document["id"]]),
}


@pytest.fixture
def stocked(sync: CatalogSync, supplier: Supplier, app_id: str, clock: SteppingClock) -> Supplier:
    """Forty products of three brands with many equal names and prices, in two lots an hour apart."""
    supplier.stock(40)
    for number, each in enumerate(supplier.products):
        each |= {"name": f"Name {number % 4}", "price": 1000 * (1 + number % 3)}
    supplier.cards = [card(1, "Birthday"), card(2, "Thank You", "Birthday"), card(3)]
    second_lot = supplier.products[25:]
    supplier.products = supplier.products[:25]
    sync.run(app_id)
    clock.step(hours=1)
    supplier.products += second_lot
    sync.run(app_id)
    return supplier


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("limit", [1, 7, 20, 40, 100])
def test_every_order_with_ties_pages_through_everything_once(
    stocked: Supplier, shop: Shop, sort: Sort, limit: int
) -> None:
    found = shop.documents(sort=sort, limit=limit)
    assert sorted(each["id"] for each in found) == [each["id"] for each in stocked.products]
    if sort in SORT_KEYS:
        assert found == sorted(found, key=SORT_KEYS[sort])


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


@pytest.mark.parametrize("sort", list(Sort))
def test_reader_of_an_older_generation_neither_skips_nor_repeats(
    stocked: Supplier, sync: CatalogSync, shop: Shop, app_id: str, clock: SteppingClock, sort: Sort
) -> None:
    before = shop.documents(sort=sort)
    page = shop.catalog.products(app_id, ProductQuery(sort=sort, limit=6, include_total=True))
    seen = list(page.documents)
    kept = stocked.products
    while page.next_cursor is not None:
        # Between any two pages everything changes: prices, names, half of the products.
        prices, names = clock.now.minute, clock.now.second
        changed = [each | {"price": 1 + prices, "name": f"New {names}"} for each in kept]
        stocked.products = changed[:: 1 + clock.now.minute % 2] + [product(900 + clock.now.minute)]
        clock.step(minutes=1, seconds=1)
        sync.run(app_id)
        query = ProductQuery(sort=sort, limit=6, cursor=page.next_cursor, include_total=True)
        page = shop.catalog.products(app_id, query)
        assert (page.generation, page.total_count) == (2, 40)
        seen += page.documents
    assert [msgspec.json.decode(document) for document in seen] == before
    assert shop.catalog.state(app_id).generation == 8


def test_cursor_expires_an_hour_after_its_generation_was_superseded(
    stocked: Supplier, sync: CatalogSync, shop: Shop, app_id: str, clock: SteppingClock
) -> None:
    cursor = shop.catalog.products(app_id, ProductQuery(limit=5)).next_cursor
    clock.step(days=30)
    again = ProductQuery(limit=5, cursor=cursor)
    assert len(shop.catalog.products(app_id, again).documents) == 5
    stocked.products.pop()
    sync.run(app_id)
    clock.step(hours=1)
    assert shop.catalog.products(app_id, again).generation == 2
    clock.step(seconds=1)
    with pytest.raises(CursorExpiredError) as expired:
        shop.catalog.products(app_id, again)
    assert expired.value.code == "cursor_expired"
    assert isinstance(expired.value, ConflictError)
    sync.run(app_id)
    with pytest.raises(CursorExpiredError):
        shop.catalog.products(app_id, again)


def test_reader_with_a_slow_clock_gets_no_page_that_was_cleared_away(
    stocked: Supplier, sync: CatalogSync, shop: Shop, app_id: str, clock: SteppingClock, sessions: Sessions
) -> None:
    cursor = shop.catalog.products(app_id, ProductQuery(limit=5)).next_cursor
    stocked.products.pop()
    sync.run(app_id)
    clock.step(hours=1, seconds=1)
    sync.run(app_id)
    slow = Catalog(sessions, lambda: clock() - timedelta(minutes=5))
    with pytest.raises(CursorExpiredError):
        slow.products(app_id, ProductQuery(limit=5, cursor=cursor))


@pytest.mark.parametrize(
    "other",
    [
        ProductQuery(sort=Sort.NAME),
        ProductQuery(price_min=1),
        ProductQuery(price_max=10**6),
        ProductQuery(brand_ids=("brand-0001",)),
    ],
)
@pytest.mark.usefixtures("stocked")
def test_cursor_belongs_to_its_query(shop: Shop, app_id: str, other: ProductQuery) -> None:
    cursor = shop.catalog.products(app_id, ProductQuery(limit=5)).next_cursor
    for ask in (
        lambda: shop.catalog.products(app_id, replace(other, cursor=cursor)),
        lambda: shop.catalog.products("app_two", ProductQuery(cursor=cursor)),
        lambda: shop.catalog.brands(app_id, cursor=cursor),
        lambda: shop.catalog.cards(app_id, cursor=cursor),
    ):
        with pytest.raises(InvalidInputError) as refused:
            ask()
        assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [
            ("/cursor", "cursor_of_another_query")
        ]


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize("cursor", ["", "garbage", "é", "AAAA", "W10", "=" * 4, "A" * 5000, "W10\n"])
def test_cursor_that_is_garbage(shop: Shop, app_id: str, cursor: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        shop.catalog.products(app_id, ProductQuery(cursor=cursor))
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/cursor", "bad_cursor")]


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize(("generation", "key"), [(3, 0), (2**63 - 1, 0), (2, -1), (2, 2**63 - 1), (2, 10**18)])
def test_forged_place_is_a_bad_cursor(shop: Shop, app_id: str, generation: int, key: int) -> None:
    query = ProductQuery(sort=Sort.NEWEST, limit=5)
    real = shop.catalog.products(app_id, query).next_cursor
    assert real is not None
    question = msgspec.json.decode(base64.urlsafe_b64decode(real + "=" * (-len(real) % 4)))[0]
    forged = write_cursor(Position(question, generation, key, "product-0001"))
    with pytest.raises(InvalidInputError) as refused:
        shop.catalog.products(app_id, replace(query, cursor=forged))
    assert [fault.code for fault in refused.value.faults] == ["bad_cursor"]


@pytest.mark.usefixtures("stocked")
def test_pages_may_change_size(shop: Shop, app_id: str) -> None:
    first = shop.catalog.products(app_id, ProductQuery(limit=5))
    rest = shop.catalog.products(app_id, ProductQuery(limit=100, cursor=first.next_cursor))
    assert len(first.documents + rest.documents) == 40
    assert rest.next_cursor is None


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


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize("sort", list(Sort))
def test_a_page_walks_an_index(shop: Shop, app_id: str, sessions: Sessions, sort: Sort) -> None:
    """No sorting, and a seek to the cursor's place: a page at any depth costs the same."""
    asked: list[tuple[str, Any]] = []
    sa.event.listen(
        sessions.engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, parameters, *_rest: asked.append((statement, parameters)),
    )
    first = shop.catalog.products(app_id, ProductQuery(sort=sort, limit=5))
    shop.catalog.products(app_id, ProductQuery(sort=sort, limit=5, cursor=first.next_cursor))
    statement, parameters = next(each for each in reversed(asked) if "listings" in each[0])
    with sessions.read() as session:
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    assert len(plan) == 1
    assert "SEARCH listings USING INDEX" in plan[0][3]
    assert plan[0][3].count("?") == 3 if sort != Sort.NAME else True


LISTED = st.lists(
    st.tuples(st.text("ab ", max_size=2), st.integers(0, 2), st.integers(0, 1), st.booleans()), max_size=25
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    listed=LISTED,
    sort=st.sampled_from(Sort),
    limit=st.integers(1, 9),
    bounds=st.tuples(st.none() | st.just(1), st.none() | st.just(1)),
)
def test_pagination_is_a_sorted_list_cut_in_pieces(
    sessions: Sessions,
    clock: SteppingClock,
    shop: Shop,
    app_id: str,
    listed: list[tuple[str, int, int, bool]],
    sort: Sort,
    limit: int,
    bounds: tuple[int | None, int | None],
) -> None:
    rows = [_listing(app_id, clock, place, *each) for place, each in enumerate(listed)]
    with sessions.begin() as session:
        for table in (Listing, PublishedCatalog, CatalogGeneration):
            session.execute(sa.delete(table))
        if rows:
            session.execute(sa.insert(Listing), rows)
        session.add(PublishedCatalog(app_id=app_id, generation=2, published_at=clock(), oldest_generation=1))
    column, descending = {
        Sort.FEATURED: ("featured_rank", False),
        Sort.NAME: ("name_key", False),
        Sort.PRICE: ("price", False),
        Sort.PRICE_DESCENDING: ("price", True),
        Sort.NEWEST: ("newest_at", True),
    }[sort]
    low, high = bounds
    expected = sorted(
        (
            row
            for row in rows
            if row["valid_to"] == FOREVER
            and (low is None or row["price"] >= low)
            and (high is None or row["price"] <= high)
        ),
        key=lambda row: (row[column], row["id"]),
        reverse=descending,
    )
    found = shop.documents(sort=sort, limit=limit, price_min=low, price_max=high)
    assert [each["id"] for each in found] == [row["id"] for row in expected]


def _listing(
    app_id: str,
    clock: SteppingClock,
    place: int,
    name: str,
    price: int,
    later: int,
    is_current: bool,  # noqa: FBT001
) -> dict[str, Any]:
    product_id = f"{string.ascii_lowercase[place % 5]}-{place}"
    return {
        "app_id": app_id,
        "id": product_id,
        "valid_from": 1,
        "valid_to": FOREVER if is_current else 2,
        "content_hash": "",
        "brand_id": "brand",
        "name_key": name,
        "price": price,
        "price_with_shipping": price,
        "newest_at": clock() + timedelta(microseconds=later),
        "featured_rank": later,
        "revshare_excluded": False,
        "summary": msgspec.json.encode({"id": product_id}),
        "document": b"{}",
    }
