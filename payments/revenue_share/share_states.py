"""Where an order's revenue share stands, as one table of moves."""

from enum import StrEnum
from typing import Final


class ShareState(StrEnum):
    """From an estimate to what is left of it."""

    EXPECTED = "expected"
    """Nobody has accepted the gift yet: an estimate."""
    PENDING = "accrual_pending"
    """Accepted, but something that its share depends on is not known yet. Tried again; never taken for nothing."""
    ACCRUED = "accrued"
    REVERSED = "reversed"
    """Refunded or cancelled after it was accrued. A refund that turns out smaller leads back."""
    VOID = "void"
    """Cancelled before it earned anything."""


MOVES: Final[dict[ShareState, frozenset[ShareState]]] = {
    ShareState.EXPECTED: frozenset(ShareState) - {ShareState.EXPECTED},
    ShareState.PENDING: frozenset({ShareState.ACCRUED, ShareState.REVERSED, ShareState.VOID}),
    ShareState.ACCRUED: frozenset({ShareState.PENDING, ShareState.REVERSED}),
    ShareState.REVERSED: frozenset({ShareState.PENDING, ShareState.ACCRUED}),
    ShareState.VOID: frozenset(),
}


class Missing(StrEnum):
    """What an accrual waits for."""

    TERMS = "terms"
    """The app had no terms when the order was accepted."""
    AMOUNTS = "amounts"
    """Goody has not told the final total yet."""
    PRODUCT = "product"
    """Nobody knows what a product of the cart cost then."""
    FAILED = "failed"
    """It could not be worked out; the log says why."""
