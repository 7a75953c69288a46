"""Which layer each published field comes from: the supplier, the merchandiser's curation, or worked out from both."""

from enum import StrEnum
from typing import Final

from catalog_sync.curation.placement import Placement
from catalog_sync.publishing.documents import FIELDS
from foundation.goody.resources import Product


class Layer(StrEnum):
    """Where what is published of a field comes from."""

    SUPPLIER = "supplier"
    CURATION = "curation"
    DERIVED = "derived"
    """Made here: `price_with_shipping` from the price and the brand's terms, `currency` from Goody's contract."""


_OURS: Final = {
    "tags": Layer.CURATION,
    "collections": Layer.CURATION,
    "price_with_shipping": Layer.DERIVED,
    "currency": Layer.DERIVED,
}


def layers(product: Product, placement: Placement) -> dict[str, Layer]:
    """The layer of each field of the product's document, in the document's order."""
    return {field: _layer(field, product, placement) for field in FIELDS}


def _layer(field: str, product: Product, placement: Placement) -> Layer:
    if field not in placement.values:
        return _OURS.get(field, Layer.SUPPLIER)
    if field == "images" and not {image.id for image in product.images}.intersection(placement.values[field]):
        # None of the pictures that were put in order is there any more.
        return Layer.SUPPLIER
    return Layer.CURATION
