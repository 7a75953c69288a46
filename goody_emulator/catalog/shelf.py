"""What one app sees of the catalog."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from goody_emulator.catalog.collections import Collection
from goody_emulator.catalog.countries import COUNTRIES, HOME
from goody_emulator.catalog.drawn import Drawn
from goody_emulator.catalog.model import Brand, Card, Product


class Wanted(NamedTuple):
    """Which products a list is to have."""

    custom_only: bool = False
    """Those of the custom catalog only."""
    show_inactive: bool = False
    """The inactive ones of the custom catalog, too."""
    country: str = HOME
    """Those whose brand ships there."""


class Shelf:
    """The catalog with all changes that concern one app; it never changes itself.

    `stock` are all products in the order they are listed in, those in `gone` among them: they were removed.
    """

    products: Mapping[str, Product]
    """Every product that can be known by its id: also inactive ones, ones outside the custom catalog, and those that
    stand for a gift collection."""
    brands: Mapping[str, Brand]
    cards: Mapping[str, Card]
    collections: Mapping[str, Collection]
    gift_collections: frozenset[str]
    """The ids of products that stand for a gift collection ("gift of choice")."""

    paths: Mapping[str, str]
    """Ids of products by the path of a URL that stands for them."""

    def __init__(
        self,
        drawn: Drawn,
        stock: dict[str, Product],
        brands: dict[str, Brand],
        gone: frozenset[str],
        *,
        cards: dict[str, Card] | None = None,
        paths: dict[str, str] | None = None,
    ) -> None:
        self.drawn = drawn
        self.stock, self.gone = stock, gone
        there = {product_id: product for product_id, product in stock.items() if product_id not in gone}
        self.products = MappingProxyType(there)
        self.brands = MappingProxyType(brands)
        self.cards = MappingProxyType(cards or drawn.cards)
        self.paths = MappingProxyType(paths or {})
        self.collections = MappingProxyType(drawn.collections)
        self.gift_collections = drawn.gift_collections
        self._listings: dict[Wanted, list[Product]] = {}

    @classmethod
    def as_drawn(cls, drawn: Drawn) -> "Shelf":
        """Return the catalog without any change."""
        return cls(drawn, drawn.products, drawn.brands, frozenset())

    def listing(self, wanted: Wanted) -> list[Product]:
        """Return the products a list has, in its order."""
        if wanted.country not in COUNTRIES:
            return []
        known = self._listings.get(wanted)
        if known is None:
            known = self._listings[wanted] = [each for each in self.products.values() if self._is_listed(each, wanted)]
        return known

    def listed_brands(self, country: str) -> list[Brand]:
        """Return the brands that ship to a country and have something active to sell."""
        selling = {product.brand.id for product in self.listing(Wanted(country=country))}
        return [brand for brand in self.brands.values() if brand.id in selling]

    def shown(self, product_id: str, *, custom_only: bool) -> Product | None:
        """Return a product as Goody shows it by its id, or None: an inactive one is not shown."""
        product = self.products.get(product_id)
        if product is None or product.status != "active" or (custom_only and not self._is_custom(product_id)):
            return None
        return product

    def ordered(self, product_id: str | None, product_url: str | None) -> Product | None:
        """Return the product an order names by its id or, failing that, by its URL."""
        if product_id:
            return self.products.get(product_id)
        path = re.sub(r"^[a-z]+://[^/]*|[?#].*$", "", product_url or "", flags=re.IGNORECASE).rstrip("/")
        return self.products.get(self.paths.get(path, path.rpartition("/")[2]))

    def collection_of(self, product_id: str) -> Collection | None:
        """Return the collection that a product stands for."""
        standing = (each for each in self.collections.values() if each.product_id == product_id)
        return next(standing, None)

    def _is_listed(self, product: Product, wanted: Wanted) -> bool:
        if product.id in self.gift_collections or wanted.country not in self.drawn.countries[product.brand.id]:
            return False
        if self._is_custom(product.id):
            return product.status == "active" or wanted.show_inactive
        return product.status == "active" and not wanted.custom_only

    def _is_custom(self, product_id: str) -> bool:
        return product_id not in self.drawn.outside_custom
