"""Products, brands and cards."""

from flask import Blueprint, Response, request

from goody_emulator.api.flags import asked_flag
from goody_emulator.api.paging import asked_page
from goody_emulator.caller import answer, base_url, caller, emulator
from goody_emulator.catalog import Shelf, Wanted, answers
from goody_emulator.errors import NotFoundError
from goody_emulator.quirks import Quirk


def add_routes(blueprint: Blueprint) -> None:
    """Add the operations of this room."""
    blueprint.get("/products")(products)
    blueprint.get("/products/<product_id>")(product)
    blueprint.get("/brands")(brands)
    blueprint.get("/cards")(cards)


def products() -> Response:
    """List products, the active ones unless asked for more."""
    page = asked_page()
    wanted = Wanted(
        custom_only=asked_flag("use_custom_catalog"),
        show_inactive=asked_flag("custom_catalog_show_inactive"),
        country=_asked_country(),
    )
    is_shuffled = emulator().quirks.has(caller().id, Quirk.PRODUCTS_UNORDERED)
    listed = answers.products(_shelf(), wanted, slice(page.start, page.stop), base_url(), is_shuffled=is_shuffled)
    emulator().drift.after_page(caller().id, wanted, page.start, page.stop)
    return answer(listed)


def product(product_id: str) -> Response:
    """Show one active product."""
    shelf = _shelf()
    found = shelf.shown(product_id, custom_only=asked_flag("use_custom_catalog"))
    if found is None:
        raise NotFoundError("Product not found")
    return answer(answers.product(shelf, found, base_url()))


def brands() -> Response:
    """List the brands that have something active to sell."""
    page = asked_page()
    return answer(answers.brands(_shelf(), _asked_country(), slice(page.start, page.stop), base_url()))


def cards() -> Response:
    """List the greeting cards."""
    page = asked_page()
    return answer(answers.cards(_shelf(), slice(page.start, page.stop), base_url()))


def _shelf() -> Shelf:
    return emulator().catalog.of(caller().id)


def _asked_country() -> str:
    return request.args.get("country_code", "").strip().upper() or "US"
