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
    created_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS stored_value_of_app ON stored_value_transactions (app_id, seq);
CREATE INDEX IF NOT EXISTS stored_value_of_order ON stored_value_transactions (order_id);

CREATE TABLE IF NOT EXISTS user_cards (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    app_id TEXT NOT NULL REFERENCES apps (id),
    commerce_end_user_id TEXT NOT NULL,
    cardholder_name TEXT NOT NULL,
    brand TEXT NOT NULL,
    last_4 TEXT NOT NULL,
    exp_month INTEGER NOT NULL,
    exp_year INTEGER NOT NULL,
    declined_charges INTEGER NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS user_cards_of_app ON user_cards (app_id);

CREATE TABLE IF NOT EXISTS refunds (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    app_id TEXT NOT NULL REFERENCES apps (id),
    order_id TEXT NOT NULL REFERENCES orders (id),
    amount INTEGER NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS refunds_of_order ON refunds (order_id);

CREATE TABLE IF NOT EXISTS revenue_share_terms (
    app_id TEXT NOT NULL,
    holds_from INTEGER NOT NULL,
    bps INTEGER NOT NULL,
    base TEXT NOT NULL,
    excluded_brand_ids TEXT NOT NULL,
    PRIMARY KEY (app_id, holds_from)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS payouts (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    app_id TEXT NOT NULL REFERENCES apps (id),
    amount INTEGER NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS payouts_of_app ON payouts (app_id, seq);

CREATE TABLE IF NOT EXISTS revenue_shares (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    app_id TEXT NOT NULL REFERENCES apps (id),
    order_id TEXT NOT NULL REFERENCES orders (id),
    kind TEXT NOT NULL,
    settled_by TEXT NOT NULL,
    bps INTEGER NOT NULL,
    base TEXT NOT NULL,
    base_amount INTEGER NOT NULL,
    excluded_amount INTEGER NOT NULL,
    of_refunds INTEGER NOT NULL DEFAULT 0,
    amount INTEGER NOT NULL,
    payout_id TEXT REFERENCES payouts (id),
    created_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS revenue_shares_of_app ON revenue_shares (app_id, seq);
CREATE INDEX IF NOT EXISTS revenue_shares_of_order ON revenue_shares (order_id);
CREATE INDEX IF NOT EXISTS revenue_shares_of_payout ON revenue_shares (payout_id);

CREATE TABLE IF NOT EXISTS statement_faults (
    app_id TEXT PRIMARY KEY REFERENCES apps (id),
    faults TEXT NOT NULL
);
"""

FORGETTING: Final = tuple(
    f"DELETE FROM {table} WHERE app_id = coalesce(?, app_id)"  # noqa: S608 - the names stand below
    for table in (
        "statement_faults",
        "revenue_shares",
        "payouts",
        "revenue_share_terms",
        "refunds",
        "user_cards",
        "stored_value_transactions",
    )
)
"""What forgets the money of an app, or of every app."""
