"""The tables of money. Moments are milliseconds, amounts are cents."""

from typing import Final

TABLES: Final = """
CREATE TABLE IF NOT EXISTS stored_value_transactions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    app_id TEXT NOT NULL REFERENCES apps (id),
    kind TEXT NOT NULL,
    order_id TEXT REFERENCES orders (id),
    amount INTEGER NOT NULL,
    balance_after INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (order_id, kind)
);
CREATE INDEX IF NOT EXISTS stored_value_of_app ON stored_value_transactions (app_id, seq);
"""

FORGETTING: Final = ("DELETE FROM stored_value_transactions WHERE app_id = coalesce(?, app_id)",)
"""What forgets the money of an app, or of every app."""
