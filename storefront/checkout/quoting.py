"""Quotes: what a gift will cost, asked of Goody's price operation, and the frozen lines behind it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from catalog_sync.browsing.catalog import SellableItem
from foundation.errors import Fault
from foundation.goody.resources import Price
from foundation.ids import new_id
from foundation.money import CURRENCY
from payments.placing import Line
from storefront.checkout.draft import Draft

PRICED_BY: Final = ("/items", "/recipients", "/send_method")
"""A problem here means that no price can be asked; others (a missing card, say) don't keep it from being shown."""


def can_be_priced(problems: Sequence[Fault]) -> bool:
    """Whether Goody can be asked what this costs."""
    return not any(problem.pointer.startswith(PRICED_BY) for problem in problems)


def make_quote(price: Price, now: datetime, valid_seconds: float) -> dict[str, Any]:
    """The quote as the REST API shows it. Amounts in US cents; exact where Goody can calculate them."""
    each, total = price.per_recipient, price.total
    is_exact = total.total is not None
    return {
        "id": new_id("quo"),
        "currency": CURRENCY,
        "is_exact": is_exact,
        "per_recipient": {
            "product": each.product,
            "shipping": each.shipping,
            "processing_fee": each.processing_fee,
            "pre_tax": each.pre_tax,
            "tax_low": each.tax_low,
            "tax_high": each.tax_high,
            "total_low": each.total_low,
            "total_high": each.total_high,
        },
        "total": {
            "recipients": total.recipients,
            "tax": total.tax,
            "total": total.total,
            "total_low": total.total if is_exact else _or(total.total_low, each.total_low * total.recipients),
            "total_high": total.total if is_exact else _or(total.total_high, each.total_high * total.recipients),
        },
        "expires_at": (now + timedelta(seconds=valid_seconds)).isoformat(),
    }


def is_expired(quote: Mapping[str, Any], now: datetime) -> bool:
    """Whether the quote's time is over."""
    return datetime.fromisoformat(quote["expires_at"]) <= now


def freeze_lines(draft: Draft, sellable: Mapping[str, SellableItem]) -> list[Line]:
    """The draft's items with name, price and revenue-share eligibility as of now. Every product must be sellable."""
    lines = []
    for item in draft.items:
        product = sellable[item.product_id]
        lines.append(
            Line(
                product_id=product.product_id,
                name=product.name,
                brand_id=product.brand_id,
                brand_name=product.brand_name,
                price=product.price if item.variable_price is None else item.variable_price,
                quantity=item.quantity,
                variants=item.variants,
                is_price_chosen=item.variable_price is not None,
                revshare_excluded=product.revshare_excluded,
            )
        )
    return lines


def _or(value: int | None, fallback: int) -> int:
    return fallback if value is None else value
