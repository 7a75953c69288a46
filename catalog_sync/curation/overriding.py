"""A product as it is published: what the supplier sent, with the merchandiser's words in their place."""

from collections.abc import Sequence
from typing import Any

import msgspec

from catalog_sync.curation.placement import Placement
from foundation.goody.resources import Product, ProductImage


def overridden(product: Product, placement: Placement) -> Product:
    """The product with the placement's values; the very same one where there are none."""
    if not placement.values:
        return product
    values: dict[str, Any] = dict(placement.values)
    if "images" in values:
        values["images"] = _in_order(product.images, values["images"])
    return msgspec.structs.replace(product, **values)


def _in_order(images: Sequence[ProductImage], wanted: Sequence[str]) -> tuple[ProductImage, ...]:
    """Those named first, as named; the others follow. What is no longer there can't be shown."""
    places = {image_id: number for number, image_id in enumerate(wanted)}
    return tuple(sorted(images, key=lambda image: places.get(image.id, len(places))))
