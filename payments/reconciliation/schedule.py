"""When statements are reconciled by themselves: once a new one is in, and now and then, since books and time go on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import sqlalchemy as sa

from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.errors import ConflictError
from foundation.lanes import Lanes
from payments.reconciliation.reading import LOOKING_BACK
from payments.reconciliation.reconciling import Reconciliations
from payments.reconciliation.tables import ReconciliationRow
from payments.statements.importing import IMPORTED
from payments.statements.tables import StatementFile

BY: Final = "schedule"
RETRY: Final = timedelta(minutes=10)
"""After this a run that failed or broke off is tried again."""
A_DAY: Final = timedelta(days=1)
Work = Callable[[], int]


@dataclass(frozen=True, slots=True)
class _Last:
    """An app's last run."""

    started_at: datetime
    is_done: bool


class ReconciliationSchedule:
    """Reconciles every app whose turn it is."""

    def __init__(
        self, sessions: Sessions, reconciliations: Reconciliations, every_seconds: float, clock: Clock = utc_now
    ) -> None:
        self._sessions = sessions
        self._reconciliations = reconciliations
        self._every = timedelta(seconds=every_seconds)
        self._clock = clock
        self._lanes = Lanes("reconciliation schedule")

    def run_due(self, patience: float | None = None) -> int:
        """Reconcile the apps that have a new statement, or whose last run is long ago; returns how many."""
        work: dict[str, Work] = {
            app_id: partial(self._run, app_id, since, until) for app_id, (since, until) in self._due().items()
        }
        return self._lanes.run(work, patience)

    def close(self) -> None:
        """Wait for what is under way."""
        self._lanes.close()

    def _due(self) -> dict[str, tuple[datetime, datetime]]:
        """The periods to reconcile, by app."""
        now = self._clock()
        file = StatementFile
        with self._sessions.read() as session:
            last = _last_runs(session)
            found = {}
            apps = sa.select(file.app_id, sa.func.max(file.imported_at)).where(file.status == IMPORTED)
            for app_id, imported_at in session.execute(apps.group_by(file.app_id)):
                run = last.get(app_id)
                if run is not None and not self._is_due(run, imported_at, now):
                    continue
                told = sa.select(sa.func.min(file.period_start), sa.func.max(file.period_end)).where(
                    file.app_id == app_id, file.status == IMPORTED
                )
                news = told if run is None else told.where(file.imported_at >= run.started_at)
                first, end = session.execute(news).one()
                found[app_id] = (min(first or now, now - LOOKING_BACK), max(end or now, now) + A_DAY)
        return found

    def _is_due(self, run: _Last, imported_at: datetime, now: datetime) -> bool:
        if not run.is_done:
            return run.started_at <= now - RETRY
        return imported_at >= run.started_at or run.started_at <= now - self._every

    def _run(self, app_id: str, since: datetime, until: datetime) -> int:
        try:
            self._reconciliations.run(app_id, since, until, BY)
        except ConflictError:
            # Somebody reconciles it just now; it has another turn.
            return 0
        return 1


def _last_runs(session: Session) -> dict[str, _Last]:
    row = ReconciliationRow
    newest = sa.select(row.app_id, sa.func.max(row.started_at).label("at")).group_by(row.app_id).subquery()
    runs = sa.select(row.app_id, row.started_at, row.finished_at, row.error).join(
        newest, sa.and_(newest.c.app_id == row.app_id, newest.c.at == row.started_at)
    )
    return {
        app_id: _Last(started_at, is_done=finished_at is not None and error is None)
        for app_id, started_at, finished_at, error in session.execute(runs)
    }
