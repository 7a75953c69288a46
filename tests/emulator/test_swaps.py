"""What a recipient may take instead of the gift, and what the order then shows."""

from typing import Any

import pytest

from .partner import ADDRESS, Json, Partner
from .receiver import Receiver


def _cheap(partner: Partner) -> list[Json]:
    """Two products without variants that together cost less than the gift of these tests."""
    found = [
        each
        for each in partner.products
        if not (each["variants"] or each["price_is_variable"] or each["restricted_states"])
    ]
    return sorted(found, key=lambda each: each["price"])[:2]


def _dear(partner: Partner) -> Json:
    found = [each for each in partner.products if not (each["variants"] or each["price_is_variable"])]
    return max(found, key=lambda each: each["price"])


def _place(partner: Partner, **changes: Any) -> Json:
    cart = {"items": [{"product_id": _dear(partner)["id"], "quantity": 1}]}
    order: Json = partner.place(cart=cart, **changes)["orders_preview"][0]
    return order


def _swap(partner: Partner, order: Json, *items: Json, **address: str) -> tuple[int, Json]:
    body = {"mailing_address": ADDRESS | address, "swap": items}
    answer = partner.http.post(f"/_emulator/orders/{order['id']}/accept", json=body)
    found: Json = answer.json()
    return answer.status_code, found


@pytest.mark.parametrize("swap", [None, "single"])
def test_a_single_swap(partner: Partner, receiver: Receiver, swap: str | None) -> None:
    order, other = _place(partner, swap=swap), _cheap(partner)[0]
    status, swapped = _swap(partner, order, {"product_id": other["id"], "quantity": 1})
    assert (status, swapped["is_swapped"]) == (200, True)
    assert swapped["original_cart"] == order["cart"]
    assert [each["product"]["id"] for each in swapped["cart"]["items"]] == [other["id"]]
    assert swapped["cart"]["id"] != order["cart"]["id"]
    assert [each["cart_item_id"] for each in swapped["cart_selections"]] == [swapped["cart"]["items"][0]["id"]]
    amounts = swapped["amounts"]
    assert amounts["amount_product"] == other["price"]
    pre_tax = amounts["amount_product"] + amounts["amount_shipping"] + amounts["amount_processing_fee"]
    assert amounts["amount_pre_tax_total"] == pre_tax
    assert amounts["amount_tax"] == (pre_tax * 888 + 5000) // 10_000
    assert amounts["amount_total"] == pre_tax + amounts["amount_tax"]
    batch = partner.get(f"/v1/order_batches/{order['order_batch_id']}")
    assert batch["cart"] == order["cart"]
    events = [each.event for each in receiver.wait_for(order["workspace_id"], 4)]
    told = next(each["data"] for each in events if each["event_type"] == "order.gift_accepted")
    assert (told["is_swapped"], told["cart"]) == (True, swapped["cart"])


def test_several_items_up_to_the_price_of_the_gift(partner: Partner) -> None:
    order, (one, other) = _place(partner, swap="multiple"), _cheap(partner)
    status, swapped = _swap(partner, order, {"product_id": one["id"], "quantity": 2}, {"product_id": other["id"]})
    assert status == 200
    assert swapped["amounts"]["amount_product"] == 2 * one["price"] + other["price"]
    assert [each["quantity"] for each in swapped["cart"]["items"]] == [2, 1]
    assert [each["quantity_index"] for each in swapped["cart_selections"]] == [0, 1, 0]


def test_the_very_price_of_the_gift_is_not_too_much(partner: Partner) -> None:
    order = _place(partner, swap="multiple")
    status, swapped = _swap(partner, order, {"product_id": _dear(partner)["id"]})
    assert (status, swapped["is_swapped"]) == (200, True)


def test_choices_of_a_swap(partner: Partner) -> None:
    product = partner.product(lambda each: each["variants_num_selectable"] == 3 and not each["restricted_states"])
    names = [each["name"] for each in product["variants"]]
    cart = {"items": [{"product_id": _dear(partner)["id"], "quantity": 9}]}
    order = partner.place(cart=cart, swap="multiple")["orders_preview"][0]
    chosen = [names[0], names[1], names[1], names[2], names[2], names[0]]
    _, swapped = _swap(partner, order, {"product_id": product["id"], "quantity": 2, "variants": chosen})
    assert [each["variants"] for each in swapped["cart_selections"]] == [chosen[:3], chosen[3:]]


@pytest.mark.parametrize(
    ("swap", "items", "detail"),
    [
        ("disabled", [("cheap", 1)], "This gift can't be swapped"),
        ("single", [("cheap", 2)], "This gift can be swapped for one item only"),
        ("single", [("cheap", 1), ("other", 1)], "This gift can be swapped for one item only"),
        ("single", [("nope", 1)], "Product not found: nope"),
        ("multiple", [("cheap", 0)], "Quantity must be between 1 and 1000"),
        ("multiple", [("cheap", 1001)], "Quantity must be between 1 and 1000"),
        ("multiple", [("cheap", 100)], "Together that costs more than the gift"),
        ("single", [("open", 1)], "This gift can't be swapped for {open}"),
    ],
)
def test_refused_swaps(partner: Partner, swap: str, items: list[tuple[str, int]], detail: str) -> None:
    order, (cheap, other) = _place(partner, swap=swap), _cheap(partner)
    open_price = partner.product(lambda each: each["price_is_variable"])
    ids = {"cheap": cheap["id"], "other": other["id"], "open": open_price["id"], "nope": "nope"}
    wanted = [{"product_id": ids[name], "quantity": count} for name, count in items]
    status, problem = _swap(partner, order, *wanted)
    assert (status, problem["detail"]) == (422, detail.format(open=open_price["name"]))
    unchanged = partner.get(f"/v1/orders/{order['id']}")
    assert (unchanged["is_swapped"], unchanged["original_cart"], unchanged["original_amounts"]) == (False, None, None)
    assert unchanged["amounts"] == order["amounts"]


def test_a_swap_is_held_to_the_states_of_what_is_taken(partner: Partner) -> None:
    closed = min(
        (each for each in partner.products if each["restricted_states"] and not each["variants"]),
        key=lambda each: each["price"],
    )
    order, state = _place(partner, swap="multiple"), closed["restricted_states"][0]
    status, problem = _swap(partner, order, {"product_id": closed["id"]}, state=state)
    assert (status, problem["detail"]) == (422, f"{closed['name']} can't be shipped to {state}")
    assert _swap(partner, order, {"product_id": closed["id"]})[0] == 200


def test_a_gift_taken_as_it_is_shows_no_original(partner: Partner) -> None:
    accepted = partner.accept(_place(partner)["id"])
    assert (accepted["is_swapped"], accepted["original_cart"], accepted["original_amounts"]) == (False, None, None)


def test_every_unit_can_have_choices_of_its_own(partner: Partner) -> None:
    product = partner.product(lambda each: each["variants_num_selectable"] == 1 and not each["restricted_states"])
    names = [each["name"] for each in product["variants"]][:2]
    order = partner.place(cart={"items": [{"product_id": product["id"], "quantity": 2}]})["orders_preview"][0]
    for key in (product["id"], order["cart"]["items"][0]["id"]):
        wrong = {"mailing_address": ADDRESS, "variants": {key: [names[0]] * 3}}
        assert partner.http.post(f"/_emulator/orders/{order['id']}/accept", json=wrong).status_code == 422
    body = {"mailing_address": ADDRESS, "variants": {order["cart"]["items"][0]["id"]: names}}
    accepted = partner.step(order["id"], "accept", body)
    assert [each["variants"] for each in accepted["cart_selections"]] == [[names[0]], [names[1]]]
