"""The tables of what was changed in the catalog. Moments are milliseconds; an empty app_id means every app."""

from typing import Final

TABLES: Final = """
CREATE TABLE IF NOT EXISTS catalog_changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    app_id TEXT NOT NULL,
    change TEXT NOT NULL,
    product_id TEXT,
    added TEXT,
    by_drift INTEGER NOT NULL,
    made_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS catalog_changes_of_app ON catalog_changes (app_id, seq);
CREATE INDEX IF NOT EXISTS catalog_changes_adding ON catalog_changes (product_id) WHERE added IS NOT NULL;

CREATE TABLE IF NOT EXISTS catalog_drifts (
    app_id TEXT PRIMARY KEY,
    wanted TEXT NOT NULL,
    pages_served INTEGER NOT NULL DEFAULT 0,
    times_done INTEGER NOT NULL DEFAULT 0,
    steps TEXT NOT NULL DEFAULT '[]'
);
"""

FORGETTING: Final = (
    "DELETE FROM catalog_drifts WHERE app_id = coalesce(?, app_id)",
    "DELETE FROM catalog_changes WHERE app_id = coalesce(?, app_id)",
)
"""What takes back the changes of an app, or all changes."""
