"""Paging: everything once, in order, whatever happens to the catalog meanwhile."""

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

from catalog_sync.browsing.catalog import Catalog, CursorExpiredError, ProductQuery, Sort
from catalog_sync.browsing.cursors import Position, write_cursor
from catalog_sync.publishing.documents import name_key
from catalog_sync.sync import CatalogSync
from catalog_sync.tables import FOREVER, CatalogGeneration, Listing, PublishedCatalog
from foundation.database import Sessions
from foundation.errors import ConflictError, InvalidInputError

from .conftest import Shop
from .supplier import SteppingClock, Supplier, product

SORT_KEYS: dict[Sort, Callable[[dict[str, Any]], Any]] = {
    Sort.NAME: lambda document: (name_key(document["name"]), document["id"]),
    Sort.PRICE: lambda document: (document["price"], document["id"]),
    Sort.PRICE_DESCENDING: lambda document: (-document["price"], [-ord(letter) for letter in document["id"]]),
}

COLUMNS = {
    Sort.FEATURED: ("featured_rank", False),
    Sort.NAME: ("name_key", False),
    Sort.PRICE: ("price", False),
    Sort.PRICE_DESCENDING: ("price", True),
    Sort.NEWEST: ("newest_at", True),
}


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("limit", [1, 7, 20, 40, 100])
def test_every_order_with_ties_pages_through_everything_once(
    stocked: Supplier, shop: Shop, sort: Sort, limit: int
) -> None:
    found = shop.documents(sort=sort, limit=limit)
    assert sorted(each["id"] for each in found) == [each["id"] for each in stocked.products]
    if sort in SORT_KEYS:
        assert found == sorted(found, key=SORT_KEYS[sort])


@pytest.mark.usefixtures("stocked")
def test_pages_may_change_size(shop: Shop, app_id: str) -> None:
    first = shop.catalog.products(app_id, ProductQuery(limit=5))
    rest = shop.catalog.products(app_id, ProductQuery(limit=100, cursor=first.next_cursor))
    assert len(first.documents + rest.documents) == 40
    assert rest.next_cursor is None


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
        stocked.products = [*changed[:: 1 + clock.now.minute % 2], product(900 + clock.now.minute)]
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
    asks: list[Callable[[], object]] = [
        lambda: shop.catalog.products(app_id, replace(other, cursor=cursor)),
        lambda: shop.catalog.products("app_two", ProductQuery(cursor=cursor)),
        lambda: shop.catalog.brands(app_id, cursor=cursor),
        lambda: shop.catalog.cards(app_id, cursor=cursor),
    ]
    for ask in asks:
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
@pytest.mark.parametrize("sort", list(Sort))
def test_a_page_walks_an_index(shop: Shop, app_id: str, sessions: Sessions, sort: Sort) -> None:
    """No sorting, and a seek to the cursor's place: a page at any depth costs the same."""
    if sessions.engine.dialect.name != "sqlite":
        pytest.skip("reads SQLite's query plans")
    asked: list[tuple[str, Any]] = []
    sa.event.listen(
        sessions.engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, parameters, *_rest: asked.append((statement, parameters)),
    )
    first = shop.catalog.products(app_id, ProductQuery(sort=sort, limit=5))
    shop.catalog.products(app_id, ProductQuery(sort=sort, limit=5, cursor=first.next_cursor))
    pages = [each for each in asked if "FROM listings" in each[0]]
    plans = []
    with sessions.read() as session:
        for statement, parameters in pages:
            plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.append([step.detail for step in plan])
    column, descending = COLUMNS[sort]
    compared = "<" if descending else ">"
    index = f"SEARCH listings USING INDEX ix_listings_app_id_{column}_id"
    assert plans == [[f"{index} (app_id=?)"], [f"{index} (app_id=? AND ({column},id){compared}(?,?))"]]


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
    column, descending = COLUMNS[sort]
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
