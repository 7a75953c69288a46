"""The page of one product: what a `product_url` leads to."""

from flask import Blueprint, Response

from goody_emulator.caller import emulator
from goody_emulator.catalog.model import Product
from goody_emulator.errors import NotFoundError
from goody_emulator.pages.rendering import page


def add_routes(blueprint: Blueprint) -> None:
    """Add the views of this room."""
    blueprint.get("/products/<product_id>", strict_slashes=False)(show_product)


def show_product(product_id: str) -> Response:
    """Show a product as everybody sees it, or as the app that added it does."""
    catalog = emulator().catalog
    product = catalog.of(None).products.get(product_id)
    if product is None:
        product = catalog.added(product_id)
    if product is None:
        raise NotFoundError("Product not found")
    return page("product.html", product=product, picture=_picture(product))


def _picture(product: Product) -> str:
    return f"/images/products/{product.id}/view1-1200x1200.svg"
