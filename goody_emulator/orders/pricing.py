"""What a cart costs: integer cents throughout, halves rounded up."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import msgspec

from goody_emulator.catalog.model import Brand, Product

FEE_DIVISOR: Final = 20
"""The processing fee is a twentieth (5 %) of products and shipping."""
HIGHEST_ESTIMATE: Final = 1000
"""Estimates reach up to 10 % tax, in hundredths of a percent."""
_WHOLE: Final = 10_000

# Invented round-number rates in hundredths of a percent; a state that is absent has the last one.
TAX_RATES: Final = {
    "AK": 0, "DE": 0, "MT": 0, "NH": 0, "OR": 0,
    "AZ": 840, "CA": 868, "CO": 778, "FL": 702, "GA": 738, "IL": 886, "MA": 625, "MI": 600, "NJ": 660,
    "NY": 888, "NC": 700, "OH": 724, "PA": 634, "TN": 955, "TX": 820, "VA": 577, "WA": 951,
}  # fmt: skip
COMMON_RATE: Final = 650
RATE_ABROAD: Final = 2000
"""Tax and duties in other countries, in hundredths of a percent: invented, as is the freight below."""
FREIGHT: Final = 2500
"""What a parcel abroad costs at least, in cents."""
FREIGHT_RATE: Final = 1000
"""What is added to it for the products, in hundredths of a percent."""


class Line(msgspec.Struct, frozen=True):
    """A product, how many of it, and what one costs in cents."""

    product: Product
    quantity: int
    unit_price: int


class BrandCost(msgspec.Struct, frozen=True):
    """What one brand's goods in a cart cost, and their shipping, in cents; excluded brands earn no revenue share."""

    brand_id: str
    goods: int
    shipping: int
    is_excluded: bool


class Quote(msgspec.Struct, frozen=True):
    """The cost of one recipient's cart before tax, in cents."""

    product: int
    shipping: int
    processing_fee: int
    brands: list[BrandCost]

    @property
    def pre_tax(self) -> int:
        """The sum of all three."""
        return self.product + self.shipping + self.processing_fee


def quote(lines: Sequence[Line]) -> Quote:
    """Return what a cart costs before tax."""
    goods = sum(line.unit_price * line.quantity for line in lines)
    brands = _brand_costs(lines)
    shipping = sum(brand.shipping for brand in brands)
    return Quote(goods, shipping, (goods + shipping + FEE_DIVISOR // 2) // FEE_DIVISOR, brands)


def _brand_costs(lines: Sequence[Line]) -> list[BrandCost]:
    goods_of_brand: defaultdict[str, int] = defaultdict(int)
    brands = {line.product.brand.id: line.product.brand for line in lines}
    for line in lines:
        goods_of_brand[line.product.brand.id] += line.unit_price * line.quantity
    return [
        BrandCost(brand.id, goods, _shipping(brand, goods), brand.commerce_revshare_excluded)
        for brand, goods in ((brand, goods_of_brand[brand.id]) for brand in brands.values())
    ]


def _shipping(brand: Brand, goods: int) -> int:
    is_free = brand.free_shipping_minimum is not None and goods >= brand.free_shipping_minimum
    return 0 if is_free else brand.shipping_price


def tax(pre_tax: int, state: str) -> int:
    """Return the tax a delivery to this state adds, in cents."""
    return _part(pre_tax, TAX_RATES.get(state.upper(), COMMON_RATE))


def tax_at(pre_tax: int, state: str, country: str | None) -> int:
    """Return the tax, and abroad the duties, that a delivery to an address adds, in cents."""
    return tax(pre_tax, state) if country in {None, "US"} else _part(pre_tax, RATE_ABROAD)


def global_relay_cost(goods: int, country: str | None) -> int | None:
    """Return the freight to another country for so many cents of products; None within the US."""
    return None if country in {None, "US"} else FREIGHT + _part(goods, FREIGHT_RATE)


def highest_tax(pre_tax: int) -> int:
    """Return the upper end of the tax estimate, in cents."""
    return _part(pre_tax, HIGHEST_ESTIMATE)


def revenue_share(share_base: int, rate: int) -> int:
    """Return the partner's share of what earns it, in cents; half a cent is rounded up.

    `rate` is in hundredths of a percent (1500 is 15 %). Goody does not publish how the share is rounded: that it is
    rounded once per order is a guess.
    """
    return _part(share_base, rate)


def _part(amount: int, rate: int) -> int:
    return (amount * rate + _WHOLE // 2) // _WHOLE
