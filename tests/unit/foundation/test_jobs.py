"""Jobs: failing ones come back, slow ones hold nobody up, and stopping waits for what is under way."""

import threading
import time
from collections.abc import Callable
from typing import Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation import jobs
from foundation.jobs import LONGEST_PAUSE, Job, Worker, pause, run_once

PATIENCE = 10


class Running:
    """A worker in a thread, stopped at the end."""

    def __init__(self, *some: Job) -> None:
        self.worker = Worker(some)
        self._thread = threading.Thread(target=self.worker.run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.worker.stop()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_a_job_runs_again_and_again() -> None:
    runs: list[float] = []

    def run() -> int:
        runs.append(time.monotonic())
        return 1

    with Running(Job("often", 0.01, run)):
        wait_until(lambda: len(runs) >= 5)
    stopped_at = len(runs)
    time.sleep(0.05)
    assert len(runs) == stopped_at


def test_a_failing_job_is_logged_and_tried_again(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    runs = []

    def run() -> int:
        runs.append(1)
        if len(runs) < 3:
            raise RuntimeError("no luck")
        return 0

    with Running(Job("unlucky", 0.01, run)):
        wait_until(lambda: len(runs) >= 4)
    printed = capfd.readouterr()
    told = caplog.text + printed.out + printed.err
    assert told.count("no luck") >= 2
    assert "unlucky" in told


def test_the_pause_grows_with_failures_in_a_row_and_a_success_ends_that(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def noting(every_seconds: float, failures: int) -> float:
        asked.append(failures)
        return every_seconds

    monkeypatch.setattr(jobs, "pause", noting)
    outcomes = iter([False, False, False, True, False])

    def run() -> int:
        if not next(outcomes, True):
            raise RuntimeError("no luck")
        return 0

    with Running(Job("moody", 0.001, run)):
        wait_until(lambda: len(asked) >= 6)
    assert asked[:6] == [1, 2, 3, 0, 1, 0]


def test_a_slow_job_holds_up_no_other() -> None:
    gate = threading.Event()
    quick = []

    def slow() -> int:
        gate.wait(PATIENCE)
        return 0

    def fast() -> int:
        quick.append(1)
        return 0

    with Running(Job("slow", 0.01, slow), Job("fast", 0.01, fast)):
        wait_until(lambda: len(quick) >= 5)
        gate.set()


def test_stopping_lets_the_run_under_way_end_and_starts_none() -> None:
    begun, gate, ended = threading.Event(), threading.Event(), []

    def run() -> int:
        begun.set()
        gate.wait(PATIENCE)
        ended.append(1)
        return 0

    with Running(Job("long", 0.001, run)) as running:
        assert begun.wait(PATIENCE)
        running.worker.stop()
        time.sleep(0.02)
        assert ended == []
        gate.set()
    assert ended == [1]


def test_stopping_does_not_wait_for_a_pause() -> None:
    with Running(Job("seldom", 3600, lambda: 0)):
        began = time.monotonic()
    assert time.monotonic() - began < 60


def test_run_once_tells_how_it_went() -> None:
    def broken() -> int:
        raise ValueError("no luck")

    assert run_once(Job("fine", 1, lambda: 0)) is True
    assert run_once(Job("fine", 1, lambda: 7)) is True
    assert run_once(Job("broken", 1, broken)) is False


@given(st.floats(0.001, 86_400), st.integers(0, 10_000))
def test_a_pause_is_never_shorter_than_the_interval_nor_longer_than_the_bound(every: float, failures: int) -> None:
    seconds = pause(every, failures)
    longest = max(every, LONGEST_PAUSE)
    assert every * 0.9 <= seconds <= longest * 1.1
    assert 0.9 * min(every * 2.0 ** min(failures, 64), longest) <= seconds or failures > 16


@given(st.floats(0.001, 60))
def test_a_job_that_keeps_failing_ends_up_at_the_longest_pause(every: float) -> None:
    assert pause(every, 16) >= min(every * 65_536, LONGEST_PAUSE) * 0.9
