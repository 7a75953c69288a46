"""Products to judge."""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from foundation.goody.resources import Product

SINCE: Final = datetime(2026, 6, 3, 12, 0, tzinfo=UTC)


def brand(**fields: Any) -> dict[str, Any]:
    """A brand as Goody sends it."""
    return {"id": "brand-1", "name": "Ørsted Café", "shipping_price": 500, "free_shipping_minimum": 5000, **fields}


def product(**fields: Any) -> Product:
    """A product of fixed price."""
    sent = {"id": "product-1", "name": "Soy Candle", "brand": brand(), "price": 2500, "price_is_variable": False}
    return msgspec.convert({**sent, **fields}, Product)
