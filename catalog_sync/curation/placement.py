"""What curation makes of the supplier's products: which are listed, where, and under which words. Plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from foundation.money import Cents


@dataclass(frozen=True, slots=True)
class Placement:
    """What becomes of one product. `values` are the published fields that an override replaces, by their name."""

    is_listed: bool = True
    tags: tuple[str, ...] = ()
    collections: frozenset[str] = frozenset()
    """Handles of the collections that it belongs to (parents of them included)."""
    boost: int = 0
    """Higher comes first in the featured order."""
    featured_rank: int | None = None
    """Set by an override: such products come before all others, lowest first."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """`name`, `subtitle`, `recipient_description` (text), `images` (ids in the order wanted)."""


@dataclass(frozen=True, slots=True)
class Member:
    """A listed product, as the order of a collection needs it. Money in cents."""

    product_id: str
    featured_place: int
    name_key: str
    price: Cents
    newest_at: datetime


@dataclass(frozen=True, slots=True)
class ArrangedCollection:
    """A collection as it is published: its products in order, pins first. `parent` is a handle."""

    handle: str
    title: str
    description: str | None
    image: str | None
    """An https address."""
    parent: str | None
    product_ids: tuple[str, ...]
