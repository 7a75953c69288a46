"""What stands in the way of an order, found before Goody is asked to make it. Pure; every problem at once.

The rules are Goody's (its create-an-order-batch operation and send-methods guide), the app's capabilities, and the
limits of guests: a public key must not make Goody mail a stranger's words.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from catalog_sync.browsing.catalog import SellableItem
from foundation.app_policy import Caps
from foundation.errors import Fault
from foundation.goody.payloads import RecipientInput
from foundation.money import show
from storefront.checkout.draft import Draft, Item

LINK: Final = "link_multiple_custom_list"
EMAIL: Final = "email_and_link"
DIRECT: Final = "direct_send"
GUEST_RECIPIENTS: Final = 10


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a draft is checked against."""

    sellable: Mapping[str, SellableItem]
    has_card: bool
    """Whether the draft's card exists; True when it names none."""
    capabilities: frozenset[str]
    caps: Caps
    is_guest: bool
    now: datetime


def find_problems(draft: Draft, given: Circumstances) -> list[Fault]:
    """Every problem of the draft, each with a pointer into it. An empty list: it can be ordered."""
    return [problem for check in CHECKS for problem in check(draft, given)]


def _check_items(draft: Draft, given: Circumstances) -> Iterator[Fault]:
    if not draft.items:
        yield Fault("/items", "required", "Put at least one product into the gift.")
    for index, item in enumerate(draft.items):
        product = given.sellable.get(item.product_id)
        at = f"/items/{index}"
        if product is None:
            yield Fault(f"{at}/product_id", "product_unavailable", "This product is not on sale. Choose another.")
            continue
        yield from _check_price(item, product, at)
        yield from _check_variants(item, product, at, is_required=draft.send_method == DIRECT)


def _check_price(item: Item, product: SellableItem, at: str) -> Iterator[Fault]:
    chosen = item.variable_price
    if not product.price_is_variable:
        if chosen is not None:
            yield Fault(f"{at}/variable_price", "price_not_variable", "The price of this product can't be chosen.")
        return
    low, high = product.price_min or 0, product.price_max
    bounds = f"{show(low)} to {show(high)}" if high is not None else f"{show(low)} or more"
    if chosen is None:
        yield Fault(f"{at}/variable_price", "required", f"Choose a price: {bounds}.")
    elif chosen < low or (high is not None and chosen > high):
        yield Fault(f"{at}/variable_price", "out_of_bounds", f"Choose a price within the bounds: {bounds}.")


def _check_variants(item: Item, product: SellableItem, at: str, *, is_required: bool) -> Iterator[Fault]:
    wanted = product.variants_num_selectable or 0
    if not item.variants and not is_required:
        return
    if len(item.variants) != wanted:
        choose = f"Choose exactly {wanted}; the same one may be chosen twice." if wanted else "It has none to choose."
        yield Fault(f"{at}/variants", "wrong_variant_count", choose)
    for position, name in enumerate(item.variants):
        if name not in product.variants:
            detail = f"There is no such variant. Use a name from the product's variants: {', '.join(product.variants)}."
            yield Fault(f"{at}/variants/{position}", "unknown_variant", detail)


def _check_recipients(draft: Draft, given: Circumstances) -> Iterator[Fault]:
    if not draft.recipients:
        yield Fault("/recipients", "required", "Name at least one recipient.")
    for index, recipient in enumerate(draft.recipients):
        at = f"/recipients/{index}"
        if draft.send_method == EMAIL and not recipient.email:
            yield Fault(f"{at}/email", "required", "Goody mails this gift, so every recipient needs an email address.")
        if draft.send_method == DIRECT:
            yield from _check_address(draft, recipient, at, given)


def _check_address(draft: Draft, recipient: RecipientInput, at: str, given: Circumstances) -> Iterator[Fault]:
    address = recipient.mailing_address
    if address is None:
        yield Fault(f"{at}/mailing_address", "required", "A direct send needs every recipient's address.")
        return
    if address.country != "US":
        yield Fault(f"{at}/mailing_address/country", "unsupported_country", "Only addresses in the US can be used.")
    for item in draft.items:
        product = given.sellable.get(item.product_id)
        if product is not None and address.state in product.restricted_states:
            detail = f"{product.name} can't be shipped to {address.state}. Choose another product for this recipient."
            yield Fault(f"{at}/mailing_address/state", "restricted_state", detail)


def _check_message(draft: Draft, given: Circumstances) -> Iterator[Fault]:
    if draft.message and draft.card_id is None:
        yield Fault("/card_id", "required", "A message is shown when its card is opened: choose a card for it.")
    if not given.has_card:
        yield Fault("/card_id", "unknown_card", "There is no such card. GET /v1/cards lists them.")


def _check_times(draft: Draft, given: Circumstances) -> Iterator[Fault]:
    for name in ("expires_at", "scheduled_send_on"):
        moment: datetime | None = getattr(draft, name)
        if moment is not None and moment <= given.now:
            yield Fault(f"/{name}", "in_the_past", "Choose a time in the future.")
    if draft.expires_at and draft.scheduled_send_on and draft.expires_at <= draft.scheduled_send_on:
        yield Fault("/expires_at", "before_send", "The gift would expire before it is sent.")


def _check_capabilities(draft: Draft, given: Circumstances) -> Iterator[Fault]:
    if draft.payment_mode not in given.capabilities:
        yield Fault("/payment_mode", "not_enabled", "This app is not set up for this payment mode.")
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
    _check_items,
    _check_recipients,
    _check_message,
    _check_times,
    _check_capabilities,
    _check_caps,
    _check_guest,
)
