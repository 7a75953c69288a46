"""The work of one run, phase by phase: read, plan, judge, apply, publish. Whatever fails, the old catalog is served."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa

from catalog_sync import runs
from catalog_sync.crawling import applying
from catalog_sync.crawling.brake import Brake, Limits, judge
from catalog_sync.crawling.changes import Change
from catalog_sync.crawling.crawl import Crawled, Progress, Tally, crawl, shown
from catalog_sync.crawling.listings import Familiar, Fetch
from catalog_sync.crawling.staging import Extent, Staging
from catalog_sync.curation import in_force
from catalog_sync.kinds import Kind
from catalog_sync.publishing.plan import Plan, plan
from catalog_sync.publishing.publish import publish
from catalog_sync.publishing.source import SnapshotSource, StagedSource
from catalog_sync.runs import Claim, Counts, Phase, RunStatus
from catalog_sync.tables import SyncRunRow


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended. `error` says what keeps it from being complete, or what could not be read."""

    status: RunStatus
    error: str | None
    brakes: tuple[Brake, ...] = ()


@dataclass(frozen=True, slots=True)
class Crawling:
    """How the supplier is read: by page, with so many threads, until told to stop. What is familiar is not decoded."""

    fetchers: Mapping[Kind, Fetch]
    familiar: Familiar
    workers: int
    is_stopped: Callable[[], bool]
    progress: Progress | None = None


@dataclass(slots=True)
class Work:
    """One run under its claim, and what it has done so far."""

    claim: Claim
    limits: Limits
    done: Counts = field(default_factory=Counts)
    tally: Tally = field(default_factory=Tally)

    @property
    def counts(self) -> Counts:
        """What it has done so far; another thread may ask."""
        return replace(
            self.done,
            pages=self.done.pages + self.tally.pages,
            pages_expected=self.done.pages_expected + self.tally.expected,
            retries=self.done.retries + self.tally.retries,
        )

    def synchronise(self, crawling: Crawling, *, is_dry_run: bool) -> Ending:
        """All of it. A dry run ends after the judgement, and leaves nothing behind but its record."""
        now = self.claim.clock()
        with self._phase(Phase.READING):
            extent, error = self._read(crawling, now, is_dry_run=is_dry_run)
        self._supersede(is_dry_run=is_dry_run)
        is_staged = extent.is_apart
        with self._phase(Phase.PLANNING):
            planned = self._plan(now, is_staged=is_staged)
            brakes = self._judge(extent, planned)
        if is_dry_run:
            applying.discard(self.claim, self.claim.run_id)
            return Ending(self._status, error, brakes)
        if brakes:
            return Ending(RunStatus.QUARANTINED, error, brakes)
        self._carry_out(planned, now, is_staged=is_staged)
        return Ending(self._status, error)

    def go_on(self, error: str | None) -> Ending:
        """What is left of a run that was approved, whatever the brake said."""
        now = self.claim.clock()
        with self._phase(Phase.PLANNING):
            planned = self._plan(now, is_staged=True)
        self._carry_out(planned, now, is_staged=True)
        return Ending(self._status, error)

    @property
    def _status(self) -> RunStatus:
        return RunStatus.SUCCEEDED if self.done.is_complete else RunStatus.INCOMPLETE

    def _read(self, crawling: Crawling, now: datetime, *, is_dry_run: bool) -> tuple[Extent, str | None]:
        """How much differs, and what is to be remarked. Of what was read nothing stays in memory."""
        with closing(Staging(self.claim, now, crawling.familiar, is_dry_run=is_dry_run)) as staging:
            crawled = crawl(
                crawling.fetchers, crawling.workers, staging, self.tally, crawling.progress, crawling.is_stopped
            )
            staging.settle(crawled)
        crawling.familiar.forget()
        changes = staging.changes
        self.done = replace(
            self.done,
            readings=crawled[Kind.PRODUCT].readings,
            seen=len(crawled[Kind.PRODUCT].seen) - len({each.id for each in crawled[Kind.PRODUCT].broken}),
            created=changes[Change.CREATED],
            changed=changes[Change.CHANGED],
            returned=changes[Change.RETURNED],
            retired=changes[Change.RETIRED],
            repriced=staging.extent.repriced,
            broken=sum(len(each.broken) for each in crawled.values()),
            is_complete=all(each.is_complete for each in crawled.values()),
        )
        return staging.extent, _remarks(crawled)

    def _supersede(self, *, is_dry_run: bool) -> None:
        """What older runs left in their staging is out of date now, and so are those that wait to be approved."""
        applying.drop_staged(self.claim, keep_quarantined=is_dry_run)
        waiting = sa.and_(SyncRunRow.app_id == self.claim.app_id, SyncRunRow.status == RunStatus.QUARANTINED)
        with self.claim.sessions.read() as session:
            is_waiting = session.scalar(sa.select(SyncRunRow.id).where(waiting).limit(1)) is not None
        if is_waiting and not is_dry_run:
            with self.claim.begin() as session:
                runs.supersede(session, self.claim)

    def _plan(self, now: datetime, *, is_staged: bool) -> Plan:
        """What publishing would change: also where nothing was staged, should what is served be behind."""
        app_id = self.claim.app_id
        source = StagedSource(app_id, self.claim.run_id, now) if is_staged else SnapshotSource(app_id)
        with self.claim.sessions.read() as session:
            planned = plan(session, app_id, source, in_force.read(session, app_id))
        self.done = replace(self.done, published=planned.listed)
        return planned

    def _judge(self, extent: Extent, planned: Plan) -> tuple[Brake, ...]:
        """Reasons to stop; none where the snapshot stays as it is: what it holds was let through before."""
        if extent.is_empty:
            return ()
        return judge(
            self.limits,
            present=extent.present,
            leaving=extent.leaving,
            repriced=extent.repriced,
            before=planned.previous_collections,
            after=planned.collections,
        )

    def _carry_out(self, planned: Plan, now: datetime, *, is_staged: bool) -> None:
        if is_staged:
            with self._phase(Phase.APPLYING):
                applying.apply(self.claim, now)
        with self._phase(Phase.PUBLISHING):
            publish(self.claim, planned)

    @contextmanager
    def _phase(self, phase: Phase) -> Iterator[None]:
        self.done = replace(self.done, phase=phase.value)
        began = time.monotonic()
        yield
        seconds = {**self.done.seconds, phase.value: round(time.monotonic() - began, 3)}
        self.done = replace(self.done, seconds=seconds)


def _remarks(crawled: Mapping[Kind, Crawled]) -> str | None:
    """Why this may not be all there is, and what of it could not be read; None if all is well."""
    remarks = [each.shortfall for each in crawled.values() if each.shortfall]
    for kind, each in crawled.items():
        named = [broken for broken in each.broken if broken.id is not None]
        if named:
            remarks.append(f"Unusable {kind.plural} ({len(named)}), left as they were: {shown(named)}")
    return " ".join(remarks) or None
