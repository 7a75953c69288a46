"""UUIDs written from their digits (RFC 9562): a catalog and a page of orders have too many for `uuid.UUID`."""

from typing import Final

_VARIANTS: Final = "89ab"
"""What the seventeenth digit is one of, by its two free bits."""


def uuid_of(digits: str, version: int) -> str:
    """Return the UUID of a version that is made of 32 or more hexadecimal digits."""
    variant = _VARIANTS[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-{version}{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"
