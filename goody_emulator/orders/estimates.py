"""The answer to a price request: a range, or the exact sum when every address is known."""

from collections.abc import Sequence

from goody_emulator.inputs import PriceInput
from goody_emulator.orders import pricing
from goody_emulator.orders.pricing import Line
from goody_emulator.orders.validation import DIRECT_SEND
from goody_emulator.orders.wire import Json


def estimate(wanted: PriceInput, lines: Sequence[Line]) -> Json:
    """Return what a batch would cost, per recipient and in all, in cents."""
    quote = pricing.quote(lines)
    highest = pricing.highest_tax(quote.pre_tax)
    return {
        "cart_price": {
            "price_product": quote.product,
            "price_shipping": quote.shipping,
            "price_processing_fee": quote.processing_fee,
            "price_pre_tax": quote.pre_tax,
            "price_est_tax_low": 0,
            "price_est_tax_high": highest,
            "price_est_total_low": quote.pre_tax,
            "price_est_total_high": quote.pre_tax + highest,
        },
        "total_price": _total(wanted, quote.pre_tax, highest),
    }


def _total(wanted: PriceInput, pre_tax: int, highest: int) -> Json:
    count = len(wanted.recipients)
    states = [recipient.mailing_address.state for recipient in wanted.recipients if recipient.mailing_address]
    if wanted.send_method == DIRECT_SEND and len(states) == count:
        tax = sum(pricing.tax(pre_tax, state) for state in states)
        return {
            "recipients": count,
            "est_tax_calculated": tax,
            "est_total_calculated": pre_tax * count + tax,
        }
    return {
        "recipients": count,
        "est_group_total_low": pre_tax * count,
        "est_group_total_high": (pre_tax + highest) * count,
    }
