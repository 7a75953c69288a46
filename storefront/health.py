"""Whether this deployment can do its work: for probes and for whoever is on call."""

from dataclasses import dataclass
from typing import Any

from catalog_sync.sync import CatalogSync
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

    def __init__(self, sessions: Sessions, catalog_sync: CatalogSync) -> None:
        self._sessions = sessions
        self._catalog_sync = catalog_sync

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
        """How many apps have a catalog, how old the oldest one is, and how many wait for a run to be approved."""
        ages = self._catalog_sync.ages()
        known = [age for age in ages.values() if age is not None]
        return {
            "apps": len(ages),
            "apps_without_sync": len(ages) - len(known),
            "apps_in_quarantine": self._catalog_sync.quarantined(),
            "oldest_sync_age_seconds": round(max(known)) if known else None,
        }
