"""What a recipient may take instead of the gift."""

from collections.abc import Mapping, Sequence
from typing import Final

from goody_emulator.catalog.model import Product
from goody_emulator.errors import RefusedError
from goody_emulator.inputs import SwapItem
from goody_emulator.orders.pricing import Line
from goody_emulator.orders.validation import MOST_OF_ONE

SINGLE: Final = "single"
MULTIPLE: Final = "multiple"
DISABLED: Final = "disabled"


def is_offered(product: Product, budget: int) -> bool:
    """Tell whether a product can be had for so many cents; one whose price its sender sets is never offered."""
    return product.status == "active" and not product.price_is_variable and product.price <= budget


def swapped_lines(swap: str, wanted: Sequence[SwapItem], budget: int, products: Mapping[str, Product]) -> list[Line]:
    """Return the lines of a swap, from the whole catalog; RefusedError when the batch's `swap` does not allow it.

    `budget` is what the gift's products cost, in cents. Goody says "up to the gift cost" of `multiple` only; that a
    single swap costs no more either is a guess.
    """
    if swap == DISABLED:
        raise RefusedError("This gift can't be swapped")
    if swap == SINGLE and sum(item.quantity for item in wanted) != 1:
        raise RefusedError("This gift can be swapped for one item only")
    lines = [_line(item, budget, products) for item in wanted]
    if sum(line.unit_price * line.quantity for line in lines) > budget:
        raise RefusedError("Together that costs more than the gift")
    return lines


def _line(item: SwapItem, budget: int, products: Mapping[str, Product]) -> Line:
    product = products.get(item.product_id)
    if product is None:
        raise RefusedError(f"Product not found: {item.product_id}")
    if not 1 <= item.quantity <= MOST_OF_ONE:
        raise RefusedError(f"Quantity must be between 1 and {MOST_OF_ONE}")
    if not is_offered(product, budget):
        raise RefusedError(f"This gift can't be swapped for {product.name}")
    return Line(product, item.quantity, product.price)
