"""Products, brands and cards."""

from flask import Blueprint, Response

from goody_emulator.api.paging import asked_page
from goody_emulator.caller import answer, base_url, emulator
from goody_emulator.errors import NotFoundError


def add_routes(blueprint: Blueprint) -> None:
    """Add the operations of this room."""
    blueprint.get("/products")(products)
    blueprint.get("/products/<product_id>")(product)
    blueprint.get("/brands")(brands)
    blueprint.get("/cards")(cards)


def products() -> Response:
    """List the active products."""
    return _page("products")


def brands() -> Response:
    """List the brands."""
    return _page("brands")


def cards() -> Response:
    """List the greeting cards."""
    return _page("cards")


def product(product_id: str) -> Response:
    """Show one product."""
    found = emulator().catalog.product(product_id, base_url())
    if found is None:
        raise NotFoundError("Product not found")
    return answer(found)


def _page(kind: str) -> Response:
    page = asked_page()
    return answer(emulator().catalog.page(kind, page.start, page.stop, base_url()))
