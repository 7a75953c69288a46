"""Two apps in a database of their own, each with a supplier."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
import pytest
import sqlalchemy as sa

from catalog_sync import tables
from catalog_sync.browsing.catalog import Catalog, ProductQuery, Sort
from catalog_sync.browsing.served import ServedGenerations
from catalog_sync.crawling.brake import Limits
from catalog_sync.sync import CatalogSync
from foundation.apps import PartnerApp
from foundation.database import Base, Sessions
from storefront.migrating import migrate
from tests.databases import Databases

from .supplier import SteppingClock, Supplier, card

APPS: Final = ("app_one", "app_two")


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()


def forty(supplier: Supplier, clock: SteppingClock, run: Callable[[], object]) -> None:
    """Forty products of three brands with many equal names and prices, in two lots an hour apart."""
    supplier.stock(40)
    for number, each in enumerate(supplier.products):
        each |= {"name": f"Name {number % 4}", "price": 1000 * (1 + number % 3)}
    supplier.cards = [card(1, "Birthday"), card(2, "Thank You", "Birthday"), card(3)]
    second_lot = supplier.products[25:]
    supplier.products = supplier.products[:25]
    run()
    clock.step(hours=1)
    supplier.products += second_lot
    run()


def multitude(supplier: Supplier, _clock: SteppingClock, run: Callable[[], object]) -> None:
    """More products than a publication writes at once."""
    supplier.stock(1200)
    run()


STOCKS: Final = {"stocked": forty, "crowded": multitude}
"""Fixtures of catalogs that are on sale already: each is synced once, and tests get copies."""


class Templates:
    """Databases with two apps and one of these catalogs, or none, made when first asked for."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self._made: dict[str | None, str] = {}

    def of(self, stock: str | None) -> str:
        """The URL of the database with this catalog."""
        if stock not in self._made:
            self._made[stock] = self._empty() if stock is None else self._stocked(stock)
        return self._made[stock]

    def _empty(self) -> str:
        url = self._databases.new()
        sessions = Sessions(url)
        migrate(sessions)
        with sessions.begin() as session:
            session.add_all(partner_app(app_id) for app_id in APPS)
        sessions.dispose()
        return url

    def _stocked(self, stock: str) -> str:
        url = self._databases.copy(self.of(None))
        sessions, supplier, clock = Sessions(url), Supplier(), SteppingClock()
        client = supplier.client()
        sync = CatalogSync(sessions, lambda _app_id: client, clock)
        STOCKS[stock](supplier, clock, lambda: sync.run(APPS[0]))
        client.close()
        sessions.dispose()
        return url


def partner_app(app_id: str) -> PartnerApp:
    """A partner's app as it stands in the database."""
    return PartnerApp(
        id=app_id,
        slug=app_id.replace("_", "-"),
        goody_base_url="https://api.sandbox.ongoody.com",
        goody_api_key="encrypted",
        default_mode="hosted_payment",
        capabilities=[],
        caps={},
        default_expiry_days=70,
        is_overdraft_allowed=False,
        catalog_options={},
        created_at=SteppingClock()(),
    )


@pytest.fixture(scope="session")
def templates(databases: Databases) -> Templates:
    return Templates(databases)


@pytest.fixture
def sessions(request: pytest.FixtureRequest, databases: Databases, templates: Templates) -> Iterator[Sessions]:
    """Sessions over a copy with the catalog that the test asks for."""
    stock = next((name for name in STOCKS if name in request.fixturenames), None)
    url = databases.copy(templates.of(stock))
    sessions = Sessions(url)
    yield sessions
    sessions.dispose()
    databases.drop(url)


@pytest.fixture
def app_id() -> str:
    return APPS[0]


@pytest.fixture
def supplier() -> Supplier:
    return Supplier()


@pytest.fixture
def other_supplier() -> Supplier:
    return Supplier()


@pytest.fixture
def sync(
    sessions: Sessions, clock: SteppingClock, supplier: Supplier, other_supplier: Supplier
) -> Iterator[CatalogSync]:
    clients = {"app_one": supplier.client(), "app_two": other_supplier.client()}
    # Of a handful of products most tests change more than a brake lets pass; those about the brake set their own.
    limits = Limits(retire_percent=100, reprice_percent=100)
    yield CatalogSync(sessions, clients.__getitem__, clock, limits=limits)
    for client in clients.values():
        client.close()


@pytest.fixture
def catalog(sessions: Sessions, clock: SteppingClock) -> Catalog:
    # What another object of the same process has published is seen at once.
    return Catalog(sessions, clock, ServedGenerations(sessions, most_seconds=0))


class Shop:
    """Reads the catalog as a shopper does, page after page."""

    def __init__(self, catalog: Catalog, app_id: str) -> None:
        self.catalog = catalog
        self.app_id = app_id

    def names(self, **query: Any) -> list[str]:
        """The names of all products that a query finds, over all its pages."""
        return [document["name"] for document in self.documents(**query)]

    def documents(self, *, sort: Sort | None = Sort.NAME, limit: int = 7, **query: Any) -> list[dict[str, Any]]:
        """The list documents of all products that a query finds."""
        found, cursor = [], None
        while True:
            page = self.catalog.products(self.app_id, ProductQuery(sort=sort, limit=limit, cursor=cursor, **query))
            found += [msgspec.json.decode(document) for document in page.documents]
            cursor = page.next_cursor
            if cursor is None:
                return found

    def product(self, product_id: str) -> dict[str, Any]:
        """A product's whole document."""
        document: dict[str, Any] = msgspec.json.decode(self.catalog.product(self.app_id, product_id)[0])
        return document


@pytest.fixture
def shop(catalog: Catalog, app_id: str) -> Shop:
    return Shop(catalog, app_id)


class Database:
    """What the tests ask of the tables directly."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions

    def rows(self, table: type[Base]) -> list[tuple[Any, ...]]:
        """Every row, every column, in a steady order."""
        columns = table.__table__
        with self.sessions.read() as session:
            return sorted(tuple(row) for row in session.execute(sa.select(columns)))

    def on_sale(self, app_id: str) -> set[str]:
        """The ids of the products in the generation that is served."""
        generation = sa.select(tables.PublishedCatalog.generation).where(tables.PublishedCatalog.app_id == app_id)
        listing = tables.Listing
        with self.sessions.read() as session:
            served = session.scalar(generation) or 0
            there = sa.and_(listing.valid_from <= served, listing.valid_to > served, listing.app_id == app_id)
            return set(session.scalars(sa.select(listing.id).where(there)))

    def written(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that a run may write, except for its own record and the lease."""
        kept = (
            tables.SupplierProduct,
            tables.SupplierBrand,
            tables.SupplierCard,
            tables.SupplierCollection,
            tables.StagedItem,
            tables.ProductFactRow,
            tables.Listing,
            tables.PublishedBrand,
            tables.PublishedCard,
            tables.PublishedCollection,
            tables.PublishedIndex,
            tables.ListingChange,
            tables.PublishedCatalog,
            tables.CatalogGeneration,
        )
        return {table.__tablename__: self.rows(table) for table in kept}


@pytest.fixture
def database(sessions: Sessions) -> Database:
    return Database(sessions)


@pytest.fixture
def stocked(sessions: Sessions, supplier: Supplier, clock: SteppingClock) -> Supplier:
    """The supplier of the forty products that are on sale, and the clock as it stood then."""
    assert sessions
    forty(supplier, clock, lambda: None)
    return supplier


@pytest.fixture
def crowded(sessions: Sessions, supplier: Supplier, clock: SteppingClock) -> Supplier:
    """The supplier of the 1,200 products that are on sale."""
    assert sessions
    multitude(supplier, clock, lambda: None)
    return supplier
