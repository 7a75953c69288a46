"""What checkout freezes of a product when it is sold: its terms as published."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import msgspec
import sqlalchemy as sa

from catalog_sync.browsing.paging import in_generation
from catalog_sync.tables import ID, Listing, PublishedCatalog
from foundation.money import Cents


@dataclass(frozen=True, slots=True)
class SellableItem:
    """A product on sale and the terms it is sold under; money in cents.

    `price_min` and `price_max` bound the sender's choice where `price_is_variable`. Shipping is charged once per
    brand in the cart, and is free from `free_shipping_minimum` of that brand's goods upward (None: never free).
    """

    product_id: str
    name: str
    brand_id: str
    brand_name: str
    price: Cents
    price_is_variable: bool
    price_min: Cents | None
    price_max: Cents | None
    variants: tuple[str, ...]
    """The names to choose from, in Goody's order."""
    variants_num_selectable: int
    """How many have to be chosen; 0 where there is no choice."""
    restricted_states: tuple[str, ...]
    revshare_excluded: bool
    shipping_price: Cents
    free_shipping_minimum: Cents | None
    is_gift_collection: bool = False
    """Whether its recipient chooses one of several products instead of it (Goody's gift of choice)."""


class _Named(msgspec.Struct):
    name: str


class _Brand(msgspec.Struct):
    id: str
    name: str
    shipping_price: Cents
    free_shipping_minimum: Cents | None


class _Document(msgspec.Struct):
    """The part of a product's document that matters to checkout."""

    id: str
    name: str
    brand: _Brand
    price: Cents
    price_is_variable: bool
    price_min: Cents | None
    price_max: Cents | None
    variants: tuple[_Named, ...]
    variants_num_selectable: int | None
    restricted_states: tuple[str, ...]
    gift_collection: dict[str, str] | None = None


_decoder = msgspec.json.Decoder(_Document)
_APP_ID: Final[sa.BindParameter[str]] = sa.bindparam("app_id")
_CURRENT: Final = sa.select(PublishedCatalog.generation).where(PublishedCatalog.app_id == _APP_ID).scalar_subquery()
_ON_SALE: Final = sa.select(Listing.document, Listing.revshare_excluded).where(
    *in_generation(Listing, _APP_ID, _CURRENT), Listing.id.in_(sa.bindparam("ids", expanding=True))
)


def read_sellable(connection: sa.Connection, app_id: str, product_ids: Iterable[str]) -> dict[str, SellableItem]:
    """By id, those of the products that are on sale in the current generation."""
    ids = {product_id for product_id in product_ids if ID.fullmatch(product_id)}
    rows = connection.execute(_ON_SALE, {"app_id": app_id, "ids": list(ids)})
    items = (_item(_decoder.decode(document), excluded) for document, excluded in rows)
    return {item.product_id: item for item in items}


def _item(document: _Document, revshare_excluded: bool) -> SellableItem:  # noqa: FBT001  a column, not a switch
    return SellableItem(
        product_id=document.id,
        name=document.name,
        brand_id=document.brand.id,
        brand_name=document.brand.name,
        price=document.price,
        price_is_variable=document.price_is_variable,
        price_min=document.price_min,
        price_max=document.price_max,
        variants=tuple(variant.name for variant in document.variants),
        variants_num_selectable=document.variants_num_selectable or 0,
        restricted_states=document.restricted_states,
        revshare_excluded=revshare_excluded,
        shipping_price=document.brand.shipping_price,
        free_shipping_minimum=document.brand.free_shipping_minimum,
        is_gift_collection=document.gift_collection is not None,
    )
