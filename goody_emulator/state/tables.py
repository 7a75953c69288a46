"""The tables every room stands on: the clock, and the apps."""

from typing import Final

TABLES: Final = """
CREATE TABLE IF NOT EXISTS clock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    ahead INTEGER NOT NULL,
    frozen_at INTEGER
);

CREATE TABLE IF NOT EXISTS apps (
    id TEXT PRIMARY KEY,
    key_digest TEXT NOT NULL UNIQUE,
    workspace_id TEXT NOT NULL,
    balance INTEGER NOT NULL DEFAULT 0
);
"""
