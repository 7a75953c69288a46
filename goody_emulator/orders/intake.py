"""What is written down of an order batch when it is taken in."""

import json
import uuid
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from goody_emulator.apps import App
from goody_emulator.inputs import BatchInput, Recipient
from goody_emulator.orders import pricing
from goody_emulator.orders.carts import new_cart
from goody_emulator.orders.pricing import Line
from goody_emulator.orders.references import new_reference
from goody_emulator.orders.validation import DIRECT_SEND, DISABLED
from goody_emulator.state import timestamps

AT_ONCE: Final = 10
"""The most recipients a batch is completed for while its creator waits."""
COMPLETION_DELAY: Final = 1000
"""Milliseconds until a larger batch is complete."""


def batch_row(app: App, wanted: BatchInput, lines: Sequence[Line], method_id: str, moment: int) -> dict[str, Any]:
    """Return the row of a new batch."""
    scheduled = None if not wanted.scheduled_send_on else timestamps.parsed(wanted.scheduled_send_on)
    due = None if len(wanted.recipients) <= AT_ONCE else moment + COMPLETION_DELAY
    if scheduled is not None and scheduled > moment:
        due = scheduled
    return {
        "id": str(uuid.uuid4()),
        "app_id": app.id,
        "customer_reference_id": wanted.customer_reference_id or None,
        "reference_key": wanted.customer_reference_id or None,
        "reference_id": new_reference(),
        "send_status": "pending",
        "send_method": wanted.send_method,
        "swap": wanted.swap or "single",
        "payment_method_id": method_id,
        "from_name": wanted.from_name,
        "message": wanted.message or None,
        "card_id": wanted.card_id or None,
        "batch_name": _name(wanted.recipients),
        "recipients_count": len(wanted.recipients),
        "scheduled_send_on": scheduled,
        "expires_at": None if not wanted.expires_at else timestamps.parsed(wanted.expires_at),
        "international_shipping_tier": wanted.international_shipping_tier or DISABLED,
        "international_gift_cards_enabled": int(bool(wanted.international_gift_cards_enabled)),
        # Of a direct send only; with other methods Goody reads nothing into it.
        "notifications_enabled": wanted.notifications_enabled if wanted.send_method == DIRECT_SEND else None,
        "commerce_end_user_id": wanted.commerce_end_user_id,
        "cart": json.dumps(new_cart(lines)),
        "quote": msgspec.json.encode(pricing.quote(lines)).decode(),
        "selections": json.dumps([[item.variants or []] * item.quantity for item in wanted.cart.items]),
        "created_at": moment,
        "due_at": due,
    }


def recipient_row(batch_id: str, place: int, recipient: Recipient) -> dict[str, Any]:
    """Return the row of a batch's recipient, as given."""
    address = recipient.mailing_address
    return {
        "batch_id": batch_id,
        "place": place,
        "first_name": recipient.first_name,
        "last_name": recipient.last_name,
        "email": recipient.email,
        "phone": recipient.phone,
        "mailing_address": None if address is None else msgspec.json.encode(address).decode(),
    }


def _name(recipients: Sequence[Recipient]) -> str:
    names = [f"{recipient.first_name} {recipient.last_name or ''}".strip() for recipient in recipients]
    return f"{len(names)} recipients" if names[2:] else " and ".join(names)
