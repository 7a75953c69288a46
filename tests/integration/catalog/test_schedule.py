"""Catalogs that are synced by themselves, each app at its own pace."""

import threading
from collections.abc import Iterator
from functools import partial

import httpx
import pytest

from catalog_sync import runs
from catalog_sync.runs import LEASE_SECONDS, Claim, RunStatus, Trigger
from catalog_sync.schedule import Pace, SyncSchedule
from catalog_sync.sync import CatalogSync
from foundation.database import Sessions
from foundation.errors import ConflictError
from tests.patience import until

from .supplier import SteppingClock, Supplier


@pytest.fixture
def schedule(sessions: Sessions, sync: CatalogSync, clock: SteppingClock) -> Iterator[SyncSchedule]:
    schedule = SyncSchedule(sessions, sync, Pace(), clock)
    yield schedule
    schedule.close()


def _has_succeeded(sync: CatalogSync, times: int) -> bool:
    return [run.status for run in sync.newest("app_one")] == [RunStatus.SUCCEEDED] * times


def test_due_apps_are_run_once_per_interval(
    schedule: SyncSchedule,
    sync: CatalogSync,
    supplier: Supplier,
    other_supplier: Supplier,
    clock: SteppingClock,
    app_id: str,
) -> None:
    supplier.stock(1)
    other_supplier.before_page = lambda _name, _page: httpx.Response(500)
    assert schedule.run_due() == 2
    assert [sync.newest(each)[0].status for each in (app_id, "app_two")] == [RunStatus.SUCCEEDED, RunStatus.FAILED]
    assert sync.newest(app_id)[0].trigger == Trigger.SCHEDULE
    assert sync.ages() == {app_id: 0, "app_two": None}
    clock.step(minutes=4)
    assert schedule.run_due() == 0
    clock.step(minutes=1)
    assert schedule.run_due() == 1
    clock.step(minutes=9)
    assert schedule.run_due() == 0, "the second pause is twice the first"
    clock.step(minutes=1)
    assert schedule.run_due() == 1
    assert len(sync.newest("app_two")) == 3
    clock.step(minutes=45)
    assert sync.ages()[app_id] == 3600
    assert schedule.run_due() == 2
    assert len(sync.newest(app_id)) == 2


def test_a_hanging_goody_delays_no_other_app(
    sessions: Sessions, sync: CatalogSync, supplier: Supplier, other_supplier: Supplier, clock: SteppingClock
) -> None:
    supplier.stock(1)
    # Shorter than the lease: this clock leaps, and no run gives a sign of life on the way.
    schedule = SyncSchedule(sessions, sync, Pace(interval_seconds=LEASE_SECONDS - 10, jitter_percent=0), clock)
    released = threading.Event()

    def hang(_name: str, _page: int) -> None:
        released.wait(60)

    other_supplier.before_page = hang
    try:
        for number in (1, 2):
            schedule.run_due(patience_seconds=0)
            until(partial(_has_succeeded, sync, number), seconds=30)
            clock.step(seconds=LEASE_SECONDS - 10)
        assert [run.status for run in sync.newest("app_two")] == [RunStatus.RUNNING]
    finally:
        released.set()
        schedule.close()


def test_a_run_whose_process_was_killed_is_recorded_and_made_good(
    schedule: SyncSchedule, sync: CatalogSync, supplier: Supplier, clock: SteppingClock, sessions: Sessions, app_id: str
) -> None:
    supplier.stock(1)
    assert schedule.run_due() == 2
    clock.step(minutes=10)
    killed = Claim(sessions, app_id, "run_killed", clock)
    with sessions.begin() as session:
        runs.start(session, killed, Trigger.REQUEST)
    clock.step(seconds=LEASE_SECONDS)
    assert schedule.run_due() == 0
    with pytest.raises(ConflictError, match="run_killed"):
        sync.run(app_id)
    clock.step(seconds=1)
    assert schedule.run_due() == 1
    dead = sync.get(app_id, "run_killed")
    assert dead.status == RunStatus.FAILED
    assert dead.error is not None
    assert dead.error.startswith("It fell silent")
    assert sync.newest(app_id)[0].status == RunStatus.SUCCEEDED


def test_in_the_background_it_ends_by_itself_or_stops_when_the_process_ends(
    sync: CatalogSync, supplier: Supplier, app_id: str
) -> None:
    supplier.stock(3000)
    asked, goes_on = threading.Event(), threading.Event()

    def wait_on_page_3(name: str, page: int) -> None:
        if (name, page) == ("products", 3):
            asked.set()
            goes_on.wait(20)

    supplier.before_page = wait_on_page_3
    run = sync.begin(app_id)
    assert (run.status, run.trigger) == (RunStatus.RUNNING, Trigger.REQUEST)
    assert asked.wait(20)
    with pytest.raises(ConflictError):
        sync.begin(app_id)
    threading.Timer(0.3, goes_on.set).start()
    sync.close()
    ended = sync.get(app_id, run.id)
    assert ended.status == RunStatus.FAILED
    assert ended.error == "The process was asked to end; the next run begins anew."
