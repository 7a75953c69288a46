"""The older spelling of webhooks: what Goody calls an order batch was once a gift batch.

The examples of the documents still show it for the events of batches.
"""

from collections.abc import Mapping
from typing import Any, Final

_NAMES: Final = {
    "orders_count": "gifts_count",
    "orders_preview": "gifts_preview",
    "order_batch_id": "gift_batch_id",
    "individual_gift_link": "individual_gift_link_shared",
}


def older_name(event_type: str) -> str:
    """Return the name of an event in the older spelling."""
    family, dot, happening = event_type.partition(".")
    return f"gift_batch.{happening}" if family == "order_batch" and dot else event_type


def older_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a batch or an order, and the orders a batch previews, in the older spelling."""
    respelt = {_NAMES.get(name, name): value for name, value in data.items()}
    if "gifts_preview" in respelt:
        respelt["gifts_preview"] = [older_data(order) for order in respelt["gifts_preview"]]
    return respelt
