"""Draws the sets a brand groups its products in."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from random import Random
from typing import Any, Final

import msgspec

from goody_emulator.catalog.dice import dice, drawn_id
from goody_emulator.catalog.model import BASE, Image, Product, ProductImage
from goody_emulator.catalog.shown import within

_NAMES: Final = ("Best Sellers", "New Arrivals", "House Favorites", "Under One Roof", "The Gift Shelf")
_CATEGORIES: Final = (
    ("Food & Drink", ("Sweets", "Savory", "Coffee & Tea")),
    ("Home", ("Kitchen", "Candles", "Throws")),
    ("Wellness", ("Bath", "Skin Care")),
    ("Occasions", ("Birthday", "Thank You", "Housewarming")),
)
_BRANDS_PER_SET: Final = 4
_LARGEST: Final = 4


class SetCategory(msgspec.Struct, frozen=True):
    """A category a set belongs to, with the names of its parts."""

    id: str
    name: str
    subcategories: list[str]


class BrandSet(msgspec.Struct, frozen=True):
    """Some products of one brand, under a name."""

    id: str
    name: str
    images: list[ProductImage]
    product_ids: tuple[str, ...]
    categories: list[SetCategory]

    def shown(self, products: Mapping[str, Product]) -> dict[str, Any]:
        """Return the set in Goody's shape, with what of its products is there and active."""
        there = (products.get(product_id) for product_id in self.product_ids)
        return {
            "id": self.id,
            "name": self.name,
            "images": self.images,
            "products": [within(product) for product in there if product and product.status == "active"],
            "categories": self.categories,
        }


def draw_sets(seed: int, products: Iterable[Product]) -> dict[str, list[BrandSet]]:
    """Return the sets of the brands that have some, by the brand's id; the first brand always has one."""
    goods_of: defaultdict[str, list[Product]] = defaultdict(list)
    for product in products:
        if product.status == "active":
            goods_of[product.brand.id].append(product)
    return {
        brand_id: _draw_sets(dice(seed, "sets", brand_id), goods)
        for place, (brand_id, goods) in enumerate(goods_of.items())
        if place % _BRANDS_PER_SET == 0
    }


def _draw_sets(rng: Random, goods: list[Product]) -> list[BrandSet]:
    return [_draw_set(rng, name, goods) for name in rng.sample(_NAMES, rng.randrange(1, 3))]


def _draw_set(rng: Random, name: str, goods: list[Product]) -> BrandSet:
    set_id = drawn_id(rng)
    category, parts = rng.choice(_CATEGORIES)
    picture = Image(f"{BASE}/images/sets/{set_id}/view1-1200x1200.svg", 1200, 1200)
    return BrandSet(
        id=set_id,
        name=name,
        images=[ProductImage(drawn_id(rng), picture)],
        product_ids=tuple(each.id for each in rng.sample(goods, min(len(goods), rng.randrange(2, _LARGEST + 1)))),
        categories=[SetCategory(drawn_id(rng), category, list(parts[: rng.randrange(1, len(parts) + 1)]))],
    )
