"""The tables of batches and orders. Moments are milliseconds, amounts are cents.

`tallies` holds how long each app's lists are: counting the rows of a long list would take longer than finding a page.
Rows are only ever added, or forgotten all together.
"""

from typing import Final

TABLES: Final = """
CREATE TABLE IF NOT EXISTS order_batches (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    app_id TEXT NOT NULL REFERENCES apps (id),
    customer_reference_id TEXT,
    reference_key TEXT,
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
    international_shipping_tier TEXT NOT NULL,
    international_gift_cards_enabled INTEGER NOT NULL,
    notifications_enabled INTEGER,
    commerce_end_user_id TEXT,
    cart TEXT NOT NULL,
    quote TEXT NOT NULL,
    selections TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER,
    UNIQUE (app_id, reference_key)
);
CREATE INDEX IF NOT EXISTS order_batches_of_app ON order_batches (app_id, created_at);
CREATE INDEX IF NOT EXISTS order_batches_due ON order_batches (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE IF NOT EXISTS recipients (
    batch_id TEXT NOT NULL REFERENCES order_batches (id),
    place INTEGER NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT,
    email TEXT,
    phone TEXT,
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
    brand_costs TEXT NOT NULL,
    amount_product INTEGER NOT NULL,
    amount_shipping INTEGER NOT NULL,
    amount_processing_fee INTEGER NOT NULL,
    amount_tax INTEGER,
    amount_total INTEGER,
    amount_credit_applied INTEGER,
    amount_global_relay_cost INTEGER,
    view_count INTEGER NOT NULL DEFAULT 0,
    thank_you_note TEXT,
    expires_at INTEGER,
    payment_attempts INTEGER NOT NULL DEFAULT 0,
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
CREATE INDEX IF NOT EXISTS orders_unpaid ON orders (app_id, seq) WHERE status = 'pending_payment';
CREATE INDEX IF NOT EXISTS orders_expiring ON orders (app_id, expires_at)
    WHERE expires_at IS NOT NULL AND status IN ('created', 'notified', 'opened');

CREATE TABLE IF NOT EXISTS shipments (
    order_id TEXT NOT NULL REFERENCES orders (id),
    place INTEGER NOT NULL,
    brand_id TEXT NOT NULL,
    brand_name TEXT NOT NULL,
    status TEXT,
    shipped_at INTEGER,
    delivered_at INTEGER,
    PRIMARY KEY (order_id, place)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS order_activities (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    app_id TEXT NOT NULL REFERENCES apps (id),
    order_id TEXT NOT NULL,
    order_status TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS tallies (
    app_id TEXT NOT NULL,
    list TEXT NOT NULL,
    status TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (app_id, list, status)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS batches_counted AFTER INSERT ON order_batches BEGIN
    INSERT INTO tallies VALUES (new.app_id, 'order_batches', '', 1)
        ON CONFLICT DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER IF NOT EXISTS orders_counted AFTER INSERT ON orders BEGIN
    INSERT INTO tallies VALUES (new.app_id, 'orders', '', 1)
        ON CONFLICT DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER IF NOT EXISTS activities_counted AFTER INSERT ON order_activities BEGIN
    INSERT INTO tallies VALUES (new.app_id, 'order_activities', new.order_status, 1)
        ON CONFLICT DO UPDATE SET number = number + 1;
END;
CREATE INDEX IF NOT EXISTS activities_of_app ON order_activities (app_id, created_at);
CREATE INDEX IF NOT EXISTS activities_of_status ON order_activities (app_id, order_status, created_at);
"""

FORGETTING: Final = (
    "DELETE FROM tallies WHERE app_id = coalesce(?, app_id)",
    "DELETE FROM order_activities WHERE app_id = coalesce(?, app_id)",
    "DELETE FROM shipments WHERE order_id IN (SELECT id FROM orders WHERE app_id = coalesce(?, app_id))",
    "DELETE FROM orders WHERE app_id = coalesce(?, app_id)",
    "DELETE FROM recipients WHERE batch_id IN (SELECT id FROM order_batches WHERE app_id = coalesce(?, app_id))",
    "DELETE FROM order_batches WHERE app_id = coalesce(?, app_id)",
)
"""What forgets the orders of an app, or of every app."""
