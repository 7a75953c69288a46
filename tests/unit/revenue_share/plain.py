"""Revenue share once more, as one would do it on paper: with fractions, one order at a time.

It shares nothing with the product but the shapes of terms and items.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from payments.revenue_share.computing import Item, OrderAmounts
from payments.revenue_share.terms import Terms


def whole_cents(exact: Fraction, rounding: str) -> int:
    """An exact amount in whole cents."""
    if rounding == "down":
        return math.floor(exact)
    if rounding == "half_up":
        return math.floor(exact + Fraction(1, 2))
    return round(exact)  # Python rounds fractions half to even


def goods_of(items: Sequence[Item], amount: int) -> list[int]:
    """What Goody charges for products, among the lines: by price, the remainder to the dearest line."""
    prices = [item.price * item.quantity for item in items]
    if sum(prices) == 0:
        prices = [1 for _ in items]
    parts = [math.floor(Fraction(amount) * price / sum(prices)) for price in prices]
    parts[prices.index(max(prices))] += amount - sum(parts)
    return parts


def base_of(terms: Terms, items: Sequence[Item], amounts: OrderAmounts) -> list[int]:
    """What earns, line by line, before a minimum."""
    goods = goods_of(items, amounts.product)
    earns = [not item.is_excluded and item.brand_id not in terms.excluded_brand_ids for item in items]
    base = [part if earning else 0 for part, earning in zip(goods, earns, strict=True)]
    if terms.base == "products_and_shipping":
        weights = goods if sum(goods) else [1 for _ in goods]
        sent = [math.floor(Fraction(amounts.shipping) * part / sum(weights)) for part in weights]
        sent[weights.index(max(weights))] += amounts.shipping - sum(sent)
        base = [part + extra if earning else 0 for part, extra, earning in zip(base, sent, earns, strict=True)]
    if terms.base == "after_credits":
        left, taken, seen = sum(base), 0, 0
        credit = min(amounts.credit_applied, left)
        for index, part in enumerate([*base]):
            seen += part
            due = credit * seen // left if left else 0
            base[index] -= due - taken
            taken = due
    return base


def share_of(terms: Terms, items: Sequence[Item], amounts: OrderAmounts) -> int:
    """What the order earns."""
    base = base_of(terms, items, amounts)
    if sum(base) < terms.minimum_order:
        return 0
    exact = sum(
        (
            Fraction(part * terms.brand_rates.get(item.brand_id, terms.rate_bps), 10_000)
            for part, item in zip(base, items, strict=True)
        ),
        Fraction(0),
    )
    return whole_cents(exact, terms.rounding)


def tiers_add(terms: Terms, volume: int) -> int:
    """What tiers add to a month of so much volume: cent by cent of volume, in steps."""
    if not terms.tiers or volume <= 0:
        return 0
    edges = sorted({0, volume, *(tier.above for tier in terms.tiers if tier.above < volume)})
    exact = Fraction(0)
    for low, high in pairwise(edges):
        rates = [tier.rate_bps for tier in terms.tiers if tier.above <= low]
        exact += Fraction((high - low) * ((rates[-1] if rates else terms.rate_bps) - terms.rate_bps), 10_000)
    rounded = whole_cents(abs(exact), terms.rounding)
    return rounded if exact >= 0 else -rounded
