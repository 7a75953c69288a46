"""What a cart costs: integer cents throughout, halves rounded up."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import msgspec

from goody_emulator.catalog.model import Product

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


class Line(msgspec.Struct, frozen=True):
    """A product, how many of it, and what one costs in cents."""

    product: Product
    quantity: int
    unit_price: int


class Quote(msgspec.Struct, frozen=True):
    """The cost of one recipient's cart before tax, in cents."""

    product: int
    shipping: int
    processing_fee: int
    share_base: int
    """What of the products earns revenue share: all but those of brands that are excluded from it."""

    @property
    def pre_tax(self) -> int:
        """The sum of all three."""
        return self.product + self.shipping + self.processing_fee


def quote(lines: Sequence[Line]) -> Quote:
    """Return what a cart costs before tax."""
    goods = sum(line.unit_price * line.quantity for line in lines)
    shipping = _shipping(lines)
    share_base = sum(
        line.unit_price * line.quantity for line in lines if not line.product.brand.commerce_revshare_excluded
    )
    return Quote(goods, shipping, (goods + shipping + FEE_DIVISOR // 2) // FEE_DIVISOR, share_base)


def _shipping(lines: Sequence[Line]) -> int:
    goods_of_brand: defaultdict[str, int] = defaultdict(int)
    brands = {line.product.brand.id: line.product.brand for line in lines}
    for line in lines:
        goods_of_brand[line.product.brand.id] += line.unit_price * line.quantity
    return sum(
        brand.shipping_price
        for brand in brands.values()
        if brand.free_shipping_minimum is None or goods_of_brand[brand.id] < brand.free_shipping_minimum
    )


def tax(pre_tax: int, state: str) -> int:
    """Return the tax a delivery to this state adds, in cents."""
    return _part(pre_tax, TAX_RATES.get(state.upper(), COMMON_RATE))


def highest_tax(pre_tax: int) -> int:
    """Return the upper end of the tax estimate, in cents."""
    return _part(pre_tax, HIGHEST_ESTIMATE)


def revenue_share(share_base: int, rate: int) -> int:
    """Return the partner's share of products that earn it, in cents; half a cent is rounded up.

    `rate` is in hundredths of a percent (1500 is 15 %). Goody publishes neither what the share is computed on nor how
    it is rounded: that it is the products alone (no shipping, fee or tax) and one rounding per order are guesses.
    """
    return _part(share_base, rate)


def _part(amount: int, rate: int) -> int:
    return (amount * rate + _WHOLE // 2) // _WHOLE
