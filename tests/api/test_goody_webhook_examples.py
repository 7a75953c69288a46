"""Every webhook example of Goody's documentation, signed and posted: about strangers' orders, then about ours."""

import json
from typing import Any, Final

import pytest
from werkzeug.test import TestResponse

from tests.integration.goody.test_webhook_examples import MESSAGES
from tests.shop import Shop

IDS: Final = [f"{index}-{message['event_type']}" for index, message in enumerate(MESSAGES)]
ORDERS: Final = {message["event_type"]: message for message in MESSAGES if message["event_type"].startswith("order.")}
BATCHES: Final = [message for message in MESSAGES if "batch." in message["event_type"]]

# What an order that was just sent becomes, and what the app's log says of it.
MOVES: Final[dict[str, tuple[str, list[str]]]] = {
    "order.created": ("notified", []),
    "order.gift_opened": ("opened", ["order.opened"]),
    "order.gift_accepted": (
        "pending_payment",
        ["order.opened", "order.accepted", "order.payment_link_ready"],
    ),
    "order.shipped": ("shipped", ["order.opened", "order.accepted", "order.paid", "order.shipped"]),
    "order.delivered": (
        "delivered",
        ["order.opened", "order.accepted", "order.paid", "order.shipped", "order.delivered"],
    ),
    "order.canceled": ("canceled", ["order.canceled"]),
    "order.refunded": (
        "shipped",
        ["order.opened", "order.accepted", "order.paid", "order.shipped", "order.refunded"],
    ),
    "order.thank_you_note_added": (
        "accepted",
        ["order.opened", "order.accepted", "order.thank_you_note_added"],
    ),
}


def _post(shop: Shop, message: dict[str, Any]) -> TestResponse:
    response = shop.deliver(json.dumps(message).encode())
    shop.services.inbox.apply_due()
    return response


def _states(shop: Shop) -> list[tuple[str, str | None, int]]:
    with shop.services.sessions.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT state, reason, tries FROM webhook_messages").all()
    return [(state, reason, tries) for state, reason, tries in rows]


@pytest.mark.parametrize("message", MESSAGES, ids=IDS)
def test_about_a_strangers_order_it_is_taken_and_in_the_end_ignored(shop: Shop, message: dict[str, Any]) -> None:
    shop.order()
    before = shop.events()
    assert _post(shop, message).status_code == 204
    shop.clock.advance(minutes=11)
    shop.services.inbox.apply_due()
    [(state, reason, _)] = _states(shop)
    # Goody did not show such a batch for ten minutes.
    assert (state, str(reason)[:8]) == ("ignored", "foreign:")
    assert shop.events() == before


@pytest.mark.parametrize("spelling", ["order_batch_id", "gift_batch_id"])
@pytest.mark.parametrize("event_type", ORDERS)
def test_about_an_order_of_ours_it_moves_the_order(shop: Shop, event_type: str, spelling: str) -> None:
    order = shop.order()
    assert order["status"] in {"created", "notified"}
    before = len(shop.event_types())
    message = ORDERS[event_type]
    data = {name: value for name, value in message["data"].items() if name != "order_batch_id"}
    data |= {"id": order["id"], spelling: shop.goody.batches[0]["id"]}
    assert _post(shop, {**message, "data": data}).status_code == 204
    assert _states(shop) == [("applied", None, 0)]

    now = shop.call("GET", f"/v1/orders/{order['id']}").get_json()
    status, told = MOVES[event_type]
    assert now["status"] == (order["status"] if event_type == "order.created" else status)
    assert shop.event_types()[before:] == told
    assert now["payment_link"] == (data.get("payment_link") if status == "pending_payment" else None)
    assert (now["refunded_at"] is not None) == (event_type == "order.refunded")
    assert now["thank_you_note"] == data["thank_you_note"]
    assert len(now["shipments"]) == len(data["shipments"])
    # The recipient's name in the example is what Goody tells last.
    assert now["recipient_first_name"] == data["recipient_first_name"]


def test_every_documented_order_event_is_covered() -> None:
    assert set(MOVES) == set(ORDERS)
    assert len(MESSAGES) == len(ORDERS) + len(BATCHES)


@pytest.mark.parametrize("message", BATCHES, ids=[f"{i}-{m['event_type']}" for i, m in enumerate(BATCHES)])
def test_a_batch_of_ours_whose_answer_was_lost_is_found_by_its_message(shop: Shop, message: dict[str, Any]) -> None:
    """The webhook may come before the answer to the POST is known: our reference in it tells whose it is."""
    checkout = shop.checkout(recipients=[{"first_name": "Li"}, {"first_name": "Bo"}])
    shop.goody.fail(kind="lost_answer", method="POST", path="/v1/order_batches", count=1)
    batch = shop.complete(checkout).get_json()
    assert batch["submission_status"] == "unknown"

    at_goody = shop.goody.batches[0]
    previews = [
        {**preview, "id": order["id"], "gift_batch_id": at_goody["id"]}
        for preview, order in zip(message["data"]["gifts_preview"], at_goody["orders_preview"], strict=True)
    ]
    data = {**message["data"], "id": at_goody["id"], "customer_reference_id": batch["id"], "gifts_preview": previews}
    assert _post(shop, {**message, "data": data}).status_code == 204
    assert _states(shop) == [("applied", None, 0)]

    found = shop.call("GET", f"/v1/order_batches/{batch['id']}").get_json()
    assert (found["submission_status"], found["send_status"]) == ("submitted", "complete")
    assert {order["id"] for order in found["orders"]} == {order["id"] for order in at_goody["orders_preview"]}
    assert shop.call("GET", f"/v1/checkouts/{checkout['id']}").get_json()["status"] == "completed"
    assert shop.event_types().count("order_batch.submitted") == shop.event_types().count("order_batch.completed") == 1
    assert shop.goody.posts() == 1
