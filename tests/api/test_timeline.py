"""An order's timeline: what happened, who told of it and when, whatever the order in which it was told."""

from typing import Any

from tests.api.answers import problem
from tests.shop import Shop


def _timeline(shop: Shop, order_id: str, **caller: Any) -> list[dict[str, Any]]:
    answer = shop.call("GET", f"/v1/orders/{order_id}/timeline", **caller)
    assert answer.status_code == 200, answer.text
    steps: list[dict[str, Any]] = answer.get_json()["data"]
    return steps


def _told(steps: list[dict[str, Any]]) -> list[tuple[str, str, bool, bool]]:
    return [(step["step"], step["source"]["kind"], step["is_told"], step["is_late"]) for step in steps]


def test_each_step_has_its_source(shop: Shop) -> None:
    order_id = shop.order()["id"]
    shop.hear("order.gift_opened", shop.goody.step(order_id, "open"), svix_id="msg_opened")
    shop.hear("order.gift_accepted", shop.goody.step(order_id, "accept"), svix_id="msg_accepted")
    shop.goody.step(order_id, "pay")
    shop.services.activities.poll_due()
    shop.hear("order.shipped", shop.goody.step(order_id, "ship"), svix_id="msg_shipped")
    shop.hear("order.refunded", shop.goody.step(order_id, "refund"), svix_id="msg_refunded")
    steps = _timeline(shop, order_id)
    assert [step for step, _, _, _ in _told(steps)] == [
        "created", "notified", "opened", "accepted", "pending_payment", "payment_link_ready", "paid", "ordered",
        "shipped", "refunded",
    ]  # fmt: skip
    by_name = {step["step"]: step for step in steps}
    assert by_name["created"]["source"] == {"kind": "submission"}
    assert by_name["opened"]["source"] == {"kind": "webhook", "svix_id": "msg_opened"}
    assert (by_name["notified"]["is_told"], by_name["notified"]["source"]["svix_id"]) == (False, "msg_opened")
    assert by_name["payment_link_ready"]["source"]["svix_id"] == "msg_accepted"
    assert by_name["paid"]["source"]["kind"] == "activity"
    assert by_name["paid"]["source"]["activity_id"]
    assert by_name["paid"]["happened_at"] is not None
    assert by_name["refunded"]["status"] == "shipped", "beside the status"
    times = [step["recorded_at"] for step in steps]
    assert times == sorted(times)


def test_late_news_shows_as_such_once_and_moves_nothing(shop: Shop) -> None:
    order_id = shop.order()["id"]
    opened = shop.goody.step(order_id, "open")
    accepted = shop.goody.step(order_id, "accept")
    shop.hear("order.gift_accepted", accepted)
    before = _timeline(shop, order_id)
    shop.hear("order.gift_accepted", accepted)
    assert _timeline(shop, order_id) == before, "a repeat leaves no trace"
    for svix_id in ("msg_late", "msg_later"):
        shop.hear("order.gift_opened", opened, svix_id=svix_id)
    steps = _timeline(shop, order_id)
    assert steps[:-1] == before
    assert _told(steps)[-1] == ("opened", "webhook", True, True)
    assert (steps[-1]["status"], steps[-1]["source"]["svix_id"]) == ("pending_payment", "msg_late")
    shop.hear("order.created", {**opened, "status": "created"})
    assert _timeline(shop, order_id) == steps, "created was told before"


def test_a_shopper_sees_what_happened_and_not_the_partners_business(shop: Shop) -> None:
    checkout = shop.checkout(key=shop.pk)
    order_id = shop.complete(checkout).get_json()["orders"][0]["id"]
    shop.hear("order.gift_opened", shop.goody.step(order_id, "open"), svix_id="msg_1")
    assert shop.call("POST", f"/v1/orders/{order_id}/cancel").status_code == 200
    backend = _timeline(shop, order_id)
    shopper = _timeline(shop, order_id, key=shop.pk, secret=checkout["client_secret"])
    assert [step["step"] for step in backend] == ["created", "notified", "opened", "cancel_requested", "canceled"]
    assert [step["step"] for step in shopper] == ["created", "notified", "opened", "canceled"]
    assert all(set(step["source"]) == {"kind"} for step in shopper)
    other = shop.checkout(key=shop.pk)
    path = f"/v1/orders/{order_id}/timeline"
    problem(shop.call("GET", path, key=shop.pk, secret=other["client_secret"]), 404, "not_found")


def test_a_swap_shows_both_carts_and_both_amounts(shop: Shop) -> None:
    dear = shop.product()
    order_id = shop.order()["id"]
    cheap = next(
        product
        for product in shop.call("GET", "/v1/products?sort=price&limit=100").get_json()["data"]
        if not product["price_is_variable"] and product["id"] != dear["id"] and product["price"] <= dear["price"]
        and not product["variants_num_selectable"]
    )  # fmt: skip
    before = shop.call("GET", f"/v1/orders/{order_id}").get_json()
    address = {"address_1": "1 Main St", "city": "New York", "state": "NY", "postal_code": "10022", "country": "US"}
    swap = [{"product_id": cheap["id"], "quantity": 1}]
    shop.hear("order.gift_accepted", shop.goody.step(order_id, "accept", {"mailing_address": address, "swap": swap}))
    shown, truth = shop.call("GET", f"/v1/orders/{order_id}").get_json(), shop.goody.order(order_id)
    assert shown["is_swapped"]
    assert [item["product"]["id"] for item in shown["cart"]["items"]] == [cheap["id"]]
    assert shown["original_cart"] == before["cart"]
    assert shown["amounts"] == truth["amounts"]
    assert shown["original_amounts"] == truth["original_amounts"]
    original = shown["original_amounts"]
    assert original["original_amount_pre_tax_total"] == before["amounts"]["amount_pre_tax_total"]
    assert "swapped" in [step["step"] for step in _timeline(shop, order_id)]
    assert [each["id"] for each in shop.call("GET", "/v1/orders?status=pending_payment").get_json()["data"]] == [
        order_id
    ]
    assert shop.call("GET", "/v1/orders?status=created").get_json()["data"] == []
