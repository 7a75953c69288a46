"""The states of a change asked of an order, as one table of moves. Pure."""

from enum import StrEnum
from typing import Final

from payments.lifecycle import Status


class ChangeState(StrEnum):
    """What is known of the request that changes an order at Goody."""

    SENDING = "sending"
    UNKNOWN = "unknown"
    DONE = "done"
    REFUSED = "refused"
    ABANDONED = "abandoned"
    """Given up: too old to be asked for once more, or replaced by another wish. The order tells what is so."""


MOVES: Final = {
    ChangeState.SENDING: frozenset(ChangeState),
    ChangeState.UNKNOWN: frozenset(ChangeState) - {ChangeState.UNKNOWN},
    ChangeState.DONE: frozenset[ChangeState](),
    ChangeState.REFUSED: frozenset[ChangeState](),
    ChangeState.ABANDONED: frozenset[ChangeState](),
}

OPEN: Final = (ChangeState.SENDING, ChangeState.UNKNOWN)

SHOWN: Final = {
    ChangeState.SENDING: "pending",
    ChangeState.UNKNOWN: "pending",
    ChangeState.DONE: "done",
    ChangeState.REFUSED: "refused",
    ChangeState.ABANDONED: "abandoned",
}
"""What callers are told: whether a request is under way or its outcome unknown makes no difference to them."""

CHANGEABLE: Final = frozenset({Status.CREATED, Status.NOTIFIED, Status.OPENED})
"""Where Goody lets an order be cancelled; later only its support can. Its expiry matters in the same ones."""
