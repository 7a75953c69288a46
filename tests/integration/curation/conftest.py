"""Two apps, a supplier snapshot that a test fills, and the merchandiser's desk."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from catalog_sync.curation.desk import CurationDesk, open_desk
from catalog_sync.tables import (
    FOREVER,
    Listing,
    PublishedCatalog,
    PublishedCollection,
    SupplierCollection,
    SupplierProduct,
)
from foundation.apps import PartnerApp
from foundation.database import Sessions
from storefront.migrating import migrate
from tests.databases import Databases
from tests.integration.catalog.supplier import SteppingClock, collection, product


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()


@pytest.fixture(scope="session")
def empty_curation(databases: Databases) -> str:
    url = databases.new()
    sessions = Sessions(url)
    migrate(sessions)
    sessions.dispose()
    return url


@pytest.fixture
def sessions(databases: Databases, empty_curation: str, clock: SteppingClock) -> Iterator[Sessions]:
    url = databases.copy(empty_curation)
    sessions = Sessions(url)
    with sessions.begin() as session:
        session.add_all(_app(app_id, clock) for app_id in ("app_one", "app_two"))
    yield sessions
    sessions.dispose()
    databases.drop(url)


def _app(app_id: str, clock: SteppingClock) -> PartnerApp:
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
        created_at=clock(),
    )


@pytest.fixture
def desk(sessions: Sessions, clock: SteppingClock) -> CurationDesk:
    return open_desk(sessions, clock)


class Snapshot:
    """What the supplier has, written as a sync would, and what is published of it."""

    def __init__(self, sessions: Sessions, clock: SteppingClock, app_id: str = "app_one") -> None:
        self._sessions = sessions
        self._clock = clock
        self.app_id = app_id

    def put(self, number: int, **fields: Any) -> str:
        """A product as the supplier has it from now on; its id."""
        item = product(number, **fields)
        raw = msgspec.json.encode(item)
        now = self._clock()
        with self._sessions.begin() as session:
            row = SupplierProduct(
                app_id=self.app_id, id=item["id"], raw=raw.decode(), content_hash=str(hash(raw)),
                first_seen_at=now, changed_at=now, run_id="run_test", vanished_at=None,
            )  # fmt: skip
            session.merge(row)
        return str(item["id"])

    def put_gift(self, number: int, of: dict[str, Any], **fields: Any) -> str:
        """A gift collection as the supplier has it from now on; the id of the product that stands for it."""
        item = collection(number, of, **fields)
        raw = msgspec.json.encode(item)
        now = self._clock()
        with self._sessions.begin() as session:
            row = SupplierCollection(
                app_id=self.app_id, id=item["id"], raw=raw.decode(), content_hash=str(hash(raw)),
                first_seen_at=now, changed_at=now, run_id="run_test", vanished_at=None,
            )  # fmt: skip
            session.merge(row)
        return str(of["id"])

    def vanish(self, product_id: str) -> None:
        """The supplier no longer has it."""
        with self._sessions.begin() as session:
            gone = sa.update(SupplierProduct).where(SupplierProduct.id == product_id)
            session.execute(gone.values(vanished_at=self._clock()))

    def open_catalog(self) -> None:
        """A first generation, as the first sync leaves one."""
        with self._sessions.begin() as session:
            session.add(
                PublishedCatalog(
                    app_id=self.app_id, generation=1, published_at=self._clock(), oldest_generation=1, inputs=""
                )
            )

    def published(self) -> dict[str, dict[str, Any]]:
        """The documents being served, by id."""
        return self._documents(Listing)

    def collections(self) -> dict[str, dict[str, Any]]:
        """The collections being served, by handle."""
        return self._documents(PublishedCollection)

    def _documents(self, table: type[Listing] | type[PublishedCollection]) -> dict[str, dict[str, Any]]:
        current = sa.select(table.id, table.document).where(table.app_id == self.app_id, table.valid_to == FOREVER)
        with self._sessions.read() as session:
            return {found_id: msgspec.json.decode(document) for found_id, document in session.execute(current)}


@pytest.fixture
def snapshot(sessions: Sessions, clock: SteppingClock) -> Snapshot:
    return Snapshot(sessions, clock)
