"""The catalog's synchronisation: runs, now or in the background, and what they did."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from catalog_sync import runs
from catalog_sync.crawling import applying
from catalog_sync.crawling.brake import Limits
from catalog_sync.crawling.crawl import Progress
from catalog_sync.crawling.listings import CatalogOptions, fetchers
from catalog_sync.history import KEPT_DAYS, ChangePage, RunHistory
from catalog_sync.pulse import BEAT_SECONDS, Pulse
from catalog_sync.runs import Claim, RunStatus, SyncRun, Trigger
from catalog_sync.working import Crawling, Ending, Work
from foundation import events
from foundation.apps import PartnerApp
from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.errors import StorefrontError
from foundation.goody.client import GoodyClient
from foundation.ids import new_id
from foundation.logs import get_logger

log = get_logger(__name__)

WORKERS: Final = 8
END_SECONDS: Final = 30.0
"""How long `close` waits for runs in the background."""


class CatalogSync:
    """Brings the catalogs of apps up to date. `clients` gives an app's own client of Goody, and keeps it."""

    def __init__(
        self,
        sessions: Sessions,
        clients: Callable[[str], GoodyClient],
        clock: Clock = utc_now,
        *,
        workers: int = WORKERS,
        limits: Limits | None = None,
        kept_days: float = KEPT_DAYS,
        beat_seconds: float = BEAT_SECONDS,
    ) -> None:
        self._sessions = sessions
        self._clients = clients
        self._clock = clock
        self._workers = workers
        self._limits = limits or Limits()
        self._beat_seconds = beat_seconds
        self._history = RunHistory(sessions, clock, kept_days)
        self._stopping = threading.Event()
        self._background: set[threading.Thread] = set()

    def run(
        self,
        app_id: str,
        progress: Progress | None = None,
        *,
        trigger: Trigger = Trigger.COMMAND,
        is_dry_run: bool = False,
    ) -> SyncRun:
        """Run now, and say how it went: `failed` with a reason when Goody or the database failed.

        `progress` is told of pages read and pages in all. A dry run finds what would change and changes nothing.
        ConflictError names the run that is under way; NotFoundError: no such app.
        """
        claim = self._start(app_id, trigger, is_dry_run=is_dry_run)
        return self._work(claim, progress, is_dry_run=is_dry_run)

    def begin(self, app_id: str, *, trigger: Trigger = Trigger.REQUEST, is_dry_run: bool = False) -> SyncRun:
        """The same in the background of this process; the run as it begins. ConflictError, NotFoundError.

        Should the process be killed, the run is recorded as failed once its lease has run out, and a worker runs anew.
        """
        claim = self._start(app_id, trigger, is_dry_run=is_dry_run)
        self._in_background(lambda: self._work(claim, None, is_dry_run=is_dry_run))
        return self.get(app_id, claim.run_id)

    def approve(self, app_id: str, run_id: str, by: str) -> SyncRun:
        """Publish what a quarantined run found, and say how it went. `by` is kept in its record.

        ConflictError if a newer run has read the catalog since, or the run does not wait; NotFoundError: no such run.
        """
        return self._go_on(self._resume(app_id, run_id, by))

    def begin_approved(self, app_id: str, run_id: str, by: str) -> SyncRun:
        """The same in the background of this process; the run as it goes on. ConflictError, NotFoundError."""
        claim = self._resume(app_id, run_id, by)
        self._in_background(lambda: self._go_on(claim))
        return self.get(app_id, run_id)

    def waiting(self, app_id: str) -> SyncRun | None:
        """The app's run that waits to be approved."""
        with self._sessions.read() as session:
            return runs.waiting(session, app_id)

    def get(self, app_id: str, run_id: str) -> SyncRun:
        """One run, which may still be going. NotFoundError if the app has none such."""
        return self._history.get(app_id, run_id)

    def newest(self, app_id: str, limit: int = 20, before: str | None = None) -> list[SyncRun]:
        """The app's last runs, newest first; those before one of them, if its id is named (NotFoundError)."""
        return self._history.newest(app_id, limit, before)

    def changes(self, app_id: str, run_id: str, after: int = 0, limit: int = 100) -> ChangePage:
        """What a run found different, after a number. NotFoundError if the app has no such run."""
        return self._history.changes(app_id, run_id, after, limit)

    def ages(self) -> dict[str, float | None]:
        """By app how many seconds ago the last complete run ended; None for an app that had none."""
        return self._history.ages()

    def quarantined(self) -> int:
        """How many apps have a run that waits to be approved."""
        return self._history.quarantined()

    def purge(self) -> int:
        """Forget what runs of long ago found different; their records stay. How many changes that were."""
        return self._history.purge()

    def close(self) -> None:
        """Let runs in the background end: one that is still reading stops, one that is publishing finishes."""
        self._stopping.set()
        for thread in list(self._background):
            thread.join(END_SECONDS)

    def _start(self, app_id: str, trigger: Trigger, *, is_dry_run: bool) -> Claim:
        claim = Claim(self._sessions, app_id, new_id("run"), self._clock)
        with self._sessions.begin() as session:
            runs.start(session, claim, trigger, is_dry_run=is_dry_run)
        return claim

    def _resume(self, app_id: str, run_id: str, by: str) -> Claim:
        claim = Claim(self._sessions, app_id, run_id, self._clock)
        with self._sessions.begin() as session:
            runs.resume(session, claim, by)
        return claim

    def _work(self, claim: Claim, progress: Progress | None, *, is_dry_run: bool) -> SyncRun:
        def work(work: Work) -> Ending:
            with self._sessions.read() as session:
                options = CatalogOptions.read(session.get_one(PartnerApp, claim.app_id).catalog_options)
            read = fetchers(self._clients(claim.app_id), options)
            crawling = Crawling(read, self._workers, self._stopping.is_set, progress)
            return work.synchronise(crawling, is_dry_run=is_dry_run)

        return self._accomplish(Work(claim, self._limits), work)

    def _go_on(self, claim: Claim) -> SyncRun:
        run = self.get(claim.app_id, claim.run_id)
        return self._accomplish(Work(claim, self._limits, done=run.counts), lambda work: work.go_on(run.error))

    def _accomplish(self, work: Work, task: Callable[[Work], Ending]) -> SyncRun:
        try:
            with Pulse(work.claim, lambda: work.counts, self._beat_seconds):
                ending = task(work)
        except StorefrontError as error:
            return self._fail(work, error.detail)
        except BaseException as error:
            self._fail(work, f"It was cut off by {type(error).__name__}; see the logs.")
            raise
        work.done = replace(work.done, phase=None)
        return self._finish(work, ending)

    def _fail(self, work: Work, why: str) -> SyncRun:
        try:
            applying.discard(work.claim, work.claim.run_id)
        except StorefrontError as error:
            # Whatever keeps it from being cleared away now, the next run clears it away.
            log.warning("staging was left behind", run_id=work.claim.run_id, why=error.detail)
        return self._finish(work, Ending(RunStatus.FAILED, why))

    def _finish(self, work: Work, ending: Ending) -> SyncRun:
        claim = work.claim
        with self._sessions.begin() as session:
            is_recorded = runs.finish(session, claim, ending.status, ending.error, work.counts, ending.brakes)
            if is_recorded and ending.status is RunStatus.QUARANTINED:
                _tell(session, claim, ending)
        run = self.get(claim.app_id, claim.run_id)
        log.info("catalog run ended", app_id=run.app_id, run_id=run.id, status=run.status, error=run.error)
        return run

    def _in_background(self, task: Callable[[], object]) -> None:
        def work() -> None:
            try:
                task()
            except Exception:
                log.exception("catalog run was cut off")
            finally:
                self._background.discard(threading.current_thread())

        thread = threading.Thread(target=work, name="catalog run", daemon=True)
        self._background.add(thread)
        thread.start()


def _tell(session: Session, claim: Claim, ending: Ending) -> None:
    found = {"run_id": claim.run_id, "brakes": [brake.detail for brake in ending.brakes]}
    events.append(session, claim.app_id, "sync_run.quarantined", claim.run_id, claim.clock(), found)
