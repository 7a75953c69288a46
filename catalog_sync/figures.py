"""The state of all catalogs in a few numbers: for metrics."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from catalog_sync.runs import RunStatus
from catalog_sync.tables import PublishedCatalog, SyncRunRow
from foundation.database import Session


@dataclass(frozen=True, slots=True)
class CatalogFigures:
    """By app: what is served since when, when the supplier's catalog was last read whole, and how runs went."""

    generations: dict[str, tuple[int, datetime]]
    """The generation being served, and when it was published."""
    synced_at: dict[str, datetime]
    last_runs: dict[str, str]
    """The status of each app's newest run."""
    runs: dict[tuple[str, str], int]
    """How many runs of each app there are on record with each status."""


def read_figures(session: Session) -> CatalogFigures:
    """The figures of every app that has any. Dry runs do not count."""
    real = SyncRunRow.is_dry_run.is_(False)
    whole = sa.select(SyncRunRow.app_id, sa.func.max(SyncRunRow.finished_at)).where(
        real, SyncRunRow.status == RunStatus.SUCCEEDED
    )
    newest = sa.select(SyncRunRow.app_id, sa.func.max(SyncRunRow.started_at)).where(real).group_by(SyncRunRow.app_id)
    last = sa.select(SyncRunRow.app_id, SyncRunRow.status).where(
        real, sa.tuple_(SyncRunRow.app_id, SyncRunRow.started_at).in_(newest)
    )
    runs = sa.select(SyncRunRow.app_id, SyncRunRow.status, sa.func.count()).where(real)
    served = sa.select(PublishedCatalog.app_id, PublishedCatalog.generation, PublishedCatalog.published_at)
    return CatalogFigures(
        generations={app_id: (generation, moment) for app_id, generation, moment in session.execute(served)},
        synced_at={app_id: moment for app_id, moment in session.execute(whole.group_by(SyncRunRow.app_id)) if moment},
        last_runs=dict(session.execute(last).all()),
        runs={
            (app_id, status): number
            for app_id, status, number in session.execute(runs.group_by(SyncRunRow.app_id, SyncRunRow.status))
        },
    )
