"""The change feed: a copy that reads it holds what is on sale, however the catalog changed and whenever it reads."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog_sync.browsing.catalog import Catalog
from catalog_sync.sync import CatalogSync
from foundation.errors import InvalidInputError

from .conftest import Shop
from .supplier import SteppingClock, Supplier, product


class Mirror:
    """A partner's copy, made from the feed alone."""

    def __init__(self, catalog: Catalog, app_id: str) -> None:
        self.catalog = catalog
        self.app_id = app_id
        self.products: dict[str, Any] = {}
        self.cursor: str | None = None
        self.heard: list[tuple[str, str]] = []

    def read(self, limit: int = 100, pages: int = 1000) -> None:
        """Follow the feed to its end, or for so many pages."""
        for _ in range(pages):
            page = self.catalog.changes(self.app_id, limit, self.cursor)
            for document in page.documents:
                self._apply(msgspec.json.decode(document))
            self.cursor = page.next_cursor
            if not page.has_more:
                return

    def _apply(self, change: dict[str, Any]) -> None:
        self.heard.append((change["product_id"], change["change"]))
        if change["change"] == "left":
            assert change["product"] is None
            self.products.pop(change["product_id"], None)
        else:
            self.products[change["product_id"]] = change["product"]


def on_sale(shop: Shop) -> dict[str, Any]:
    return {each["id"]: each for each in shop.documents(limit=100)}


def test_a_copy_follows_every_publication(
    supplier: Supplier, sync: CatalogSync, shop: Shop, catalog: Catalog, app_id: str, clock: SteppingClock
) -> None:
    supplier.stock(12)
    sync.run(app_id)
    copy, slow = Mirror(catalog, app_id), Mirror(catalog, app_id)
    copy.read(limit=5)
    slow.read(limit=5, pages=1)
    assert copy.products == on_sale(shop)
    assert set(copy.heard) == {(each["id"], "entered") for each in supplier.products}
    copy.heard.clear()
    copy.read()
    assert copy.heard == []
    clock.step(hours=5)
    supplier.products[3]["price"] = 99
    del supplier.products[7], supplier.products[0]
    supplier.products.append(product(77))
    sync.run(app_id)
    copy.read(limit=2)
    assert sorted(copy.heard) == [
        ("product-0000", "left"),
        ("product-0003", "changed"),
        ("product-0007", "left"),
        ("product-0077", "entered"),
    ]
    clock.step(days=40)
    supplier.products.append(product(0))
    sync.run(app_id)
    for mirror in (copy, slow):
        mirror.read(limit=3)
        assert mirror.products == on_sale(shop)
    new = Mirror(catalog, app_id)
    new.read()
    assert new.products == on_sale(shop)
    assert not any(change == "left" for _product_id, change in new.heard)


CHANGES = st.lists(
    st.tuples(st.sampled_from(("reprice", "remove", "add")), st.integers(0, 5), st.integers(1, 3)), max_size=6
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rounds=st.lists(CHANGES, min_size=1, max_size=4), limit=st.integers(1, 4), pages=st.integers(0, 2))
def test_a_copy_equals_the_catalog_at_the_end_of_the_feed(
    supplier: Supplier,
    sync: CatalogSync,
    shop: Shop,
    app_id: str,
    clock: SteppingClock,
    rounds: list[list[tuple[str, int, int]]],
    limit: int,
    pages: int,
) -> None:
    copy = Mirror(shop.catalog, app_id)
    for changes in rounds:
        for what, number, price in changes:
            wanted = {each["id"]: each for each in supplier.products}
            wanted.pop(f"product-{number:04}", None)
            if what != "remove":
                wanted[f"product-{number:04}"] = product(number, price=1000 * price)
            supplier.products = list(wanted.values())
        clock.step(minutes=50)
        sync.run(app_id)
        copy.read(limit, pages)
    copy.read(limit)
    assert copy.products == on_sale(shop)


def test_a_catalog_that_was_empty_is_told_of(
    supplier: Supplier, sync: CatalogSync, shop: Shop, app_id: str, clock: SteppingClock
) -> None:
    supplier.products = []
    sync.run(app_id)
    copy = Mirror(shop.catalog, app_id)
    copy.read(limit=5)
    clock.step(minutes=50)
    supplier.products = [product(number) for number in (1, 2)]
    sync.run(app_id)
    copy.read(limit=5)
    assert sorted(copy.heard) == [("product-0001", "entered"), ("product-0002", "entered")]
    assert copy.products == on_sale(shop)


def test_nothing_published_yet(catalog: Catalog, app_id: str) -> None:
    page = catalog.changes(app_id)
    assert (page.documents, page.has_more) == ([], False)
    assert catalog.changes(app_id, cursor=page.next_cursor).next_cursor == page.next_cursor


def test_a_cursor_of_something_else_is_refused(catalog: Catalog, app_id: str) -> None:
    theirs = catalog.changes("app_two").next_cursor
    for cursor, code in ((theirs, "cursor_of_another_query"), ("x", "bad_cursor")):
        with pytest.raises(InvalidInputError) as refused:
            catalog.changes(app_id, cursor=cursor)
        assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/cursor", code)]
