"""The terms of revenue share: what is agreed between a partner and Goody, from a day on. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

from foundation.errors import Fault
from foundation.money import Cents

WHOLE: Final = 10_000
"""Rates are in basis points: hundredths of a percent."""


class Base(StrEnum):
    """What the share is computed on. Brands that earn none count for none of these."""

    PRODUCTS = "products"
    PRODUCTS_AND_SHIPPING = "products_and_shipping"
    AFTER_CREDITS = "after_credits"
    """The goods, less the credit applied to the order."""


class Rounding(StrEnum):
    """How an order's share becomes whole cents; it is rounded once, for the whole order."""

    HALF_EVEN = "half_even"
    HALF_UP = "half_up"
    DOWN = "down"


class RefundRule(StrEnum):
    """What a refund takes back of the share. A cancelled order keeps nothing, whatever the rule."""

    FULL = "full"
    PRO_RATA = "pro_rata"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Tier:
    """A rate for what of a month's volume lies above so many cents. Marginal: what lies below keeps its rate."""

    above: Cents
    rate_bps: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds from a moment on, until the next terms do."""

    rate_bps: int
    tiers: Sequence[Tier] = ()
    """By rising volume. Brands with a rate of their own stand beside them."""
    base: Base = Base.PRODUCTS
    brand_rates: Mapping[str, int] = field(default_factory=dict)
    """Basis points by brand id, in place of the rate."""
    excluded_brand_ids: Sequence[str] = ()
    """Beside the brands that Goody itself excludes."""
    minimum_order: Cents = 0
    """An order whose base is less than this earns nothing."""
    rounding: Rounding = Rounding.HALF_EVEN
    refund_rule: RefundRule = RefundRule.FULL

    def rate_of(self, brand_id: str) -> int:
        """The rate of a brand's goods, in basis points, before tiers."""
        return self.brand_rates.get(brand_id, self.rate_bps)

    @property
    def highest_rate(self) -> int:
        """The most that anything may earn at acceptance, in basis points."""
        return max([self.rate_bps, *self.brand_rates.values()])

    def write(self) -> dict[str, Any]:
        """The terms as JSON keeps them."""
        return {
            "rate_bps": self.rate_bps,
            "tiers": [{"above": tier.above, "rate_bps": tier.rate_bps} for tier in self.tiers],
            "base": self.base.value,
            "brand_rates": dict(self.brand_rates),
            "excluded_brand_ids": [*self.excluded_brand_ids],
            "minimum_order": self.minimum_order,
            "rounding": self.rounding.value,
            "refund_rule": self.refund_rule.value,
        }

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Terms":
        """Terms as they were stored."""
        return cls(
            rate_bps=stored["rate_bps"],
            tiers=tuple(Tier(tier["above"], tier["rate_bps"]) for tier in stored["tiers"]),
            base=Base(stored["base"]),
            brand_rates=dict(stored["brand_rates"]),
            excluded_brand_ids=tuple(stored["excluded_brand_ids"]),
            minimum_order=stored["minimum_order"],
            rounding=Rounding(stored["rounding"]),
            refund_rule=RefundRule(stored["refund_rule"]),
        )


@dataclass(frozen=True, slots=True)
class AgreedTerms:
    """Terms with the moment from which they hold, and who entered them, when and why."""

    id: int
    holds_from: datetime
    terms: Terms
    entered_at: datetime
    entered_by: str
    reason: str


def in_force(agreed: Sequence[AgreedTerms], at: datetime) -> AgreedTerms | None:
    """Those of the terms that hold at a moment; of two from the same moment, the later entered. None before all."""
    begun = [each for each in agreed if each.holds_from <= at]
    return max(begun, key=lambda each: (each.holds_from, each.id), default=None)


def faults_of(terms: Terms) -> list[Fault]:
    """What is wrong with terms; each thing with where it is."""
    rates = [("/rate_bps", terms.rate_bps)]
    rates += [(f"/tiers/{at}/rate_bps", tier.rate_bps) for at, tier in enumerate(terms.tiers)]
    rates += [(f"/brand_rates/{brand_id}", rate) for brand_id, rate in terms.brand_rates.items()]
    faults = [
        Fault(pointer, "out_of_range", f"must be 0 to {WHOLE} basis points")
        for pointer, rate in rates
        if type(rate) is not int or not 0 <= rate <= WHOLE
    ]
    edges = [0, *(tier.above for tier in terms.tiers)]
    faults += [
        Fault(f"/tiers/{at}/above", "not_ascending", "must be cents, and more than in the tier before")
        for at, (before, edge) in enumerate(pairwise(edges))
        if type(edge) is not int or edge <= before
    ]
    if type(terms.minimum_order) is not int or terms.minimum_order < 0:
        faults.append(Fault("/minimum_order", "out_of_range", "must be cents, 0 or more"))
    both = sorted(set(terms.brand_rates) & set(terms.excluded_brand_ids))
    faults += [Fault(f"/brand_rates/{brand_id}", "excluded_too", "has a rate and is excluded") for brand_id in both]
    return faults
