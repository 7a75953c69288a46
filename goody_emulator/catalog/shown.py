"""Products and brands as they stand inside other answers."""

from typing import Any

import msgspec

from goody_emulator.catalog.model import Brand, Product


def without_share(brand: Brand) -> dict[str, Any]:
    """Return a brand without its revenue share flag, which Goody shows on the products operations only."""
    shown: dict[str, Any] = msgspec.structs.asdict(brand)
    del shown["commerce_revshare_excluded"]
    return shown


def within(product: Product) -> dict[str, Any]:
    """Return a product as it stands within a set or a collection."""
    return {**msgspec.structs.asdict(product), "brand": without_share(product.brand)}
