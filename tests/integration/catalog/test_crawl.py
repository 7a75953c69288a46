"""Reading every page, and knowing whether it was everything."""

import httpx
import pytest

from catalog_sync.crawling.crawl import crawl
from catalog_sync.runs import RunStatus
from catalog_sync.sync import CatalogSync
from foundation.database import Sessions
from foundation.errors import GoodyUnauthorizedError, GoodyUnavailableError, GoodyUnreadableError

from .conftest import Database, Shop
from .supplier import Supplier, brand, product


def test_every_page_is_read_once(supplier: Supplier) -> None:
    supplier.stock(450, brands=120)
    with supplier.client() as client:
        crawled = crawl(client, workers=4)
    assert crawled.shortfall is None
    assert set(crawled.products.items) == {each["id"] for each in supplier.products}
    assert len(crawled.brands.items) == 120
    assert [reading.pages for reading in crawled.readings] == [5, 2, 1]
    assert sorted(supplier.asked) == sorted(
        [("products", page) for page in range(1, 6)] + [("brands", 1), ("brands", 2), ("cards", 1)]
    )


def test_smaller_pages_than_asked_for_are_all_read(supplier: Supplier) -> None:
    supplier.stock(45)
    asked_size = supplier.answer

    def pages_of_ten(request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_set_param("per_page", "10")
        return asked_size(request)

    supplier.answer = pages_of_ten  # type: ignore[method-assign]
    with supplier.client() as client:
        crawled = crawl(client, workers=2)
    assert crawled.shortfall is None
    assert (len(crawled.products.items), crawled.products.pages) == (45, 5)


def test_catalog_that_settles_is_read_anew(supplier: Supplier) -> None:
    supplier.stock(250)

    def grow_once(name: str, page: int) -> None:
        if (name, page) == ("products", 2) and len(supplier.products) == 250:
            supplier.products.insert(0, product(999))

    supplier.before_page = grow_once
    with supplier.client() as client:
        crawled = crawl(client, workers=1)
    assert crawled.shortfall is None
    assert len(crawled.products.items) == 251
    assert crawled.products.pages == 6
    assert supplier.asked.count(("brands", 1)) == 1


def test_catalog_that_never_settles_is_incomplete_after_two_more_tries(supplier: Supplier) -> None:
    supplier.stock(150)

    def grow(name: str, page: int) -> None:
        if (name, page) == ("products", 2):
            supplier.products.insert(0, product(1000 + len(supplier.products)))

    supplier.before_page = grow
    with supplier.client() as client:
        crawled = crawl(client, workers=1)
    assert crawled.products.shortfall == "The number of products went from 152 to 153 while they were read."
    assert crawled.shortfall == crawled.products.shortfall
    assert supplier.asked.count(("products", 1)) == 3


def test_skipped_product_shows_by_counting_distinct_ones(supplier: Supplier) -> None:
    """A product that moves from the last page to the first is missed, and pushes another over the edge of a page."""
    supplier.stock(150)

    def reorder(name: str, page: int) -> None:
        if (name, page) == ("products", 2):
            supplier.products.insert(0, supplier.products.pop())

    supplier.before_page = reorder
    with supplier.client() as client:
        crawled = crawl(client, workers=1)
    assert crawled.shortfall == "Goody counts 150 products, but 149 distinct ones were read."


def test_nothing_is_retired_by_an_incomplete_crawl(
    sync: CatalogSync, supplier: Supplier, shop: Shop, app_id: str
) -> None:
    supplier.stock(150)
    sync.run(app_id)

    def shrink(name: str, page: int) -> None:
        if (name, page) == ("products", 2):
            supplier.products.pop(0)

    supplier.before_page = shrink
    run = sync.run(app_id)
    assert run.status == RunStatus.INCOMPLETE
    assert run.error == "The number of products went from 148 to 147 while they were read."
    assert (run.counts.retired, run.counts.published) == (0, 150)
    assert len(shop.names()) == 150


def test_broken_product_is_reported_and_kept(sync: CatalogSync, supplier: Supplier, shop: Shop, app_id: str) -> None:
    supplier.stock(4)
    sync.run(app_id)
    supplier.products[1]["price"] = "ten dollars"
    supplier.products[2]["subtitle"] = "Changed."
    vanishing = supplier.products.pop(0)
    run = sync.run(app_id)
    assert run.status == RunStatus.INCOMPLETE
    assert run.error is not None
    assert run.error.startswith(
        "Unusable products (1), left as they were: product-0001: Goody sent no readable Product"
    )
    assert (run.counts.seen, run.counts.changed, run.counts.broken, run.counts.retired) == (2, 1, 1, 0)
    assert shop.product("product-0001")["price"] == 1001
    assert shop.product("product-0002")["subtitle"] == "Changed."
    assert vanishing["name"] in shop.names()
    assert supplier.asked.count(("products", 1)) == 2


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        (product(1, id="no id"), "no id: 'no id' is no id."),
        (product(1, id=""), "without an id: '' is no id."),
        (product(1, price=-1), "product-0001: an amount of -1 cents can't be."),
        (product(1, brand(1, shipping_price=10**13)), "product-0001: an amount of 10000000000000 cents can't be."),
        (product(1, brand(1, id="x" * 65)), f"product-0001: '{'x' * 65}' is no id."),
    ],
)
def test_what_no_database_should_hold_is_broken(
    sync: CatalogSync, supplier: Supplier, shop: Shop, app_id: str, spoilt: dict[str, object], reason: str
) -> None:
    supplier.products = [product(0), spoilt]
    run = sync.run(app_id)
    assert run.status == RunStatus.INCOMPLETE
    assert run.error == f"Unusable products (1), left as they were: {reason}"
    assert shop.names() == ["Product 0"]


def test_many_broken_ones_are_counted_and_some_named(supplier: Supplier) -> None:
    supplier.products = [product(number, price=-1) for number in range(8)]
    with supplier.client() as client:
        crawled = crawl(client, workers=1)
    assert crawled.shortfall is not None
    assert crawled.shortfall.count("can't be") == 5
    assert crawled.shortfall.endswith("; and 3 more.")


def test_field_that_is_no_utf8_does_not_stop_the_run(
    supplier: Supplier, sessions: Sessions, shop: Shop, app_id: str
) -> None:
    supplier.products = [product(0, internal_note="??")]
    honest = supplier.answer

    def spoil(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=honest(request).content.replace(b"??", b"\xff\xfe"))

    supplier.answer = spoil  # type: ignore[method-assign]
    with supplier.client() as client:
        run = CatalogSync(sessions, lambda _app_id: client).run(app_id)
    assert run.status == RunStatus.SUCCEEDED
    assert shop.names() == ["Product 0"]


@pytest.mark.parametrize(
    ("total", "reason"),
    [(None, "Goody does not say how many products there are"), (10**9, "which can't be"), (-1, "which can't be")],
)
def test_count_that_cannot_be_used_fails_the_crawl(supplier: Supplier, total: int | None, reason: str) -> None:
    meta = {} if total is None else {"total_count": total}
    supplier.before_page = lambda _name, _page: httpx.Response(200, json={"data": [], "list_meta": meta})
    with supplier.client() as client, pytest.raises(GoodyUnreadableError, match=reason):
        crawl(client, workers=2)


def test_failure_ends_the_crawl_without_reading_on(supplier: Supplier) -> None:
    supplier.stock(5000)
    supplier.before_page = lambda _name, page: httpx.Response(429) if page == 3 else None
    with supplier.client() as client, pytest.raises(GoodyUnavailableError):
        crawl(client, workers=2)
    assert len(supplier.asked) < 40


def test_refused_key_fails_the_run(sync: CatalogSync, supplier: Supplier, app_id: str, database: Database) -> None:
    supplier.before_page = lambda _name, _page: httpx.Response(401, json={"error": "Failed to authorize"})
    run = sync.run(app_id)
    assert run.status == RunStatus.FAILED
    assert run.error is not None
    assert "API key" in run.error
    assert all(rows == [] for rows in database.written().values())
    with supplier.client() as client, pytest.raises(GoodyUnauthorizedError):
        crawl(client, workers=2)
