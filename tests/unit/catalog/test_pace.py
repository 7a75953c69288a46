"""When an app is due."""

from datetime import UTC, datetime, timedelta

from catalog_sync.runs import MOVES, Counts, RunStatus, SyncRun, Trigger
from catalog_sync.schedule import Pace, is_due, pause

NOON = datetime(2026, 6, 3, 12, tzinfo=UTC)
PACE = Pace(interval_seconds=3600, jitter_percent=10)


def run(status: RunStatus, minutes_ago: float, number: int = 0) -> SyncRun:
    at = NOON - timedelta(minutes=minutes_ago)
    return SyncRun(
        id=f"run_{number}",
        app_id="app_one",
        status=status,
        trigger=Trigger.SCHEDULE,
        is_dry_run=False,
        started_at=at,
        finished_at=None if status is RunStatus.RUNNING else at,
        counts=Counts(),
        brakes=(),
        error=None,
        approved_at=None,
        approved_by=None,
    )


def test_an_app_that_never_ran_is_due_and_one_that_runs_is_not() -> None:
    assert is_due([], NOON, PACE)
    assert not is_due([run(RunStatus.RUNNING, 500)], NOON, PACE)


def test_an_app_is_due_within_the_last_tenth_of_its_interval() -> None:
    for status in (RunStatus.SUCCEEDED, RunStatus.INCOMPLETE, RunStatus.QUARANTINED):
        assert not is_due([run(status, 53.9)], NOON, PACE)
        assert is_due([run(status, 60)], NOON, PACE)
    early = [is_due([run(RunStatus.SUCCEEDED, 57, number)], NOON, PACE) for number in range(200)]
    assert 60 < sum(early) < 140, "apps spread out"


def test_the_pause_after_failures_grows_up_to_the_interval() -> None:
    assert [pause(failures, PACE) / timedelta(minutes=1) for failures in (1, 2, 3, 4, 5, 50)] == [5, 10, 20, 40, 60, 60]
    failed = [run(RunStatus.FAILED, 9, 1), run(RunStatus.FAILED, 15, 2), run(RunStatus.SUCCEEDED, 200, 3)]
    assert not is_due(failed, NOON, PACE)
    assert is_due(failed, NOON + timedelta(minutes=1), PACE)
    assert is_due(failed[:1], NOON, PACE)


def test_every_status_can_be_reached_and_left_but_the_last_ones() -> None:
    reached = {RunStatus.RUNNING} | {status for after in MOVES.values() for status in after}
    assert reached == set(RunStatus) == MOVES.keys()
    assert {status for status, after in MOVES.items() if not after} == {
        RunStatus.SUCCEEDED,
        RunStatus.INCOMPLETE,
        RunStatus.SUPERSEDED,
        RunStatus.FAILED,
    }
