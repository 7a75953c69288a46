"""What a draft is checked against, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from catalog_sync.browsing.catalog import SellableItem
from foundation.app_policy import Caps


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The catalog, the app's settings, and who asks, as of now."""

    sellable: Mapping[str, SellableItem]
    has_card: bool
    """Whether the draft's greeting card exists; True when it names none."""
    capabilities: frozenset[str]
    caps: Caps
    is_guest: bool
    has_customer: bool
    now: datetime
