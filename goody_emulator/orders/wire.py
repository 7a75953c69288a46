"""Rows put into the shapes of Goody's answers and webhooks."""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from goody_emulator.apps import WORKSPACE_NAME, App
from goody_emulator.ids import uuid_of
from goody_emulator.orders.validation import HOSTED_PAYMENT
from goody_emulator.state.store import Row
from goody_emulator.state.timestamps import shown, shown_or_none

Json = dict[str, Any]

PREVIEW: Final = 10
"""How many orders and recipients a batch shows of itself."""

_EVENT_TIMES: Final = (
    "notified_at", "opened_at", "accepted_at", "pending_payment_at", "paid_at", "shipped_at", "delivered_at",
)  # fmt: skip
_WITHOUT_CARRIER: Final = ("pending", "failed_unset_tracking")
_TRANSIT: Final = 3 * 86_400_000


def sender(app: App) -> Json:
    """Return the user a batch was sent by."""
    return {"first_name": "Commerce", "last_name": "App", "email": app.email}


def recipient(row: Row) -> Json:
    """Return a recipient as given when the batch was created."""
    return {"first_name": row["first_name"], "last_name": row["last_name"], "email": row["email"]}


def batch(row: Row, app: App, orders: Sequence[Json], recipients: Sequence[Row]) -> Json:
    """Return an order batch; `orders`, in their shape, and `recipients` are those of its previews."""
    return {
        "id": row["id"],
        "send_status": row["send_status"],
        "from_name": row["from_name"],
        "message": row["message"],
        "orders_count": row["orders_count"],
        "orders_preview": orders,
        "recipients_count": row["recipients_count"],
        "recipients_preview": [recipient(each) for each in recipients],
        "cart": msgspec.json.decode(row["cart"]),
        "is_scheduled_send": row["scheduled_send_on"] is not None,
        "scheduled_send_on": shown_or_none(row["scheduled_send_on"]),
        "expires_at": shown_or_none(row["expires_at"]),
        "send_method": row["send_method"],
        "batch_name": row["batch_name"],
        "card_id": row["card_id"],
        "sender": sender(app),
        "workspace_id": app.workspace_id,
        "workspace_name": WORKSPACE_NAME,
        "reference_id": row["reference_id"],
        "customer_reference_id": row["customer_reference_id"],
    }


def order(row: Row, batch_row: Row, app: App, base: str, shipments: Sequence[Row]) -> Json:
    """Return an order as lists and webhooks show it, that is without its event times."""
    swapped, now_in_it = row["swapped_cart"] is not None, cart(row, batch_row)
    return {
        "id": row["id"],
        "status": row["status"],
        "individual_gift_link": f"{base}/gift/{row['gift_token']}",
        "recipient_first_name": row["first_name"],
        "recipient_last_name": row["last_name"],
        "recipient_email": row["email"],
        "card_id": batch_row["card_id"],
        "message": batch_row["message"],
        "thank_you_note": row["thank_you_note"],
        "view_count_recipient": row["view_count"],
        "is_swapped": swapped,
        "order_batch_id": row["batch_id"],
        "expires_at": shown_or_none(row["expires_at"]),
        "cart": now_in_it,
        "cart_selections": _selections(row, now_in_it),
        "shipments": [_shipment(each) for each in shipments if each["status"] is not None],
        "amounts": _amounts(row),
        "sender": sender(app),
        "workspace_id": app.workspace_id,
        "workspace_name": WORKSPACE_NAME,
        "original_cart": msgspec.json.decode(batch_row["cart"]) if swapped else None,
        "original_amounts": _original_amounts(batch_row) if swapped else None,
        "reference_id": row["reference_id"],
        "payment_link": payment_link(row, batch_row, base),
    }


def cart(row: Row, batch_row: Row) -> Json:
    """Return what an order holds now: the batch's cart, or what the recipient took instead."""
    found: Json = msgspec.json.decode(row["swapped_cart"] or batch_row["cart"])
    return found


def with_event_times(shown_order: Json, row: Row) -> Json:
    """Return an order as it is shown on its own."""
    times = {"created_at": shown(row["created_at"])} | {name: shown_or_none(row[name]) for name in _EVENT_TIMES}
    return {**shown_order, "event_times": times}


def payment_link(row: Row, batch_row: Row, base: str) -> str | None:
    """Return the link to the checkout of an order that waits, or waited, for the shopper's payment."""
    if row["pending_payment_at"] is None or batch_row["payment_method_id"] != HOSTED_PAYMENT:
        return None  # An order that waits for stored value is nobody's to pay by card.
    return f"{base}/checkout?key={row['checkout_key']}"


def _amounts(row: Row) -> Json:
    goods, shipping, fee = row["amount_product"], row["amount_shipping"], row["amount_processing_fee"]
    return {
        "amount_product": goods,
        "amount_shipping": shipping,
        "amount_processing_fee": fee,
        "amount_credit_applied": row["amount_credit_applied"],
        "amount_pre_tax_total": goods + shipping + fee,
        "amount_tax": row["amount_tax"],
        "amount_total": row["amount_total"],
        "amount_global_relay_cost": row["amount_global_relay_cost"],
    }


def _original_amounts(batch_row: Row) -> Json:
    quote = msgspec.json.decode(batch_row["quote"])
    return {
        "original_amount_product": quote["product"],
        "original_amount_shipping": quote["shipping"],
        "original_amount_credit_applied": None,
        "original_amount_pre_tax_total": quote["product"] + quote["shipping"] + quote["processing_fee"],
    }


def _selections(row: Row, cart: Json) -> list[Json]:
    chosen = msgspec.json.decode(row["selections"])
    return [
        {
            "id": _derived_id(row["id"], item["id"], unit),
            "cart_item_id": item["id"],
            "quantity_index": unit,
            "variants": names,
        }
        for item, units in zip(cart["items"], chosen, strict=True)
        for unit, names in enumerate(units)
    ]


def _shipment(row: Row) -> Json:
    # Numbers and links of parcels are for approved distribution partners only.
    return {
        "id": _derived_id(row["order_id"], row["brand_id"]),
        "status": row["status"],
        "brand_name": row["brand_name"],
        "tracking_carrier": None if row["status"] in _WITHOUT_CARRIER else "Emulated Parcel",
        "tracking_number": None,
        "tracking_url": None,
        "shipped_at": shown_or_none(row["shipped_at"]),
        "delivered_at": shown_or_none(row["delivered_at"]),
        "delivery_eta": None if row["shipped_at"] is None else shown(row["shipped_at"] + _TRANSIT),
    }


def _derived_id(order_id: str, *parts: object) -> str:
    """Return the id of a part of an order: the same each time it is shown."""
    name = "/".join(map(str, parts)).encode()
    return uuid_of(hashlib.sha1(bytes.fromhex(order_id.replace("-", "")) + name, usedforsecurity=False).hexdigest(), 5)
