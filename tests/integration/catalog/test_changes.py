"""What a run records of its changes, what it leaves alone, and what a dry run leaves behind."""

import httpx
import pytest

from catalog_sync.facts import product_facts
from catalog_sync.runs import RunStatus
from catalog_sync.sync import CatalogSync
from foundation.database import Sessions

from .conftest import Database
from .supplier import SteppingClock, Supplier, brand, card, collection, product


def told(sync: CatalogSync, app_id: str, run_id: str) -> set[tuple[str, str, str]]:
    return {(each.change, each.kind, each.item_id) for each in sync.changes(app_id, run_id).changes}


@pytest.fixture
def shifted(sync: CatalogSync, supplier: Supplier, clock: SteppingClock, app_id: str) -> Supplier:
    """A synced catalog of everything, in which one thing of each kind has since come, changed and gone."""
    supplier.stock(12)
    supplier.cards = [card(number) for number in range(3)]
    supplier.collections = [collection(1), collection(2, product(50))]
    sync.run(app_id)
    clock.step(hours=1)
    supplier.products[0] |= {"price": 5, "name": "Renamed"}
    supplier.products[1]["status"] = "inactive"
    supplier.products[2]["price"] = "ten dollars"
    del supplier.products[3]
    supplier.products.append(product(77))
    supplier.brands[0] = brand(0, name="Another brand")
    del supplier.cards[0]
    supplier.collections[0] = collection(1, product(51))
    return supplier


EXPECTED = {
    ("changed", "product", "product-0000"),
    ("retired", "product", "product-0001"),
    ("broken", "product", "product-0002"),
    ("retired", "product", "product-0003"),
    ("created", "product", "product-0077"),
    ("changed", "brand", "brand-0000"),
    ("retired", "card", "card-0000"),
    ("changed", "collection", "collection-0001"),
}


def test_every_change_is_recorded_with_before_and_after(
    sync: CatalogSync, shifted: Supplier, database: Database, app_id: str, sessions: Sessions, clock: SteppingClock
) -> None:
    del shifted
    run = sync.run(app_id)
    assert run.status == RunStatus.SUCCEEDED
    counts = run.counts
    assert (counts.created, counts.changed, counts.returned, counts.retired) == (1, 1, 0, 2)
    assert (counts.repriced, counts.broken, counts.seen) == (1, 1, 11)
    assert told(sync, app_id, run.id) == EXPECTED
    changes = {each.item_id: each for each in sync.changes(app_id, run.id).changes}
    assert (changes["product-0000"].name, changes["product-0000"].fields) == (
        "Renamed",
        {"name": ["Product 0", "Renamed"], "price": [1000, 5]},
    )
    assert changes["product-0003"].name == "Product 3"
    assert "ten dollars" not in str(changes["product-0002"].fields)
    assert changes["product-0002"].fields["reason"].startswith("Goody sent no readable Product")
    # What is broken stays as it was; what vanished beside it is retired all the same.
    on_sale = database.on_sale(app_id)
    assert on_sale == {f"product-{number:04}" for number in (0, 2, *range(4, 12), 50, 51, 77)}
    assert run.counts.published == len(on_sale)
    with sessions.read() as session:
        fact = product_facts(session, app_id, "product-0051", clock())
    assert fact is not None
    assert fact.price == 1051


def test_a_product_that_stays_broken_does_not_stop_retiring_for_ever(
    sync: CatalogSync, shifted: Supplier, database: Database, app_id: str, clock: SteppingClock
) -> None:
    for number in (4, 5):
        sync.run(app_id)
        clock.step(hours=1)
        shifted.products = [each for each in shifted.products if each["id"] != f"product-{number:04}"]
    run = sync.run(app_id)
    assert (run.counts.retired, run.counts.broken) == (1, 1)
    assert not {"product-0004", "product-0005"} & database.on_sale(app_id)
    assert "product-0002" in database.on_sale(app_id)


def test_something_without_a_readable_id_may_be_any_of_the_absent_ones(
    sync: CatalogSync, shifted: Supplier, database: Database, app_id: str
) -> None:
    before = database.on_sale(app_id)
    shifted.products[2]["id"] = 7
    run = sync.run(app_id)
    assert (run.status, run.counts.is_complete) == (RunStatus.INCOMPLETE, False)
    assert run.counts.retired == 1, "the inactive one, which was read"
    assert database.on_sale(app_id) == before - {"product-0001"} | {"product-0051", "product-0077"}


def test_a_dry_run_shows_the_diff_and_leaves_nothing_behind(
    sync: CatalogSync, shifted: Supplier, database: Database, app_id: str
) -> None:
    del shifted
    before = database.written()
    run = sync.run(app_id, is_dry_run=True)
    assert (run.status, run.is_dry_run) == (RunStatus.SUCCEEDED, True)
    assert told(sync, app_id, run.id) == EXPECTED
    assert run.counts.published == 13
    assert database.written() == before


def test_the_first_dry_run_leaves_nothing_behind_either(
    sync: CatalogSync, supplier: Supplier, database: Database, app_id: str
) -> None:
    supplier.stock(120)
    run = sync.run(app_id, is_dry_run=True)
    assert (run.counts.created, run.counts.published) == (120, 120)
    assert all(rows == [] for rows in database.written().values())


def test_a_dry_run_that_fails_leaves_nothing_behind(
    sync: CatalogSync, shifted: Supplier, database: Database, app_id: str
) -> None:
    shifted.stock(2500)
    shifted.before_page = lambda _name, page: httpx.Response(503) if page > 20 else None
    before = database.written()
    assert sync.run(app_id, is_dry_run=True).status == RunStatus.FAILED
    assert database.written() == before


def test_changes_are_paged(sync: CatalogSync, supplier: Supplier, app_id: str) -> None:
    supplier.stock(7)
    run = sync.run(app_id)
    seen, after = [], 0
    while True:
        page = sync.changes(app_id, run.id, after, limit=4)
        seen += [each.item_id for each in page.changes]
        if page.next_after is None:
            break
        after = page.next_after
    assert sorted(seen) == [f"brand-{number:04}" for number in range(3)] + [each["id"] for each in supplier.products]


def test_old_changes_are_forgotten_and_records_stay(
    sync: CatalogSync, supplier: Supplier, app_id: str, clock: SteppingClock
) -> None:
    supplier.stock(3)
    old = sync.run(app_id)
    clock.step(days=20)
    supplier.products[0]["price"] = 7
    recent = sync.run(app_id)
    clock.step(days=11)
    assert sync.purge() == 6
    assert sync.purge() == 0
    assert (told(sync, app_id, old.id), sync.get(app_id, old.id)) == (set(), old)
    assert told(sync, app_id, recent.id) == {("changed", "product", "product-0000")}


def test_what_is_read_twice_is_recorded_as_it_was_in_the_end(
    sync: CatalogSync, supplier: Supplier, database: Database, app_id: str, clock: SteppingClock
) -> None:
    supplier.stock(150)
    sync.run(app_id)
    clock.step(hours=1)
    supplier.products[0]["price"] = 1
    supplier.products[1]["price"] = 1
    supplier.products.insert(2, product(900))

    def drift_once(name: str, page: int) -> None:
        if (name, page) == ("products", 2) and supplier.asked.count(("products", 2)) == 2:
            supplier.products[0]["price"] = 2
            supplier.products[1]["price"] = 1001
            del supplier.products[2]

    supplier.before_page = drift_once
    run = sync.run(app_id)
    assert (run.status, run.counts.readings) == (RunStatus.SUCCEEDED, 2)
    assert [(each.item_id, each.fields) for each in sync.changes(app_id, run.id).changes] == [
        ("product-0000", {"price": [1000, 2]})
    ]
    assert "product-0900" not in database.on_sale(app_id)
