"""What a recipient's acceptance makes of an order: its cart, its choices, its amounts before tax."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from goody_emulator.catalog.model import Product
from goody_emulator.errors import AcceptanceError, RefusedError
from goody_emulator.inputs import Acceptance
from goody_emulator.orders import pricing
from goody_emulator.orders.carts import Choices, choices_of_units, new_cart
from goody_emulator.orders.swaps import swapped_lines
from goody_emulator.orders.validation import check_address, check_shippable
from goody_emulator.orders.wire import Json, cart
from goody_emulator.state.store import Row

Changes = dict[str, Any]


def changes_by(acceptance: Acceptance, order: Row, batch: Row, products: Mapping[str, Product]) -> Changes:
    """Return the columns of an order that an acceptance changes; AcceptanceError says what is not to be had."""
    try:
        check_address(acceptance.mailing_address)
        taken = _swap if acceptance.swap else _keep
        changes, goods = taken(acceptance, order, batch, products)
        check_shippable(acceptance.mailing_address, goods)
    except RefusedError as error:
        raise AcceptanceError(str(error)) from error
    address = json.dumps(msgspec.structs.asdict(acceptance.mailing_address))
    return {**changes, "mailing_address": address, "amount_credit_applied": acceptance.credit_applied}


def _keep(
    acceptance: Acceptance, order: Row, batch: Row, products: Mapping[str, Product]
) -> tuple[Changes, list[Product]]:
    items = cart(order, batch)["items"]
    selections = [_kept_choices(acceptance, item, products) for item in items]
    goods = [products[item["product"]["id"]] for item in items if item["product"]["id"] in products]
    return {"selections": json.dumps(selections)}, goods


def _kept_choices(acceptance: Acceptance, item: Json, products: Mapping[str, Product]) -> Choices:
    product_id, quantity = item["product"]["id"], item["quantity"]
    product = products.get(product_id)
    if product is None:  # Kept orders may be of a catalog of another seed, of which nothing is known any more.
        return [[]] * quantity
    names = acceptance.variants.get(item["id"], acceptance.variants.get(product_id))
    return choices_of_units(product, quantity, names)


def _swap(acceptance: Acceptance, _: Row, batch: Row, products: Mapping[str, Product]) -> tuple[Changes, list[Product]]:
    budget = json.loads(batch["quote"])["product"]
    lines = swapped_lines(batch["swap"], acceptance.swap, budget, products)
    selections = [
        choices_of_units(line.product, line.quantity, item.variants)
        for item, line in zip(acceptance.swap, lines, strict=True)
    ]
    quote = pricing.quote(lines)
    changes: Changes = {
        "swapped_cart": json.dumps(new_cart(lines)),
        "selections": json.dumps(selections),
        "share_base": quote.share_base,
        "amount_product": quote.product,
        "amount_shipping": quote.shipping,
        "amount_processing_fee": quote.processing_fee,
    }
    return changes, [line.product for line in lines]
