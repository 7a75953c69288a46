"""A visit of the shop: everything that shoppers, checkout and a partner's copy can see, held against the model."""

from collections import Counter
from typing import Any

import msgspec
import pytest

from catalog_sync.browsing.catalog import ProductQuery, Sort
from foundation.errors import NotFoundError

from .conftest import Shop
from .shop_model import Picture, Shelved
from .test_changes import Mirror

SORTS = ("featured", "name", "price", "-price", "newest")


class Visitor:
    """Looks at the same shop again and again, and keeps a copy by the change feed."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.copy = Mirror(shop.catalog, shop.app_id)
        self.met: set[str] = set()
        """The words of all names that were ever on sale."""

    def check(self, wanted: Picture) -> None:
        """Whatever can be asked of the shop is answered as the model has it."""
        self._check_lists(wanted)
        self._check_filters(wanted)
        self._check_words(wanted)
        self._check_collections(wanted)
        self._check_facets(wanted)
        self._check_products(wanted)
        self._check_copy()

    def shows(self, wanted: Picture) -> bool:
        """Whether this is what is on sale, as far as the featured list tells."""
        fields = ("id", "name", "price", "collections")
        served = [tuple(each[name] for name in fields) for each in self.shop.documents(sort=Sort.FEATURED)]
        return served == [
            (each.known.id, each.name, each.known.price, list(each.listed_in)) for each in wanted.products
        ]

    def _ids(self, *, sort: Sort | None = Sort.FEATURED, **query: Any) -> list[str]:
        return [each["id"] for each in self.shop.documents(sort=sort, limit=5, **query)]

    def _check_lists(self, wanted: Picture) -> None:
        for sort in SORTS:
            assert self._ids(sort=Sort(sort)) == wanted.ids(sort), sort

    def _check_filters(self, wanted: Picture) -> None:
        for brand_id in {each.known.maker.id for each in wanted.products}:
            of_brand = [each.known.id for each in wanted.products if each.known.maker.id == brand_id]
            assert self._ids(brand_ids=(brand_id,)) == of_brand
        prices = sorted(each.known.price for each in wanted.products)
        if prices:
            low, high = prices[len(prices) // 4], prices[len(prices) * 3 // 4]
            between = [each.known.id for each in wanted.products if low <= each.known.price <= high]
            assert self._ids(price_min=low, price_max=high) == between
            near = sorted(each.known.with_shipping for each in wanted.products)[len(prices) // 2]
            affordable = [each.known.id for each in wanted.products if each.known.with_shipping <= near]
            assert self._ids(price_with_shipping_max=near) == affordable

    def _check_words(self, wanted: Picture) -> None:
        by_word = {each.name.split()[-1]: each.known.id for each in wanted.products}
        gone = sorted(self.met - by_word.keys())[-4:]
        self.met |= by_word.keys()
        for word in (*by_word, *gone):
            assert self._ids(sort=None, q=word) == [found for each, found in by_word.items() if each == word], word

    def _check_collections(self, wanted: Picture) -> None:
        tree = self.shop.catalog.collections(self.shop.app_id)
        assert list(tree.by_handle) == list(wanted.collections)
        for handle, ids in wanted.collections.items():
            assert self._ids(sort=None, collection=handle) == list(ids), handle
            document = msgspec.json.decode(tree.by_handle[handle])
            assert (document["products_count"], document["parent"]) == (len(ids), wanted.parents[handle])

    def _check_facets(self, wanted: Picture) -> None:
        facets = msgspec.json.decode(self.shop.catalog.facets(self.shop.app_id, ProductQuery())[0])
        prices = [each.known.price for each in wanted.products]
        assert facets["total_count"] == len(prices)
        brands = Counter(each.known.maker.id for each in wanted.products)
        assert {each["id"]: each["count"] for each in facets["brands"]} == brands
        sizes = {handle: len(ids) for handle, ids in wanted.collections.items() if ids}
        assert {each["handle"]: each["count"] for each in facets["collections"]} == sizes
        assert facets["price"] == {"min": min(prices, default=None), "max": max(prices, default=None)}

    def _check_products(self, wanted: Picture) -> None:
        ids = [each.known.id for each in wanted.products]
        gone = sorted(self.copy.products.keys() - set(ids))
        sellable = self.shop.catalog.sellable(self.shop.app_id, [*ids, *gone])
        assert {each.product_id: (each.name, each.price, each.shipping_price) for each in sellable.values()} == {
            each.known.id: (each.name, each.known.price, each.known.maker.shipping) for each in wanted.products
        }
        for each in wanted.products:
            assert _shown(self.shop.product(each.known.id)) == _expected(each)
        for product_id in gone:
            with pytest.raises(NotFoundError):
                self.shop.product(product_id)

    def _check_copy(self) -> None:
        self.copy.read(limit=7)
        assert self.copy.products == {each["id"]: each for each in self.shop.documents(limit=100)}


def _shown(document: dict[str, Any]) -> dict[str, Any]:
    gift = document["gift_collection"]
    same = ("name", "price", "price_with_shipping", "tags", "collections")
    return {name: document[name] for name in same} | {
        "brand": (document["brand"]["id"], document["brand"]["shipping_price"]),
        "is_gift": gift is not None,
    }


def _expected(shelved: Shelved) -> dict[str, Any]:
    known = shelved.known
    return {
        "name": shelved.name,
        "price": known.price,
        "price_with_shipping": known.with_shipping,
        "tags": list(shelved.tags),
        "collections": list(shelved.listed_in),
        "brand": (known.maker.id, known.maker.shipping),
        "is_gift": known.is_gift,
    }
