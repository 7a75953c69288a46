"""What people see in a browser: the gift, the payment, and a list to click through a sale."""

from typing import Final

from flask import Blueprint, Response

from goody_emulator.errors import NotFoundError
from goody_emulator.pages import checkout, gift, home, product, swap
from goody_emulator.pages.rendering import dollars, page

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def pages() -> Blueprint:
    """Return the blueprint of all pages, none of which needs a script or another server."""
    blueprint = Blueprint("pages", __name__)
    for room in (home, gift, swap, checkout, product):
        room.add_routes(blueprint)
    blueprint.add_app_template_filter(dollars)
    blueprint.after_request(_guard)
    blueprint.register_error_handler(NotFoundError, _lost)
    return blueprint


def _guard(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response


def _lost(_: NotFoundError) -> Response:
    return page("notice.html", 404, heading="There is nothing here", text="The link is not complete, or not known.")
