"""The JSON documents that are served, made from what Goody sent and what curation says of it.

Goody's names are kept. What is the partner's business matter, `commerce_revshare_excluded`, never gets in here.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from catalog_sync.curation.placement import ArrangedCollection
from catalog_sync.placing import Placing
from catalog_sync.publishing.html import sanitize, text_of
from catalog_sync.shipping import price_with_shipping
from foundation.goody.resources import (
    Brand,
    Card,
    Image,
    Product,
    ProductAttribute,
    ProductImage,
    ProductVariant,
    ProductVariantGroup,
)
from foundation.money import CURRENCY, Cents

FORMAT: Final = 3
"""Raise it with any change to what a document holds, or how: everything is then published anew."""


_LONGEST_KEY: Final = 200


class GiftCollection(msgspec.Struct, frozen=True):
    """The supplier's gift collection that a product stands for: whoever gets it chooses from the collection."""

    id: str
    title: str | None


class _Brand(msgspec.Struct, gc=False):
    id: str
    name: str
    logo_image: Image | None
    shipping_price: Cents
    free_shipping_minimum: Cents | None
    brand_values: tuple[str, ...]


class _BrandAlone(_Brand, gc=False):
    currency: str


class _Summary(msgspec.Struct, gc=False):
    """What lists show. A picture has Goody's one address and its size in pixels: Goody offers no other sizes."""

    id: str
    name: str
    brand: _Brand
    subtitle: str | None
    subtitle_short: str | None
    variants_label: str | None
    variants_num_selectable: int | None
    variants: tuple[ProductVariant, ...]
    images: tuple[ProductImage, ...]
    price: Cents
    price_is_variable: bool
    price_min: Cents | None
    price_max: Cents | None
    price_with_shipping: Cents
    currency: str
    restricted_states: tuple[str, ...]
    gift_collection: GiftCollection | None
    updated_at: datetime | None


class _Details(msgspec.Struct, gc=False):
    """What the product's own page shows beside that."""

    recipient_description: str | None
    variant_groups: tuple[ProductVariantGroup, ...]
    attributes: list[ProductAttribute]


class _Collection(msgspec.Struct):
    handle: str
    title: str
    description: str | None
    image: str | None
    parent: str | None
    products_count: int
    children: list[str]


FIELDS: Final = _Summary.__struct_fields__ + _Details.__struct_fields__ + Placing.__struct_fields__
"""The fields of a product's document as it is served, in their order."""


def product_documents(product: Product, gift_collection: GiftCollection | None) -> tuple[bytes, bytes]:
    """A product as lists show it, and in full; both without its placing, which is joined to them when they are served.

    Two documents, since a list of 100 products would be several times as long with their attributes and variant
    groups in it, and cutting them out when asked would parse at each request what is made here once.
    """
    summary = msgspec.json.encode(_summary(product, gift_collection))
    attributes = [ProductAttribute(each.label, sanitize(each.content)) for each in product.attributes]
    details = msgspec.json.encode(_Details(product.recipient_description, product.variant_groups, attributes))
    return summary, summary[:-1] + b"," + details[1:]


def search_body(product: Product) -> str:
    """What a product is found by besides its name, brand, subtitle and tags: text without HTML."""
    parts = [product.subtitle_short or "", product.recipient_description or ""]
    for attribute in product.attributes:
        parts += attribute.label, text_of(attribute.content)
    return " ".join(parts)


def brand_document(brand: Brand) -> bytes:
    """A brand, with the shipping it charges once per cart."""
    return msgspec.json.encode(
        _BrandAlone(
            brand.id,
            brand.name,
            brand.logo_image,
            brand.shipping_price,
            brand.free_shipping_minimum,
            brand.brand_values,
            CURRENCY,
        )
    )


def card_document(card: Card) -> bytes:
    """A greeting card: its pictures and occasions."""
    return msgspec.json.encode(card)


def collection_document(collection: ArrangedCollection, children: Sequence[str]) -> bytes:
    """A collection, with the handles of those under it; its products are a list of their own."""
    return msgspec.json.encode(
        _Collection(
            collection.handle,
            collection.title,
            collection.description,
            collection.image,
            collection.parent,
            len(collection.product_ids),
            list(children),
        )
    )


def name_key(name: str) -> str:
    """What a name is sorted on."""
    return _folded(name)[:_LONGEST_KEY]


def occasion_key(occasion: str) -> str:
    """How one occasion stands among a card's occasions."""
    return f"|{_folded(occasion).replace('|', ' ')}|"


def occasion_keys(occasions: Iterable[str]) -> str:
    """All occasions of a card, as text to look for one in."""
    return " ".join(occasion_key(occasion) for occasion in occasions)


def _summary(product: Product, gift_collection: GiftCollection | None) -> _Summary:
    brand = product.brand
    return _Summary(
        id=product.id,
        name=product.name,
        brand=_Brand(
            brand.id,
            brand.name,
            brand.logo_image,
            brand.shipping_price,
            brand.free_shipping_minimum,
            brand.brand_values,
        ),
        subtitle=product.subtitle,
        subtitle_short=product.subtitle_short,
        variants_label=product.variants_label,
        variants_num_selectable=product.variants_num_selectable,
        variants=product.variants,
        images=product.images,
        price=product.price,
        price_is_variable=product.price_is_variable,
        price_min=product.price_min,
        price_max=product.price_max,
        price_with_shipping=price_with_shipping(product),
        currency=CURRENCY,
        restricted_states=product.restricted_states,
        gift_collection=gift_collection,
        updated_at=product.updated_at,
    )


def _folded(text: str) -> str:
    if text.isascii() and text.isprintable():
        return " ".join(text.lower().split())
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    # Marks go (é sorts as e), and so do control characters, some of which PostgreSQL does not store.
    plain = "".join(" " if letter.isspace() else letter for letter in decomposed if _is_kept(letter))
    return " ".join(plain.split())


def _is_kept(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter)[0] not in "CM"
