"""Draws the greeting cards."""

from typing import Final

from goody_emulator.catalog.dice import dice, drawn_id
from goody_emulator.catalog.model import BASE, Card, Image

_OCCASIONS: Final = (
    ("Birthday",), ("Thank You",), ("Congratulations", "Promotion"), ("Onboarding", "Welcome"),
    ("New Baby",), ("Wedding",), ("Sympathy",), ("Get Well",), ("Holidays",), ("Work Anniversary",),
    ("Just Because",), (),
)  # fmt: skip
_DESIGNS: Final = 2


def draw_cards(seed: int) -> list[Card]:
    """Return the cards, two designs for each set of occasions."""
    return [_draw_card(seed, place) for place in range(_DESIGNS * len(_OCCASIONS))]


def _draw_card(seed: int, place: int) -> Card:
    card_id = drawn_id(dice(seed, "card", place))
    link = f"{BASE}/images/cards/{card_id}"
    return Card(
        id=card_id,
        image=Image(f"{link}/front-800x1130.svg", 800, 1130),
        image_thumb=Image(f"{link}/thumb-200x283.svg", 200, 283),
        occasions=list(_OCCASIONS[place % len(_OCCASIONS)]),
    )
