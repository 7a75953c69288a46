"""Where an order's share comes to stand, from the order, the terms and the facts. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from payments.revenue_share.computing import Item, Line, compute
from payments.revenue_share.estimating import estimate
from payments.revenue_share.facts import ProductFact
from payments.revenue_share.positions import Position, kept_lines, money_position
from payments.revenue_share.seeing import Seen, items_of
from payments.revenue_share.share_states import Missing, ShareState
from payments.revenue_share.terms import AgreedTerms, in_force


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where an order's share comes to stand."""

    state: ShareState
    position: Position
    missing: Missing | None = None
    terms: AgreedTerms | None = None
    items: Sequence[Item] = ()
    low: int | None = None
    high: int | None = None


def conclude(seen: Seen, agreed: Sequence[AgreedTerms], facts: Mapping[str, ProductFact], now: datetime) -> Outcome:
    """Where the order's share comes to stand, and what the books must say of it then."""
    before, costs = seen.before, seen.costs
    charged, refunded = money_position(costs, before)
    terms = _terms(seen, agreed, now)
    if seen.is_canceled:
        kept = kept_lines(terms.terms, before.lines, costs) if terms is not None else []
        state = ShareState.REVERSED if before.lines else ShareState.VOID
        return Outcome(state, Position(charged, refunded, before.lines, kept), None, terms, _frozen(seen))
    items, _ = items_of(seen, facts)
    low, high = (None, None)
    if terms is not None:
        is_swappable = seen.is_swappable and not seen.is_accepted
        low, high = estimate(terms.terms, items, seen.amounts, is_swappable=is_swappable)
    if not seen.is_accepted:
        return Outcome(ShareState.EXPECTED, Position(charged, refunded), low=low, high=high)
    missing = _missing(seen, terms, items)
    if terms is None or items is None or missing is not None:
        # What was accrued before stands until more is known.
        kept = [*before.kept]
        position = Position(charged, refunded, before.lines, kept)
        return Outcome(ShareState.PENDING, position, missing, terms, _frozen(seen), low, high)
    lines = compute(terms.terms, items, seen.amounts)
    kept = kept_lines(terms.terms, lines, costs)
    state = ShareState.ACCRUED if _sum(kept) or not _sum(lines) else ShareState.REVERSED
    return Outcome(state, Position(charged, refunded, lines, kept), None, terms, items, low, high)


def _terms(seen: Seen, agreed: Sequence[AgreedTerms], now: datetime) -> AgreedTerms | None:
    """Those by which the share was accrued; else those in force at acceptance; before that, those in force now."""
    if seen.share is not None and seen.share.lines:
        return next(each for each in agreed if each.id == seen.share.terms_id)
    return in_force(agreed, seen.accepted_at(now) if seen.is_accepted else now)


def _missing(seen: Seen, terms: AgreedTerms | None, items: Sequence[Item] | None) -> Missing | None:
    if terms is None:
        return Missing.TERMS
    if seen.costs.charge is None:
        return Missing.AMOUNTS
    return Missing.PRODUCT if items is None else None


def _frozen(seen: Seen) -> list[Item]:
    return [] if seen.share is None else [Item(**item) for item in seen.share.items]


def _sum(lines: Sequence[Line]) -> int:
    return sum(line.share for line in lines)
