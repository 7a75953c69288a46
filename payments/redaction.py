"""What is taken out of stored messages and payloads when personal data goes. Pure: bytes in, bytes out.

What may stay is listed, not what has to go: a field that Goody adds tomorrow goes by itself.
"""

import json
from typing import Any, Final

KEPT: Final = frozenset(
    {
        "id",
        "event_type",
        "type",
        "status",
        "send_status",
        "order_batch_id",
        "gift_batch_id",
        "customer_reference_id",
        "reference_id",
        "payment_method_id",
        "product_id",
        "brand_id",
        "quantity",
        "variable_price",
        "currency",
        "is_swapped",
        "orders_count",
        "gifts_count",
        "swap",
        "send_method",
    }
)
KEPT_ENDINGS: Final = ("_at", "_on")
KEPT_BEGINNINGS: Final = ("amount_", "price_")


def redact_json(body: bytes) -> bytes:
    """The document with ids, statuses, moments and amounts only; every other text and number is null.

    What is no JSON goes whole.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return b"null"
    return json.dumps(_redact(document, is_kept=False)).encode()


def _redact(value: Any, *, is_kept: bool) -> Any:  # noqa: ANN401  any JSON
    if isinstance(value, dict):
        return {name: _redact(part, is_kept=_may_stay(name)) for name, part in value.items()}
    if isinstance(value, list):
        return [_redact(part, is_kept=is_kept) for part in value]
    return value if is_kept else None


def _may_stay(name: str) -> bool:
    return name in KEPT or name.endswith(KEPT_ENDINGS) or name.startswith(KEPT_BEGINNINGS)
