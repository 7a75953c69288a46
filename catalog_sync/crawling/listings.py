"""The four listings of Goody's that are synced: how each is read, and what of it can't be kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, NamedTuple, TypeAlias

from catalog_sync.kinds import Kind
from catalog_sync.tables import ID
from foundation.goody.client import LARGEST_PAGE, GoodyClient
from foundation.goody.pages import Page, Sent
from foundation.goody.resources import Brand, Card, GiftCollection, Product
from foundation.money import Cents

MOST_CENTS: Final = 10**12

Item: TypeAlias = Product | Brand | Card | GiftCollection
SentPage: TypeAlias = Page[Sent[Any]]
Fetch: TypeAlias = Callable[[int], SentPage]
"""The page of this number, at Goody's largest size."""


@dataclass(frozen=True, slots=True)
class CatalogOptions:
    """Which catalog of Goody's an app sells; None leaves it to Goody.

    `show_inactive` counts for a custom catalog only, `country_code` (two letters) for products and brands.
    """

    use_custom_catalog: bool | None = None
    show_inactive: bool | None = None
    country_code: str | None = None

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "CatalogOptions":
        """The options as an app's settings keep them."""
        return cls(stored.get("use_custom_catalog"), stored.get("show_inactive"), stored.get("country_code"))


class Unchanged(NamedTuple):
    """A thing that the snapshot has to the letter, told by the hash of its bytes."""

    id: str
    content_hash: str


class Familiar:
    """The products that the snapshot has, by the hash of what was sent: what comes again so needs no decoding."""

    def __init__(self) -> None:
        self._ids: Mapping[str, str] = {}

    def learn(self, ids: Mapping[str, str]) -> None:
        """From now on recognise these: their ids by their hashes. Threads may be reading already."""
        self._ids = ids

    def forget(self) -> None:
        """Recognise nothing more: everything has been read."""
        self._ids = {}

    def recognise(self, raw: bytes) -> Unchanged | None:
        """Which product was sent just so before."""
        ids = self._ids
        if not ids:
            return None
        digest = digest_of(raw)
        found = ids.get(digest)
        return None if found is None else Unchanged(found, digest)


def fetchers(client: GoodyClient, options: CatalogOptions, familiar: Familiar | None = None) -> dict[Kind, Fetch]:
    """How a page of each listing is read. Products that are familiar come as Unchanged."""

    def products(number: int) -> SentPage:
        return client.products(
            number,
            LARGEST_PAGE,
            use_custom_catalog=options.use_custom_catalog,
            country_code=options.country_code,
            show_inactive=options.show_inactive,
            recognise=None if familiar is None else familiar.recognise,
        )

    return {
        Kind.PRODUCT: products,
        Kind.BRAND: lambda number: client.brands(number, LARGEST_PAGE, country_code=options.country_code),
        Kind.CARD: lambda number: client.cards(number, LARGEST_PAGE),
        Kind.COLLECTION: lambda number: client.collections(number, LARGEST_PAGE),
    }


def digest_of(raw: bytes) -> str:
    """The hash by which what was sent is compared."""
    return blake2b(raw, digest_size=32).hexdigest()


def is_id(value: str) -> bool:
    """Whether it can be the id of anything."""
    return ID.fullmatch(value) is not None


def fault(item: Item) -> str | None:
    """Why the item, whose id is fine, can't be kept; None if it can."""
    if isinstance(item, Product):
        return _product_fault(item)
    if isinstance(item, Brand):
        return _brand_fault(item)
    if isinstance(item, GiftCollection):
        return _amount_fault(item.published_price) or (_stand_in_fault(item.product) if item.product else None)
    return None


def _product_fault(product: Product) -> str | None:
    brand = product.brand
    return (
        _amount_fault(product.price, product.price_min, product.price_max)
        or (None if is_id(brand.id) else f"{brand.id[:80]!r} is no id")
        or _brand_fault(brand)
    )


def _stand_in_fault(product: Product) -> str | None:
    return _product_fault(product) if is_id(product.id) else f"{product.id[:80]!r} is no id"


def _brand_fault(brand: Brand) -> str | None:
    return _amount_fault(brand.shipping_price, brand.free_shipping_minimum)


def _amount_fault(*amounts: Cents | None) -> str | None:
    absurd = [amount for amount in amounts if amount is not None and not 0 <= amount <= MOST_CENTS]
    return f"an amount of {absurd[0]} cents can't be" if absurd else None
