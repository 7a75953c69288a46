"""What an app allows itself: caps on what one checkout and one day may hold, and defaults for stored value."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from foundation.money import Cents

DEFAULT_EXPIRY_DAYS: Final = 70
"""Ten weeks, as Goody's own web app does."""


@dataclass(frozen=True, slots=True)
class Caps:
    """Upper bounds; None: no bound. Money in US cents. A day is a day of UTC."""

    recipients: int | None = 500
    """Of one checkout."""
    quantity: int | None = 1000
    """Pieces of one checkout, all recipients together."""
    total: Cents | None = None
    """Highest total of one checkout's quote."""
    variable_price: Cents | None = None
    """What a sender may choose as the price of one piece whose price is variable."""
    sends_per_day: int | None = None
    """Gifts ordered."""
    stored_value_per_day: Cents | None = None
    """Highest totals of stored value orders."""

    @classmethod
    def read(cls, stored: dict[str, Any]) -> "Caps":
        """Caps as they were stored; those added since have their defaults."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})

    def write(self) -> dict[str, Any]:
        """The caps as JSON keeps them."""
        return asdict(self)
