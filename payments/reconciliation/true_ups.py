"""Shares paid for no order: what a month's tiers added, trued up when the month was closed. Pure."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from payments.reconciliation.kinds import Confidence, Part, Rule
from payments.reconciliation.values import Line, Match, Outcome, Tolerance, TrueUp

PAID_WITHIN: Final = timedelta(days=62)
"""After the month's end."""


def match_true_ups(
    lines: Sequence[Line], true_ups: Sequence[TrueUp], near: Tolerance, outcome: Outcome
) -> Sequence[Line]:
    """Take a share that names no order for the true-up of just this amount, the oldest first; returns the others."""
    open_ones = sorted((each for each in true_ups if each.amount), key=lambda each: each.moment)
    left = []
    for line in sorted(lines, key=lambda line: (line.moment, line.id)):
        fits = [each for each in open_ones if _fits(line, each, near)]
        if not fits:
            left.append(line)
            continue
        chosen = fits[0]
        open_ones.remove(chosen)
        confidence = Confidence.ONLY_ONE if len(fits) == 1 else Confidence.ONE_OF_SEVERAL
        said = f"names no order; just this amount was added by the tiers of {chosen.period} when it was closed"
        outcome.matches.append(
            Match(line, Rule.TIER_TRUE_UP, confidence, line.amount, period=chosen.period, explanation=said)
        )
    return left


def _fits(line: Line, true_up: TrueUp, near: Tolerance) -> bool:
    is_nameless = not (line.order_id or line.order_reference or line.customer_reference)
    is_share = line.part in {Part.SHARE, Part.REVERSAL} and line.occurrence == 1
    is_near = true_up.moment - near.drift <= line.moment <= true_up.moment + PAID_WITHIN
    return is_nameless and is_share and is_near and line.amount == true_up.amount
