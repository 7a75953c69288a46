"""What all resources hold to: whole cents, and moments that are aware and in UTC."""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

# A whole number of US cents that any of our databases can hold.
Cents = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


def set_utc(struct: Struct, *names: str) -> None:
    """Move the named moments of a struct to UTC, where they compare and are stored alike."""
    for name in names:
        moment: datetime | None = getattr(struct, name)
        # Goody documents UTC for moments without an offset.
        if moment is not None and moment.tzinfo is not UTC:
            aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
            force_setattr(struct, name, aware)
