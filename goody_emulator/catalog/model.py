"""The catalog in Goody's shapes: the field names and their order are those of the API's answers."""

from typing import Final

import msgspec

BASE: Final = "{base}"
"""Stands for the address of the emulator in image links until a page is served."""


class Image(msgspec.Struct):
    """A picture's address and its size in pixels."""

    url: str
    width: int
    height: int


class ProductImage(msgspec.Struct):
    """One picture of a product."""

    id: str
    image_large: Image


class Variant(msgspec.Struct):
    """One choice of a product, for example a flavour."""

    id: str
    name: str
    image_large: Image | None = None
    subtitle: str | None = None


class VariantOption(msgspec.Struct):
    """One option of a group, for example a size."""

    id: str
    name: str
    subtitle: str | None = None
    color: str | None = None
    image_large: Image | None = None


class VariantGroup(msgspec.Struct):
    """A set of options; each product variant takes one option of each group."""

    id: str
    name: str
    options: list[VariantOption]


class Attribute(msgspec.Struct):
    """A labelled fact about a product, plain text or simple HTML."""

    label: str
    content: str


class Brand(msgspec.Struct):
    """A maker, with what it charges for shipping in cents."""

    id: str
    name: str
    logo_image: Image | None
    shipping_price: int
    free_shipping_minimum: int | None
    commerce_revshare_excluded: bool
    brand_values: list[str]


class Product(msgspec.Struct):
    """A gift; prices are in cents."""

    id: str
    name: str
    brand: Brand
    subtitle: str | None
    subtitle_short: str | None
    recipient_description: str | None
    variants_label: str | None
    variants_num_selectable: int | None
    variants: list[Variant]
    variant_groups: list[VariantGroup]
    images: list[ProductImage]
    price: int
    price_is_variable: bool
    price_min: int | None
    price_max: int | None
    restricted_states: list[str]
    attributes: list[Attribute]
    status: str
    updated_at: str


class Card(msgspec.Struct):
    """A digital greeting card."""

    id: str
    image: Image
    image_thumb: Image
    occasions: list[str]
