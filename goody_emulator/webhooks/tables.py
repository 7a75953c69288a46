"""The tables of webhooks. Moments are milliseconds."""

from typing import Final

TABLES: Final = """
CREATE TABLE IF NOT EXISTS deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    svix_id TEXT NOT NULL UNIQUE,
    app_id TEXT NOT NULL REFERENCES apps (id),
    event_type TEXT NOT NULL,
    body TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'pending',
    attempts INTEGER NOT NULL DEFAULT 0,
    last_outcome TEXT,
    created_at INTEGER NOT NULL,
    next_attempt_at INTEGER
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (app_id, seq, next_attempt_at)
    WHERE next_attempt_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS deliveries_of_app ON deliveries (app_id);
"""

FORGETTING: Final = ("DELETE FROM deliveries WHERE app_id = coalesce(?, app_id)",)
"""What forgets the webhooks of an app, or of every app."""
