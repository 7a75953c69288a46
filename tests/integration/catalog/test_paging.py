"""Paging: everything once, in order, whatever happens to the catalog meanwhile."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from catalog_sync.browsing.catalog import Catalog, CursorExpiredError, DocumentPage, ProductQuery, Sort
from catalog_sync.browsing.cursors import PlacePosition, write_cursor
from catalog_sync.browsing.served import ServedGenerations
from catalog_sync.browsing.summaries import statement_for
from catalog_sync.publishing.documents import name_key
from catalog_sync.sync import CatalogSync
from foundation.database import Sessions, fetch
from foundation.errors import ConflictError, InvalidInputError

from .conftest import Shop
from .supplier import SteppingClock, Supplier, product

SORT_KEYS: dict[Sort, Callable[[dict[str, Any]], Any]] = {
    Sort.NAME: lambda document: (name_key(document["name"]), document["id"]),
    Sort.PRICE: lambda document: (document["price"], document["id"]),
    Sort.PRICE_DESCENDING: lambda document: (-document["price"], [-ord(letter) for letter in document["id"]]),
}


def test_every_order_with_ties_pages_through_everything_once(stocked: Supplier, shop: Shop) -> None:
    for sort in Sort:
        for limit in (1, 7, 20, 40, 100):
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


@pytest.mark.parametrize("sort", [Sort.FEATURED, Sort.PRICE])
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
def test_forged_place_gives_no_more_than_another_place(shop: Shop, app_id: str) -> None:
    query = ProductQuery(sort=Sort.NEWEST, limit=5)
    real = shop.catalog.products(app_id, query).next_cursor
    assert real is not None
    question = msgspec.json.decode(base64.urlsafe_b64decode(real + "=" * (-len(real) % 4)))[0]

    def page(generation: int, position: int, given: int) -> DocumentPage:
        forged = write_cursor(PlacePosition(question, generation, position, given))
        return shop.catalog.products(app_id, replace(query, cursor=forged))

    for generation in (3, 2**63 - 1):
        with pytest.raises(InvalidInputError) as refused:
            page(generation, 0, 0)
        assert [fault.code for fault in refused.value.faults] == ["bad_cursor"]
    for position in (40, 41, 2**63 - 1):
        beyond = page(2, position, 5)
        assert (beyond.documents, beyond.next_cursor) == ([], None)
    assert len(page(2, 3, 2**63 - 1).documents) == 5


@pytest.mark.usefixtures("stocked")
def test_pages_of_known_products_ask_the_database_for_nothing(
    sessions: Sessions, app_id: str, clock: SteppingClock
) -> None:
    """A page at any depth costs the same: its places come from memory, and so do documents that were read before."""
    catalog = Catalog(sessions, clock, ServedGenerations(sessions, most_seconds=600))
    asked: list[object] = []
    sa.event.listen(sessions.engine.pool, "checkout", lambda *about: asked.append(about))
    assert len(Shop(catalog, app_id).documents(limit=100)) == 40
    assert len(asked) == 3, "the generation, its index, its documents"
    asked.clear()
    for sort in Sort:
        first = catalog.products(app_id, ProductQuery(sort=sort, limit=5, price_min=1001))
        catalog.products(app_id, ProductQuery(sort=sort, limit=5, price_min=1001, cursor=first.next_cursor))
    assert asked == []


@pytest.mark.usefixtures("stocked")
def test_unknown_documents_are_read_by_key(app_id: str, sessions: Sessions) -> None:
    if sessions.engine.dialect.name != "sqlite":
        pytest.skip("reads SQLite's query plans")
    parameters = (app_id, "product-0001", "product-0002", 2, 2)
    with sessions.look() as connection:
        plan = fetch(connection, f"EXPLAIN QUERY PLAN {statement_for('sqlite', 2)}", parameters)
        found = fetch(connection, statement_for("sqlite", 2), parameters)
    assert len(found) == 2
    assert any("SEARCH listings" in str(step) and "app_id=? AND id=?" in str(step) for step in plan)
