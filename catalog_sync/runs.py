"""The record of each run, and the lease that lets one run at a time work on an app's catalog."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from catalog_sync.crawling.brake import Brake
from catalog_sync.tables import SyncRunRow
from foundation import leases
from foundation.apps import PartnerApp
from foundation.clock import Clock
from foundation.database import Session, Sessions
from foundation.errors import ConflictError, NotFoundError

LEASE_SECONDS: Final = 60
"""How long after its last sign of life a run that was killed keeps others out. A living one gives a sign far sooner."""
SIGN_AFTER: Final = timedelta(seconds=LEASE_SECONDS / 20)
"""How old the last sign of life is when the next is given."""
RETRY_AFTER: Final = 5.0
"""Seconds after which it is worth asking again while a run is under way."""


class RunStatus(StrEnum):
    """How a run is going, or went. An incomplete one published what it read, and retired nothing it may have missed."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    INCOMPLETE = "incomplete"
    QUARANTINED = "quarantined"
    """It found more changes than the brake lets pass, and waits to be approved; nothing of it is published."""
    SUPERSEDED = "superseded"
    """It was quarantined until a newer run had read the catalog."""
    FAILED = "failed"


MOVES: Final = {
    RunStatus.RUNNING: {RunStatus.SUCCEEDED, RunStatus.INCOMPLETE, RunStatus.QUARANTINED, RunStatus.FAILED},
    RunStatus.QUARANTINED: {RunStatus.RUNNING, RunStatus.SUPERSEDED},
    RunStatus.SUCCEEDED: set[RunStatus](),
    RunStatus.INCOMPLETE: set[RunStatus](),
    RunStatus.SUPERSEDED: set[RunStatus](),
    RunStatus.FAILED: set[RunStatus](),
}
"""An approved run goes on running."""

PUBLISHED: Final = (RunStatus.SUCCEEDED, RunStatus.INCOMPLETE)
"""Runs after which the snapshot is what is served."""


class Trigger(StrEnum):
    """What set a run off."""

    SCHEDULE = "schedule"
    COMMAND = "command"
    REQUEST = "request"


class Phase(StrEnum):
    """What a run is doing."""

    READING = "reading"
    PLANNING = "planning"
    APPLYING = "applying"
    PUBLISHING = "publishing"


class LeaseLostError(ConflictError):
    """The run was silent for too long and another has begun: this one may not write any more."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a run did. Pages, retries and broken things are of all listings; the rest is about products."""

    phase: str | None = None
    """What it is doing, or did last when it failed; None once it ended well."""
    pages: int = 0
    pages_expected: int = 0
    retries: int = 0
    """How often a page had to be asked for again: no answer, a failure of Goody's, a mangled page."""
    readings: int = 0
    """How often the products were read: more than once when the listing changed meanwhile, or to prove what is gone."""
    seen: int = 0
    created: int = 0
    changed: int = 0
    returned: int = 0
    retired: int = 0
    repriced: int = 0
    broken: int = 0
    published: int = 0
    """Products on sale in the end, whether or not this run changed them."""
    is_complete: bool = True
    seconds: dict[str, float] = field(default_factory=dict)
    """How long each phase took."""

    @classmethod
    def read(cls, stored: dict[str, Any]) -> "Counts":
        """Counts as they were stored; those added since have their defaults."""
        known = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})


@dataclass(frozen=True, slots=True)
class SyncRun:
    """One run, as it stands.

    `error` is for operators: why it failed, what keeps it from being complete, or what could not be read.
    """

    id: str
    app_id: str
    status: RunStatus
    trigger: Trigger
    is_dry_run: bool
    started_at: datetime
    finished_at: datetime | None
    counts: Counts
    brakes: tuple[Brake, ...]
    error: str | None
    approved_at: datetime | None
    approved_by: str | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A right to write an app's catalog, which ends when another takes the lease. `run_id` is who holds it."""

    sessions: Sessions
    app_id: str
    run_id: str
    clock: Clock
    _signs: list[datetime] = field(default_factory=list, init=False, repr=False, compare=False)
    """When the lease was extended last."""

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A transaction that first looks after the lease, so that no other run can write beside it.

        LeaseLostError if another run has begun.
        """
        with self.sessions.begin() as session:
            self._hold(session)
            yield session

    @contextmanager
    def begin_derived(self) -> Iterator[Session]:
        """The same for what another run would find and write again, should a power cut undo it.

        LeaseLostError if another run has begun.
        """
        with self.sessions.begin_derived() as session:
            self._hold(session)
            yield session

    def _hold(self, session: Session) -> None:
        """Give a sign of life if the last one was a while ago, else only see that nobody has taken the lease.

        Two threads of a run that both extended it in each of their transactions would wait for one another.
        """
        now, name = self.clock(), _lease(self.app_id)
        if self._signs and timedelta(0) <= now - self._signs[-1] < SIGN_AFTER:
            is_mine = leases.hold(session, name, self.run_id)
        else:
            is_mine = leases.extend(session, name, self.run_id, now, LEASE_SECONDS)
            self._signs[:] = [now]
        if not is_mine:
            raise LeaseLostError(f"Run {self.run_id} was silent for over {LEASE_SECONDS} s and another has begun.")


def take_lease(session: Session, app_id: str, holder: str, now: datetime) -> None:
    """Take the app's catalog, to write it. ConflictError names who has it; NotFoundError: no such app.

    Whoever still counts as running then has lost the lease, and is recorded as failed.
    """
    if session.get(PartnerApp, app_id) is None:
        raise NotFoundError(f"There is no app {app_id!r}.")
    if not leases.take(session, _lease(app_id), holder, now, LEASE_SECONDS):
        other = leases.holder_of(session, _lease(app_id))
        raise ConflictError(
            f"Run {other} of this app's catalog is under way. Wait until it has finished.", retry_after=RETRY_AFTER
        )
    silent = sa.update(SyncRunRow).where(SyncRunRow.app_id == app_id, SyncRunRow.status == RunStatus.RUNNING)
    why = f"It fell silent, and run {holder} took its place."
    session.execute(silent.values(status=RunStatus.FAILED, finished_at=now, error=why))


def release_lease(session: Session, app_id: str, holder: str) -> None:
    """Give the app's catalog back; somebody else's lease is left alone."""
    leases.release(session, _lease(app_id), holder)


def start(session: Session, claim: Claim, trigger: Trigger, *, is_dry_run: bool = False) -> None:
    """Record the run and take the app's lease. ConflictError names the run that has it; NotFoundError: no such app."""
    now = claim.clock()
    take_lease(session, claim.app_id, claim.run_id, now)
    session.add(
        SyncRunRow(
            id=claim.run_id,
            app_id=claim.app_id,
            status=RunStatus.RUNNING,
            started_at=now,
            finished_at=None,
            trigger=trigger,
            is_dry_run=is_dry_run,
            counts=asdict(Counts(phase=Phase.READING)),
            brakes=[],
            error=None,
            approved_at=None,
            approved_by=None,
        )
    )


def resume(session: Session, claim: Claim, by: str) -> None:
    """Take up a quarantined run that was approved. ConflictError if it is not the one that waits, or one is under way.

    NotFoundError if the app has no such run.
    """
    run = get(session, claim.app_id, claim.run_id)
    if run.status is RunStatus.SUPERSEDED:
        raise ConflictError("A newer run has read the catalog since: what this one found is out of date.")
    if run.status is not RunStatus.QUARANTINED:
        raise ConflictError(f"The run is {run.status}: only a quarantined one waits to be approved.")
    now = claim.clock()
    take_lease(session, claim.app_id, claim.run_id, now)
    waiting = sa.update(SyncRunRow).where(SyncRunRow.id == claim.run_id)
    session.execute(waiting.values(status=RunStatus.RUNNING, finished_at=None, approved_at=now, approved_by=by))


def record_progress(session: Session, run_id: str, counts: Counts) -> None:
    """Let those who watch the run know how far it is."""
    session.execute(_still_running(run_id).values(counts=asdict(counts)))


def supersede(session: Session, claim: Claim) -> None:
    """Declare quarantined runs of the app out of date: this one has read the catalog since."""
    waiting = sa.and_(SyncRunRow.app_id == claim.app_id, SyncRunRow.status == RunStatus.QUARANTINED)
    session.execute(sa.update(SyncRunRow).where(waiting).values(status=RunStatus.SUPERSEDED))


def finish(
    session: Session,
    claim: Claim,
    status: RunStatus,
    error: str | None,
    counts: Counts | None = None,
    brakes: tuple[Brake, ...] = (),
) -> bool:
    """Record how the run ended and give the lease back. A run that another has declared dead stays failed: False.

    Without counts those recorded last stay.
    """
    ended = _still_running(claim.run_id).values(status=status, finished_at=claim.clock(), error=error)
    ended = ended.values(brakes=[asdict(brake) for brake in brakes]) if brakes else ended
    ended = ended if counts is None else ended.values(counts=asdict(counts))
    is_recorded = session.scalar(ended.returning(SyncRunRow.id)) is not None
    release_lease(session, claim.app_id, claim.run_id)
    return is_recorded


def get(session: Session, app_id: str, run_id: str) -> SyncRun:
    """One run of the app. NotFoundError if it has none such."""
    row = session.scalar(sa.select(SyncRunRow).where(SyncRunRow.id == run_id, SyncRunRow.app_id == app_id))
    if row is None:
        raise NotFoundError("There is no such run.")
    return _run(row)


def newest(
    session: Session, app_id: str, limit: int, before: tuple[datetime, str] | None = None, *, dry_runs: bool = True
) -> list[SyncRun]:
    """The app's last runs, newest first; those begun before a run (its `started_at` and id), if one is named."""
    mine = sa.select(SyncRunRow).where(SyncRunRow.app_id == app_id)
    if not dry_runs:
        mine = mine.where(~SyncRunRow.is_dry_run)
    if before is not None:
        mine = mine.where(sa.tuple_(SyncRunRow.started_at, SyncRunRow.id) < before)
    ordered = mine.order_by(SyncRunRow.started_at.desc(), SyncRunRow.id.desc())
    return [_run(row) for row in session.scalars(ordered.limit(limit))]


def waiting(session: Session, app_id: str) -> SyncRun | None:
    """The app's run that waits to be approved."""
    quarantined = sa.select(SyncRunRow).where(SyncRunRow.app_id == app_id, SyncRunRow.status == RunStatus.QUARANTINED)
    row = session.scalar(quarantined.order_by(SyncRunRow.started_at.desc()).limit(1))
    return None if row is None else _run(row)


def bury(session: Session, now: datetime) -> list[str]:
    """Record runs as failed whose process was killed, lease and all; the apps whose runs they were."""
    alive = sa.exists().where(
        leases.Lease.name == sa.literal(_lease("")) + SyncRunRow.app_id,
        leases.Lease.holder == SyncRunRow.id,
        leases.Lease.held_until >= now,
    )
    dead = sa.update(SyncRunRow).where(SyncRunRow.status == RunStatus.RUNNING, ~alive)
    why = "It fell silent: its process was killed or could not reach the database. The next run begins anew."
    ended = dead.values(status=RunStatus.FAILED, finished_at=now, error=why).returning(SyncRunRow.app_id)
    return sorted(set(session.scalars(ended)))


def has_dead(session: Session, now: datetime) -> bool:
    """Whether there is anything to bury."""
    running = sa.select(SyncRunRow.app_id, SyncRunRow.id).where(SyncRunRow.status == RunStatus.RUNNING)
    return any(
        session.scalar(
            sa.select(leases.Lease.name).where(
                leases.Lease.name == _lease(app_id), leases.Lease.holder == run_id, leases.Lease.held_until >= now
            )
        )
        is None
        for app_id, run_id in session.execute(running).all()
    )


def _still_running(run_id: str) -> sa.Update:
    return sa.update(SyncRunRow).where(SyncRunRow.id == run_id, SyncRunRow.status == RunStatus.RUNNING)


def _lease(app_id: str) -> str:
    return f"catalog_sync:{app_id}"


def _run(row: SyncRunRow) -> SyncRun:
    return SyncRun(
        id=row.id,
        app_id=row.app_id,
        status=RunStatus(row.status),
        trigger=Trigger(row.trigger),
        is_dry_run=row.is_dry_run,
        started_at=row.started_at,
        finished_at=row.finished_at,
        counts=Counts.read(row.counts),
        brakes=tuple(Brake(**brake) for brake in row.brakes),
        error=row.error,
        approved_at=row.approved_at,
        approved_by=row.approved_by,
    )
