"""What runs did: their records, what they found different, and how old catalogs are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa

from catalog_sync import runs
from catalog_sync.runs import RunStatus, SyncRun
from catalog_sync.tables import SyncChange, SyncRunRow
from foundation.apps import PartnerApp
from foundation.clock import Clock, utc_now
from foundation.database import Sessions

KEPT_DAYS: Final = 30
_CHUNK: Final = 1000


@dataclass(frozen=True, slots=True)
class ItemChange:
    """One thing that a run found different: `created`, `changed`, `returned`, `retired` or `broken`.

    `fields` holds [before, after] by the name of the field; of what is broken the `reason`.
    """

    number: int
    kind: str
    item_id: str
    name: str | None
    change: str
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Some of a run's changes, in the order they were found; `next_after` is None on the last page."""

    changes: Sequence[ItemChange]
    next_after: int | None


class RunHistory:
    """Reads the records of runs, and clears old ones away."""

    def __init__(self, sessions: Sessions, clock: Clock = utc_now, kept_days: float = KEPT_DAYS) -> None:
        self._sessions = sessions
        self._clock = clock
        self._kept = timedelta(days=kept_days)

    def get(self, app_id: str, run_id: str) -> SyncRun:
        """One run, which may still be going. NotFoundError if the app has none such."""
        with self._sessions.read() as session:
            return runs.get(session, app_id, run_id)

    def newest(self, app_id: str, limit: int, before: str | None = None) -> list[SyncRun]:
        """The app's last runs, newest first; those before one of them, if its id is named (NotFoundError)."""
        with self._sessions.read() as session:
            place = None
            if before is not None:
                run = runs.get(session, app_id, before)
                place = run.started_at, run.id
            return runs.newest(session, app_id, limit, place)

    def changes(self, app_id: str, run_id: str, after: int, limit: int) -> ChangePage:
        """What a run found different, after a number. NotFoundError if the app has no such run."""
        row = SyncChange
        further = sa.select(row.number, row.kind, row.item_id, row.name, row.change, row.fields).where(
            row.run_id == run_id, row.number > after
        )
        with self._sessions.read() as session:
            runs.get(session, app_id, run_id)
            found = [ItemChange(*each) for each in session.execute(further.order_by(row.number).limit(limit + 1))]
        page = found[:limit]
        return ChangePage(page, page[-1].number if len(found) > limit else None)

    def ages(self) -> dict[str, float | None]:
        """By app how many seconds ago the last complete run ended; None for an app that had none."""
        complete = sa.and_(
            SyncRunRow.app_id == PartnerApp.id, SyncRunRow.status == RunStatus.SUCCEEDED, ~SyncRunRow.is_dry_run
        )
        last = sa.select(PartnerApp.id, sa.func.max(SyncRunRow.finished_at)).outerjoin(SyncRunRow, complete)
        now = self._clock()
        with self._sessions.read() as session:
            found = session.execute(last.group_by(PartnerApp.id)).all()
        return {app_id: None if moment is None else (now - moment).total_seconds() for app_id, moment in found}

    def quarantined(self) -> int:
        """How many apps have a run that waits to be approved."""
        apps = sa.select(sa.func.count(sa.distinct(SyncRunRow.app_id)))
        with self._sessions.read() as session:
            return session.scalar(apps.where(SyncRunRow.status == RunStatus.QUARANTINED)) or 0

    def purge(self) -> int:
        """Forget what ended runs found that began too long ago; their records stay. How many changes that were."""
        old = sa.and_(
            SyncRunRow.started_at < self._clock() - self._kept,
            SyncRunRow.status.not_in((RunStatus.RUNNING, RunStatus.QUARANTINED)),
        )
        keys = sa.select(SyncChange.run_id, SyncChange.number).join(SyncRunRow, SyncRunRow.id == SyncChange.run_id)
        forgotten = 0
        while True:
            with self._sessions.read() as session:
                some = [tuple(key) for key in session.execute(keys.where(old).limit(_CHUNK))]
            if not some:
                return forgotten
            with self._sessions.begin() as session:
                session.execute(sa.delete(SyncChange).where(sa.tuple_(SyncChange.run_id, SyncChange.number).in_(some)))
            forgotten += len(some)
