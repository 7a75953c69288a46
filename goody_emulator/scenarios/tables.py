"""The tables of scenarios. Moments are milliseconds of the emulator's clock."""

from typing import Final

TABLES: Final = """
CREATE TABLE IF NOT EXISTS scenarios (
    app_id TEXT NOT NULL,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (app_id, name)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS scenario_armings (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    app_id TEXT NOT NULL REFERENCES apps (id),
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    orders_left INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS scenario_armings_of_app ON scenario_armings (app_id, seq);

CREATE TABLE IF NOT EXISTS scenario_runs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    app_id TEXT NOT NULL REFERENCES apps (id),
    order_id TEXT NOT NULL REFERENCES orders (id),
    name TEXT NOT NULL,
    started_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS scenario_runs_of_order ON scenario_runs (order_id);
CREATE INDEX IF NOT EXISTS scenario_runs_of_app ON scenario_runs (app_id, seq);

CREATE TABLE IF NOT EXISTS scenario_steps (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL REFERENCES scenario_runs (id),
    place INTEGER NOT NULL,
    body TEXT NOT NULL,
    due_at INTEGER,
    done_at INTEGER,
    outcome TEXT NOT NULL DEFAULT 'waiting',
    reason TEXT,
    UNIQUE (run_id, place)
);
CREATE INDEX IF NOT EXISTS scenario_steps_due ON scenario_steps (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE IF NOT EXISTS history_to_come (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    app_id TEXT NOT NULL REFERENCES apps (id),
    order_id TEXT NOT NULL REFERENCES orders (id),
    moment INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS history_to_come_of_app ON history_to_come (app_id, moment);
CREATE INDEX IF NOT EXISTS history_to_come_of_order ON history_to_come (order_id);
"""

_RUNS: Final = "SELECT id FROM scenario_runs WHERE app_id = coalesce(?, app_id)"

FORGETTING: Final = (
    f"DELETE FROM scenario_steps WHERE run_id IN ({_RUNS})",  # noqa: S608 - put together of constants
    "DELETE FROM scenario_runs WHERE app_id = coalesce(?, app_id)",
    "DELETE FROM history_to_come WHERE app_id = coalesce(?, app_id)",
    "DELETE FROM scenario_armings WHERE app_id = coalesce(?, app_id)",
)
"""What forgets the runs and armings of an app, or of every app; the scenarios themselves stay."""
