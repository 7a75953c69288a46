"""Goody's rules for what can be ordered, as far as its documents tell them."""

import re
from collections.abc import Collection, Sequence
from typing import Final

from goody_emulator.catalog.model import Product
from goody_emulator.catalog.shelf import Shelf
from goody_emulator.errors import RefusedError
from goody_emulator.inputs import Address, BatchInput, CartItem, PriceInput, Recipient
from goody_emulator.orders.countries import COUNTRIES
from goody_emulator.orders.pricing import Line
from goody_emulator.state import timestamps

DIRECT_SEND: Final = "direct_send"
STORED_VALUE: Final = "COMMERCE_STORED_VALUE"
HOSTED_PAYMENT: Final = "COMMERCE_HOSTED_PAYMENT"
DISABLED: Final = "disabled"
WORLDWIDE: Final = "full"
"""The tier of international shipping that takes goods to other countries."""

MOST_OF_ONE: Final = 1000
"""The most of one product that goes into a cart."""
LOWEST_CHOICE: Final = 1500
"""What a gift of choice costs at least, in cents."""

_SEND_METHODS: Final = ("email_and_link", "link_multiple_custom_list", DIRECT_SEND)
_SWAPS: Final = ("single", "multiple", "disabled")
_TIERS: Final = ("disabled", "standard", WORLDWIDE)
_PHONE: Final = re.compile(r"\+1[2-9]\d{9}")
_NAMELESS: Final = "Recipient first name can't be blank"
_ADDRESS_PARTS: Final = ("address_1", "city", "state", "postal_code", "country")


def check_batch(wanted: BatchInput, shelf: Shelf, moment: int) -> list[Line]:
    """Return the cart's lines when the batch can be ordered at this moment; RefusedError says why it cannot."""
    _require(bool(wanted.from_name.strip()), "From name can't be blank")
    _require_recipients_and_method(wanted)
    _check_choice(wanted.swap, _SWAPS, "Swap")
    _check_choice(wanted.international_shipping_tier, _TIERS, "International shipping tier")
    lines = _lines(wanted, shelf)
    for recipient in wanted.recipients:
        _check_recipient(recipient, wanted.send_method)
    if wanted.send_method == DIRECT_SEND:
        _check_direct_send(wanted, lines)
    _check_gift_of_choice(wanted, lines, shelf)
    _check_card(wanted, shelf.cards)
    _check_times(wanted, moment)
    return lines


def check_price(wanted: PriceInput, shelf: Shelf) -> list[Line]:
    """Return the cart's lines when the cart can be priced."""
    _require_recipients_and_method(wanted)
    lines = _lines(wanted, shelf)
    for recipient in wanted.recipients:
        _require(bool(recipient.first_name.strip()), _NAMELESS)
    if wanted.send_method == DIRECT_SEND:
        for recipient in wanted.recipients:
            if recipient.mailing_address is not None:
                check_address(recipient.mailing_address)
                check_shippable(recipient.mailing_address, [line.product for line in lines])
    return lines


def check_address(address: Address, tier: str = DISABLED) -> None:
    """Refuse an address that lacks a part, or that lies in a country the tier of international shipping leaves out."""
    abroad = address.country not in {None, "US"}
    for part in _ADDRESS_PARTS:
        if not (abroad and part == "state"):  # Many countries have none.
            _require(bool((getattr(address, part) or "").strip()), f"Mailing address {part} can't be blank")
    if abroad and tier == WORLDWIDE:
        _require(address.country in COUNTRIES, f"Mailing address country is not one Goody ships to: {address.country}")
    else:
        _require(not abroad, "Mailing address country must be US")


def check_shippable(address: Address, products: Sequence[Product]) -> None:
    """Refuse an address in a state that one of the products cannot be shipped to."""
    for product in products:
        _require(
            address.country != "US" or address.state.upper() not in product.restricted_states,
            f"{product.name} can't be shipped to {address.state.upper()}",
        )


def check_variants(product: Product, names: Sequence[str] | None) -> None:
    """Refuse anything but as many variant names as the product lets one select; repeats are fine."""
    wanted = product.variants_num_selectable or 0
    _require(len(names or ()) == wanted, f"{product.name} needs exactly {wanted} variants")
    offered = {variant.name for variant in product.variants}
    for name in names or ():
        _require(name in offered, f"{product.name} has no variant named {name}")


def _require(holds: bool, text: str) -> None:  # noqa: FBT001 - reads as an assertion
    if not holds:
        raise RefusedError(text)


def _check_choice(value: str | None, choices: tuple[str, ...], label: str) -> None:
    _require(value is None or value in choices, f"{label} is not included in the list")


def _require_recipients_and_method(wanted: PriceInput) -> None:
    _require(bool(wanted.recipients), "Recipients can't be blank")
    _require(wanted.send_method in _SEND_METHODS, "Send method is not included in the list")


def _lines(wanted: PriceInput, shelf: Shelf) -> list[Line]:
    _require(bool(wanted.cart.items), "Cart can't be blank")
    return [_check_item(item, shelf) for item in wanted.cart.items]


def _check_item(item: CartItem, shelf: Shelf) -> Line:
    product = shelf.ordered(item.product_id, item.product_url)
    if product is None:
        raise RefusedError(f"Product not found: {item.named}")
    _require(product.status == "active", f"{product.name} is not available")
    _require(item.quantity > 0, "Quantity must be greater than 0")
    _require(item.quantity <= MOST_OF_ONE, f"Quantity must be at most {MOST_OF_ONE}")
    lowest = LOWEST_CHOICE if product.id in shelf.gift_collections else 0
    price = _named_price(item, product, lowest) if product.price_is_variable else product.price
    _require(price >= lowest, f"{product.name} must cost at least {lowest}")
    return Line(product, item.quantity, price)


def _named_price(item: CartItem, product: Product, lowest: int) -> int:
    low, high, price = max(lowest, product.price_min or 0), product.price_max or 0, item.variable_price
    if price is None:
        raise RefusedError(f"Variable price is required for {product.name}")
    _require(low <= price <= high, f"Variable price for {product.name} must be between {low} and {high}")
    return price


def _check_gift_of_choice(wanted: BatchInput, lines: Sequence[Line], shelf: Shelf) -> None:
    is_choice = any(line.product.id in shelf.gift_collections for line in lines)
    _require(not is_choice or wanted.swap != DISABLED, "Swap can't be disabled for a gift collection")


def _check_recipient(recipient: Recipient, send_method: str) -> None:
    _require(bool(recipient.first_name.strip()), _NAMELESS)
    if send_method == "email_and_link":
        _require("@" in (recipient.email or ""), "Recipient email can't be blank")
    if recipient.phone:
        _require(_PHONE.fullmatch(recipient.phone) is not None, "Recipient phone must be a US number in E.164 format")


def _check_direct_send(wanted: BatchInput, lines: Sequence[Line]) -> None:
    for recipient in wanted.recipients:
        if recipient.mailing_address is None:
            raise RefusedError("Recipient mailing address can't be blank")
        check_address(recipient.mailing_address, wanted.international_shipping_tier or DISABLED)
        check_shippable(recipient.mailing_address, [line.product for line in lines])
    for item, line in zip(wanted.cart.items, lines, strict=True):
        check_variants(line.product, item.variants)


def _check_card(wanted: BatchInput, cards: Collection[str]) -> None:
    _require(not wanted.message or bool(wanted.card_id), "Card must be given when there is a message")
    _require(not wanted.card_id or wanted.card_id in cards, f"Card not found: {wanted.card_id}")


def _check_times(wanted: BatchInput, moment: int) -> None:
    for label, text in (("Scheduled send on", wanted.scheduled_send_on), ("Expires at", wanted.expires_at)):
        if text:
            try:
                timestamps.parsed(text)
            except ValueError as error:
                raise RefusedError(f"{label} is not a valid date and time") from error
    if wanted.expires_at:
        expires_at = timestamps.parsed(wanted.expires_at)
        _require(expires_at > moment, "Expires at must be in the future")
        sent_at = timestamps.parsed(wanted.scheduled_send_on) if wanted.scheduled_send_on else moment
        _require(expires_at > sent_at, "Expires at must be after scheduled send on")
