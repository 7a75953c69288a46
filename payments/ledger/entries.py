"""Entries before they are posted, and what makes them sound. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from foundation.errors import StorefrontError
from foundation.money import Cents
from payments.ledger.accounts import Account

FEWEST: Final = 2
"""Postings of an entry: money comes from somewhere and goes somewhere."""


class Kind(StrEnum):
    """What an entry tells."""

    ORDER_CHARGED = "order_charged"
    ORDER_REFUNDED = "order_refunded"
    SHARE_ACCRUED = "share_accrued"
    SHARE_ADJUSTED = "share_adjusted"
    """The order turned out otherwise than it was first told."""
    SHARE_REVERSED = "share_reversed"
    TIER_TRUE_UP = "tier_true_up"
    SHARE_RECEIVED = "share_received"
    """Credited to the stored value, or paid by bank transfer."""
    ROUNDING = "rounding"
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    CORRECTION = "correction"


class Origin(StrEnum):
    """How what an entry tells was learnt."""

    WEBHOOK = "webhook"
    ACTIVITY = "activity"
    REFETCH = "refetch"
    API = "api"
    SUBMISSION = "submission"
    IMPORT = "import"
    """A statement's row."""
    PERSON = "person"
    CLOSING = "closing"
    """The close of a month."""


@dataclass(frozen=True, slots=True)
class Because:
    """Who caused an entry, and why."""

    origin: Origin
    by: str
    """A key's or an operator's name; `system` for what follows from what Goody told."""
    reason: str
    reference: str | None = None
    """A webhook's svix-id, an activity's id, a statement's row."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One side of an entry: US cents, a debit is positive. The order's line, where it is about one."""

    account: Account
    amount: Cents
    brand_id: str | None = None
    product_id: str | None = None
    base: Cents | None = None
    """What a share was computed on; negative where it is taken back."""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What is to be posted."""

    app_id: str
    kind: Kind
    source: str
    """Unique in the app, and the same each time the same thing is posted: `order:{id}:share:1`."""
    occurred_at: datetime
    postings: Sequence[Posting]
    because: Because
    order_id: str | None = None
    payment_mode: str | None = None
    reverses: int | None = None
    """The number of the entry that this one takes back."""
    details: dict[str, Any] = field(default_factory=dict)
    """How it was computed. No names, no links."""


class UnsoundEntryError(StorefrontError):
    """An entry that must not be posted: a defect of whoever made it."""

    code = "unsound_entry"


def must_be_sound(entry: NewEntry) -> None:
    """UnsoundEntryError unless its amounts are whole cents that sum up to nothing.

    A posting of nothing has to have a base: volume that earns nothing counts for tiers.
    """
    for posting in entry.postings:
        if type(posting.amount) is not int or type(posting.base) not in {int, type(None)}:
            raise UnsoundEntryError(f"{entry.source}: an amount must be a whole number of cents: {posting!r}.")
        if not posting.amount and not posting.base:
            raise UnsoundEntryError(f"{entry.source}: a posting of nothing says nothing: leave it out.")
    if len(entry.postings) < FEWEST or sum(posting.amount for posting in entry.postings) != 0:
        raise UnsoundEntryError(f"{entry.source}: debits and credits must be equal: {[*entry.postings]!r}.")
    if not entry.source or not entry.because.by or not entry.because.reason:
        raise UnsoundEntryError(f"{entry.source}: an entry needs a source, somebody who caused it, and a reason.")


def opposite(postings: Sequence[Posting]) -> list[Posting]:
    """The postings that take these back."""
    return [
        Posting(
            account=posting.account,
            amount=-posting.amount,
            brand_id=posting.brand_id,
            product_id=posting.product_id,
            base=None if posting.base is None else -posting.base,
        )
        for posting in postings
    ]
