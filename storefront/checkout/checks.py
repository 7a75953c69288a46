"""What stands in the way of an order, found before Goody is asked to make it. Pure; every problem at once.

The rules are Goody's (its create-an-order-batch operation and send-methods guide), the app's capabilities, and the
limits of guests: a public key must not make Goody mail a stranger's words.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

from foundation.errors import Fault
from payments.modes import PaymentMode
from storefront.checkout.circumstances import Circumstances
from storefront.checkout.draft import Draft
from storefront.checkout.item_checks import DIRECT, check_items
from storefront.checkout.recipient_checks import check_recipients

LINK: Final = "link_multiple_custom_list"
GUEST_RECIPIENTS: Final = 10
FARTHEST_SEND: Final = timedelta(days=366)
"""Goody names no bound for a schedule; a year ahead is a slip of the keys."""
WITH_GIFT_CARDS: Final = "standard"


def find_problems(draft: Draft, given: Circumstances) -> list[Fault]:
    """Every problem of the draft, each with a pointer into it. An empty list: it can be ordered."""
    return [problem for check in CHECKS for problem in check(draft, given)]


def _check_message(draft: Draft, given: Circumstances) -> Iterator[Fault]:
    if draft.message and draft.card_id is None:
        yield Fault("/card_id", "required", "A message is shown when its card is opened: choose a card for it.")
    if not given.has_card:
        yield Fault("/card_id", "unknown_card", "There is no such card. GET /v1/cards lists them.")


def _check_options(draft: Draft, _given: Circumstances) -> Iterator[Fault]:
    """What Goody would pass over in silence."""
    if draft.notifications_enabled is not None and draft.send_method != DIRECT:
        detail = f"Notifications can be chosen for {DIRECT} only. Leave it out."
        yield Fault("/notifications_enabled", "direct_send_only", detail)
    if draft.international_gift_cards_enabled and draft.international_shipping_tier != WITH_GIFT_CARDS:
        detail = f"International gift cards need international_shipping_tier {WITH_GIFT_CARDS}."
        yield Fault("/international_gift_cards_enabled", "needs_standard_tier", detail)


def _check_times(draft: Draft, given: Circumstances) -> Iterator[Fault]:
    for name in ("expires_at", "scheduled_send_on"):
        moment: datetime | None = getattr(draft, name)
        if moment is not None and moment <= given.now:
            yield Fault(f"/{name}", "in_the_past", "Choose a time in the future.")
    if draft.scheduled_send_on is not None and draft.scheduled_send_on - given.now > FARTHEST_SEND:
        yield Fault("/scheduled_send_on", "too_far_ahead", "A gift can be scheduled a year ahead at most.")
    if draft.expires_at and draft.scheduled_send_on and draft.expires_at <= draft.scheduled_send_on:
        yield Fault("/expires_at", "before_send", "The gift would expire before it is sent.")


def _check_capabilities(draft: Draft, given: Circumstances) -> Iterator[Fault]:
    if draft.payment_mode not in given.capabilities:
        yield Fault("/payment_mode", "not_enabled", "This app is not set up for this payment mode.")
    if draft.payment_mode == PaymentMode.CARD and not given.has_customer:
        detail = "A card is a customer's: make the checkout with a customer's token, or with customer_id (secret key)."
        yield Fault("/customer_id", "required", detail)
    if draft.send_method == DIRECT and DIRECT not in given.capabilities:
        yield Fault("/send_method", "not_enabled", "This app is not approved by Goody for direct sends.")


def _check_caps(draft: Draft, given: Circumstances) -> Iterator[Fault]:
    caps, count = given.caps, len(draft.recipients)
    pieces = sum(item.quantity for item in draft.items) * count
    if caps.recipients is not None and count > caps.recipients:
        yield Fault("/recipients", "too_many_recipients", f"At most {caps.recipients} recipients can be named at once.")
    if caps.quantity is not None and pieces > caps.quantity:
        detail = f"At most {caps.quantity} pieces can be ordered at once, for all recipients together."
        yield Fault("/items", "too_many_pieces", detail)


def _check_guest(draft: Draft, given: Circumstances) -> Iterator[Fault]:
    if not given.is_guest:
        return
    if draft.send_method != LINK:
        yield Fault("/send_method", "not_for_guests", f"A guest can send links only ({LINK}).")
    if len(draft.recipients) > GUEST_RECIPIENTS:
        yield Fault("/recipients", "too_many_for_guests", f"A guest can name {GUEST_RECIPIENTS} recipients at most.")
    if draft.scheduled_send_on is not None:
        yield Fault("/scheduled_send_on", "not_for_guests", "A guest can't schedule a gift.")
    for index, recipient in enumerate(draft.recipients):
        if recipient.phone is not None:
            yield Fault(f"/recipients/{index}/phone", "not_for_guests", "A guest can't have Goody text a phone.")


CHECKS: Final[tuple[Callable[[Draft, Circumstances], Iterator[Fault]], ...]] = (
    check_items,
    check_recipients,
    _check_message,
    _check_options,
    _check_times,
    _check_capabilities,
    _check_caps,
    _check_guest,
)
