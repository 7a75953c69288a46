"""Reading every page, and knowing whether it was everything."""

from collections.abc import Sequence

import httpx
import pytest

from catalog_sync.crawling.crawl import Crawled, CrawlStoppedError, ReadItem, Tally, crawl
from catalog_sync.crawling.listings import CatalogOptions, fetchers
from catalog_sync.kinds import Kind
from catalog_sync.runs import RunStatus
from catalog_sync.sync import CatalogSync
from foundation.database import Sessions
from foundation.errors import GoodyUnauthorizedError, GoodyUnavailableError, GoodyUnreadableError

from .conftest import Database
from .supplier import Supplier, brand, card, collection, product


class Basket:
    """Keeps what a crawl hands on; `known` are ids that were there before."""

    def __init__(self, known: Sequence[str] = ()) -> None:
        self.ids: dict[Kind, list[str]] = {kind: [] for kind in Kind}
        self._known = set(known)

    def prepare(self) -> None:
        pass

    def unchanged(self, kind: Kind, ids: Sequence[str]) -> None:
        self.ids[kind] += ids

    def take(self, kind: Kind, items: Sequence[ReadItem]) -> None:
        self.ids[kind] += [item.id for item in items]

    def absent(self, kind: Kind, seen: set[str]) -> int:
        return len(self._known - seen) if kind is Kind.PRODUCT else 0


def read(
    supplier: Supplier, basket: Basket | None = None, *, workers: int = 1, options: CatalogOptions | None = None
) -> tuple[dict[Kind, Crawled], Tally]:
    tally = Tally()
    with supplier.client() as client:
        read_pages = fetchers(client, options or CatalogOptions())
        return crawl(read_pages, workers, basket or Basket(), tally), tally


def test_every_page_is_read_once(supplier: Supplier) -> None:
    supplier.stock(450, brands=120)
    supplier.cards, supplier.collections = [card(1)], [collection(1), collection(2, product(77))]
    basket = Basket()
    crawled, tally = read(supplier, basket, workers=4)
    assert all(each.is_complete and each.readings == 1 for each in crawled.values())
    assert sorted(basket.ids[Kind.PRODUCT]) == [each["id"] for each in supplier.products]
    assert [len(basket.ids[kind]) for kind in Kind] == [450, 120, 1, 2]
    assert (tally.pages, tally.expected, tally.retries) == (9, 9, 0)
    assert sorted(supplier.asked) == sorted(
        [("products", page) for page in range(1, 6)] + [("brands", 1), ("brands", 2), ("cards", 1), ("collections", 1)]
    )


def test_the_apps_options_are_asked_for(supplier: Supplier) -> None:
    read(supplier, options=CatalogOptions(use_custom_catalog=True, show_inactive=False, country_code="CA"))
    asked = dict(zip((name for name, _page in supplier.asked), supplier.queries, strict=True))
    page = {"page": "1", "per_page": "100"}
    custom = {"use_custom_catalog": "true", "custom_catalog_show_inactive": "false"}
    assert asked == {
        "products": {**page, **custom, "country_code": "CA"},
        "brands": {**page, "country_code": "CA"},
        "cards": page,
        "collections": page,
    }


def test_smaller_pages_than_asked_for_are_all_read(supplier: Supplier) -> None:
    supplier.stock(45)
    asked_size = supplier.answer

    def pages_of_ten(request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_set_param("per_page", "10")
        return asked_size(request)

    supplier.answer = pages_of_ten  # type: ignore[method-assign]
    crawled, _ = read(supplier, workers=2)
    assert crawled[Kind.PRODUCT].is_complete
    assert len(crawled[Kind.PRODUCT].seen) == 45
    assert supplier.asked.count(("products", 5)) == 1


def test_catalog_that_settles_is_read_anew(supplier: Supplier) -> None:
    supplier.stock(250)

    def grow_once(name: str, page: int) -> None:
        if (name, page) == ("products", 2) and len(supplier.products) == 250:
            supplier.products.insert(0, product(999))

    supplier.before_page = grow_once
    crawled, tally = read(supplier)
    assert (crawled[Kind.PRODUCT].shortfall, crawled[Kind.PRODUCT].readings) == (None, 2)
    assert len(crawled[Kind.PRODUCT].seen) == 251
    assert (tally.pages, tally.expected) == (9, 9)
    assert supplier.asked.count(("brands", 1)) == 1


def test_catalog_that_never_settles_is_incomplete_after_four_readings(supplier: Supplier) -> None:
    supplier.stock(150)

    def grow(name: str, page: int) -> None:
        if (name, page) == ("products", 2):
            supplier.products.insert(0, product(1000 + len(supplier.products)))

    supplier.before_page = grow
    crawled, _ = read(supplier)
    assert crawled[Kind.PRODUCT].shortfall == "The number of products went from 153 to 154 while they were read."
    assert supplier.asked.count(("products", 1)) == 4


def test_skipped_product_shows_by_counting_distinct_ones(supplier: Supplier) -> None:
    """A product that moves from the last page to the first is missed, and pushes another over the edge of a page."""
    supplier.stock(150)

    def reorder(name: str, page: int) -> None:
        if (name, page) == ("products", 2):
            supplier.products.insert(0, supplier.products.pop())

    supplier.before_page = reorder
    crawled, _ = read(supplier)
    assert crawled[Kind.PRODUCT].shortfall == "Goody counts 150 products, but 149 distinct ones were read."


def test_what_slides_over_an_edge_while_another_joins_the_end_is_found_by_reading_again(supplier: Supplier) -> None:
    supplier.stock(150)
    known = [each["id"] for each in supplier.products]

    def slide_once(name: str, page: int) -> None:
        if (name, page) == ("products", 2) and len(supplier.asked) < 6:
            supplier.products.pop(3)
            supplier.products.append(product(999))

    supplier.before_page = slide_once
    crawled, _ = read(supplier, Basket(known))
    products = crawled[Kind.PRODUCT]
    # The first reading has the right count and lacks product 100; the second finds it; the third proves what is gone.
    assert (products.readings, products.shortfall) == (3, None)
    assert set(known) - products.seen == {"product-0003"}


def test_what_slides_in_every_reading_proves_nothing(supplier: Supplier) -> None:
    supplier.stock(150)
    known = [each["id"] for each in supplier.products]

    def slide(name: str, page: int) -> None:
        if (name, page) == ("products", 2):
            supplier.products.pop(3)
            supplier.products.append(product(1000 + len(supplier.asked)))

    supplier.before_page = slide
    crawled, _ = read(supplier, Basket(known))
    assert crawled[Kind.PRODUCT].shortfall is not None
    assert "no two readings in a row listed the same products alike" in str(crawled[Kind.PRODUCT].shortfall)


@pytest.mark.parametrize(("times", "outcome"), [(2, 150), (3, "no readable page")])
def test_a_mangled_page_is_asked_for_again(supplier: Supplier, times: int, outcome: int | str) -> None:
    supplier.stock(150)

    def mangle(name: str, page: int) -> httpx.Response | None:
        tries = supplier.asked.count((name, page))
        return httpx.Response(200, text="<html>") if (name, page) == ("products", 2) and tries <= times else None

    supplier.before_page = mangle
    if isinstance(outcome, str):
        with pytest.raises(GoodyUnreadableError, match=outcome):
            read(supplier)
    else:
        crawled, tally = read(supplier)
        assert (len(crawled[Kind.PRODUCT].seen), tally.retries) == (outcome, times)


def test_many_broken_ones_are_counted_and_some_named(sync: CatalogSync, supplier: Supplier, app_id: str) -> None:
    supplier.products = [product(number, price=-1) for number in range(8)]
    run = sync.run(app_id)
    assert run.error is not None
    assert run.error.startswith(
        "Unusable products (8), left as they were: product-0000: an amount of -1 cents can't be; "
    )
    assert run.error.count("can't be") == 5
    assert run.error.endswith("; and 3 more.")


@pytest.mark.parametrize(
    ("spoilt", "status", "reason"),
    [
        (product(1, price=-1), RunStatus.SUCCEEDED, "product-0001: an amount of -1 cents can't be."),
        (
            product(1, brand(1, shipping_price=10**13)),
            RunStatus.SUCCEEDED,
            "product-0001: an amount of 10000000000000 cents can't be.",
        ),
        (product(1, brand(1, id="x" * 65)), RunStatus.SUCCEEDED, f"product-0001: '{'x' * 65}' is no id."),
        (product(1, id="no id"), RunStatus.INCOMPLETE, "without an id: 'no id' is no id."),
        (product(1, id=""), RunStatus.INCOMPLETE, "without an id: '' is no id."),
    ],
)
def test_what_no_database_should_hold_is_broken(
    sync: CatalogSync,
    supplier: Supplier,
    database: Database,
    app_id: str,
    spoilt: dict[str, object],
    status: RunStatus,
    reason: str,
) -> None:
    supplier.products = [product(0), spoilt]
    run = sync.run(app_id)
    assert run.status == status
    assert run.error is not None
    assert run.error.endswith(reason)
    assert database.on_sale(app_id) == {"product-0000"}


def test_a_gift_collections_stand_in_is_looked_at_too(sync: CatalogSync, supplier: Supplier, app_id: str) -> None:
    supplier.collections = [collection(1, product(1, id="no id")), collection(2, product(2, price=-5))]
    run = sync.run(app_id)
    assert run.counts.broken == 2
    assert run.error == (
        "Unusable collections (2), left as they were: "
        "collection-0001: 'no id' is no id; collection-0002: an amount of -5 cents can't be."
    )


def test_field_that_is_no_utf8_does_not_stop_the_run(
    supplier: Supplier, sessions: Sessions, database: Database, app_id: str
) -> None:
    supplier.products = [product(0, internal_note="??")]
    honest = supplier.answer

    def spoil(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=honest(request).content.replace(b"??", b"\xff\xfe"))

    supplier.answer = spoil  # type: ignore[method-assign]
    with supplier.client() as client:
        run = CatalogSync(sessions, lambda _app_id: client).run(app_id)
    assert run.status == RunStatus.SUCCEEDED
    assert database.on_sale(app_id) == {"product-0000"}


@pytest.mark.parametrize(
    ("total", "reason"),
    [(None, "Goody does not say how many products there are"), (10**9, "which can't be"), (-1, "which can't be")],
)
def test_count_that_cannot_be_used_fails_the_crawl(supplier: Supplier, total: int | None, reason: str) -> None:
    meta = {} if total is None else {"total_count": total}
    supplier.before_page = lambda _name, _page: httpx.Response(200, json={"data": [], "list_meta": meta})
    with pytest.raises(GoodyUnreadableError, match=reason):
        read(supplier)


def test_failure_ends_the_crawl_without_reading_on(supplier: Supplier) -> None:
    supplier.stock(5000)
    supplier.before_page = lambda _name, page: httpx.Response(429) if page == 3 else None
    with pytest.raises(GoodyUnavailableError):
        read(supplier, workers=2)
    assert len(supplier.asked) < 40


def test_asked_to_stop_it_stops(supplier: Supplier) -> None:
    supplier.stock(500)
    with supplier.client() as client, pytest.raises(CrawlStoppedError):
        crawl(fetchers(client, CatalogOptions()), 1, Basket(), Tally(), is_stopped=lambda: len(supplier.asked) > 2)
    assert len(supplier.asked) < 10


def test_refused_key_fails_the_run(sync: CatalogSync, supplier: Supplier, app_id: str, database: Database) -> None:
    supplier.before_page = lambda _name, _page: httpx.Response(401, json={"error": "Failed to authorize"})
    run = sync.run(app_id)
    assert run.status == RunStatus.FAILED
    assert run.error is not None
    assert "API key" in run.error
    assert all(rows == [] for rows in database.written().values())
    with pytest.raises(GoodyUnauthorizedError):
        read(supplier)
