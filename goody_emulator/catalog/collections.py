"""Draws the collections of a workspace: products a recipient may choose from."""

from collections.abc import Sequence
from random import Random
from typing import Final

import msgspec

from goody_emulator.catalog.dice import dice, drawn_id
from goody_emulator.catalog.model import BASE, Brand, Image, Product
from goody_emulator.catalog.products import draw_product
from goody_emulator.catalog.trades import TRADES

LOWEST_PRICE: Final = 1500
"""What a gift of choice costs at least, in cents."""
HIGHEST_PRICE: Final = 50_000
HOUSE_TRADE: Final = next(trade for trade in TRADES if trade.icon == "choice")
_STEP: Final = 500
_MEMBERS: Final = 4
_COUNT: Final = 2
"""How many items a recipient takes where a count is set; the price is that of so many."""


class Sketch(msgspec.Struct, frozen=True):
    """What is told of a collection before it is drawn."""

    title: str
    subtitle: str = ""
    categories: tuple[str, ...] = ()
    """None: it has never been published."""
    mode: str = "disabled"
    """How many items a recipient takes: one, a count of them, or as many as a price allows."""
    has_product: bool = True
    tier: str = "disabled"
    gift_cards: bool = False


_SKETCHES: Final = (
    Sketch("Office Welcome", "Something for a first day", ("Desk", "Pantry")),
    Sketch("Team Thank You", "Pick two, they are both yours", ("Treats", "Comforts", "Play"), mode="item_count"),
    Sketch("Holiday Table", "Fill the table up to the amount", ("Sweet", "Savory"), mode="max_price", tier="full"),
    Sketch("New Parents", "Soft things", ("Baby", "Rest"), has_product=False, tier="standard", gift_cards=True),
    Sketch("Client Gifts (draft)"),
    Sketch("Summer Party (draft)"),
)


class Category(msgspec.Struct, frozen=True):
    """A part of a collection; each member is an id of its own and the id of a product."""

    id: str
    name: str
    is_featured: bool
    position: int
    members: tuple[tuple[str, str], ...]


class Version(msgspec.Struct, frozen=True):
    """What is published of a collection."""

    id: str
    title: str
    subtitle: str
    multiple_select_mode: str
    multiple_select_count: int | None
    multiple_select_price: int | None
    international_shipping_tier: str
    international_gift_cards_enabled: bool
    display_interface: str
    header_image: Image | None
    categories: tuple[Category, ...]


class Collection(msgspec.Struct, frozen=True):
    """A collection; one that is not published has no version, and nothing can be ordered of it."""

    id: str
    title: str
    product_id: str | None
    """The product that stands for it in carts."""
    version: Version | None

    @property
    def product_ids(self) -> tuple[str, ...]:
        """What a recipient can choose from, in the order shown."""
        categories = () if self.version is None else self.version.categories
        return tuple(product_id for category in categories for _, product_id in category.members)


class Draft(msgspec.Struct, frozen=True):
    """A collection with the product that stands for it."""

    collection: Collection
    product: Product | None


def draw_house(seed: int) -> Brand:
    """Return the brand of all gifts of choice; their price has the shipping in it."""
    brand_id = drawn_id(dice(seed, "house"))
    logo = Image(f"{BASE}/images/brands/{brand_id}/logo-400x400.svg", 400, 400)
    return Brand(brand_id, "Gift of Choice", logo, 0, None, commerce_revshare_excluded=False, brand_values=[])


def draw_collections(seed: int, house: Brand, products: Sequence[Product]) -> list[Draft]:
    """Return the collections, over active products with a fixed price."""
    goods = [each for each in products if each.status == "active" and not each.price_is_variable]
    return [_draw(seed, place, sketch, house, goods) for place, sketch in enumerate(_SKETCHES)]


def _draw(seed: int, place: int, sketch: Sketch, house: Brand, goods: Sequence[Product]) -> Draft:
    rng = dice(seed, "collection", place)
    collection_id = drawn_id(rng)
    if not sketch.categories:
        return Draft(Collection(collection_id, sketch.title, None, None), None)
    chosen = [rng.sample(goods, min(len(goods), _MEMBERS)) for _ in sketch.categories]
    price = _price([product for part in chosen for product in part]) * (_COUNT if sketch.mode == "item_count" else 1)
    version = _draw_version(rng, collection_id, sketch, chosen, price)
    product = _draw_product(seed, place, sketch, house, price) if sketch.has_product else None
    return Draft(Collection(collection_id, sketch.title, product.id if product else None, version), product)


def _price(goods: Sequence[Product]) -> int:
    dearest = max((each.price + each.brand.shipping_price for each in goods), default=0)
    return max(LOWEST_PRICE, -(-dearest // _STEP) * _STEP)


def _draw_version(
    rng: Random, collection_id: str, sketch: Sketch, chosen: Sequence[Sequence[Product]], price: int
) -> Version:
    header = Image(f"{BASE}/images/collections/{collection_id}/header-1600x400.svg", 1600, 400)
    categories = (
        Category(drawn_id(rng), name, place == 0, place + 1, tuple((drawn_id(rng), each.id) for each in goods))
        for place, (name, goods) in enumerate(zip(sketch.categories, chosen, strict=True))
    )
    return Version(
        id=drawn_id(rng),
        title=sketch.title,
        subtitle=sketch.subtitle,
        multiple_select_mode=sketch.mode,
        multiple_select_count=_COUNT if sketch.mode == "item_count" else None,
        multiple_select_price=price if sketch.mode == "max_price" else None,
        international_shipping_tier=sketch.tier,
        international_gift_cards_enabled=sketch.gift_cards,
        display_interface="single_page",
        header_image=header if sketch.has_product else None,
        categories=tuple(categories),
    )


def _draw_product(seed: int, place: int, sketch: Sketch, house: Brand, price: int) -> Product:
    is_variable = sketch.mode == "max_price"
    drawn = draw_product(seed, f"collection/{place}", house, HOUSE_TRADE)
    return msgspec.structs.replace(
        drawn,
        name=f"{sketch.title} Gift of Choice",
        subtitle=sketch.subtitle,
        price=price,
        price_is_variable=is_variable,
        price_min=LOWEST_PRICE if is_variable else None,
        price_max=HIGHEST_PRICE if is_variable else None,
    )
