"""The invented gift catalog: drawn once from the seed, then served from bytes encoded ahead."""

from collections.abc import Sequence
from typing import Any

import msgspec

from goody_emulator.catalog.brands import draw_brands
from goody_emulator.catalog.cards import draw_cards
from goody_emulator.catalog.model import BASE, Brand, Card, Product
from goody_emulator.catalog.products import draw_product


class Catalog:
    """Products, brands and cards; the same seed and count give the same ones, byte for byte."""

    def __init__(self, seed: int, products: int) -> None:
        makers = draw_brands(seed, products)
        drawn = [draw_product(seed, place, *makers[place % len(makers)]) for place in range(products)]
        cards = draw_cards(seed)
        self.products: dict[str, Product] = {product.id: product for product in drawn}
        self.brands: dict[str, Brand] = {brand.id: brand for brand, _ in makers}
        self.cards: dict[str, Card] = {card.id: card for card in cards}
        self.icons: dict[str, str] = {brand.id: trade.icon for brand, trade in makers}
        self._encoded = {
            "products": [msgspec.json.encode(product) for product in drawn],
            "brands": [msgspec.json.encode(_listed(brand)) for brand, _ in makers],
            "cards": [msgspec.json.encode(card) for card in cards],
        }

    def page(self, kind: str, start: int, stop: int, base: str) -> bytes:
        """Return one page of "products", "brands" or "cards" as JSON, its links beginning with `base`."""
        encoded = self._encoded[kind]
        return _linked(b'{"data":[%b],"list_meta":{"total_count":%d}}', encoded[start:stop], len(encoded), base)

    def product(self, product_id: str, base: str) -> bytes | None:
        """Return one product as JSON, or None when there is none of that id."""
        product = self.products.get(product_id)
        return None if product is None else msgspec.json.encode(product).replace(BASE.encode(), base.encode())


def _listed(brand: Brand) -> dict[str, Any]:
    # Goody shows whether a brand earns revenue share with its products only.
    shown: dict[str, Any] = msgspec.to_builtins(brand)
    del shown["commerce_revshare_excluded"]
    return shown


def _linked(frame: bytes, items: Sequence[bytes], total: int, base: str) -> bytes:
    return frame % (b",".join(items).replace(BASE.encode(), base.encode()), total)
