"""What the stored value balance must be, and how long it lasts. Pure; amounts in US cents."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

RATE_DAYS: Final = 14
"""Days whose spending is the present rate."""
LAG: Final = timedelta(seconds=60)
"""How long after it happened something may show in Goody's activities."""


@dataclass(frozen=True, slots=True)
class Books:
    """What is known of an app's stored value at a moment, before Goody is asked for the balance."""

    expected: int
    """What our books come to: deposits less charges, and shares, received or not, with refunds; without an opening."""
    unknown_refunds: int
    """What of that is assumed to have come back for refunds whose amount nobody has told."""
    spent: int
    """In the last RATE_DAYS, after shares and refunds."""
    is_settled: bool
    """Whether nothing is under way: no message, order or booking waits, and no order may or may not be charged."""
    activities_read_at: datetime | None
    """Up to when Goody's activities have been read; None where there is no order to watch."""

    def is_caught_up(self, since: datetime) -> bool:
        """Whether all that had moved the balance by then is known."""
        return self.is_settled and (self.activities_read_at is None or self.activities_read_at >= since + LAG)


def difference(balance: int, opening: int, books: Books) -> int:
    """By how much the balance is more than it must be; nothing where refunds of unknown amount can be the reason."""
    found = balance - opening - books.expected
    return 0 if -books.unknown_refunds <= found <= 0 else found


def days_left(available: int, spent: int) -> int | None:
    """How many days the balance lasts at the present rate; None while nothing is spent."""
    if available <= 0:
        return 0
    return available * RATE_DAYS // spent if spent > 0 else None


def is_low(available: int, spent: int, enough_days: int) -> bool:
    """Whether it lasts less than so many days, or open gifts speak for more than there is."""
    left = days_left(available, spent)
    return available < 0 or (left is not None and left < enough_days)
