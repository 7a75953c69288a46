"""The catalog's pictures."""

from typing import Final

from flask import Blueprint, Response

from goody_emulator.caller import emulator
from goody_emulator.catalog import Catalog
from goody_emulator.catalog.collections import HOUSE_TRADE
from goody_emulator.catalog.drawings import draw_banner, draw_card, draw_logo, draw_product
from goody_emulator.errors import NotFoundError

_SIZES: Final = range(16, 2401)


def images() -> Blueprint:
    """Return the blueprint of the pictures."""
    blueprint = Blueprint("images", __name__)
    blueprint.get("/images/<kind>/<thing_id>/<view>-<int:width>x<int:height>.svg")(image)
    return blueprint


def image(kind: str, thing_id: str, view: str, width: int, height: int) -> Response:
    """Draw a picture of the catalog."""
    drawing = None
    if width in _SIZES and height in _SIZES:
        drawing = _drawing(emulator().catalog, kind, thing_id, view, (width, height))
    if drawing is None:
        raise NotFoundError("Image not found")
    drawn = Response(drawing, mimetype="image/svg+xml")
    drawn.headers["Cache-Control"] = "public, max-age=86400"
    return drawn


def _drawing(catalog: Catalog, kind: str, thing_id: str, view: str, size: tuple[int, int]) -> str | None:
    drawn = catalog.drawn
    if kind == "products" and (product := catalog.anywhere(thing_id)):
        trade = drawn.trades.get(product.brand.id, HOUSE_TRADE)
        return draw_product(product, trade.icon, view, *size)
    if kind == "brands" and (brand := drawn.brands.get(thing_id)):
        return draw_logo(brand, *size)
    if kind == "cards" and (card := drawn.cards.get(thing_id)):
        return draw_card(card, *size)
    if kind == "sets" and (name := drawn.set_names.get(thing_id)):
        return draw_banner(thing_id, name, *size)
    if kind == "collections" and (collection := drawn.collections.get(thing_id)):
        return draw_banner(thing_id, collection.title, *size)
    return None
