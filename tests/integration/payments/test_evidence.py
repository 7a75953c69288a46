"""What orders become from evidence that comes late, twice, in any order, or never."""

import itertools
from typing import Any

import pytest

from tests.integration.payments.stage import Wired, counted, log_of, order_row, sweep_after
from tests.shop import Shop

DONE = {"order_batch.submitted": 1, "order.created": 1, "order_batch.completed": 1}
DELIVERED = [
    "order.created",
    "order_batch.completed",
    "order.opened",
    "order.accepted",
    "order.paid",
    "order.shipped",
    "order.delivered",
]


def test_a_life_told_backwards_ends_the_same(shop: Shop) -> None:
    order_id, told = _lived(shop)
    for event_type, data in reversed(told):
        shop.hear(event_type, data)
    assert order_row(shop, order_id).status == "delivered"
    assert [event.type for event in log_of(shop, shop.app_id)][1:] == DELIVERED


@pytest.mark.parametrize("order_of_telling", list(itertools.permutations(range(4)))[::5])
def test_a_life_told_in_any_order_and_twice_ends_the_same(shop: Shop, order_of_telling: tuple[int, ...]) -> None:
    order_id, told = _lived(shop)
    for index in (*order_of_telling, *order_of_telling):
        shop.hear(*told[index + 1])
    row, truth = order_row(shop, order_id), shop.goody.order(order_id)
    assert (row.status, row.supplier_status) == ("delivered", "delivered")
    assert row.amounts["amount_total"] == truth["amounts"]["amount_total"]
    assert row.shipments[0]["status"] == "delivered"
    counts = counted(shop)
    assert counts.pop("order.payment_link_ready", 0) <= 1
    assert counts == {**DONE, **dict.fromkeys(DELIVERED[2:], 1)}


def test_an_older_payload_never_overwrites_a_newer_one(shop: Shop) -> None:
    order_id = shop.order()["id"]
    opened = shop.goody.step(order_id, "open")
    accepted = shop.goody.step(order_id, "accept")
    swapped = {**accepted, "is_swapped": True, "original_cart": accepted["cart"], "cart": {"id": "new", "items": []}}
    shop.hear("order.gift_accepted", swapped)
    before = order_row(shop, order_id)
    shop.hear("order.gift_opened", opened)
    shop.hear("order.created", {**opened, "status": "created"})
    after = order_row(shop, order_id)
    assert (after.amounts, after.cart, after.payment_link) == (before.amounts, before.cart, before.payment_link)
    assert after.amounts["amount_total"] == accepted["amounts"]["amount_total"] is not None
    assert (after.is_swapped, after.cart["id"], after.payment_link) == (True, "new", accepted["payment_link"])
    assert after.updated_at == before.updated_at


def test_the_payment_link_is_told_once_and_not_after_it_is_paid(shop: Shop) -> None:
    order_id = shop.order()["id"]
    accepted = shop.goody.step(order_id, "accept")
    shop.hear("order.gift_accepted", accepted)
    shop.hear("order.gift_accepted", accepted)
    assert counted(shop)["order.payment_link_ready"] == 1
    assert shop.call("GET", f"/v1/orders/{order_id}").get_json()["payment_link"] == accepted["payment_link"]

    paid = shop.goody.step(order_id, "pay")
    assert paid["payment_link"], "Goody goes on naming the link"
    shop.services.activities.poll_due()
    shop.hear("order.gift_accepted", accepted)
    shop.hear("order.gift_accepted", {**accepted, "payment_link": "https://example.com/checkout?key=another"})
    assert counted(shop)["order.payment_link_ready"] == 1
    assert shop.call("GET", f"/v1/orders/{order_id}").get_json()["payment_link"] is None


def test_a_link_learnt_after_payment_is_never_announced(shop: Shop) -> None:
    order_id = shop.order()["id"]
    accepted = shop.goody.step(order_id, "accept")
    shop.goody.step(order_id, "pay")
    shop.services.activities.poll_due()
    shop.hear("order.gift_accepted", accepted)
    assert counted(shop) == {**DONE, "order.opened": 1, "order.accepted": 1, "order.paid": 1}


@pytest.mark.parametrize("status", ["accepted", "pending_payment"])
def test_a_payment_link_counts_whatever_the_status_says(shop: Shop, status: str) -> None:
    accepted = shop.goody.step(shop.order()["id"], "accept")
    shop.hear("order.gift_accepted", {**accepted, "status": status})
    row = order_row(shop, accepted["id"])
    assert (row.status, row.supplier_status, row.payment_link) == ("pending_payment", status, accepted["payment_link"])
    assert counted(shop)["order.payment_link_ready"] == 1


def test_an_acceptance_without_a_link_announces_none(shop: Shop) -> None:
    accepted = shop.goody.step(shop.order()["id"], "accept")
    shop.hear("order.gift_accepted", {**accepted, "status": "accepted", "payment_link": None})
    assert order_row(shop, accepted["id"]).status == "accepted"
    assert counted(shop)["order.payment_link_ready"] == 0
    shop.services.activities.poll_due()
    assert counted(shop)["order.payment_link_ready"] == 1


def test_a_delivered_event_whose_payload_says_shipped_is_delivered(shop: Shop) -> None:
    order_id, told = _lived(shop)
    delivered = {**told[-1][1], "status": "shipped"}
    shop.hear("order.delivered", delivered)
    row = order_row(shop, order_id)
    assert (row.status, row.supplier_status, row.shipments[0]["status"]) == ("delivered", "shipped", "delivered")
    shop.hear("order.shipped", told[-2][1])
    assert order_row(shop, order_id).status == "delivered"
    assert counted(shop)["order.delivered"] == 1


def test_a_refund_is_recorded_beside_the_status_once(shop: Shop) -> None:
    order_id = shop.order()["id"]
    shop.goody.step(order_id, "accept")
    shop.goody.step(order_id, "pay")
    shop.services.activities.poll_due()
    refunded = shop.goody.step(order_id, "refund")
    shop.hear("order.refunded", refunded)
    first = order_row(shop, order_id).refunded_at
    shop.clock.advance(hours=3)
    shop.hear("order.refunded", refunded)
    row = order_row(shop, order_id)
    assert (row.refunded_at, row.refund_amount) == (first, None)
    assert first is not None
    assert row.status == "ordered"
    assert counted(shop)["order.refunded"] == 1
    assert counted(shop)["order.canceled"] == 0


def test_a_thank_you_note_is_told_once(shop: Shop) -> None:
    order_id = shop.order()["id"]
    shop.goody.step(order_id, "accept")
    thanked = shop.goody.step(order_id, "thank_you_note", {"note": "Lovely!"})
    shop.hear("order.thank_you_note_added", thanked)
    shop.hear("order.thank_you_note_added", thanked)
    shop.services.activities.poll_due()
    assert order_row(shop, order_id).thank_you_note == "Lovely!"
    assert counted(shop)["order.thank_you_note_added"] == 1


@pytest.mark.parametrize("status", ["failed", "canceled", "opened"])
def test_a_cancelled_order_is_canceled_whatever_goody_calls_it(shop: Shop, status: str) -> None:
    canceled = shop.goody.step(shop.order()["id"], "cancel")
    shop.hear("order.canceled", {**canceled, "status": status})
    row = order_row(shop, canceled["id"])
    assert (row.status, row.supplier_status) == ("canceled", status)
    shop.hear("order.gift_accepted", {**canceled, "status": "pending_payment", "payment_link": "https://x.example/pay"})
    row = order_row(shop, canceled["id"])
    assert (row.status, row.payment_link) == ("canceled", None)
    assert counted(shop) == {**DONE, "order.canceled": 1}


def test_a_status_that_nobody_knows_is_kept_and_moves_nothing(shop: Shop) -> None:
    order_id = shop.order()["id"]
    opened = shop.goody.step(order_id, "open")
    shop.hear("order.gift_opened", opened)
    shop.hear("order.thank_you_note_added", {**opened, "status": "pending_user_approval"})
    row = order_row(shop, order_id)
    assert (row.status, row.supplier_status) == ("opened", "pending_user_approval")
    assert counted(shop) == {**DONE, "order.opened": 1}


def test_an_order_first_heard_of_in_an_unknown_status_is_created(shop: Shop) -> None:
    order = shop.goody.order(shop.order()["id"])
    shop.hear("order.created", {**order, "id": "11111111-1111-4111-8111-111111111111", "status": "in_limbo"})
    row = order_row(shop, "11111111-1111-4111-8111-111111111111")
    assert (row.status, row.supplier_status) == ("created", "in_limbo")


def test_an_order_first_heard_of_when_it_is_cancelled_is_told_to_have_been_created(wired: Wired) -> None:
    shop = wired.shop
    wired.wire.step_in("POST", "/v1/order_batches", wired.wire.lose_answer)
    assert shop.complete(shop.checkout()).status_code == 202
    order_id = shop.goody.batches[0]["orders_preview"][0]["id"]
    shop.goody.step(order_id, "cancel")
    sweep_after(shop, seconds=31)
    told = [event.type for event in log_of(shop, shop.app_id) if event.subject == order_id]
    assert told == ["order.created", "order.canceled"]
    steps = shop.call("GET", f"/v1/orders/{order_id}/timeline").get_json()["data"]
    assert [(step["step"], step["is_told"]) for step in steps] == [("created", False), ("canceled", True)]


def _lived(shop: Shop) -> tuple[str, list[tuple[str, dict[str, Any]]]]:
    """An order that went all the way at Goody, and the webhooks about it, none delivered yet."""
    order_id = shop.order()["id"]
    told = [("order.created", shop.goody.order(order_id))]
    for step, event_type in [
        ("open", "order.gift_opened"),
        ("accept", "order.gift_accepted"),
        ("pay", None),
        ("ship", "order.shipped"),
        ("deliver", "order.delivered"),
    ]:
        data = shop.goody.step(order_id, step)
        if event_type is not None:
            told.append((event_type, data))
    return order_id, told
