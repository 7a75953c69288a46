"""What can be changed in the catalog, one thing at a time."""

from enum import StrEnum, unique
from typing import Annotated

import msgspec

from goody_emulator.catalog.model import Brand, Product


@unique
class Action(StrEnum):
    """What a change does."""

    ADD = "add"
    ADD_CARD = "add_card"
    REMOVE = "remove"
    RESTORE = "restore"
    MOVE = "move"
    REPRICE = "reprice"
    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    RENAME = "rename"
    REBRAND_SHIPPING = "rebrand_shipping"
    EXCLUDE_FROM_REVSHARE = "exclude_from_revshare"
    TOUCH = "touch"


Cents = Annotated[int, msgspec.Meta(ge=0, le=100_000_000)]
Name = Annotated[str, msgspec.Meta(pattern=r"\S", max_length=500)]
Uuid = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Path = Annotated[str, msgspec.Meta(pattern=r"^/\S+$", max_length=500)]
Place = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class Change(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One change, as it is asked for; amounts are in cents."""

    action: Action
    product_id: str | None = None
    brand_id: str | None = None
    """The maker of what is added, or the brand that is changed; left out, the product's own."""
    name: Name | None = None
    price: Cents | None = None
    price_min: Cents | None = None
    price_max: Cents | None = None
    shipping_price: Cents | None = None
    free_shipping_minimum: Cents | msgspec.UnsetType | None = msgspec.UNSET
    """None takes the minimum away."""
    excluded: bool = True
    place: Place | None = None
    """Where in the list of active products a product goes, from 0; left out, the end."""
    new_id: Uuid | None = None
    """The id of what is added, when fixtures or examples name one; left out, one is drawn."""
    variants: list[Name] | None = None
    """The names of an added product's variants, one of which is chosen."""
    path: Path | None = None
    """The path of a URL by which an added product can be ordered, too."""


class UnfitChangeError(Exception):
    """A change cannot be made; the text says what it takes."""


class Entry(msgspec.Struct, frozen=True):
    """A change that was made."""

    id: str
    app_id: str
    change: Change
    added: Product | None
    """The product that `add` made."""
    by_drift: bool
    made_at: int
    """In milliseconds."""


def checked_brand(change: Change, brands: dict[str, Brand], product: Product | None) -> Brand:
    """Return the brand a change is about: the one it names, or the product's."""
    brand = product.brand if product and change.brand_id is None else brands.get(change.brand_id or "")
    if brand is None:
        raise UnfitChangeError("Name a brand as `brand_id` (GET /v1/brands lists them), or a product of it.")
    return brand


def checked_name(change: Change) -> str:
    """Return the name a product gets by a change."""
    if change.name is None:
        raise UnfitChangeError("Give the new name as `name`.")
    return change.name


def checked_price(change: Change, product: Product) -> dict[str, int | None]:
    """Return the prices a product gets by a change; the bounds are of products of variable price only."""
    low = product.price_min if change.price_min is None else change.price_min
    high = product.price_max if change.price_max is None else change.price_max
    price = product.price if change.price is None else change.price
    if change.price is None and change.price_min is None and change.price_max is None:
        raise UnfitChangeError("Give the new price in cents as `price`.")
    if not product.price_is_variable:
        if change.price_min is not None or change.price_max is not None:
            raise UnfitChangeError(f"{product.name} has a fixed price; only `price` can be given.")
        return {"price": price}
    if not (low or 0) <= price <= (high or 0):
        raise UnfitChangeError(f"The price has to lie within `price_min` and `price_max`, here {low} to {high}.")
    return {"price": price, "price_min": low, "price_max": high}


def checked_shipping(change: Change) -> dict[str, int | None]:
    """Return what a brand's shipping becomes by a change."""
    if change.shipping_price is None and change.free_shipping_minimum is msgspec.UNSET:
        raise UnfitChangeError("Give `shipping_price`, `free_shipping_minimum` or both, in cents.")
    shipping: dict[str, int | None] = {}
    if change.shipping_price is not None:
        shipping["shipping_price"] = change.shipping_price
    if change.free_shipping_minimum is not msgspec.UNSET:
        shipping["free_shipping_minimum"] = change.free_shipping_minimum
    return shipping
