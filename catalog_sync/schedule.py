"""When catalogs are synced by themselves: each app at its own pace, so that one hanging supplier delays nobody else."""

import threading
import zlib
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from catalog_sync import runs
from catalog_sync.runs import RunStatus, SyncRun, Trigger
from catalog_sync.sync import CatalogSync
from foundation.apps import PartnerApp
from foundation.clock import Clock, utc_now
from foundation.database import Sessions
from foundation.errors import ConflictError
from foundation.logs import get_logger

log = get_logger(__name__)

FIRST_PAUSE: Final = timedelta(minutes=5)
"""How long an app is left alone after a failed run; twice as long after each further one, up to the interval."""
PATIENCE_SECONDS: Final = 10.0
"""How long `run_due` waits for the runs that it set off. Those that take longer go on by themselves."""

_RECENT: Final = 16
_READ: Final = frozenset({RunStatus.SUCCEEDED, RunStatus.INCOMPLETE, RunStatus.QUARANTINED, RunStatus.SUPERSEDED})


@dataclass(frozen=True, slots=True)
class Pace:
    """How often an app is synced, and how many apps at a time.

    A catalog gets no older than the interval, but up to `jitter_percent` of it younger, so that apps spread out.
    """

    interval_seconds: float = 3600.0
    jitter_percent: int = 10
    apps_at_once: int = 4

    @property
    def interval(self) -> timedelta:
        """The oldest a catalog may get."""
        return timedelta(seconds=self.interval_seconds)


class SyncSchedule:
    """Syncs what is due, in threads of its own."""

    def __init__(self, sessions: Sessions, sync: CatalogSync, pace: Pace | None = None, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._sync = sync
        self._pace = pace or Pace()
        self._clock = clock
        self._pool = ThreadPoolExecutor(self._pace.apps_at_once, thread_name_prefix="scheduled sync")
        self._under_way: dict[str, Future[bool]] = {}
        self._lock = threading.Lock()

    def run_due(self, patience_seconds: float = PATIENCE_SECONDS) -> int:
        """Run for every app that is due; how many of these runs ended within the patience.

        Due is an app whose catalog was last read an interval ago, whose last runs failed longer ago than its growing
        pause, or whose run was cut off with its process. An incomplete run counts as a good one here: what is broken
        at Goody is not mended by asking at once again.
        """
        begun = self._begin(self._due())
        wait(begun, patience_seconds)
        return sum(future.done() and future.result() for future in begun)

    def close(self) -> None:
        """Begin no more runs, and wait for those under way."""
        self._pool.shutdown(cancel_futures=True)

    def _due(self) -> list[str]:
        now = self._clock()
        cut_off = set(self._bury(now))
        with self._sessions.read() as session:
            app_ids = session.scalars(sa.select(PartnerApp.id).order_by(PartnerApp.created_at, PartnerApp.id)).all()
            return [
                each
                for each in app_ids
                if each in cut_off or is_due(runs.newest(session, each, _RECENT, dry_runs=False), now, self._pace)
            ]

    def _bury(self, now: datetime) -> list[str]:
        with self._sessions.read() as session:
            if not runs.has_dead(session, now):
                return []
        with self._sessions.begin() as session:
            return runs.bury(session, now)

    def _begin(self, app_ids: Iterable[str]) -> list[Future[bool]]:
        with self._lock:
            self._under_way = {each: future for each, future in self._under_way.items() if not future.done()}
            idle = [each for each in app_ids if each not in self._under_way]
            begun = {each: self._pool.submit(self._run, each) for each in idle}
            self._under_way |= begun
        return list(begun.values())

    def _run(self, app_id: str) -> bool:
        try:
            self._sync.run(app_id, trigger=Trigger.SCHEDULE)
        except ConflictError:
            return False
        except Exception:
            log.exception("scheduled sync was cut off", app_id=app_id)
        return True


def is_due(recent: list[SyncRun], now: datetime, pace: Pace) -> bool:
    """Whether an app with these last runs (newest first, dry runs left out) is due. One that is running is not."""
    if not recent:
        return True
    if recent[0].status is RunStatus.RUNNING:
        return False
    failures = next((place for place, run in enumerate(recent) if run.status in _READ), len(recent))
    if failures:
        ended_at = recent[0].finished_at or recent[0].started_at
        return now >= ended_at + pause(failures, pace)
    return now >= recent[0].started_at + pace.interval * (1 - _jitter(recent[0].id, pace))


def pause(failures: int, pace: Pace) -> timedelta:
    """How long to leave an app alone after so many failures in a row."""
    doubled: timedelta = FIRST_PAUSE * (1 << min(failures - 1, 16))
    return min(doubled, max(pace.interval, FIRST_PAUSE))


def _jitter(run_id: str, pace: Pace) -> float:
    """A part of the interval, the same for every worker that asks: it comes from the run's id."""
    return pace.jitter_percent / 100 * (zlib.crc32(run_id.encode()) / 2**32)
