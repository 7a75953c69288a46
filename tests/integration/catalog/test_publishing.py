"""Runs that are killed, fall silent or meet: readers see the old catalog or the new one."""

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from catalog_sync import runs
from catalog_sync.runs import LEASE_SECONDS, Claim, LeaseLostError, RunStatus, Trigger
from catalog_sync.sync import CatalogSync
from catalog_sync.tables import SyncRunRow
from foundation.database import Sessions
from foundation.errors import ConflictError
from foundation.leases import Lease
from tests.patience import until

from .conftest import Database, Shop
from .supplier import SteppingClock, Supplier, brand, product


class KilledError(BaseException):
    """Stands for a process that ends where it is."""


def kill_at(sessions: Sessions, start_of_statement: str | tuple[str, ...], count: int) -> Callable[[], None]:
    """Raise when so many statements of a kind have been executed. Returns what takes it away again."""
    counter = itertools.count(1)

    def listener(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(start_of_statement) and next(counter) == count:
            raise KilledError

    sa.event.listen(sessions.engine, "before_cursor_execute", listener)
    return lambda: sa.event.remove(sessions.engine, "before_cursor_execute", listener)


@pytest.mark.parametrize(
    ("statement", "count"),
    [
        ("INSERT INTO supplier_products", 2),
        ("INSERT INTO product_facts", 2),
        ("INSERT INTO listing_texts", 1),
        ("INSERT INTO listing_texts", 2),
        ("UPDATE listings", 3),
        ("UPDATE published_indexes", 1),
        ("INSERT INTO catalogs", 1),
        ("INSERT INTO catalog_generations", 1),
        ("INSERT INTO events", 1),
    ],
)
def test_readers_see_the_old_catalog_until_the_next_run_after_a_kill(
    sync: CatalogSync, crowded: Supplier, shop: Shop, app_id: str, sessions: Sessions, statement: str, count: int
) -> None:
    before = shop.documents(limit=100)
    crowded.products = [each | {"price": each["price"] + 1} for each in crowded.products[1:]]
    crowded.products += [product(5000 + number, brand(50)) for number in range(10)]
    revive = kill_at(sessions, statement, count)
    with pytest.raises(KilledError):
        sync.run(app_id)
    revive()
    assert shop.documents(limit=100) == before
    assert shop.catalog.state(app_id).generation == 1
    run = sync.run(app_id)
    assert (run.status, run.counts.published) == (RunStatus.SUCCEEDED, 1209)
    on_sale = shop.documents(limit=100)
    assert sorted(each["name"] for each in on_sale) == sorted(each["name"] for each in crowded.products)
    assert {each["price"] for each in on_sale} == {each["price"] for each in crowded.products}
    assert shop.catalog.state(app_id).generation == 2


def test_killed_process_is_followed_by_a_run_when_its_lease_ends(
    sync: CatalogSync, supplier: Supplier, app_id: str, clock: SteppingClock, sessions: Sessions
) -> None:
    supplier.stock(2)
    with sessions.begin() as session:
        runs.start(session, Claim(sessions, app_id, "run_killed", clock), Trigger.COMMAND)
    with pytest.raises(ConflictError, match="run_killed"):
        sync.run(app_id)
    assert supplier.asked == []
    clock.step(seconds=LEASE_SECONDS + 1)
    assert sync.run(app_id).status == RunStatus.SUCCEEDED
    killed = sync.get(app_id, "run_killed")
    assert killed.status == RunStatus.FAILED
    assert killed.finished_at == clock()
    assert killed.error is not None
    assert "fell silent" in killed.error


def test_second_caller_is_told_of_the_run_under_way(
    sync: CatalogSync, supplier: Supplier, app_id: str, database: Database
) -> None:
    supplier.stock(150)
    refused: list[ConflictError] = []

    def call_again(_done: int, _expected: int) -> None:
        try:
            sync.run(app_id)
        except ConflictError as error:
            refused.append(error)

    run = sync.run(app_id, call_again)
    assert run.status == RunStatus.SUCCEEDED
    assert len(refused) == run.counts.pages
    assert all(run.id in error.detail for error in refused)
    assert len(database.rows(SyncRunRow)) == 1


def test_run_that_was_silent_too_long_writes_nothing_more(
    sync: CatalogSync, supplier: Supplier, shop: Shop, app_id: str, clock: SteppingClock
) -> None:
    supplier.stock(150)
    later: list[str] = []

    def fall_silent(done: int, _expected: int) -> None:
        if done == 4:
            clock.step(seconds=LEASE_SECONDS + 1)
            supplier.products = supplier.products[:50]
            later.append(sync.run(app_id).id)

    silent = sync.run(app_id, fall_silent)
    assert silent.status == RunStatus.FAILED
    assert silent.error is not None
    assert later[0] in silent.error
    assert sync.get(app_id, later[0]).status == RunStatus.SUCCEEDED
    assert len(shop.names()) == 50


def test_claim_refuses_after_another_run_took_over(sessions: Sessions, app_id: str, clock: SteppingClock) -> None:
    claim = Claim(sessions, app_id, "run_first", clock)
    with sessions.begin() as session:
        runs.start(session, claim, Trigger.COMMAND)
    clock.step(seconds=LEASE_SECONDS - 1)
    with claim.begin():
        pass
    clock.step(seconds=LEASE_SECONDS - 1)
    with claim.begin():
        pass
    clock.step(seconds=LEASE_SECONDS + 1)
    with sessions.begin() as session:
        runs.start(session, Claim(sessions, app_id, "run_second", clock), Trigger.COMMAND)
    with pytest.raises(LeaseLostError, match="run_first"), claim.begin():
        pytest.fail("a transaction was opened")


def test_slow_crawl_keeps_its_lease_and_shows_how_far_it_is(
    sessions: Sessions, supplier: Supplier, app_id: str, clock: SteppingClock
) -> None:
    supplier.stock(450)
    refused: list[str] = []

    def look(done: int, _expected: int) -> None:
        # The record catches up by itself, and each time it does the lease begins anew.
        until(lambda: sync.newest(app_id)[0].counts.pages == done)
        clock.step(seconds=LEASE_SECONDS - 1)
        with pytest.raises(ConflictError) as told:
            sync.run(app_id)
        refused.append(told.value.detail)
        until(lambda: _held_until(sessions) > clock() + timedelta(seconds=LEASE_SECONDS - 1))

    with supplier.client() as client:
        sync = CatalogSync(sessions, lambda _app_id: client, clock, beat_seconds=0.02)
        run = sync.run(app_id, look)
    assert run.status == RunStatus.SUCCEEDED
    assert len(refused) == run.counts.pages == 8
    assert all(run.id in each for each in refused)


def _held_until(sessions: Sessions) -> datetime:
    with sessions.read() as session:
        return session.scalars(sa.select(Lease.held_until)).one()
