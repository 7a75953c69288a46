"""The brake: a run that would change too much waits with its whole diff until somebody approves it."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from catalog_sync.runs import RunStatus, SyncRun
from catalog_sync.sync import CatalogSync
from catalog_sync.tables import StagedItem
from foundation.database import Sessions
from foundation.errors import ConflictError, NotFoundError
from foundation.events import Event

from .conftest import Database
from .supplier import SteppingClock, Supplier


@pytest.fixture
def braked(sessions: Sessions, supplier: Supplier, clock: SteppingClock) -> Iterator[CatalogSync]:
    """With the usual limits."""
    with supplier.client() as client:
        yield CatalogSync(sessions, lambda _app_id: client, clock)


@pytest.fixture
def quarantined(braked: CatalogSync, supplier: Supplier, clock: SteppingClock, app_id: str) -> SyncRun:
    """A run that found a fifth of forty products gone, and one repriced."""
    supplier.stock(40)
    braked.run(app_id)
    clock.step(hours=1)
    supplier.products = supplier.products[:32]
    supplier.products[0]["price"] = 5
    return braked.run(app_id)


def test_nothing_of_it_is_published_and_its_diff_is_kept(
    braked: CatalogSync, quarantined: SyncRun, database: Database, app_id: str, sessions: Sessions
) -> None:
    assert quarantined.status == RunStatus.QUARANTINED
    assert [(brake.code, brake.found, brake.limit) for brake in quarantined.brakes] == [("too_many_retired", 8, 4)]
    assert braked.waiting(app_id) == quarantined
    assert braked.quarantined() == 1
    assert len(database.on_sale(app_id)) == 40
    changes = braked.changes(app_id, quarantined.id).changes
    assert sorted((each.change, each.item_id) for each in changes) == [
        ("changed", "product-0000"),
        *(("retired", f"product-{number:04}") for number in range(32, 40)),
    ]
    with sessions.read() as session:
        event = session.scalars(sa.select(Event).where(Event.type == "sync_run.quarantined")).one()
    assert (event.subject, event.changes["run_id"]) == (quarantined.id, quarantined.id)


def test_approved_it_is_published(
    braked: CatalogSync, quarantined: SyncRun, database: Database, app_id: str, clock: SteppingClock
) -> None:
    clock.step(hours=5)
    run = braked.approve(app_id, quarantined.id, by="key_1")
    assert (run.status, run.approved_by, run.approved_at) == (RunStatus.SUCCEEDED, "key_1", clock())
    assert (run.counts.retired, run.counts.published) == (8, 32)
    assert len(database.on_sale(app_id)) == 32
    assert database.rows(StagedItem) == []
    assert braked.waiting(app_id) is None
    with pytest.raises(ConflictError, match="only a quarantined one"):
        braked.approve(app_id, quarantined.id, by="key_1")
    clock.step(hours=1)
    assert braked.run(app_id).brakes == ()


def test_a_newer_run_supersedes_it(
    braked: CatalogSync, quarantined: SyncRun, supplier: Supplier, app_id: str, clock: SteppingClock
) -> None:
    clock.step(hours=1)
    again = braked.run(app_id)
    assert again.status == RunStatus.QUARANTINED
    assert braked.get(app_id, quarantined.id).status == RunStatus.SUPERSEDED
    assert braked.waiting(app_id) == again
    with pytest.raises(ConflictError, match="newer run"):
        braked.approve(app_id, quarantined.id, by="key_1")
    clock.step(hours=1)
    supplier.stock(40)
    assert braked.run(app_id).status == RunStatus.SUCCEEDED
    assert braked.get(app_id, again.id).status == RunStatus.SUPERSEDED


def test_a_dry_run_and_a_failed_one_supersede_nothing(
    braked: CatalogSync, quarantined: SyncRun, supplier: Supplier, database: Database, app_id: str, clock: SteppingClock
) -> None:
    clock.step(hours=1)
    dry = braked.run(app_id, is_dry_run=True)
    assert (dry.status, [brake.code for brake in dry.brakes]) == (RunStatus.SUCCEEDED, ["too_many_retired"])
    supplier.answer = lambda _request: 1 / 0  # type: ignore[method-assign, assignment, return-value]
    assert braked.waiting(app_id) == quarantined
    assert braked.approve(app_id, quarantined.id, by="key_1").status == RunStatus.SUCCEEDED
    assert len(database.on_sale(app_id)) == 32


def test_an_incomplete_run_stays_incomplete_when_it_is_approved(
    braked: CatalogSync, supplier: Supplier, clock: SteppingClock, app_id: str
) -> None:
    supplier.stock(8)
    braked.run(app_id)
    clock.step(hours=1)
    for each in supplier.products[:3]:
        each["price"] = 1
    supplier.products[7]["id"] = None
    waiting = braked.run(app_id)
    assert (waiting.status, [brake.code for brake in waiting.brakes]) == (
        RunStatus.QUARANTINED,
        ["too_many_repriced"],
    )
    approved = braked.approve(app_id, waiting.id, by="command")
    assert (approved.status, approved.error) == (RunStatus.INCOMPLETE, waiting.error)


def test_an_empty_supplier_empties_no_shop(
    braked: CatalogSync, supplier: Supplier, database: Database, clock: SteppingClock, app_id: str
) -> None:
    supplier.stock(5)
    braked.run(app_id)
    clock.step(hours=1)
    supplier.products = []
    assert braked.run(app_id).status == RunStatus.QUARANTINED
    assert len(database.on_sale(app_id)) == 5


def test_of_another_app_there_is_no_such_run(braked: CatalogSync, quarantined: SyncRun) -> None:
    with pytest.raises(NotFoundError):
        braked.approve("app_two", quarantined.id, by="key_1")
