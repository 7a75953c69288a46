"""The life of an order as a table: which step is possible when, and what it leads to."""

from dataclasses import dataclass
from typing import Final

NOT_ACCEPTED: Final = ("created", "notified", "opened")
REFUNDED: Final = "refunded"
"""A status that no document knows, and only a quirk gives."""
ACCEPTED: Final = ("accepted", "pending_payment", "paid", "ordered", "shipped", "delivered", REFUNDED)
CANCELED: Final = ("failed", "canceled")
STATUSES: Final = (*NOT_ACCEPTED, *ACCEPTED, *CANCELED)

USER_APPROVAL: Final = "pending_user_approval"
"""A status of activities that orders lack."""
ACTIVITY_STATUSES: Final = frozenset(
    {"created", "opened", "pending_payment", "paid", "ordered", "shipped", "delivered", "failed", USER_APPROVAL}
)
"""The statuses Goody lists as activities; `notified`, `accepted` and `canceled` are not among them."""

STATUS_AFTER_CANCEL: Final = "failed"
"""Goody calls a cancelled order failed."""


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
    "charge": Move(("accepted",), ("pending_payment",)),
    "pay": Move(("pending_payment",), ("paid", "ordered")),
    "order": Move(("paid",), ("ordered",)),
    "ship": Move(("paid", "ordered", "shipped"), ("shipped",), "order.shipped"),
    "deliver": Move(("shipped",), ("delivered",), "order.delivered"),
    "mark": Move(("paid", "ordered", "shipped")),
    "cancel": Move(NOT_ACCEPTED, (STATUS_AFTER_CANCEL,), "order.canceled"),
    "support_cancel": Move(
        ("accepted", "pending_payment", "paid", "ordered"), (STATUS_AFTER_CANCEL,), "order.canceled"
    ),
    "expire": Move(NOT_ACCEPTED),
    "refund": Move(("paid", "ordered", "shipped", "delivered"), (), "order.refunded"),
    "thank_you_note": Move(ACCEPTED, (), "order.thank_you_note_added"),
}

MAGIC_WORDS: Final = {"[shipped]": ("ship",), "[delivered]": ("ship", "deliver"), "[refunded]": ("refund",)}
"""Sender names that make the sandbox take steps by itself once the order is being prepared."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What of an order's life its status does not tell."""

    status: str
    is_refunded: bool
    has_parcels_to_ship: bool
    has_parcels_to_deliver: bool
    has_parcels_to_mark: bool

    def allows(self, step: str) -> bool:
        """Tell whether a step is possible now."""
        if self.status not in MOVES[step].allowed:
            return False
        lacking = {
            "ship": not self.has_parcels_to_ship,
            "deliver": not self.has_parcels_to_deliver,
            "mark": not self.has_parcels_to_mark,
            "refund": self.is_refunded,
        }
        return not lacking.get(step, False)

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps that are possible now, in the order of a gift's life."""
        return tuple(step for step in MOVES if self.allows(step))


def has_expired(expires_at: int | None, moment: int) -> bool:
    """Tell whether a gift can no longer be accepted. Goody has no status for that: the order keeps the one it has."""
    return expires_at is not None and expires_at <= moment


def step_by_magic(from_name: str, step: str, through: tuple[str, ...]) -> str | None:
    """Return what a sender's magic word makes happen after a step, or None."""
    words = MAGIC_WORDS.get(from_name, ())
    if "ordered" in through:
        return next(iter(words), None)
    return next(iter(words[words.index(step) + 1 :]), None) if step in words else None
