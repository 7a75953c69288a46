"""What a month's volume earns beyond its first rate. Pure."""

from foundation.money import Cents
from payments.revenue_share.dividing import rounded
from payments.revenue_share.terms import WHOLE, Terms


def beyond_first_rate(terms: Terms, volume: Cents) -> Cents:
    """What the tiers add to a month of this volume at the first rate; US cents, negative where rates fall.

    Tiers are marginal: each rate holds for what of the volume lies in its tier, and for nothing else.
    """
    ends = [*(tier.above for tier in terms.tiers[1:]), max(volume, 0)]
    added = (
        sum(
            max(min(end, volume) - tier.above, 0) * (tier.rate_bps - terms.rate_bps)
            for tier, end in zip(terms.tiers, ends, strict=True)
        )
        if terms.tiers
        else 0
    )
    return rounded(added, WHOLE, terms.rounding) if added >= 0 else -rounded(-added, WHOLE, terms.rounding)
