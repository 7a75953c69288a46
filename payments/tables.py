"""The tables of orders: batches (with the intent to send them), their orders, and what Goody told us."""

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base


class OrderBatch(Base):
    """What one checkout sends. Its id is the `customer_reference_id` at Goody, which makes it unique there."""

    __tablename__ = "order_batches"
    __table_args__ = (
        sa.UniqueConstraint("app_id", "goody_batch_id"),
        sa.Index(
            "ix_order_batches_undecided",
            "next_attempt_at",
            sqlite_where=sa.text("submission_status IN ('pending', 'sending', 'unknown')"),
            postgresql_where=sa.text("submission_status IN ('pending', 'sending', 'unknown')"),
        ),
        sa.Index("ix_order_batches_app_id_created_at", "app_id", "created_at", "id"),
        sa.Index("ix_order_batches_app_id_customer_id", "app_id", "customer_id"),
        sa.Index("ix_order_batches_app_id_submission_status", "app_id", "submission_status"),
        sa.Index(
            "ix_order_batches_incomplete",
            "app_id",
            "next_attempt_at",
            sqlite_where=sa.text("completed_at IS NULL"),
            postgresql_where=sa.text("completed_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"))
    checkout_id: Mapped[str] = mapped_column(sa.String(40), unique=True)
    """Unique: whatever races, one checkout makes one batch."""
    customer_id: Mapped[str | None] = mapped_column(sa.String(255))
    payment_mode: Mapped[str] = mapped_column(sa.String(32))
    lines: Mapped[list[Any]]
    """What was sold, frozen at checkout: product, brand, price in cents, revenue-share eligibility."""
    quote: Mapped[dict[str, Any]]
    recipients_count: Mapped[int]
    expected_high: Mapped[int]
    """What one recipient's gift may cost at most, by the quote; US cents."""
    payment_reference: Mapped[str | None] = mapped_column(sa.String(255))
    payment_amount: Mapped[int | None]
    """What the partner captured by itself for the whole batch; US cents."""
    warnings: Mapped[list[Any]]
    """Codes of what was let pass at completion, as the app chose."""
    payload: Mapped[str] = mapped_column(sa.Text)
    """The frozen body of the POST: every attempt sends the same bytes."""

    submission_status: Mapped[str] = mapped_column(sa.String(16))
    attempt: Mapped[int]
    """Fences outcomes: that of an attempt which has been overtaken is not recorded."""
    may_exist: Mapped[bool]
    """Whether an earlier attempt may have reached Goody: a refusal of a repeat then proves nothing by itself."""
    lease_until: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime]
    absent_since: Mapped[datetime | None]
    """When a lookup first did not find the batch at Goody, of those since the last attempt that may have made it."""
    key_refused_at: Mapped[datetime | None]
    """Since when Goody refuses the app's key for this batch: it is the key that is wrong, not the order."""
    stuck_at: Mapped[datetime | None]
    stuck_reason: Mapped[str | None] = mapped_column(sa.String(32))
    """Why it is stuck, as it was told last; each reason is told once."""
    last_problem: Mapped[str | None] = mapped_column(sa.Text)
    """Goody's words or the failure's, for operators alone."""
    resolution: Mapped[dict[str, Any] | None]
    """What an operator decided: how, by whom, when and why."""

    goody_batch_id: Mapped[str | None] = mapped_column(sa.String(36))
    send_status: Mapped[str | None] = mapped_column(sa.String(32))
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    """When Goody was first seen to call it complete."""
    completed_at: Mapped[datetime | None]
    """When all its orders were stored."""
    erased_at: Mapped[datetime | None]
    """When its customer's personal data was erased: its orders stay without it, whatever is told of them later."""


class Order(Base):
    """One recipient's order, as Goody last told it. Keeps Goody's UUID."""

    __tablename__ = "orders"
    __table_args__ = (
        sa.Index("ix_orders_app_id_created_at", "app_id", "created_at", "id"),
        sa.Index("ix_orders_app_id_status", "app_id", "status"),
        sa.Index("ix_orders_quiet", "app_id", "next_look_at", "updated_at"),
        sa.Index("ix_orders_expires_at", "expires_at"),
        sa.Index(
            "ix_orders_unbooked",
            "app_id",
            "updated_at",
            sqlite_where=sa.text("is_unbooked = 1"),
            postgresql_where=sa.text("is_unbooked"),
        ),
        sa.Index(
            "ix_orders_unpaid",
            "payment_link_at",
            sqlite_where=sa.text("status IN ('accepted', 'pending_payment')"),
            postgresql_where=sa.text("status IN ('accepted', 'pending_payment')"),
        ),
    )

    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"))
    order_batch_id: Mapped[str] = mapped_column(sa.ForeignKey("order_batches.id"), index=True)
    customer_id: Mapped[str | None] = mapped_column(sa.String(255))
    payment_mode: Mapped[str] = mapped_column(sa.String(32))
    captured: Mapped[int | None]
    """This order's part of what the partner captured for the batch; US cents."""
    status: Mapped[str] = mapped_column(sa.String(16))
    supplier_status: Mapped[str] = mapped_column(sa.String(64))
    """The word Goody used, whatever it is."""
    reference_id: Mapped[str] = mapped_column(sa.String(64))
    recipient_first_name: Mapped[str] = mapped_column(sa.Text)
    recipient_last_name: Mapped[str | None] = mapped_column(sa.Text)
    recipient_email: Mapped[str | None] = mapped_column(sa.Text)
    individual_gift_link: Mapped[str] = mapped_column(sa.Text)
    payment_link: Mapped[str | None] = mapped_column(sa.Text)
    payment_link_at: Mapped[datetime | None]
    """When the first payment link was seen here."""
    payment_link_delivered_at: Mapped[datetime | None]
    """When a webhook endpoint of the partner first took the present link."""
    payment_reminders: Mapped[int] = mapped_column(server_default="0", default=0)
    """How many of the moments for a reminder have passed, told or overtaken."""
    payment_lapsed_at: Mapped[datetime | None]
    cart: Mapped[dict[str, Any]]
    original_cart: Mapped[dict[str, Any] | None]
    amounts: Mapped[dict[str, Any]]
    """US cents."""
    original_amounts: Mapped[dict[str, Any] | None]
    shipments: Mapped[list[Any]]
    is_swapped: Mapped[bool]
    thank_you_note: Mapped[str | None] = mapped_column(sa.Text)
    expires_at: Mapped[datetime | None]
    expiring_told: Mapped[datetime | None]
    """The expiry that `order.expiring` told of: one that is put off is told anew."""
    refunded_at: Mapped[datetime | None]
    refund_amount: Mapped[int | None]
    """US cents; None until a statement tells."""
    cancellation: Mapped[dict[str, Any] | None]
    """The last cancellation asked for through us: its status and when it was asked for."""
    expiration_change: Mapped[dict[str, Any] | None]
    """The last change of `expires_at` asked for through us, likewise, with the moment that was asked for."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]
    """When its personal data was erased: what Goody tells of that is not taken any more."""
    next_look_at: Mapped[datetime | None]
    """When to read it at Goody again; None: once it has been quiet for too long."""
    is_unbooked: Mapped[bool] = mapped_column(server_default=sa.true(), default=True)
    """Whether it has changed since the ledger took it in: set with the change, whoever makes it."""


BOOKED_FROM: Final = ("status", "cart", "amounts", "refunded_at", "refund_amount")
"""What the ledger takes from an order."""


@sa.event.listens_for(Order, "before_update")
def _mark_unbooked(_mapper: object, _connection: object, order: Order) -> None:
    changes = sa.inspect(order).attrs
    if any(changes[name].history.has_changes() for name in BOOKED_FROM):
        order.is_unbooked = True


class OrderStep(Base):
    """A line of an order's timeline, written with the change it tells of."""

    __tablename__ = "order_steps"
    __table_args__ = (sa.UniqueConstraint("order_id", "key"), sa.Index("ix_order_steps_order_id", "order_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"))
    order_id: Mapped[str] = mapped_column(sa.ForeignKey("orders.id"))
    key: Mapped[str | None] = mapped_column(sa.String(40))
    """What may be told of an order once only; None for steps that may come again."""
    step: Mapped[str] = mapped_column(sa.String(40))
    status: Mapped[str] = mapped_column(sa.String(16))
    """Where the order stood after it."""
    source: Mapped[str] = mapped_column(sa.String(16))
    reference: Mapped[str | None] = mapped_column(sa.String(255))
    """A webhook's svix-id, an activity's id."""
    is_told: Mapped[bool]
    """Whether the source said so itself, or something later that implies it."""
    is_late: Mapped[bool]
    """Whether it was told after the order had moved on: it moved nothing."""
    happened_at: Mapped[datetime | None]
    """By Goody's clock, where Goody says."""
    recorded_at: Mapped[datetime]
    details: Mapped[dict[str, Any]]


class OrderChange(Base):
    """A change of an order that was asked for through us: the intent first, then what became of it."""

    __tablename__ = "order_changes"
    __table_args__ = (
        sa.Index(
            "uq_order_changes_open",
            "order_id",
            "kind",
            unique=True,
            sqlite_where=sa.text("status IN ('sending', 'unknown')"),
            postgresql_where=sa.text("status IN ('sending', 'unknown')"),
        ),
        sa.Index(
            "ix_order_changes_due",
            "next_try_at",
            sqlite_where=sa.text("status IN ('sending', 'unknown')"),
            postgresql_where=sa.text("status IN ('sending', 'unknown')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"))
    order_id: Mapped[str] = mapped_column(sa.ForeignKey("orders.id"))
    kind: Mapped[str] = mapped_column(sa.String(16))
    expires_at: Mapped[datetime | None]
    """What an expiration is to become."""
    status: Mapped[str] = mapped_column(sa.String(16))
    attempt: Mapped[int]
    """Fences outcomes, as a submission's does."""
    lease_until: Mapped[datetime | None]
    next_try_at: Mapped[datetime]
    last_problem: Mapped[str | None] = mapped_column(sa.Text)
    """Goody's words or the failure's, for operators alone."""
    requested_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class SavedCard(Base):
    """A customer's card at Goody: its id there and how it looks. The card's data never came near this service."""

    __tablename__ = "saved_cards"
    __table_args__ = (sa.Index("ix_saved_cards_app_id_customer_id", "app_id", "customer_id", "created_at"),)

    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"), primary_key=True)
    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    """Goody's."""
    customer_id: Mapped[str] = mapped_column(sa.String(255))
    brand: Mapped[str | None] = mapped_column(sa.String(40))
    last_4: Mapped[str | None] = mapped_column(sa.String(4))
    exp_month: Mapped[int | None]
    exp_year: Mapped[int | None]
    created_at: Mapped[datetime]


class WebhookMessage(Base):
    """A message of Goody's, kept as it came. Stored first, applied after."""

    __tablename__ = "webhook_messages"
    __table_args__ = (
        sa.UniqueConstraint("app_id", "svix_id"),
        sa.Index(
            "ix_webhook_messages_due",
            "app_id",
            "next_try_at",
            sqlite_where=sa.text("state IN ('received', 'waiting')"),
            postgresql_where=sa.text("state IN ('received', 'waiting')"),
        ),
        sa.Index("ix_webhook_messages_received_at", "received_at"),
        sa.Index(
            "ix_webhook_messages_unredacted",
            "settled_at",
            sqlite_where=sa.text("redacted_at IS NULL"),
            postgresql_where=sa.text("redacted_at IS NULL"),
        ),
        sa.Index("ix_webhook_messages_app_id_state", "app_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"))
    svix_id: Mapped[str] = mapped_column(sa.String(255))
    event_type: Mapped[str | None] = mapped_column(sa.String(64))
    """Under the one spelling that is stored; None for messages from before it was kept."""
    goody_batch_id: Mapped[str | None] = mapped_column(sa.String(64))
    """What a waiting message waits for."""
    body: Mapped[bytes]
    state: Mapped[str] = mapped_column(sa.String(16))
    reason: Mapped[str | None] = mapped_column(sa.Text)
    tries: Mapped[int]
    next_try_at: Mapped[datetime]
    tried_since: Mapped[datetime]
    """From when its age counts: when it came, or was last replayed."""
    received_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    redacted_at: Mapped[datetime | None]
    """When personal data was taken out of its body: it can't be applied again."""


class ActivityCursor(Base):
    """How far an app's order activities have been read."""

    __tablename__ = "activity_cursors"

    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"), primary_key=True)
    read_until: Mapped[datetime]
    """The newest activity seen, by Goody's clock."""
    polled_at: Mapped[datetime]
