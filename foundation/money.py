"""Money is a whole number of US cents, everywhere; it is shown to people through here alone."""

from decimal import Decimal
from typing import Final

from babel.numbers import format_currency

CURRENCY: Final = "USD"
Cents = int


def show(amount: Cents) -> str:
    """`123456` as `$1,234.56`, for people to read."""
    return format_currency(Decimal(amount) / 100, CURRENCY, locale="en_US")
