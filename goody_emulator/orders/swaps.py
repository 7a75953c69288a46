"""What a recipient may take instead of the gift."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from goody_emulator.catalog.model import Product
from goody_emulator.catalog.shelf import Shelf
from goody_emulator.errors import RefusedError
from goody_emulator.inputs import SwapItem
from goody_emulator.orders.pricing import Line
from goody_emulator.orders.validation import DISABLED, MOST_OF_ONE
from goody_emulator.state.store import Row

SINGLE: Final = "single"
MULTIPLE: Final = "multiple"
_GIFT_CARDS: Final = "giftcard"


@dataclass(frozen=True, slots=True)
class SwapTerms:
    """What one gift can be swapped for, from the whole catalog of its app."""

    swap: str
    budget: int
    """What the gift's products cost, in cents. Goody says "up to the gift cost" of `multiple` only; that a single swap
    costs no more either is a guess."""
    has_gift_cards: bool
    """Whether gift cards can be taken: those that recipients abroad are meant to have."""
    choices: frozenset[str]
    """For a gift of choice, the products of its collections, one of which has to be taken; else empty."""
    shelf: Shelf

    def offers(self, product: Product, left: int) -> bool:
        """Tell whether a product can be had for so many cents; one whose price its sender sets is never offered."""
        if product.status != "active" or (self.choices and product.id not in self.choices):
            return False
        if not product.price_is_variable:
            return product.price <= left
        return self.has_gift_cards and is_gift_card(product, self.shelf) and (product.price_min or 0) <= left

    def lines(self, wanted: Sequence[SwapItem]) -> list[Line]:
        """Return the lines of a swap; RefusedError when the terms do not allow it."""
        if self.swap == DISABLED:
            raise RefusedError("This gift can't be swapped")
        if self.swap == SINGLE and sum(item.quantity for item in wanted) != 1:
            raise RefusedError("This gift can be swapped for one item only")
        lines, left = [], self.budget
        for item in wanted:
            lines.append(self._line(item, left))
            left -= lines[-1].unit_price * item.quantity
        if left < 0:
            raise RefusedError("Together that costs more than the gift")
        return lines

    def price(self, product: Product, left: int, quantity: int = 1) -> int:
        """Return what one costs; a gift card is worth all that is left, in cents."""
        return min(left // quantity, product.price_max or left) if product.price_is_variable else product.price

    def _line(self, item: SwapItem, left: int) -> Line:
        product = self.shelf.products.get(item.product_id)
        if product is None:
            raise RefusedError(f"Product not found: {item.product_id}")
        if not 1 <= item.quantity <= MOST_OF_ONE:
            raise RefusedError(f"Quantity must be between 1 and {MOST_OF_ONE}")
        if not self.offers(product, self.budget):
            raise RefusedError(f"This gift can't be swapped for {product.name}")
        price = self.price(product, left, item.quantity)
        if product.price_is_variable and price < (product.price_min or 0):
            raise RefusedError("Together that costs more than the gift")
        return Line(product, item.quantity, price)


def terms_of(batch: Row, shelf: Shelf) -> SwapTerms:
    """Return the terms of a batch's gifts, by the catalog its app sees."""
    product_ids = {item["product"]["id"] for item in json.loads(batch["cart"])["items"]}
    is_choice = product_ids <= shelf.gift_collections
    collections = [shelf.collection_of(product_id) for product_id in product_ids] if is_choice else []
    return SwapTerms(
        swap=batch["swap"],
        budget=json.loads(batch["quote"])["product"],
        has_gift_cards=batch["international_shipping_tier"] != DISABLED and batch["international_gift_cards_enabled"],
        choices=frozenset(product_id for each in collections if each for product_id in each.product_ids),
        shelf=shelf,
    )


def is_gift_card(product: Product, shelf: Shelf) -> bool:
    """Tell whether a product is a gift card, which is sent by email."""
    trade = shelf.drawn.trades.get(product.brand.id)
    return trade is not None and trade.icon == _GIFT_CARDS
