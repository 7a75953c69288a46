"""What the books must say of an order, and the entries that bring them there. Pure.

An order's position follows from the order alone; what is posted is the difference from what was posted before. So it
does not matter in how many steps, and from where, an order's changes were learnt.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from foundation.money import Cents
from payments.ledger.accounts import Account
from payments.ledger.entries import Kind, Posting
from payments.revenue_share.computing import Line, part_kept, rest_kept
from payments.revenue_share.terms import RefundRule, Terms

REASONS: Final = {
    Kind.ORDER_CHARGED: "Goody took the order's total, less credit, from the balance.",
    Kind.ORDER_REFUNDED: "Goody gave money back for the order.",
    Kind.SHARE_ACCRUED: "The recipient accepted the order.",
    Kind.SHARE_REVERSED: "The order was refunded or cancelled.",
}
TURNED_OUT: Final = "The order's amounts turned out otherwise than they were told at first."


@dataclass(frozen=True, slots=True)
class Costs:
    """What an order costs and what became of that; US cents."""

    charge: Cents | None
    """The total less credit applied; None until it is final."""
    spends_balance: bool
    is_paid: bool
    """Whether it was paid, even if it was cancelled after that."""
    is_canceled: bool
    is_refunded: bool
    refund_amount: Cents | None
    """None while nobody has told: then all of it counts as given back."""
    share_taken: Cents | None = None
    """What of the share was taken back, where that alone is told."""


@dataclass(frozen=True, slots=True)
class Position:
    """What the books say of one order; US cents."""

    charged: Cents = 0
    refunded: Cents = 0
    lines: Sequence[Line] = field(default_factory=tuple)
    """What each line earned."""
    kept: Sequence[Line] = field(default_factory=tuple)
    """What is left of it after refunds."""


@dataclass(frozen=True, slots=True)
class Movement:
    """An entry to be posted."""

    kind: Kind
    postings: Sequence[Posting]
    reason: str
    is_first: bool
    """Whether it tells what happened; else, what of it turned out otherwise."""


def money_position(costs: Costs, before: Position) -> tuple[Cents, Cents]:
    """What Goody took from the balance for the order, and what it gave back. Nothing in modes that spend none."""
    if not costs.spends_balance:
        return 0, 0
    charged = before.charged
    if costs.is_paid and costs.charge is not None:
        charged = costs.charge
    if not costs.is_canceled and not costs.is_refunded:
        return charged, 0
    return charged, charged if costs.refund_amount is None else costs.refund_amount


def kept_lines(terms: Terms, lines: Sequence[Line], costs: Costs) -> list[Line]:
    """What is left of the lines' shares after a cancellation or a refund."""
    whole = costs.charge or 0
    if costs.is_canceled:
        return part_kept(terms, lines, 0, 1)
    if not costs.is_refunded or terms.refund_rule is RefundRule.NONE:
        return [*lines]
    if terms.refund_rule is RefundRule.FULL:
        return part_kept(terms, lines, 0, 1)
    if costs.refund_amount is None:
        return (
            part_kept(terms, lines, 0, 1) if costs.share_taken is None else rest_kept(terms, lines, costs.share_taken)
        )
    return part_kept(terms, lines, whole - costs.refund_amount, whole)


def movements(before: Position, after: Position) -> list[Movement]:
    """The entries that bring the books from one position to another; none if they are there."""
    taken_before, taken_after = _taken(before), _taken(after)
    found = [
        _movement(
            Kind.ORDER_CHARGED,
            _pair(Account.ORDER_COST, Account.STORED_VALUE, after.charged - before.charged),
            is_first=not before.charged,
        ),
        _movement(
            Kind.ORDER_REFUNDED,
            _pair(Account.STORED_VALUE, Account.REFUNDS, after.refunded - before.refunded),
            is_first=not before.refunded,
        ),
        _movement(
            Kind.SHARE_ADJUSTED if before.lines else Kind.SHARE_ACCRUED,
            _share_postings(_difference(_sums(after.lines), _sums(before.lines))),
            is_first=not before.lines,
        ),
        _movement(
            Kind.SHARE_REVERSED,
            _share_postings(_difference(taken_before, taken_after)),
            is_first=not any(map(any, taken_before.values())),
        ),
    ]
    return [movement for movement in found if movement.postings]


def _movement(kind: Kind, postings: Sequence[Posting], *, is_first: bool) -> Movement:
    return Movement(kind, postings, REASONS[kind] if is_first else TURNED_OUT, is_first)


Key = tuple[str, str]
Sums = dict[Key, tuple[Cents, Cents]]
"""Base and share by brand and product."""


def _sums(lines: Sequence[Line]) -> Sums:
    sums: defaultdict[Key, tuple[Cents, Cents]] = defaultdict(lambda: (0, 0))
    for line in lines:
        base, share = sums[line.brand_id, line.product_id]
        sums[line.brand_id, line.product_id] = (base + line.base, share + line.share)
    return dict(sums)


def _taken(position: Position) -> Sums:
    """What was taken back of each line."""
    return _difference(_sums(position.lines), _sums(position.kept))


def _difference(left: Sums, right: Sums) -> Sums:
    keys = [*left, *(key for key in right if key not in left)]
    pairs = {key: (left.get(key, (0, 0)), right.get(key, (0, 0))) for key in keys}
    return {key: (one[0] - other[0], one[1] - other[1]) for key, (one, other) in pairs.items()}


def _share_postings(sums: Sums) -> list[Posting]:
    """A line that has a base but earns nothing is posted too: it counts for the month's volume."""
    return [
        Posting(account, amount, brand_id, product_id, base)
        for (brand_id, product_id), (base, share) in sums.items()
        if base or share
        for account, amount in ((Account.SHARE_RECEIVABLE, share), (Account.SHARE_INCOME, -share))
    ]


def _pair(debit: Account, credit: Account, amount: Cents) -> list[Posting]:
    return [Posting(debit, amount), Posting(credit, -amount)] if amount else []
