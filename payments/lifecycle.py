"""The life of an order, as one table of moves. Pure: values in, values out.

Statuses are Goody's. They only move forward: messages come late, twice and out of order, so a status that lies behind
the one we know tells nothing new. Goody says `failed` for a cancelled order (its cancel operation) and has `canceled`
in its enum as well: both mean cancelled, and one word is shown.
"""

from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """Where an order stands, in the order in which it passes through."""

    CREATED = "created"
    NOTIFIED = "notified"
    OPENED = "opened"
    ACCEPTED = "accepted"
    PENDING_PAYMENT = "pending_payment"
    PAID = "paid"
    ORDERED = "ordered"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELED = "canceled"


ROAD: Final = tuple(status for status in Status if status is not Status.CANCELED)

MOVES: Final[dict[Status, frozenset[Status]]] = {
    Status.CREATED: frozenset(Status) - {Status.CREATED},
    **{
        status: frozenset(ROAD[step + 1 :]) | {Status.CANCELED}
        for step, status in enumerate(ROAD)
        if status not in {Status.CREATED, Status.DELIVERED}
    },
    Status.DELIVERED: frozenset(),
    Status.CANCELED: frozenset(),
}

PAYABLE: Final = frozenset({Status.ACCEPTED, Status.PENDING_PAYMENT})
"""While an order stands here, its payment link is worth showing."""

MOVING: Final = tuple(status for status in Status if MOVES[status])
"""Where something may still happen to an order."""

SAID_BY_EVENT: Final = {
    "order.created": Status.CREATED,
    "order.gift_opened": Status.OPENED,
    "order.gift_accepted": Status.ACCEPTED,
    "order.shipped": Status.SHIPPED,
    "order.delivered": Status.DELIVERED,
    "order.canceled": Status.CANCELED,
}
"""What the type of a webhook says by itself: its payload may lag behind (the delivered example says `shipped`)."""

WORDS: Final[dict[str, Status]] = {
    **{status.value: status for status in Status},
    "failed": Status.CANCELED,
    "cancelled": Status.CANCELED,
}


def read_status(text: str, *, has_payment_link: bool = False) -> Status | None:
    """Goody's word as ours; None for one we don't know. An accepted order with a payment link waits for payment."""
    status = WORDS.get(text)
    return Status.PENDING_PAYMENT if status is Status.ACCEPTED and has_payment_link else status


def furthest(current: Status | None, *seen: Status | None) -> Status | None:
    """The furthest status that the evidence allows to move to, starting from the current one (None: not known yet)."""
    for status in seen:
        if status is not None and (current is None or status in MOVES[current]):
            current = status
    return current


def is_behind(current: Status | None, seen: Status | None) -> bool:
    """Whether what was seen is older than what is known. A word we don't know can't be placed, so it is not behind."""
    return current is not None and seen is not None and seen is not current and seen not in MOVES[current]


def passed(before: Status | None, after: Status) -> list[Status]:
    """What an order went through on its way from `before` (left out) to `after` (included), in order.

    A gift that is paid was accepted, even if the message that said so is lost. A cancelled one was created, and more is
    not known of it.
    """
    if after is Status.CANCELED:
        on_the_way = [Status.CREATED] if before is None else []
        return [] if before is Status.CANCELED else [*on_the_way, Status.CANCELED]
    start = 0 if before is None else ROAD.index(before) + 1
    return list(ROAD[start : ROAD.index(after) + 1])
