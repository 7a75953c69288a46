"""What people see: the gift page, the checkout page, and the catalog's pictures."""

import json
from typing import Final

from flask import Blueprint, Response, render_template, request

from goody_emulator.caller import emulator
from goody_emulator.catalog.drawings import draw_card, draw_logo, draw_product
from goody_emulator.errors import NotFoundError

_SIZES: Final = range(16, 2401)


def pages() -> Blueprint:
    """Return the blueprint of the pages."""
    blueprint = Blueprint("pages", __name__)
    blueprint.get("/gift/<token>")(gift)
    blueprint.get("/checkout")(checkout)
    blueprint.get("/images/<kind>/<thing_id>/<view>-<int:width>x<int:height>.svg")(image)
    return blueprint


def gift(token: str) -> Response:
    """Show a gift to its recipient."""
    return _page("gift.html", "SELECT * FROM orders WHERE gift_token = ?", token)


def checkout() -> Response:
    """Show a shopper what is to be paid."""
    key = request.args.get("key", "")
    return _page("checkout.html", "SELECT * FROM orders WHERE checkout_key = ?", key)


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


def _page(template: str, query: str, value: str) -> Response:
    row = emulator().store.row(query, value)
    if row is None:
        raise NotFoundError("Order not found")
    batch = emulator().orders.batch_of(row)
    goods = [(item["quantity"], item["product"]["name"]) for item in json.loads(batch["cart"])["items"]]
    return Response(render_template(template, order=row, batch=batch, goods=goods), mimetype="text/html")
