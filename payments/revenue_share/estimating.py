"""What an order may earn, before it is accepted or while facts are missing. Pure."""

from collections.abc import Sequence

from foundation.money import Cents
from payments.revenue_share.computing import Item, OrderAmounts, compute
from payments.revenue_share.dividing import rounded
from payments.revenue_share.terms import WHOLE, Base, Terms


def estimate(
    terms: Terms, items: Sequence[Item] | None, amounts: OrderAmounts, *, is_swappable: bool
) -> tuple[Cents, Cents]:
    """The least and the most that the order can earn at acceptance, in US cents.

    Whoever may swap can take what earns nothing, or what earns most. Items that are not known (None) may be either.
    """
    ground = amounts.product + (amounts.shipping if terms.base is Base.PRODUCTS_AND_SHIPPING else 0)
    most = rounded(ground * terms.highest_rate, WHOLE, terms.rounding)
    if items is None:
        return 0, most
    as_it_is = sum(line.share for line in compute(terms, items, amounts))
    return (0, max(most, as_it_is)) if is_swappable else (as_it_is, as_it_is)
