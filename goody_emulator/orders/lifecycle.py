"""The life of an order as a table: which step is possible when, and what it leads to."""

from dataclasses import dataclass
from typing import Final

NOT_ACCEPTED: Final = ("created", "notified", "opened")
ACCEPTED: Final = ("accepted", "pending_payment", "paid", "ordered", "shipped", "delivered")

ACTIVITY_STATUSES: Final = frozenset(
    {"created", "opened", "pending_payment", "paid", "ordered", "shipped", "delivered", "failed"}
)
"""The statuses Goody lists as activities; `notified`, `accepted` and `canceled` are not among them."""

STATUS_AFTER_CANCEL: Final = "failed"
"""Goody calls a cancelled order failed."""

WEBHOOK_STATUS_AT_ACCEPTANCE: Final[str | None] = None
"""What order.gift_accepted shows as status; None shows the order as it stands (`pending_payment`)."""


@dataclass(frozen=True, slots=True)
class Move:
    """A step somebody takes with an order."""

    allowed: tuple[str, ...]
    """The statuses the step is possible in."""
    through: tuple[str, ...] = ()
    """The statuses the order passes through, the last of which it keeps; none leaves the status alone."""
    event: str | None = None
    """The webhook the step sends."""


MOVES: Final = {
    "notify": Move(("created",), ("notified",)),
    "open": Move(("created", "notified"), ("notified", "opened"), "order.gift_opened"),
    "accept": Move(NOT_ACCEPTED, ("notified", "opened", "accepted", "pending_payment"), "order.gift_accepted"),
    "pay": Move(("pending_payment",), ("paid", "ordered")),
    "ship": Move(("paid", "ordered"), ("shipped",), "order.shipped"),
    "deliver": Move(("shipped",), ("delivered",), "order.delivered"),
    "cancel": Move(NOT_ACCEPTED, (STATUS_AFTER_CANCEL,), "order.canceled"),
    "refund": Move(("paid", "ordered", "shipped", "delivered"), (), "order.refunded"),
    "thank_you_note": Move(ACCEPTED, (), "order.thank_you_note_added"),
}

MAGIC_WORDS: Final = {"[shipped]": ("ship",), "[delivered]": ("ship", "deliver"), "[refunded]": ("refund",)}
"""Sender names that make the sandbox take steps by itself once the order is being prepared."""


def has_expired(expires_at: int | None, moment: int) -> bool:
    """Tell whether a gift can no longer be accepted. Goody has no status for that: the order keeps the one it has."""
    return expires_at is not None and expires_at <= moment


def possible_steps(status: str) -> tuple[str, ...]:
    """Return the steps that are possible in a status, in the order of a gift's life."""
    return tuple(step for step, move in MOVES.items() if status in move.allowed)


def step_by_magic(from_name: str, step: str, through: tuple[str, ...]) -> str | None:
    """Return what a sender's magic word makes happen after a step, or None."""
    words = MAGIC_WORDS.get(from_name, ())
    if "ordered" in through:
        return next(iter(words), None)
    return next(iter(words[words.index(step) + 1 :]), None) if step in words else None
