"""The tables of webhooks. Moments are milliseconds of the emulator's clock."""

from typing import Final

TABLES: Final = """
CREATE TABLE IF NOT EXISTS webhook_endpoints (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    app_id TEXT REFERENCES apps (id),
    url TEXT NOT NULL,
    events TEXT,
    secret TEXT NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0,
    first_failed_at INTEGER,
    failing_since INTEGER,
    created_at INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    svix_id TEXT NOT NULL UNIQUE,
    app_id TEXT NOT NULL REFERENCES apps (id),
    event_type TEXT NOT NULL,
    order_id TEXT,
    order_batch_id TEXT,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS messages_of_app ON messages (app_id);
CREATE INDEX IF NOT EXISTS messages_of_order ON messages (order_id);
CREATE INDEX IF NOT EXISTS messages_of_batch ON messages (order_batch_id);

CREATE TABLE IF NOT EXISTS deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    message INTEGER NOT NULL REFERENCES messages (seq),
    app_id TEXT NOT NULL REFERENCES apps (id),
    endpoint_id TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    last_outcome TEXT,
    next_attempt_at INTEGER,
    turn INTEGER NOT NULL DEFAULT 0,
    held_by INTEGER,
    round INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    repeats TEXT NOT NULL DEFAULT '[]',
    UNIQUE (message, endpoint_id)
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (app_id, endpoint_id, next_attempt_at, turn)
    WHERE next_attempt_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS deliveries_by_time ON deliveries (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS deliveries_held ON deliveries (held_by) WHERE held_by IS NOT NULL;
CREATE INDEX IF NOT EXISTS deliveries_of_app ON deliveries (app_id);

CREATE TABLE IF NOT EXISTS attempts (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    delivery INTEGER NOT NULL REFERENCES deliveries (seq),
    made_at INTEGER NOT NULL,
    status INTEGER,
    error TEXT,
    milliseconds INTEGER NOT NULL,
    response TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS attempts_of_delivery ON attempts (delivery);

CREATE TABLE IF NOT EXISTS chaos_rules (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    app_id TEXT REFERENCES apps (id),
    kind TEXT NOT NULL,
    event_type TEXT NOT NULL,
    order_id TEXT,
    remaining INTEGER,
    probability REAL,
    seed INTEGER NOT NULL,
    seconds REAL NOT NULL,
    times INTEGER NOT NULL,
    drawn INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS chaos_deeds (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    rule INTEGER NOT NULL REFERENCES chaos_rules (seq) ON DELETE CASCADE,
    svix_id TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS chaos_deeds_of_rule ON chaos_deeds (rule);
"""

FORGETTING: Final = (
    "DELETE FROM attempts WHERE delivery IN (SELECT seq FROM deliveries WHERE app_id = coalesce(?, app_id))",
    "DELETE FROM deliveries WHERE app_id = coalesce(?, app_id)",
    "DELETE FROM messages WHERE app_id = coalesce(?, app_id)",
    "DELETE FROM chaos_rules WHERE app_id IS coalesce(?, app_id)",
    "DELETE FROM webhook_endpoints WHERE app_id IS coalesce(?, app_id) AND id <> 'default'",
    "UPDATE webhook_endpoints SET disabled = 0, first_failed_at = NULL, failing_since = NULL WHERE ? IS NULL",
)
"""What forgets the webhooks of an app, or of every app; the endpoint of the command line stays."""
