"""Whether this deployment can do its work: for probes and for whoever is on call."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog_sync.runs import RunStatus
from catalog_sync.sync import CatalogSync
from foundation.apps import Apps
from foundation.clock import Clock, utc_now
from foundation.database import DatabaseUnavailableError, Sessions
from foundation.logs import get_logger
from storefront.migrating import newest_revision, present_revision

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Readiness:
    """The answer of `/readyz`: ready or not, and why."""

    is_ready: bool
    checks: dict[str, Any]


class Health:
    """Looks at the database, its migrations, and the age of the catalogs."""

    def __init__(self, sessions: Sessions, apps: Apps, catalog_sync: CatalogSync, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._apps = apps
        self._catalog_sync = catalog_sync
        self._clock = clock

    def readiness(self) -> Readiness:
        """Ready when the database answers and has all migrations. An old catalog is told, but still served."""
        try:
            if present_revision(self._sessions) != newest_revision():
                remedy = "not applied: run `storefront init`"
                return Readiness(is_ready=False, checks={"database": "ok", "migrations": remedy})
            return Readiness(is_ready=True, checks={"database": "ok", "migrations": "ok", "catalog": self._catalogs()})
        except DatabaseUnavailableError as error:
            log.warning("not ready", why=error.detail)
            return Readiness(is_ready=False, checks={"database": "does not answer; the log says why"})

    def _catalogs(self) -> dict[str, Any]:
        """How many apps have a catalog, and how many seconds ago the least recently synced one was."""
        apps = self._apps.all()
        synced = [self._last_sync(app.id) for app in apps]
        ages = [(self._clock() - moment).total_seconds() for moment in synced if moment is not None]
        return {
            "apps": len(apps),
            "apps_without_sync": len(apps) - len(ages),
            "oldest_sync_age_seconds": round(max(ages)) if ages else None,
        }

    def _last_sync(self, app_id: str) -> datetime | None:
        runs = self._catalog_sync.newest(app_id)
        return next((run.finished_at for run in runs if run.status is RunStatus.SUCCEEDED), None)
