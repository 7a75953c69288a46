"""The life of a delivery, as one table of moves, and why an endpoint gets none. Pure."""

from enum import StrEnum
from typing import Final


class DeliveryStatus(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    """An earlier event about the same thing has not arrived yet."""
    PENDING = "pending"
    """Its turn comes, for the first time or again."""
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Every try of the schedule failed, or the endpoint is gone. It can be redelivered."""


MOVES: Final[dict[DeliveryStatus, frozenset[DeliveryStatus]]] = {
    DeliveryStatus.WAITING: frozenset({DeliveryStatus.PENDING}),
    DeliveryStatus.PENDING: frozenset({DeliveryStatus.SENDING, DeliveryStatus.WAITING}),
    DeliveryStatus.SENDING: frozenset({DeliveryStatus.PENDING, DeliveryStatus.DELIVERED, DeliveryStatus.FAILED}),
    DeliveryStatus.DELIVERED: frozenset({DeliveryStatus.PENDING, DeliveryStatus.WAITING}),
    DeliveryStatus.FAILED: frozenset({DeliveryStatus.PENDING, DeliveryStatus.WAITING}),
}
"""A settled delivery opens again when it is redelivered or replayed."""

OPEN: Final = (DeliveryStatus.WAITING, DeliveryStatus.PENDING, DeliveryStatus.SENDING)
CLAIMABLE: Final = (DeliveryStatus.PENDING, DeliveryStatus.SENDING)
"""What may be due: the next try, or the end of the lease of one whose sender was killed."""


class DeliveryKind(StrEnum):
    """Why there is a delivery."""

    EVENT = "event"
    REPLAY = "replay"
    TEST = "test"


class DisabledReason(StrEnum):
    """Why an endpoint gets nothing."""

    BY_PARTNER = "by_partner"
    GONE = "gone"
    """It answered 410."""
    FAILING = "failing"
    """Nothing has reached it for five days."""
