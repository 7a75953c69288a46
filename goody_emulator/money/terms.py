"""The terms of revenue share: its rate, what it is computed on, whose goods earn none, and from when that holds."""

import json
from collections.abc import Sequence
from enum import StrEnum, unique
from typing import Final

import msgspec

from goody_emulator.orders.pricing import BrandCost
from goody_emulator.settings import Settings
from goody_emulator.state.store import Row, Store

EVERYBODY: Final = ""
"""Whose terms those of all apps are."""


@unique
class Base(StrEnum):
    """What revenue share is computed on; goods of excluded brands, and their shipping, count for none of these."""

    PRODUCTS = "products"
    """The price of the goods."""
    PRODUCTS_AND_SHIPPING = "products_and_shipping"
    """The price of the goods, and of bringing them."""
    AFTER_CREDITS = "after_credits"
    """The price of the goods less the whole credit that was applied to the order, but no less than nothing."""
    AFTER_CREDITS_IN_PROPORTION = "after_credits_in_proportion"
    """The price of the goods less their part of the credit: goods that earn nothing bear theirs."""


_AFTER_CREDITS: Final = (Base.AFTER_CREDITS, Base.AFTER_CREDITS_IN_PROPORTION)


class Terms(msgspec.Struct, frozen=True):
    """What holds from a moment on; `holds_from` is None when it has always held."""

    bps: int
    base: Base
    excluded_brand_ids: tuple[str, ...] = ()
    holds_from: int | None = None

    def base_amount(self, brands: Sequence[BrandCost], credit: int) -> int:
        """Return the cents that earn a share, of what each brand's goods cost and the credit applied."""
        earning = [brand for brand in brands if not self.excludes(brand)]
        goods = sum(brand.goods for brand in earning)
        if self.base is Base.PRODUCTS_AND_SHIPPING:
            return goods + sum(brand.shipping for brand in earning)
        if self.base is Base.AFTER_CREDITS_IN_PROPORTION:
            everything = sum(brand.goods for brand in brands)
            credit = (2 * credit * goods + everything) // (2 * everything) if everything else 0
        return max(0, goods - credit) if self.base in _AFTER_CREDITS else goods

    def excluded_amount(self, brands: Sequence[BrandCost]) -> int:
        """Return the cents of goods that earn nothing because of their brand."""
        return sum(brand.goods for brand in brands if self.excludes(brand))

    def excludes(self, brand: BrandCost) -> bool:
        """Tell whether a brand earns nothing: Goody says so of it, or these terms do."""
        return brand.is_excluded or brand.brand_id in self.excluded_brand_ids


class TermsBook:
    """Keeps the terms of each app and those of all apps; an app's own come first."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._first = Terms(settings.revshare_bps, Base(settings.revshare_base))

    def at(self, app_id: str | None, moment: int) -> Terms:
        """Return the terms of an app at a moment; None asks for those of all apps."""
        # The empty id of everybody sorts behind every other.
        row = self._store.row(
            "SELECT * FROM revenue_share_terms WHERE app_id IN (?, ?) AND holds_from <= ?"
            " ORDER BY app_id DESC, holds_from DESC LIMIT 1",
            app_id or EVERYBODY,
            EVERYBODY,
            moment,
        )
        return self._first if row is None else _terms(row)

    def put(self, app_id: str | None, terms: Terms, holds_from: int) -> None:
        """Let terms hold from a moment until the next ones do; call inside a transaction."""
        self._store.execute(
            "INSERT OR REPLACE INTO revenue_share_terms (app_id, holds_from, bps, base, excluded_brand_ids)"
            " VALUES (?, ?, ?, ?, ?)",
            app_id or EVERYBODY,
            holds_from,
            terms.bps,
            terms.base.value,
            json.dumps(terms.excluded_brand_ids),
        )

    def history(self, app_id: str | None) -> list[Terms]:
        """Return the terms of an app, or of all apps, by the moment they hold from."""
        query = "SELECT * FROM revenue_share_terms WHERE app_id = ? ORDER BY holds_from"
        own = [_terms(row) for row in self._store.rows(query, app_id or EVERYBODY)]
        others = [] if app_id is None else [_terms(row) for row in self._store.rows(query, EVERYBODY)]
        before = own[0].holds_from if own else None
        return [
            self._first,
            *(each for each in others if before is None or (each.holds_from or 0) < before),
            *own,
        ]


def _terms(row: Row) -> Terms:
    return Terms(row["bps"], Base(row["base"]), tuple(json.loads(row["excluded_brand_ids"])), row["holds_from"])
