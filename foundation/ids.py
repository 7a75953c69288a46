"""Ids of what is ours: a prefix that says what it is, and 120 random bits that nobody guesses."""

import secrets
from typing import Final

ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
LENGTH: Final = 24


def new_id(prefix: str) -> str:
    """A new opaque id such as `chk_4f…`; 24 characters of base 36 after the prefix."""
    return f"{prefix}_{new_token()}"


def new_token(length: int = LENGTH) -> str:
    """`length` random characters of base 36 (5.17 bits each)."""
    number, digits = secrets.randbelow(len(ALPHABET) ** length), []
    for _ in range(length):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(digits)
