"""One run of the catalog's synchronisation: crawl, snapshot, publish. Whatever fails, the old catalog stays served."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from catalog_sync import runs
from catalog_sync.crawling import snapshot
from catalog_sync.crawling.crawl import Crawl, Progress, crawl
from catalog_sync.curation import in_force
from catalog_sync.publishing.plan import plan
from catalog_sync.publishing.publish import publish
from catalog_sync.publishing.source import SnapshotSource
from catalog_sync.runs import Claim, Counts, RunStatus, SyncRun
from foundation.clock import Clock, utc_now
from foundation.database import Sessions
from foundation.errors import ConflictError, StorefrontError
from foundation.goody.client import GoodyClient
from foundation.ids import new_id
from foundation.logs import get_logger

log = get_logger(__name__)

INTERVAL_SECONDS: Final = 3600.0
WORKERS: Final = 4
AFTER_FAILURE: Final = timedelta(minutes=5)
"""How long an app whose run failed is left alone by `run_due`."""

_BETWEEN_RECORDS: Final = timedelta(seconds=5)


class CatalogSync:
    """Brings the catalogs of all apps up to date. `clients` gives an app's own client of Goody, and keeps it."""

    def __init__(
        self,
        sessions: Sessions,
        clients: Callable[[str], GoodyClient],
        clock: Clock = utc_now,
        *,
        workers: int = WORKERS,
        interval_seconds: float = INTERVAL_SECONDS,
    ) -> None:
        self._sessions = sessions
        self._clients = clients
        self._clock = clock
        self._workers = workers
        self._interval = timedelta(seconds=interval_seconds)

    def run(self, app_id: str, progress: Progress | None = None) -> SyncRun:
        """Run now, and say how it went: `failed` with a reason when Goody or the database failed.

        `progress` is told of pages read and pages in all. ConflictError names the run that is under way; NotFoundError:
        no such app.
        """
        claim = Claim(self._sessions, app_id, new_id("run"), self._clock)
        with self._sessions.begin() as session:
            runs.start(session, app_id, claim.run_id, self._clock())
        try:
            counts, shortfall = self._synchronise(claim, progress)
        except StorefrontError as error:
            return self._finish(claim, RunStatus.FAILED, error.detail)
        except BaseException as error:
            self._finish(claim, RunStatus.FAILED, f"It was cut off by {type(error).__name__}; see the logs.")
            raise
        status = RunStatus.SUCCEEDED if shortfall is None else RunStatus.INCOMPLETE
        return self._finish(claim, status, shortfall, counts)

    def run_due(self) -> int:
        """Run for every app whose catalog is older than the interval; how many runs that were.

        An incomplete run counts like a good one here: what is broken at Goody is not mended by asking at once again.
        """
        with self._sessions.read() as session:
            due = runs.due_apps(session, self._clock(), self._interval, AFTER_FAILURE)
        done = 0
        for app_id in due:
            try:
                self.run(app_id)
            except ConflictError:
                continue
            done += 1
        return done

    def get(self, app_id: str, run_id: str) -> SyncRun:
        """One run, which may still be going. NotFoundError if the app has none such."""
        with self._sessions.read() as session:
            return runs.get(session, app_id, run_id)

    def newest(self, app_id: str, limit: int = 20) -> list[SyncRun]:
        """The app's last runs, newest first."""
        with self._sessions.read() as session:
            return runs.newest(session, app_id, limit)

    def _synchronise(self, claim: Claim, progress: Progress | None) -> tuple[Counts, str | None]:
        """Everything between start and finish; what keeps the run from being complete, if anything does."""
        crawled = crawl(self._clients(claim.app_id), self._workers, _followed(claim, progress))
        counts = _counted(crawled)
        snapshot.record_brands(claim, crawled.brands)
        snapshot.record_cards(claim, crawled.cards)
        changes = snapshot.record_products(claim, crawled.products)
        with claim.sessions.read() as session:
            curation = in_force.read(session, claim.app_id)
            planned = plan(session, claim.app_id, SnapshotSource(claim.app_id), curation)
        published = publish(claim, planned)
        return replace(
            counts,
            created=changes.created,
            changed=changes.changed,
            retired=changes.retired,
            published=published.products,
        ), crawled.shortfall

    def _finish(self, claim: Claim, status: RunStatus, error: str | None, counts: Counts | None = None) -> SyncRun:
        with self._sessions.begin() as session:
            runs.finish(session, claim, status, error, counts)
        run = self.get(claim.app_id, claim.run_id)
        log.info("catalog run ended", app_id=run.app_id, run_id=run.id, status=run.status, error=run.error)
        return run


def _followed(claim: Claim, progress: Progress | None) -> Progress:
    """Tell whoever follows, and every few seconds keep the lease and let the run's record show how far it is."""
    recorded_at = claim.clock()

    def follow(done: int, expected: int) -> None:
        nonlocal recorded_at
        if progress is not None:
            progress(done, expected)
        now = claim.clock()
        if now - recorded_at < _BETWEEN_RECORDS:
            return
        recorded_at = now
        with claim.begin() as session:
            runs.record_progress(session, claim.run_id, Counts(pages=done, pages_expected=expected))

    return follow


def _counted(crawled: Crawl) -> Counts:
    pages = sum(reading.pages for reading in crawled.readings)
    return Counts(
        pages=pages,
        pages_expected=pages,
        seen=len(crawled.products.items),
        broken=sum(len(reading.broken) for reading in crawled.readings),
    )
