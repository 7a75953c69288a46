"""The tables of the emulator's state. Moments are milliseconds, amounts are cents."""

from typing import Final

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS apps (
    id TEXT PRIMARY KEY,
    key_digest TEXT NOT NULL UNIQUE,
    workspace_id TEXT NOT NULL,
    balance INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS order_batches (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    app_id TEXT NOT NULL REFERENCES apps (id),
    customer_reference_id TEXT,
    reference_id TEXT NOT NULL,
    send_status TEXT NOT NULL,
    send_method TEXT NOT NULL,
    swap TEXT NOT NULL,
    payment_method_id TEXT NOT NULL,
    from_name TEXT NOT NULL,
    message TEXT,
    card_id TEXT,
    batch_name TEXT NOT NULL,
    recipients_count INTEGER NOT NULL,
    orders_count INTEGER NOT NULL DEFAULT 0,
    scheduled_send_on INTEGER,
    expires_at INTEGER,
    cart TEXT NOT NULL,
    quote TEXT NOT NULL,
    selections TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER,
    UNIQUE (app_id, customer_reference_id)
);
CREATE INDEX IF NOT EXISTS order_batches_due ON order_batches (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE IF NOT EXISTS recipients (
    batch_id TEXT NOT NULL REFERENCES order_batches (id),
    place INTEGER NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT,
    email TEXT,
    mailing_address TEXT,
    PRIMARY KEY (batch_id, place)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS orders (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    app_id TEXT NOT NULL REFERENCES apps (id),
    batch_id TEXT NOT NULL REFERENCES order_batches (id),
    place INTEGER NOT NULL,
    status TEXT NOT NULL,
    reference_id TEXT NOT NULL,
    gift_token TEXT NOT NULL UNIQUE,
    checkout_key TEXT NOT NULL UNIQUE,
    first_name TEXT NOT NULL,
    last_name TEXT,
    email TEXT,
    mailing_address TEXT,
    swapped_cart TEXT,
    selections TEXT NOT NULL,
    share_base INTEGER NOT NULL,
    amount_product INTEGER NOT NULL,
    amount_shipping INTEGER NOT NULL,
    amount_processing_fee INTEGER NOT NULL,
    amount_tax INTEGER,
    amount_total INTEGER,
    amount_credit_applied INTEGER,
    view_count INTEGER NOT NULL DEFAULT 0,
    thank_you_note TEXT,
    created_at INTEGER NOT NULL,
    notified_at INTEGER,
    opened_at INTEGER,
    accepted_at INTEGER,
    pending_payment_at INTEGER,
    paid_at INTEGER,
    shipped_at INTEGER,
    delivered_at INTEGER,
    refunded_at INTEGER,
    due_at INTEGER,
    due_step TEXT
);
CREATE INDEX IF NOT EXISTS orders_of_app ON orders (app_id, created_at);
CREATE INDEX IF NOT EXISTS orders_of_batch ON orders (batch_id, place);
CREATE INDEX IF NOT EXISTS orders_due ON orders (due_at) WHERE due_at IS NOT NULL;

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

CREATE TABLE IF NOT EXISTS order_activities (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    app_id TEXT NOT NULL REFERENCES apps (id),
    order_id TEXT NOT NULL REFERENCES orders (id),
    order_status TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS activities_of_app ON order_activities (app_id, created_at);
CREATE INDEX IF NOT EXISTS activities_of_order ON order_activities (order_id);

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
