"""What an order earns: each line's base, rate and share, by terms and facts that are given. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from foundation.money import Cents
from payments.revenue_share.dividing import divided, rounded, spread, with_remainder
from payments.revenue_share.terms import WHOLE, Base, Terms


class Without(StrEnum):
    """Why a line earns nothing."""

    EXCLUDED_BY_GOODY = "excluded_by_goody"
    EXCLUDED_BY_TERMS = "excluded_by_terms"
    BELOW_MINIMUM = "below_minimum"


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the final cart, with what is known of its product: price in US cents of one piece."""

    product_id: str
    brand_id: str
    quantity: int
    price: Cents
    is_excluded: bool
    """Whether Goody excluded the brand when the gift was ordered."""


@dataclass(frozen=True, slots=True)
class OrderAmounts:
    """What the order costs as far as its share depends on it; US cents."""

    product: Cents
    shipping: Cents
    credit_applied: Cents


@dataclass(frozen=True, slots=True)
class Line:
    """What one line earns; US cents, the rate in basis points."""

    product_id: str
    brand_id: str
    goods: Cents
    base: Cents
    rate_bps: int
    share: Cents
    without: Without | None

    def write(self) -> dict[str, Any]:
        """The line as JSON keeps it."""
        return {
            "product_id": self.product_id,
            "brand_id": self.brand_id,
            "goods": self.goods,
            "base": self.base,
            "rate_bps": self.rate_bps,
            "share": self.share,
            "without": self.without,
        }


def compute(terms: Terms, items: Sequence[Item], amounts: OrderAmounts) -> list[Line]:
    """Each line's share. The lines' goods sum up to what Goody charges for products, whatever prices were known.

    The share is rounded once for the order; what the lines lack of it goes to the one with the largest base.
    """
    goods = divided(amounts.product, [item.price * item.quantity for item in items])
    reasons = [_why_without(terms, item) for item in items]
    bases = _bases(terms.base, goods, [reason is None for reason in reasons], amounts)
    if sum(bases) < terms.minimum_order:
        reasons = [reason or Without.BELOW_MINIMUM for reason in reasons]
        bases = [0 for _ in bases]
    rates = [
        0 if reason is not None else terms.rate_of(item.brand_id) for item, reason in zip(items, reasons, strict=True)
    ]
    shares = _shares(terms, bases, rates)
    return [
        Line(item.product_id, item.brand_id, *each)
        for item, *each in zip(items, goods, bases, rates, shares, reasons, strict=True)
    ]


def part_kept(terms: Terms, lines: Sequence[Line], kept: Cents, whole: Cents) -> list[Line]:
    """The lines as they stand when only `kept` of the `whole` charge is left, at the same rates.

    What is taken back is rounded once for the order, as the share was.
    """
    if whole <= 0 or kept >= whole:
        return [*lines]
    gone = whole - max(kept, 0)
    base, share = _sums(lines)
    return _less(lines, rounded(base * gone, whole, terms.rounding), rounded(share * gone, whole, terms.rounding))


def rest_kept(terms: Terms, lines: Sequence[Line], taken: Cents) -> list[Line]:
    """The lines when so much of their shares was taken back, as somebody tells; all of it at most."""
    base, share = _sums(lines)
    gone = min(taken, share)
    return _less(lines, rounded(base * gone, share, terms.rounding) if share else base, gone)


def _sums(lines: Sequence[Line]) -> tuple[Cents, Cents]:
    return sum(line.base for line in lines), sum(line.share for line in lines)


def _less(lines: Sequence[Line], base: Cents, share: Cents) -> list[Line]:
    """The lines without so much of their bases and shares."""
    bases, shares = spread(base, [line.base for line in lines]), spread(share, [line.share for line in lines])
    return [
        replace(line, base=line.base - less_base, share=line.share - less_share)
        for line, less_base, less_share in zip(lines, bases, shares, strict=True)
    ]


def _why_without(terms: Terms, item: Item) -> Without | None:
    if item.is_excluded:
        return Without.EXCLUDED_BY_GOODY
    return Without.EXCLUDED_BY_TERMS if item.brand_id in terms.excluded_brand_ids else None


def _bases(base: Base, goods: Sequence[Cents], earning: Sequence[bool], amounts: OrderAmounts) -> list[Cents]:
    """What each line's share is computed on; nothing for those that earn none."""
    counted = [part if is_earning else 0 for part, is_earning in zip(goods, earning, strict=True)]
    if base is Base.PRODUCTS_AND_SHIPPING:
        shipping = divided(amounts.shipping, goods)
        return [
            part + sent if is_earning else 0 for part, sent, is_earning in zip(counted, shipping, earning, strict=True)
        ]
    if base is Base.AFTER_CREDITS and any(counted):
        taken = spread(min(amounts.credit_applied, sum(counted)), counted)
        return [part - credit for part, credit in zip(counted, taken, strict=True)]
    return counted


def _shares(terms: Terms, bases: Sequence[Cents], rates: Sequence[int]) -> list[Cents]:
    exact = [base * rate for base, rate in zip(bases, rates, strict=True)]
    if not exact:
        return []
    return with_remainder(rounded(sum(exact), WHOLE, terms.rounding), [part // WHOLE for part in exact], bases)
