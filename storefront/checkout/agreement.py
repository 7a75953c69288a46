"""What a caller agrees to when completing a checkout, and whether that caller may, in that mode."""

from collections.abc import Iterator
from dataclasses import dataclass

from foundation.errors import Fault, ForbiddenError, InvalidInputError
from foundation.money import Cents
from payments.modes import RULES, ModeRules, PaymentMode
from storefront.callers import Caller
from storefront.checkout.errors import PaymentModeError, QuoteRequiredError
from storefront.checkout.tables import Checkout


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a caller agrees to, and has captured by itself. Amounts in US cents."""

    payment_mode: str
    quote_id: str | None = None
    accept_total_high: Cents | None = None
    payment_reference: str | None = None
    payment_amount: Cents | None = None
    payment_method_id: str | None = None
    """The saved card to charge."""


def must_be_allowed(caller: Caller, checkout: Checkout, agreement: Agreement) -> None:
    """The mode is the checkout's, the caller may complete it, and a shopper's cart is agreed to by its quote."""
    if agreement.payment_mode != checkout.payment_mode:
        raise PaymentModeError(f"This checkout is for {checkout.payment_mode}. Complete it so, or change it first.")
    rules = RULES[PaymentMode(checkout.payment_mode)]
    _must_be_for(caller, rules, checkout.payment_mode)
    if rules.spends_balance and checkout.is_changed_by_public and agreement.quote_id is None:
        raise QuoteRequiredError(
            "A shopper had a hand in this checkout: send the quote_id that you agree to, lest its content changes "
            "between your look and your yes."
        )
    faults = list(_misplaced(rules, checkout.payment_mode, agreement))
    if faults:
        raise InvalidInputError("The checkout can't be completed so. Nothing was ordered.", faults)


def _must_be_for(caller: Caller, rules: ModeRules, mode: str) -> None:
    if caller.is_secret or (rules.completed_by_guest if caller.is_guest else rules.completed_by_customer):
        return
    if rules.completed_by_customer:
        raise ForbiddenError(f"A guest can't complete {mode}: send the customer's token, or call from your backend.")
    raise ForbiddenError(f"Only the secret key completes {mode}: call it from your backend.")


def _misplaced(rules: ModeRules, mode: str, agreement: Agreement) -> Iterator[Fault]:
    """What the mode has no use for, or lacks."""
    if not rules.spends_balance and (agreement.payment_amount is not None or agreement.payment_reference is not None):
        detail = f"Goody charges the shopper in {mode}: there is nothing that you captured."
        yield Fault("/payment_amount", "not_in_this_mode", detail)
    if rules.payment_method_id is None and agreement.payment_method_id is None:
        detail = "Name the saved card to charge: GET /v1/payment_methods lists the customer's."
        yield Fault("/payment_method_id", "required", detail)
    if rules.payment_method_id is not None and agreement.payment_method_id is not None:
        yield Fault("/payment_method_id", "not_in_this_mode", f"No saved card is charged in {mode}.")
