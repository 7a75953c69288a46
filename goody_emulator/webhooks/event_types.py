"""The events of Goody's documents: there are ten, and one of them has two names."""

from typing import Final

EVENT_TYPES: Final = (
    "order_batch.created",
    "order_batch.completed",
    "order.created",
    "order.gift_opened",
    "order.gift_accepted",
    "order.thank_you_note_added",
    "order.shipped",
    "order.delivered",
    "order.canceled",
    "order.refunded",
)

_OTHER_NAMES: Final = {"order.accepted": "order.gift_accepted"}


def documented(name: str) -> str:
    """Return the name an event has on its own page of the documents, whichever of its names is given."""
    return _OTHER_NAMES.get(name, name)


def is_known(name: str) -> bool:
    """Tell whether the documents know an event of this name."""
    return documented(name) in EVENT_TYPES


def is_about_batch(name: str) -> bool:
    """Tell whether what an event carries is an order batch, not an order."""
    return name.startswith("order_batch.")
