"""Draws the gifts of a brand out of the words of its trade."""

from itertools import product as every
from random import Random
from typing import Final

from goody_emulator.catalog.dice import dice, drawn_id
from goody_emulator.catalog.model import (
    BASE,
    Attribute,
    Brand,
    Image,
    Product,
    ProductImage,
    Variant,
    VariantGroup,
    VariantOption,
)
from goody_emulator.catalog.trades import Trade
from goody_emulator.state.timestamps import shown

IMAGE_SIDE: Final = 1200
_NEWEST: Final = 1_772_323_200
"""The latest moment at which a drawn product was changed: March 2026, in seconds since the epoch."""
_COLORS: Final = {
    "Oat": "#d9c8a9", "Moss": "#6b7f4f", "Ink": "#26324a", "Clay": "#b5694a", "Chalk": "#e9e6df",
    "Slate": "#5b6670", "Sage": "#a3b18a", "Sand": "#d8c3a5", "Sky": "#a7c7e7",
}  # fmt: skip


def draw_product(seed: int, place: object, brand: Brand, trade: Trade) -> Product:
    """Return the gift at this place of the catalog: a number, or a name of its own."""
    rng = dice(seed, "product", place)
    product_id = drawn_id(rng)
    name = f"{rng.choice(trade.manners)} {rng.choice(trade.goods)}"
    price = rng.randrange(trade.price[0], trade.price[1] + 1) * 100 - rng.choice((0, 0, 1, 5, 50))
    picks = rng.choice(trade.picks)
    label, variants, groups = _draw_variants(rng, product_id, trade) if picks else (None, [], [])
    return Product(
        id=product_id,
        name=name,
        brand=brand,
        subtitle=f"{name} by {brand.name}. {trade.about}",
        subtitle_short=trade.about.split(",", 1)[0].rstrip(".") if rng.randrange(3) else None,
        recipient_description=f"Someone picked this for you: {trade.about}" if rng.randrange(2) else "",
        variants_label=label,
        variants_num_selectable=picks or rng.choice((0, None)),
        variants=variants,
        variant_groups=groups,
        images=_draw_images(rng, product_id),
        price=price,
        price_is_variable=trade.open_price,
        price_min=trade.price[0] * 100 if trade.open_price else None,
        price_max=rng.choice((25_000, 50_000, 100_000)) if trade.open_price else None,
        restricted_states=list(trade.restricted),
        attributes=[Attribute(label, content) for label, content in trade.facts],
        status="active",
        updated_at=shown((_NEWEST - rng.randrange(31_536_000)) * 1000),
    )


def _draw_variants(rng: Random, product_id: str, trade: Trade) -> tuple[str | None, list[Variant], list[VariantGroup]]:
    if not trade.groups:
        pictured = rng.randrange(3) == 0
        flavours = [
            Variant(
                id=drawn_id(rng),
                name=flavour,
                image_large=_picture(product_id, f"variant{place}") if pictured else None,
                subtitle=f"{flavour}, as it should be." if rng.randrange(2) else None,
            )
            for place, flavour in enumerate(trade.flavours)
        ]
        return trade.label, flavours, []
    groups = [
        VariantGroup(
            drawn_id(rng), name, [VariantOption(drawn_id(rng), option, color=_COLORS.get(option)) for option in options]
        )
        for name, options in trade.groups
    ]
    variants = [
        Variant(drawn_id(rng), " / ".join(options)) for options in every(*(options for _, options in trade.groups))
    ]
    return " / ".join(group.name for group in groups), variants, groups


def _draw_images(rng: Random, product_id: str) -> list[ProductImage]:
    return [ProductImage(drawn_id(rng), _picture(product_id, f"view{view}")) for view in range(1, rng.randrange(2, 5))]


def _picture(product_id: str, view: str) -> Image:
    side = IMAGE_SIDE
    return Image(f"{BASE}/images/products/{product_id}/{view}-{side}x{side}.svg", side, side)
