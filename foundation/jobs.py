"""Jobs: what the worker process does again and again.

Rows in the database are the truth and a job only looks for what is due, so a killed worker loses nothing: the next
run finds the same rows.
"""

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from foundation.logs import get_logger

log = get_logger(__name__)

LONGEST_PAUSE: Final = 60.0
"""Seconds between tries of a job that keeps failing, at most (unless its own interval is longer)."""


@dataclass(frozen=True, slots=True)
class Job:
    """A function to call every so many seconds. It returns how many things it dealt with."""

    name: str
    every_seconds: float
    run: Callable[[], int]
    bell: "Bell | None" = None
    """Rung when there is something to do: the job does not wait for its interval then."""


class Bell:
    """Wakes who waits, once for any number of rings."""

    def __init__(self) -> None:
        self._is_rung = threading.Event()

    def ring(self) -> None:
        """Wake whoever waits, or who waits next."""
        self._is_rung.set()

    def wait(self, seconds: float) -> None:
        """Wait so many seconds, or until it is rung."""
        self._is_rung.wait(seconds)
        # Before the work, not after it: what is rung meanwhile is worked off in another round.
        self._is_rung.clear()


Watch: TypeAlias = Callable[[str, float, bool], None]
"""Told of each run: the job's name, how many seconds it took, and whether it succeeded."""


class Worker:
    """Runs each job in a thread of its own, so that a slow one never holds up another."""

    def __init__(self, jobs: Sequence[Job], watch: Watch | None = None) -> None:
        self._jobs = jobs
        self._watch = watch
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Let the runs under way end, and start none anew."""
        self._stopping.set()
        for job in self._jobs:
            if job.bell is not None:
                job.bell.ring()

    def run(self) -> None:
        """Run all jobs until `stop` is called (from a signal handler, say)."""
        threads = [threading.Thread(target=self._repeat, args=(job,), name=job.name) for job in self._jobs]
        for thread in threads:
            thread.start()
        log.info("worker started", jobs=", ".join(job.name for job in self._jobs))
        for thread in threads:
            thread.join()
        log.info("worker stopped")

    def _repeat(self, job: Job) -> None:
        failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            is_done = run_once(job)
            if self._watch is not None:
                self._watch(job.name, time.monotonic() - began, is_done)
            failures = 0 if is_done else failures + 1
            seconds = pause(job.every_seconds, failures)
            if job.bell is None or failures:
                # What fails is left alone for its time, whoever rings.
                self._stopping.wait(seconds)
            else:
                job.bell.wait(seconds)


def run_once(job: Job) -> bool:
    """Run the job; a failure is logged and answered with False, since the rows it did not reach are still there."""
    try:
        dealt_with = job.run()
    except Exception:
        log.exception("job failed; it is tried again", job=job.name)
        return False
    if dealt_with:
        log.debug("job done", job=job.name, dealt_with=dealt_with)
    return True


def pause(every_seconds: float, failures: int) -> float:
    """Seconds to wait: the interval, doubled by each failure in a row up to a bound, with 10 % of jitter."""
    seconds = min(every_seconds * (1 << min(failures, 16)), max(every_seconds, LONGEST_PAUSE))
    return seconds * random.uniform(0.9, 1.1)  # noqa: S311  jitter, not a secret
