"""Placing an order: the intent is committed with whatever the caller writes, before anything is sent."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from foundation.database import Session, table_of
from foundation.goody.payloads import CartInput, CartItemInput, OrderBatchInput, RecipientInput, encode
from foundation.ids import new_id
from payments.modes import RULES, PaymentMode
from payments.submission_states import Submission
from payments.tables import OrderBatch

SWEEP_AFTER: Final = timedelta(seconds=5)
"""How long the placing process has to submit by itself before the sweep takes the row for orphaned."""


@dataclass(frozen=True, slots=True)
class Line:
    """What is sold, frozen as of now. Prices in US cents, per unit."""

    product_id: str
    name: str
    brand_id: str
    brand_name: str
    price: int
    quantity: int
    variants: tuple[str, ...]
    is_price_chosen: bool
    """Whether the sender chose the price (Goody's `variable_price`)."""
    revshare_excluded: bool


@dataclass(frozen=True, slots=True)
class Gift:
    """How it is given: everything Goody is told beside the cart and the payment."""

    from_name: str
    send_method: str
    recipients: tuple[RecipientInput, ...]
    message: str | None = None
    card_id: str | None = None
    swap: str | None = None
    international_shipping_tier: str | None = None
    international_gift_cards_enabled: bool | None = None
    notifications_enabled: bool | None = None
    expires_at: datetime | None = None
    scheduled_send_on: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewOrder:
    """One checkout, ready to be ordered."""

    app_id: str
    checkout_id: str
    customer_id: str | None
    payment_mode: PaymentMode
    lines: Sequence[Line]
    gift: Gift
    quote: dict[str, Any]
    payment_reference: str | None = None
    payment_amount: int | None = None
    warnings: Sequence[str] = ()
    card_id: str | None = None
    """The saved card to charge, where the mode says so. It must be one of this app's and this customer's."""


def place(session: Session, order: NewOrder, now: datetime) -> str:
    """Write the intent into the caller's transaction; returns its id, `ob_…`. Nothing is sent yet.

    The checkout's uniqueness is the guard against a second gift: a second intent raises IntegrityError.
    """
    batch_id = new_id("ob")
    session.execute(
        _PLACE,
        {
            "id": batch_id,
            "app_id": order.app_id,
            "checkout_id": order.checkout_id,
            "customer_id": order.customer_id,
            "payment_mode": order.payment_mode,
            "lines": [asdict(line) for line in order.lines],
            "quote": order.quote,
            "recipients_count": len(order.gift.recipients),
            "expected_high": highest_each(order.quote, len(order.gift.recipients)),
            "payment_reference": order.payment_reference,
            "payment_amount": order.payment_amount,
            "warnings": list(order.warnings),
            "payload": encode(_payload(batch_id, order)).decode(),
            "submission_status": Submission.PENDING,
            "attempt": 0,
            "may_exist": False,
            "next_attempt_at": now + SWEEP_AFTER,
            "created_at": now,
        },
    )
    return batch_id


_PLACE: Final = sa.insert(table_of(OrderBatch))


def highest_each(quote: dict[str, Any], recipients: int) -> int:
    """What one recipient's gift may cost at most, in US cents: an exact total may exceed the estimate of each."""
    estimated: int = quote["per_recipient"]["total_high"]
    total: int = quote["total"]["total_high"]
    return max(estimated, -(-total // recipients))


def _payload(batch_id: str, order: NewOrder) -> OrderBatchInput:
    gift = order.gift
    return OrderBatchInput(
        from_name=gift.from_name,
        send_method=gift.send_method,
        recipients=gift.recipients,
        cart=CartInput(items=tuple(_item(line) for line in order.lines)),
        message=gift.message,
        card_id=gift.card_id,
        payment_method_id=RULES[order.payment_mode].payment_method_id or order.card_id,
        scheduled_send_on=gift.scheduled_send_on,
        expires_at=gift.expires_at,
        swap=gift.swap,
        international_shipping_tier=gift.international_shipping_tier,
        international_gift_cards_enabled=gift.international_gift_cards_enabled,
        notifications_enabled=gift.notifications_enabled,
        commerce_end_user_id=order.customer_id,
        customer_reference_id=batch_id,
    )


def _item(line: Line) -> CartItemInput:
    return CartItemInput(
        product_id=line.product_id,
        quantity=line.quantity,
        variable_price=line.price if line.is_price_chosen else None,
        variants=line.variants or None,
    )
