"""Carts in Goody's shape, and what is chosen of each unit in them."""

import uuid
from collections.abc import Sequence

from goody_emulator.catalog.model import Product
from goody_emulator.orders.pricing import Line
from goody_emulator.orders.validation import check_variants
from goody_emulator.orders.wire import Json

Choices = list[list[str]]
"""The variant names of each unit of one cart item."""


def new_cart(lines: Sequence[Line]) -> Json:
    """Return a cart of these lines under new ids."""
    return {
        "id": str(uuid.uuid4()),
        "items": [
            {
                "id": str(uuid.uuid4()),
                "quantity": line.quantity,
                "product": {
                    "id": line.product.id,
                    "name": line.product.name,
                    "brand": {"id": line.product.brand.id, "name": line.product.brand.name},
                },
            }
            for line in lines
        ],
    }


def choices_of_units(product: Product, quantity: int, names: Sequence[str] | None) -> Choices:
    """Return what is chosen of every unit; RefusedError when the product does not offer it.

    `names` are those of one unit, meant for all of them, or those of all units in a row; None takes the first variant.
    """
    count = product.variants_num_selectable or 0
    if names is None:
        names = [variant.name for variant in product.variants[:1]] * count
    if count == 0 or len(names) != count * quantity:
        check_variants(product, names)
        return [list(names)] * quantity
    units = [list(names[start : start + count]) for start in range(0, len(names), count)]
    for unit in units:
        check_variants(product, unit)
    return units
