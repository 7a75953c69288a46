"""Dividing cents so that nothing is lost: parts always sum up to the whole. Pure, in whole numbers alone."""

from collections.abc import Sequence
from itertools import accumulate, pairwise

from foundation.money import Cents
from payments.revenue_share.terms import Rounding


def rounded(numerator: int, denominator: int, rounding: Rounding = Rounding.HALF_EVEN) -> Cents:
    """The quotient in whole cents; of nothing or more."""
    whole, rest = divmod(numerator, denominator)
    if rounding is Rounding.DOWN or 2 * rest < denominator:
        return whole
    if 2 * rest == denominator and rounding is Rounding.HALF_EVEN:
        return whole + whole % 2
    return whole + 1


def divided(amount: Cents, weights: Sequence[int]) -> list[Cents]:
    """The amount in parts as large as the weights; the remainder goes to the largest (of equals, the first).

    Where nothing weighs anything the parts are equal. No weight may be negative.
    """
    if not weights:
        return []
    total = sum(weights)
    if total == 0:
        return divided(amount, [1] * len(weights))
    return with_remainder(amount, [amount * weight // total for weight in weights], weights)


def with_remainder(total: Cents, parts: Sequence[Cents], weights: Sequence[int]) -> list[Cents]:
    """The parts, with what they lack of the total added to that of the largest weight (of equals, the first)."""
    largest = max(range(len(parts)), key=lambda index: (weights[index], -index))
    remainder = total - sum(parts)
    return [part + (remainder if index == largest else 0) for index, part in enumerate(parts)]


def spread(amount: Cents, weights: Sequence[int]) -> list[Cents]:
    """The amount in parts as large as the weights, none of which exceeds its weight unless the amount exceeds all.

    For what is taken from lines: no line can be left with less than nothing.
    """
    total = sum(weights)
    if total == 0:
        return divided(amount, weights)
    ends = [amount * weight // total for weight in accumulate(weights)]
    return [end - begin for begin, end in pairwise([0, *ends])]
