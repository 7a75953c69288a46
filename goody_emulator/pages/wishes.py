"""What a recipient would rather have, carried in the address of the page (`item=<product>:<quantity>`)."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from goody_emulator.inputs import SwapItem
from goody_emulator.orders.pricing import Line
from goody_emulator.pages.gifts import Gift

_MOST_ITEMS: Final = 20


def read_items(values: Sequence[str]) -> list[SwapItem]:
    """Return the items of an address; the same product twice is one item, a quantity that is no number is one."""
    counts: Counter[str] = Counter()
    for value in values[:_MOST_ITEMS]:
        product_id, _, quantity = value.partition(":")
        counts[product_id] += int(quantity[:4]) if quantity.isascii() and quantity.isdigit() else 1
    return [SwapItem(product_id, quantity) for product_id, quantity in counts.items()]


def item_values(items: Sequence[SwapItem]) -> list[str]:
    """Return items as an address carries them."""
    return [f"{item.product_id}:{item.quantity}" for item in items]


def wished_lines(gift: Gift, items: Sequence[SwapItem]) -> list[Line]:
    """Return the lines of a wish; RefusedError when the gift cannot be swapped for that."""
    return gift.swap_terms.lines(items)


def one_more(items: Sequence[SwapItem], product_id: str) -> list[SwapItem]:
    """Return the items with one more of a product."""
    return read_items([*item_values(items), f"{product_id}:1"])


def one_less(items: Sequence[SwapItem], product_id: str) -> list[SwapItem]:
    """Return the items with one less of a product."""
    lessened = [
        SwapItem(item.product_id, item.quantity - (item.product_id == product_id)) for item in items
    ]  # fmt: skip
    return [item for item in lessened if item.quantity > 0]
