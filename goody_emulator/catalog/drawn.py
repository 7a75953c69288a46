"""All that the seed draws, before anything is changed."""

from collections.abc import Iterator
from typing import Final

import msgspec

from goody_emulator.catalog.brands import draw_brands
from goody_emulator.catalog.cards import draw_cards
from goody_emulator.catalog.collections import HOUSE_TRADE, draw_collections, draw_house
from goody_emulator.catalog.countries import draw_countries
from goody_emulator.catalog.dice import drawn_count
from goody_emulator.catalog.model import Brand, Card, Product
from goody_emulator.catalog.products import draw_product
from goody_emulator.catalog.sets import BrandSet, draw_sets
from goody_emulator.catalog.trades import Trade

_ACTIVE_PER_INACTIVE: Final = 20
_TENTH: Final = 10

Makers = list[tuple[Brand, Trade]]


class Drawn:
    """The same seed and count of active products draw the same catalog, byte for byte."""

    def __init__(self, seed: int, count: int) -> None:
        self.seed = seed
        makers = draw_brands(seed, count)
        house = draw_house(seed)
        goods = {product.id: product for product in _draw_products(seed, count, makers)}
        drafts = draw_collections(seed, house, list(goods.values()))
        gifts = {draft.product.id: draft.product for draft in drafts if draft.product is not None}
        self.products: dict[str, Product] = goods | gifts
        """In the order they are listed in; the products that stand for a collection come last, and are not listed."""
        self.collections = {draft.collection.id: draft.collection for draft in drafts}
        self.gift_collections = frozenset(gifts)
        self.brands: dict[str, Brand] = {brand.id: brand for brand, _ in makers} | {house.id: house}
        self.maker_ids = [brand.id for brand, _ in makers]
        self.trades: dict[str, Trade] = {brand.id: trade for brand, trade in makers} | {house.id: HOUSE_TRADE}
        self.countries = {brand_id: draw_countries(seed, brand_id) for brand_id in self.brands}
        self.sets: dict[str, list[BrandSet]] = draw_sets(seed, goods.values())
        self.set_names = {each.id: each.name for sets in self.sets.values() for each in sets}
        self.cards: dict[str, Card] = {card.id: card for card in draw_cards(seed)}
        self.outside_custom = (
            frozenset(
                product.id for product in goods.values() if product.status == "active" and _is_outside(product.id)
            )
            | self.gift_collections
        )
        self._encoded: dict[str, bytes] = {}

    def encoded(self, product: Product) -> bytes:
        """Return a product as JSON; of one that is as it was drawn the bytes are kept."""
        if self.products.get(product.id) is not product:
            return msgspec.json.encode(product)
        known = self._encoded.get(product.id)
        if known is None:
            known = self._encoded[product.id] = msgspec.json.encode(product)
        return known


def _draw_products(seed: int, count: int, makers: Makers) -> Iterator[Product]:
    interval = min(count, _ACTIVE_PER_INACTIVE)
    for place in range(count):
        yield draw_product(seed, place, *makers[place % len(makers)])
        rounds, rest = divmod(place + 1, interval)
        if rest == 0:
            # Drawn past the end, so that the active ones are the same with and without them.
            idle = draw_product(seed, count + rounds, *makers[(count + rounds) % len(makers)])
            yield msgspec.structs.replace(idle, status="inactive")


def _is_outside(product_id: str) -> bool:
    return drawn_count(product_id, _TENTH) == 0
