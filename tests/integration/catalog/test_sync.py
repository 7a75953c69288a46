"""Runs, from the supplier's pages to what a shopper sees."""

from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa

from catalog_sync.browsing.catalog import Catalog
from catalog_sync.facts import product_facts
from catalog_sync.runs import RunStatus
from catalog_sync.sync import CatalogSync
from catalog_sync.tables import FOREVER, Listing, SupplierProduct
from foundation.database import Sessions
from foundation.errors import NotFoundError
from foundation.events import Event

from .conftest import Database, Shop
from .supplier import SteppingClock, Supplier, brand, card, collection, product


def test_first_run_publishes_everything(
    sync: CatalogSync, supplier: Supplier, shop: Shop, catalog: Catalog, app_id: str, clock: SteppingClock
) -> None:
    supplier.stock(250)
    supplier.cards = [card(1, "Birthday")]
    supplier.collections = [collection(1, product(500)), collection(2)]
    told: list[tuple[int, int]] = []
    run = sync.run(app_id, lambda done, expected: told.append((done, expected)))
    assert (run.status, run.error) == (RunStatus.SUCCEEDED, None)
    assert (run.counts.seen, run.counts.created, run.counts.published) == (250, 250, 251)
    assert (run.counts.pages, run.counts.changed, run.counts.retired, run.counts.broken) == (6, 0, 0, 0)
    assert sorted(supplier.asked) == [
        *((name, 1) for name in ("brands", "cards", "collections")),
        *(("products", page) for page in (1, 2, 3)),
    ]
    assert [done for done, _expected in told] == [1, 2, 3, 4, 5, 6]
    assert told[-1] == (6, 6)
    # The product that stands for a published gift collection is for sale like any other.
    assert sorted(shop.names()) == sorted(["Product 500", *(each["name"] for each in supplier.products)])
    state = catalog.state(app_id)
    assert (state.generation, state.published_at) == (1, clock())
    assert sync.get(app_id, run.id) == run
    assert sync.newest(app_id) == [run]


def test_unchanged_second_run_writes_nothing_but_its_record(
    sync: CatalogSync, supplier: Supplier, app_id: str, clock: SteppingClock, database: Database, sessions: Sessions
) -> None:
    supplier.stock(120)
    supplier.cards = [card(1, "Birthday")]
    sync.run(app_id)
    before = database.written()
    clock.step(hours=3)
    written: list[str] = []
    sa.event.listen(
        sessions.engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_rest: written.append(statement),
    )
    run = sync.run(app_id)
    assert (run.status, run.counts.seen, run.counts.created, run.counts.changed) == (RunStatus.SUCCEEDED, 120, 0, 0)
    assert run.counts.published == 120
    assert database.written() == before
    changing = [statement for statement in written if statement.startswith(("INSERT", "UPDATE", "DELETE"))]
    assert {
        statement.split()[2 if " INTO " in statement or " FROM " in statement else 1] for statement in changing
    } == {
        "sync_runs",
        "leases",
    }


def test_product_that_vanishes_leaves_the_shop_and_comes_back_as_the_same_row(
    sync: CatalogSync, supplier: Supplier, shop: Shop, app_id: str, clock: SteppingClock, sessions: Sessions
) -> None:
    supplier.stock(3)
    sync.run(app_id)
    first_seen_at = clock()
    removed = supplier.products.pop(1)
    clock.step(minutes=1)
    assert sync.run(app_id).counts.retired == 1
    assert shop.names() == ["Product 0", "Product 2"]
    assert shop.catalog.sellable(app_id, [removed["id"]]) == {}
    with pytest.raises(NotFoundError):
        shop.product(removed["id"])
    supplier.products.append(removed)
    clock.step(minutes=1)
    run = sync.run(app_id)
    assert (run.counts.created, run.counts.changed, run.counts.returned) == (0, 0, 1)
    assert shop.names() == ["Product 0", "Product 1", "Product 2"]
    with sessions.read() as session:
        row = session.get_one(SupplierProduct, (app_id, removed["id"]))
    assert (row.first_seen_at, row.vanished_at, row.run_id) == (first_seen_at, None, run.id)


def test_price_change_adds_a_fact_and_a_generation(
    sync: CatalogSync, supplier: Supplier, shop: Shop, app_id: str, clock: SteppingClock, sessions: Sessions
) -> None:
    supplier.stock(2)
    began = clock()
    sync.run(app_id)
    supplier.products[0] = product(0, brand(0, commerce_revshare_excluded=True), price=4321)
    clock.step(hours=1)
    assert sync.run(app_id).counts.changed == 1
    supplier.products[0]["subtitle"] = "New words, same price."
    clock.step(hours=1)
    assert sync.run(app_id).counts.changed == 1
    with sessions.read() as session:
        moments = [began - timedelta(seconds=1), began, began + timedelta(minutes=59), clock()]
        facts = [product_facts(session, app_id, "product-0000", moment) for moment in moments]
        listings = sa.select(Listing.valid_from, Listing.valid_to, Listing.price).where(Listing.id == "product-0000")
        listed = [tuple(row) for row in session.execute(listings.order_by(Listing.valid_from))]
    assert facts[0] is None
    assert facts[1] == facts[2]
    assert [(fact.price, fact.revshare_excluded, fact.valid_from) for fact in facts[2:] if fact] == [
        (1000, False, began),
        (4321, True, began + timedelta(hours=1)),
    ]
    assert listed == [(1, 2, 1000), (2, 3, 4321), (3, FOREVER, 4321)]
    assert shop.catalog.state(app_id).generation == 3
    assert shop.product("product-0000")["price"] == 4321


def test_publication_is_an_event(sync: CatalogSync, supplier: Supplier, app_id: str, sessions: Sessions) -> None:
    supplier.stock(5)
    sync.run(app_id)
    sync.run(app_id)
    with sessions.read() as session:
        events = list(session.scalars(sa.select(Event)))
    assert [(event.type, event.subject, event.changes) for event in events] == [
        ("catalog.published", "1", {"generation": 1, "products": 5, "entered": 5, "changed": 0, "left": 0})
    ]


def test_exclusion_alone_is_published_but_never_shown(
    sync: CatalogSync, supplier: Supplier, shop: Shop, app_id: str
) -> None:
    supplier.stock(1)
    sync.run(app_id)
    shown = shop.product("product-0000")
    supplier.products[0] = product(0, brand(0, commerce_revshare_excluded=True))
    sync.run(app_id)
    assert shop.catalog.sellable(app_id, ["product-0000"])["product-0000"].revshare_excluded
    assert shop.product("product-0000") == shown
    assert "excluded" not in str(shop.documents()) + str(shown)


def test_inactive_products_are_not_on_sale(
    sync: CatalogSync, supplier: Supplier, shop: Shop, app_id: str, clock: SteppingClock
) -> None:
    supplier.products = [product(1), product(2, status="inactive")]
    assert sync.run(app_id).counts.published == 1
    assert shop.names() == ["Product 1"]
    supplier.products[0]["status"], supplier.products[1]["status"] = "inactive", "active"
    clock.step(minutes=1)
    run = sync.run(app_id)
    assert (run.counts.retired, run.counts.returned, run.counts.changed) == (1, 1, 0)
    assert shop.names() == ["Product 2"]


def test_failure_midway_leaves_the_old_catalog(
    sync: CatalogSync, supplier: Supplier, shop: Shop, app_id: str, database: Database
) -> None:
    supplier.stock(250)
    sync.run(app_id)
    before, names = database.written(), shop.names()
    supplier.stock(300, brands=9)

    def fail_on_page_2(name: str, page: int) -> httpx.Response | None:
        return httpx.Response(503) if (name, page) == ("products", 2) else None

    supplier.before_page = fail_on_page_2
    run = sync.run(app_id)
    assert run.status == RunStatus.FAILED
    assert run.error is not None
    assert "503" in run.error
    assert run.finished_at is not None
    assert database.written() == before
    assert shop.names() == names
    supplier.before_page = lambda _name, _page: None
    assert sync.run(app_id).status == RunStatus.SUCCEEDED
    assert len(shop.names()) == 300


def test_unexpected_failure_is_recorded_and_raised(supplier: Supplier, sessions: Sessions, app_id: str) -> None:
    def no_client(_app_id: str) -> None:
        raise ZeroDivisionError

    sync = CatalogSync(sessions, no_client)  # type: ignore[arg-type]
    with pytest.raises(ZeroDivisionError):
        sync.run(app_id)
    run = sync.newest(app_id)[0]
    assert (run.status, run.error) == (RunStatus.FAILED, "It was cut off by ZeroDivisionError; see the logs.")
    assert supplier.asked == []


def test_apps_do_not_see_each_other(
    sync: CatalogSync, supplier: Supplier, other_supplier: Supplier, shop: Shop, catalog: Catalog, app_id: str
) -> None:
    supplier.stock(3)
    supplier.cards = [card(1, "Birthday")]
    other_supplier.products = [product(77, brand(7))]
    sync.run(app_id)
    run = sync.run("app_two")
    assert shop.names() == ["Product 0", "Product 1", "Product 2"]
    assert Shop(catalog, "app_two").names() == ["Product 77"]
    assert catalog.sellable("app_two", ["product-0000"]) == {}
    assert catalog.brands("app_two").documents == [catalog.brand("app_two", "brand-0007")]
    assert not catalog.has_card("app_two", "card-0001")
    with pytest.raises(NotFoundError):
        catalog.product(app_id, "product-0077")
    with pytest.raises(NotFoundError):
        catalog.brand(app_id, "brand-0007")
    with pytest.raises(NotFoundError):
        sync.get(app_id, run.id)


def test_unknown_app_is_not_found(sync: CatalogSync) -> None:
    with pytest.raises(NotFoundError):
        sync.run("app_nobody")
