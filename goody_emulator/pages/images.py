"""The catalog's pictures."""

from typing import Final

from flask import Blueprint, Response

from goody_emulator.caller import emulator
from goody_emulator.catalog.drawings import draw_card, draw_logo, draw_product
from goody_emulator.errors import NotFoundError

_SIZES: Final = range(16, 2401)


def images() -> Blueprint:
    """Return the blueprint of the pictures."""
    blueprint = Blueprint("images", __name__)
    blueprint.get("/images/<kind>/<thing_id>/<view>-<int:width>x<int:height>.svg")(image)
    return blueprint


def image(kind: str, thing_id: str, view: str, width: int, height: int) -> Response:
    """Draw a picture of the catalog."""
    catalog = emulator().catalog
    if width not in _SIZES or height not in _SIZES:
        raise NotFoundError("Image not found")
    if kind == "products" and (product := catalog.products.get(thing_id)):
        drawing = draw_product(product, catalog.icons[product.brand.id], view, width, height)
    elif kind == "brands" and (brand := catalog.brands.get(thing_id)):
        drawing = draw_logo(brand, width, height)
    elif kind == "cards" and (card := catalog.cards.get(thing_id)):
        drawing = draw_card(card, width, height)
    else:
        raise NotFoundError("Image not found")
    drawn = Response(drawing, mimetype="image/svg+xml")
    drawn.headers["Cache-Control"] = "public, max-age=86400"
    return drawn
