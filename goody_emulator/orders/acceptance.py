"""What a recipient's acceptance makes of an order: its cart, its choices, its amounts before tax."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from goody_emulator.catalog.model import Product
from goody_emulator.catalog.shelf import Shelf
from goody_emulator.errors import AcceptanceError, RefusedError
from goody_emulator.inputs import Acceptance, Address
from goody_emulator.orders import pricing
from goody_emulator.orders.carts import Choices, choices_of_units, new_cart
from goody_emulator.orders.swaps import SwapTerms, is_gift_card, terms_of
from goody_emulator.orders.validation import DISABLED, WORLDWIDE, check_address, check_shippable
from goody_emulator.orders.wire import Json, cart
from goody_emulator.state.store import Row

Changes = dict[str, Any]


def changes_by(acceptance: Acceptance, order: Row, batch: Row, shelf: Shelf) -> Changes:
    """Return the columns of an order that an acceptance changes; AcceptanceError says what is not to be had."""
    address, terms = acceptance.mailing_address, terms_of(batch, shelf)
    try:
        if acceptance.swap:
            changes, goods = _swap(acceptance, terms)
        else:
            changes, goods = _keep(acceptance, order, batch, terms)
        are_cards = bool(goods) and all(is_gift_card(product, shelf) for product in goods)
        check_address(address, _tier(batch, are_cards=are_cards))
        check_shippable(address, goods)
    except RefusedError as error:
        raise AcceptanceError(str(error)) from error
    cost: int = {**order, **changes}["amount_product"]
    return {
        **changes,
        "mailing_address": msgspec.json.encode(address).decode(),
        "amount_credit_applied": acceptance.credit_applied,
        "amount_global_relay_cost": None if are_cards else pricing.global_relay_cost(cost, address.country),
    }


def final_amounts(order: Row, address: Address) -> Changes:
    """Return the tax and the total of an order for an address, in cents; AcceptanceError for a wrong credit."""
    pre_tax = order["amount_product"] + order["amount_shipping"] + order["amount_processing_fee"]
    tax = pricing.tax_at(pre_tax, address.state, address.country)
    total = pre_tax + tax + (order["amount_global_relay_cost"] or 0)
    if not 0 <= order["amount_credit_applied"] <= total:
        raise AcceptanceError(f"Credit applied must be between 0 and the total of {total}")
    return {"amount_tax": tax, "amount_total": total}


def _tier(batch: Row, *, are_cards: bool) -> str:
    """Return what is shipped where: gift cards go by email, and so abroad where the sender lets them."""
    tier: str = batch["international_shipping_tier"]
    go_abroad = are_cards and tier != DISABLED and batch["international_gift_cards_enabled"]
    return WORLDWIDE if go_abroad else tier


def _keep(acceptance: Acceptance, order: Row, batch: Row, terms: SwapTerms) -> tuple[Changes, list[Product]]:
    if terms.choices:
        raise RefusedError("This is a gift of choice: take a product of its collection, as `swap`")
    items, products = cart(order, batch)["items"], terms.shelf.products
    selections = [_kept_choices(acceptance, item, products) for item in items]
    goods = [products[item["product"]["id"]] for item in items if item["product"]["id"] in products]
    return {"selections": json.dumps(selections)}, goods


def _kept_choices(acceptance: Acceptance, item: Json, products: Mapping[str, Product]) -> Choices:
    product_id, quantity = item["product"]["id"], item["quantity"]
    product = products.get(product_id)
    if product is None:  # It has left the catalog since, or the order is of a catalog of another seed.
        return [[]] * quantity
    names = acceptance.variants.get(item["id"], acceptance.variants.get(product_id))
    return choices_of_units(product, quantity, names)


def _swap(acceptance: Acceptance, terms: SwapTerms) -> tuple[Changes, Sequence[Product]]:
    lines = terms.lines(acceptance.swap)
    selections = [
        choices_of_units(line.product, line.quantity, item.variants)
        for item, line in zip(acceptance.swap, lines, strict=True)
    ]
    quote = pricing.quote(lines)
    changes: Changes = {
        "swapped_cart": json.dumps(new_cart(lines)),
        "selections": json.dumps(selections),
        "brand_costs": msgspec.json.encode(quote.brands).decode(),
        "amount_product": quote.product,
        "amount_shipping": quote.shipping,
        "amount_processing_fee": quote.processing_fee,
    }
    return changes, [line.product for line in lines]
