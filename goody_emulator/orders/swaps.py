"""What a recipient may take instead of the gift."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from goody_emulator.catalog.collections import Version
from goody_emulator.catalog.model import Product
from goody_emulator.catalog.shelf import Shelf
from goody_emulator.errors import RefusedError
from goody_emulator.inputs import SwapItem
from goody_emulator.orders.pricing import Line
from goody_emulator.orders.validation import DISABLED, MOST_OF_ONE
from goody_emulator.state.store import Row

SINGLE: Final = "single"
_MOST: Final[Mapping[str, Callable[[Version], int | None]]] = {
    "disabled": lambda _: 1,
    "item_count": lambda version: version.multiple_select_count,
    "max_price": lambda _: None,
}
_GIFT_CARDS: Final = "giftcard"


@dataclass(frozen=True, slots=True)
class SwapTerms:
    """What one gift can be swapped for, from the whole catalog of its app."""

    is_possible: bool
    most: int | None
    """How many items can be taken; None is any number."""
    budget: int
    """What they may cost together, in cents: no more than the gift's products. Goody says "up to the gift cost" of
    `multiple` only; that a single swap costs no more either is a guess."""
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
        if not self.is_possible:
            raise RefusedError("This gift can't be swapped")
        if self.most is not None and sum(item.quantity for item in wanted) > self.most:
            number = "one item only" if self.most == 1 else f"{self.most} items at most"
            raise RefusedError(f"This gift can be swapped for {number}")
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
    items = json.loads(batch["cart"])["items"]
    is_choice = all(item["product"]["id"] in shelf.gift_collections for item in items)
    collections = [shelf.collection_of(item["product"]["id"]) for item in items] if is_choice else []
    versions = [
        (each.version, item["quantity"])
        for each, item in zip(collections, items, strict=False)
        if each is not None and each.version is not None
    ]
    cost: int = json.loads(batch["quote"])["product"]
    return SwapTerms(
        is_possible=batch["swap"] != DISABLED,
        most=_most(versions) if versions else 1 if batch["swap"] == SINGLE else None,
        budget=_budget(versions, cost),
        has_gift_cards=batch["international_shipping_tier"] != DISABLED and batch["international_gift_cards_enabled"],
        choices=frozenset(product_id for each in collections if each for product_id in each.product_ids),
        shelf=shelf,
    )


def _most(versions: Sequence[tuple[Version, int]]) -> int | None:
    """Return how many items may be taken of so many gifts of these collections: their own modes decide."""
    numbers = [_MOST[version.multiple_select_mode](version) for version, _ in versions]
    if any(number is None for number in numbers):
        return None
    return sum((number or 0) * quantity for number, (_, quantity) in zip(numbers, versions, strict=True))


def _budget(versions: Sequence[tuple[Version, int]], cost: int) -> int:
    """Return the gift's cost, or less where its collections all name a limit and those limits are lower."""
    limits = [(version.multiple_select_price, quantity) for version, quantity in versions]
    if not limits or any(limit is None for limit, _ in limits):
        return cost
    return min(cost, sum((limit or 0) * quantity for limit, quantity in limits))


def is_gift_card(product: Product, shelf: Shelf) -> bool:
    """Tell whether a product is a gift card, which is sent by email."""
    trade = shelf.drawn.trades.get(product.brand.id)
    return trade is not None and trade.icon == _GIFT_CARDS
