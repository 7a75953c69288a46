"""Invents the makers: names nobody trades under, shipping prices, and values."""

from itertools import islice, product
from typing import Final

from goody_emulator.catalog.dice import dice, drawn_id
from goody_emulator.catalog.model import BASE, Brand, Image
from goody_emulator.catalog.trades import TRADES, Trade

PRODUCTS_PER_BRAND: Final = 12

_BEGINNINGS: Final = (
    "Bran", "Cor", "Dul", "Elder", "Fenn", "Gall", "Harl", "Ister", "Jun", "Kest", "Lorr", "Marl",
    "Nell", "Oss", "Pell", "Quill", "Rost", "Sael", "Tans", "Ulver", "Vell", "Wick", "Yarr", "Zephi",
)  # fmt: skip
_ENDINGS: Final = (
    "amoor", "beck", "combe", "dric", "enwick", "fell", "garth", "holt", "imere", "kirn", "lode", "more",
    "nash", "orrel", "pyke", "quist", "rowe", "stow", "thwaite", "umber", "vane", "wyn", "yarde", "zel",
)  # fmt: skip
_VALUES: Final = (
    "USA Made", "Social Impact Driven", "Sustainable", "Gluten Free", "Vegan", "Kosher Certified",
    "Female Founded", "AAPI Founded", "BIPOC Founded", "Black Founded", "LGBTQ+ Founded", "Hispanic Founded",
)  # fmt: skip


def draw_brands(seed: int, products: int) -> list[tuple[Brand, Trade]]:
    """Return the makers of so many products, each with its trade."""
    count = max(1, products // PRODUCTS_PER_BRAND)
    return [_draw_brand(seed, place, name) for place, name in enumerate(_names(seed, count))]


def _names(seed: int, count: int) -> list[str]:
    names = [beginning + ending for beginning, ending in product(_BEGINNINGS, _ENDINGS)]
    dice(seed, "names").shuffle(names)
    # Past the 576 plain names come pairs of them, which are enough for four million products.
    pairs = (f"{one} {other}" for one, other in product(names, names))
    return [*names, *islice(pairs, max(0, count - len(names)))][:count]


def _draw_brand(seed: int, place: int, name: str) -> tuple[Brand, Trade]:
    rng = dice(seed, "brand", place)
    trade = TRADES[place % len(TRADES)]
    brand_id = drawn_id(rng)
    shipping = 0 if trade.open_price else rng.randrange(5, 16) * 100
    brand = Brand(
        id=brand_id,
        name=f"{name} {rng.choice(trade.houses)}",
        logo_image=Image(f"{BASE}/images/brands/{brand_id}/logo-400x400.svg", 400, 400),
        shipping_price=shipping,
        free_shipping_minimum=rng.choice((None, None, 5000, 7500, 10_000)) if shipping else None,
        commerce_revshare_excluded=trade.open_price or rng.randrange(12) == 0,
        brand_values=sorted(rng.sample(_VALUES, rng.randrange(4))),
    )
    return brand, trade
