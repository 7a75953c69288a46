"""Chance that repeats itself: every draw of the catalog comes from the seed and the name of the thing drawn."""

import random

from goody_emulator.ids import uuid_of


def dice(*parts: object) -> random.Random:
    """Return the dice of one thing, named by its parts; the same parts always throw the same."""
    # Not for secrets: the same seed has to draw the same catalog on every machine.
    return random.Random("/".join(map(str, parts)))  # noqa: S311


def drawn_id(rng: random.Random) -> str:
    """Return a UUID of version 4 out of the dice."""
    return uuid_of(f"{rng.getrandbits(128):032x}", 4)


def drawn_count(drawn: str, sides: int) -> int:
    """Return a number below `sides` that belongs to a drawn id."""
    return int(drawn[:8], 16) % sides
