"""What matching takes and returns. Amounts in US cents, signed as the account sees them."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from payments.reconciliation.kinds import PART_OF, Part, Rule, Type
from payments.statements.kinds import Account, Kind


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far apart things may be in time."""

    drift: timedelta = timedelta(days=3)
    """Between when something happened and the date of its line. Nothing is called missing before it has passed."""
    late_after: timedelta = timedelta(days=7)
    """After it was due."""


@dataclass(frozen=True, slots=True)
class Line:
    """A statement's line that moves money."""

    id: int
    account: Account
    kind: Kind
    amount: int
    moment: datetime
    occurrence: int = 1
    order_id: str = ""
    order_reference: str = ""
    customer_reference: str = ""
    transaction_id: str = ""
    payout_id: str = ""

    @property
    def part(self) -> Part | None:
        """What of an order's money it is about."""
        return PART_OF.get(self.kind)


@dataclass(frozen=True, slots=True)
class Expected:
    """What an order's money must be by our books."""

    order_id: str
    reference_id: str
    batch_id: str
    account: Account
    charge: int
    """Not above nothing; nothing where no balance is spent."""
    share: int | None
    """None while it is not known."""
    refund: int | None
    """What must come back to the balance; None where the amount is not known, or goes elsewhere."""
    reversal: int
    """Not above nothing."""
    is_refunded: bool
    paid_at: datetime | None
    """None while nobody has paid: then nothing is due."""
    refunded_at: datetime | None = None
    payment_mode: str = ""
    is_open: bool = False
    """Whether it may have been paid without our knowing yet: its lines wait."""

    def amount_of(self, part: Part) -> int | None:
        """What is expected of this part."""
        amounts = {
            Part.CHARGE: self.charge,
            Part.SHARE: self.share,
            Part.REFUND: self.refund,
            Part.REVERSAL: self.reversal,
        }
        return amounts[part]


@dataclass(frozen=True, slots=True)
class Deposit:
    """Money put in or taken out, as somebody has recorded it."""

    number: int
    amount: int
    moment: datetime


@dataclass(frozen=True, slots=True)
class TrueUp:
    """What the tiers of a closed month (`2026-11`) added; `moment` is the month's end."""

    period: str
    amount: int
    moment: datetime


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of which time an account's statements tell: intervals in ascending order, none of them touching another."""

    intervals: Sequence[tuple[datetime, datetime]] = ()

    @classmethod
    def of(cls, periods: Iterable[tuple[datetime, datetime]]) -> "Coverage":
        """The union of these periods."""
        merged: list[tuple[datetime, datetime]] = []
        for start, end in sorted(periods):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], end))
            else:
                merged.append((start, end))
        return cls(tuple(merged))

    def holds(self, moment: datetime, until: datetime) -> bool:
        """Whether a line of this moment must have been told of, if it was told up to `until` at the latest."""
        place = bisect_right(self.intervals, (moment, datetime.max.replace(tzinfo=moment.tzinfo))) - 1
        return place >= 0 and self.intervals[place][1] >= until


@dataclass(frozen=True, slots=True)
class Match:
    """A line, and what it was taken for. `amount` is the line's, or the part of it that is about this order."""

    line: Line
    rule: Rule
    confidence: int
    amount: int
    order_id: str | None = None
    part: Part | None = None
    deposit: int | None = None
    period: str | None = None
    """The month whose true-up it is."""
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not agree. `amount` is by how much: above nothing, more came than was expected."""

    type: Type
    key: str
    """The same each time the same thing is found."""
    amount: int
    expected: int | None
    found: int | None
    moment: datetime
    """When it should have happened, or did."""
    order_id: str | None = None
    line: Line | None = None
    explanation: str = ""


@dataclass(slots=True)
class Outcome:
    """What matching came to."""

    matches: list[Match] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    waiting: int = 0
    """Lines that can't be judged yet, since what their order earned is not known."""

    def counts(self) -> dict[str, Any]:
        """How many matches by rule, and findings by type."""
        rules = [match.rule for match in self.matches]
        types = [finding.type for finding in self.findings]
        return {
            "matches": {rule.value: rules.count(rule) for rule in Rule if rule in rules},
            "findings": {kind.value: types.count(kind) for kind in Type if kind in types},
            "waiting": self.waiting,
        }
