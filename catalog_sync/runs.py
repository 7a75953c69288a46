"""The record of each run, and the lease that lets one run at a time work on an app's catalog."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from catalog_sync.tables import SyncRunRow
from foundation import leases
from foundation.apps import PartnerApp
from foundation.clock import Clock
from foundation.database import Session, Sessions
from foundation.errors import ConflictError, NotFoundError

LEASE_SECONDS: Final = 300
"""How long after its last sign of life a run that was killed keeps others out."""


class RunStatus(StrEnum):
    """How a run is going, or went. An incomplete one published what it read, and retired nothing it may have missed."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    INCOMPLETE = "incomplete"


class LeaseLostError(ConflictError):
    """The run was silent for too long and another has begun: this one may not write any more."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a run did. Pages and broken things are of all listings; the rest is about products."""

    pages: int = 0
    pages_expected: int = 0
    seen: int = 0
    created: int = 0
    changed: int = 0
    retired: int = 0
    broken: int = 0
    published: int = 0
    """Products on sale in the end, whether or not this run changed them."""


@dataclass(frozen=True, slots=True)
class SyncRun:
    """One run, as it stands. `error` is for operators: why it failed, or what keeps it from being complete."""

    id: str
    app_id: str
    status: RunStatus
    started_at: datetime
    finished_at: datetime | None
    counts: Counts
    error: str | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A run's right to write an app's catalog, which ends when another run takes the lease."""

    sessions: Sessions
    app_id: str
    run_id: str
    clock: Clock

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A transaction that first extends the lease, so that no other run can write beside it.

        LeaseLostError if another run has begun.
        """
        with self.sessions.begin() as session:
            if not leases.extend(session, _lease(self.app_id), self.run_id, self.clock(), LEASE_SECONDS):
                raise LeaseLostError(f"Run {self.run_id} was silent for over {LEASE_SECONDS} s and another has begun.")
            yield session


def take_lease(session: Session, app_id: str, holder: str, now: datetime) -> None:
    """Take the app's catalog, to write it. ConflictError names who has it; NotFoundError: no such app.

    Whoever still counts as running then has lost the lease, and is recorded as failed.
    """
    if session.get(PartnerApp, app_id) is None:
        raise NotFoundError(f"There is no app {app_id!r}.")
    if not leases.take(session, _lease(app_id), holder, now, LEASE_SECONDS):
        other = leases.holder_of(session, _lease(app_id))
        raise ConflictError(
            f"Run {other} of this app's catalog is under way. Wait until it has finished.", retry_after=5
        )
    silent = sa.update(SyncRunRow).where(SyncRunRow.app_id == app_id, SyncRunRow.status == RunStatus.RUNNING)
    why = f"It fell silent, and run {holder} took its place."
    session.execute(silent.values(status=RunStatus.FAILED, finished_at=now, error=why))


def release_lease(session: Session, app_id: str, holder: str) -> None:
    """Give the app's catalog back; somebody else's lease is left alone."""
    leases.release(session, _lease(app_id), holder)


def start(session: Session, app_id: str, run_id: str, now: datetime) -> None:
    """Record the run and take the app's lease. ConflictError names the run that has it; NotFoundError: no such app."""
    take_lease(session, app_id, run_id, now)
    session.add(
        SyncRunRow(
            id=run_id,
            app_id=app_id,
            status=RunStatus.RUNNING,
            started_at=now,
            finished_at=None,
            counts=asdict(Counts()),
            error=None,
        )
    )


def record_progress(session: Session, run_id: str, counts: Counts) -> None:
    """Let those who watch the run know how far it is."""
    session.execute(_still_running(run_id).values(counts=asdict(counts)))


def finish(session: Session, claim: Claim, status: RunStatus, error: str | None, counts: Counts | None = None) -> None:
    """Record how the run ended and give the lease back. A run that another has declared dead stays failed.

    Without counts those recorded last stay.
    """
    ended = _still_running(claim.run_id).values(status=status, finished_at=claim.clock(), error=error)
    session.execute(ended if counts is None else ended.values(counts=asdict(counts)))
    leases.release(session, _lease(claim.app_id), claim.run_id)


def get(session: Session, app_id: str, run_id: str) -> SyncRun:
    """One run of the app. NotFoundError if it has none such."""
    row = session.scalar(sa.select(SyncRunRow).where(SyncRunRow.id == run_id, SyncRunRow.app_id == app_id))
    if row is None:
        raise NotFoundError("There is no such run.")
    return _run(row)


def newest(session: Session, app_id: str, limit: int) -> list[SyncRun]:
    """The app's last runs, newest first."""
    mine = sa.select(SyncRunRow).where(SyncRunRow.app_id == app_id)
    return [_run(row) for row in session.scalars(mine.order_by(SyncRunRow.started_at.desc()).limit(limit))]


def due_apps(session: Session, now: datetime, interval: timedelta, pause: timedelta) -> list[str]:
    """Apps without a run begun within the interval that read the catalog, or one that failed within the pause."""
    read_it = sa.and_(
        SyncRunRow.status.in_((RunStatus.SUCCEEDED, RunStatus.INCOMPLETE)), SyncRunRow.started_at > now - interval
    )
    failed = sa.and_(SyncRunRow.status == RunStatus.FAILED, SyncRunRow.finished_at > now - pause)
    recent = sa.exists().where(SyncRunRow.app_id == PartnerApp.id, sa.or_(read_it, failed))
    return list(session.scalars(sa.select(PartnerApp.id).where(~recent).order_by(PartnerApp.created_at, PartnerApp.id)))


def _still_running(run_id: str) -> sa.Update:
    return sa.update(SyncRunRow).where(SyncRunRow.id == run_id, SyncRunRow.status == RunStatus.RUNNING)


def _lease(app_id: str) -> str:
    return f"catalog_sync:{app_id}"


def _run(row: SyncRunRow) -> SyncRun:
    counts: dict[str, Any] = row.counts
    return SyncRun(
        row.id, row.app_id, RunStatus(row.status), row.started_at, row.finished_at, Counts(**counts), row.error
    )
