"""What stands in the way of a draft's items: sold no more, priced or chosen otherwise than Goody lets. Pure."""

from collections.abc import Iterator
from typing import Final

from catalog_sync.browsing.catalog import SellableItem
from foundation.app_policy import Caps
from foundation.errors import Fault
from foundation.money import show
from storefront.checkout.circumstances import Circumstances
from storefront.checkout.draft import Draft, Item

DIRECT: Final = "direct_send"
NO_SWAP: Final = "disabled"
NAMES_SHOWN: Final = 20
OF_GROUPS: Final = " / "
"""Goody names a variant of several groups by its options, joined so, in the order of the groups."""


def check_items(draft: Draft, given: Circumstances) -> Iterator[Fault]:
    """Every problem of the items."""
    if not draft.items:
        yield Fault("/items", "required", "Put at least one product into the gift.")
    for index, item in enumerate(draft.items):
        product = given.sellable.get(item.product_id)
        at = f"/items/{index}"
        if product is None:
            yield Fault(f"{at}/product_id", "product_unavailable", "This product is not on sale. Choose another.")
            continue
        yield from _check_price(item, product, at, given.caps)
        yield from _check_variants(item, product, at, is_direct=draft.send_method == DIRECT)
        yield from _check_collection(draft, product, at)


def _check_price(item: Item, product: SellableItem, at: str, caps: Caps) -> Iterator[Fault]:
    chosen = item.variable_price
    if not product.price_is_variable:
        if chosen is not None:
            yield Fault(f"{at}/variable_price", "price_not_variable", "The price of this product can't be chosen.")
        return
    low, high = max(product.price_min or 1, 1), product.price_max
    bounds = f"{show(low)} to {show(high)}" if high is not None else f"{show(low)} or more"
    if chosen is None:
        yield Fault(f"{at}/variable_price", "required", f"Choose a price: {bounds}.")
    elif chosen < low or (high is not None and chosen > high):
        yield Fault(f"{at}/variable_price", "out_of_bounds", f"Choose a price within the bounds: {bounds}.")
    elif caps.variable_price is not None and chosen > caps.variable_price:
        detail = f"This app lets a price of at most {show(caps.variable_price)} be chosen."
        yield Fault(f"{at}/variable_price", "price_too_high", detail)


def _check_variants(item: Item, product: SellableItem, at: str, *, is_direct: bool) -> Iterator[Fault]:
    """A direct send needs every choice made; else the recipient makes those that are left open."""
    wanted, count = product.variants_num_selectable, len(item.variants)
    if count > wanted or (is_direct and count < wanted):
        exactly = "exactly" if is_direct else "at most"
        choose = f"Choose {exactly} {wanted}; the same one may be chosen twice." if wanted else "It has none to choose."
        yield Fault(f"{at}/variants", "wrong_variant_count", choose)
    for position, name in enumerate(item.variants):
        if name not in product.variants:
            yield Fault(f"{at}/variants/{position}", "unknown_variant", _names(product))


def _names(product: SellableItem) -> str:
    if not product.variants:
        return "This product has no variants."
    shown = ", ".join(product.variants[:NAMES_SHOWN]) + (", …" if len(product.variants) > NAMES_SHOWN else "")
    groups = ""
    if any(OF_GROUPS in name for name in product.variants):
        groups = f" One option of each of its variant_groups, in their order, is joined with {OF_GROUPS!r}."
    return f"There is no such variant. Use a name from the product's variants: {shown}.{groups}"


def _check_collection(draft: Draft, product: SellableItem, at: str) -> Iterator[Fault]:
    """The recipient of a gift of choice takes one of its products: by swapping it, which no direct send lets them."""
    if not product.is_gift_collection:
        return
    if draft.swap == NO_SWAP:
        detail = f"{product.name} is a gift of choice: its recipient has to swap it. Use single or multiple."
        yield Fault("/swap", "needed_for_collection", detail)
    if draft.send_method == DIRECT:
        detail = f"{product.name} is a gift of choice, which can't be sent directly: nobody would choose."
        yield Fault(f"{at}/product_id", "collection_not_direct", detail)
