"""Assessing a draft: held against the catalog, the app's settings and Goody's price. Nothing is written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from catalog_sync.browsing.catalog import Catalog, SellableItem
from foundation.app_policy import Caps
from foundation.apps import Apps, PartnerApp
from foundation.clock import Clock, utc_now
from foundation.errors import Fault, GoodyRefusedError, GoodyUnauthorizedError
from foundation.goody.client import GoodyClient
from foundation.money import show
from payments.modes import RULES, PaymentMode
from payments.placing import Line
from storefront.callers import Caller
from storefront.checkout.checks import find_problems
from storefront.checkout.circumstances import Circumstances
from storefront.checkout.draft import Draft
from storefront.checkout.quoting import can_be_priced, freeze_lines, make_quote


@dataclass(frozen=True, slots=True)
class Assessment:
    """A draft with what stands in its way, its frozen lines, and its quote where a price could be asked."""

    draft: Draft
    problems: list[Fault]
    lines: list[Line]
    quote: dict[str, Any] | None


class Assessor:
    """Assesses the drafts of every app. Quotes hold for `quote_seconds`."""

    def __init__(
        self,
        apps: Apps,
        catalog: Catalog,
        goody: Callable[[str], GoodyClient],
        quote_seconds: float,
        clock: Clock = utc_now,
    ) -> None:
        self._apps = apps
        self._catalog = catalog
        self._goody = goody
        self._quote_seconds = quote_seconds
        self._clock = clock

    def assess(self, caller: Caller, draft: Draft, customer_id: str | None) -> Assessment:
        """The draft as it stands now. GoodyUnavailableError if its price can't be asked."""
        app = self._apps.get(caller.app_id)
        draft = self._with_expiry(app, draft)
        sellable = self.sellable(caller.app_id, draft)
        problems = self.problems(app, caller, draft, sellable, customer_id)
        if not can_be_priced(problems):
            return Assessment(draft, problems, [], None)
        try:
            price = self._goody(caller.app_id).price(draft.price_input)
        except GoodyUnauthorizedError:
            # The app's key is at fault, which no choice of items mends.
            raise
        except GoodyRefusedError:
            refusal = Fault("", "not_priced", "The supplier does not sell this as it stands. Change its items.")
            return Assessment(draft, [*problems, refusal], [], None)
        quote = make_quote(price, self._clock(), self._quote_seconds)
        problems += over_total(quote, Caps.read(app.caps))
        return Assessment(draft, problems, freeze_lines(draft, sellable), quote)

    def problems(
        self,
        app: PartnerApp,
        caller: Caller,
        draft: Draft,
        sellable: Mapping[str, SellableItem],
        customer_id: str | None,
    ) -> list[Fault]:
        """What stands in the draft's way, but for its price."""
        given = Circumstances(
            sellable=sellable,
            has_card=draft.card_id is None or self._catalog.has_card(caller.app_id, draft.card_id),
            capabilities=frozenset(app.capabilities),
            caps=Caps.read(app.caps),
            is_guest=caller.is_guest,
            has_customer=customer_id is not None,
            now=self._clock(),
        )
        return find_problems(draft, given)

    def sellable(self, app_id: str, draft: Draft) -> dict[str, SellableItem]:
        """Those of the draft's products that are on sale now, by id."""
        return self._catalog.sellable(app_id, [item.product_id for item in draft.items])

    def _with_expiry(self, app: PartnerApp, draft: Draft) -> Draft:
        """Goody demands that what is paid from a balance expires: the app's default where nobody chose a moment."""
        if draft.expires_at is not None and not draft.is_expiry_default:
            return draft
        if not RULES[PaymentMode(draft.payment_mode)].spends_balance:
            return replace(draft, expires_at=None, is_expiry_default=False)
        sent_at = draft.scheduled_send_on or self._clock()
        try:
            expires_at = sent_at.replace(microsecond=0) + timedelta(days=app.default_expiry_days)
        except OverflowError:
            # The end of the calendar; that it expires before it is sent is then named as the problem.
            expires_at = sent_at
        return replace(draft, expires_at=expires_at, is_expiry_default=True)


def over_total(quote: dict[str, Any], caps: Caps) -> list[Fault]:
    """What stands in the way of a quote: a total above the app's cap."""
    high = quote["total"]["total_high"]
    if caps.total is None or high <= caps.total:
        return []
    detail = f"The total may come to {show(high)}; at most {show(caps.total)} can be ordered at once."
    return [Fault("/items", "total_too_high", detail)]
