"""The payment link and the events on their way to a partner, over REST."""

from collections.abc import Iterator
from typing import Any

from werkzeug.test import TestResponse

from tests.shop import Shop

Json = dict[str, Any]
ENDPOINTS = "/v1/webhook_endpoints"


def payable(shop: Shop) -> Json:
    """An order whose recipient has accepted, so that it has a payment link."""
    order = shop.order()
    for step, event in (("open", "gift_opened"), ("accept", "gift_accepted")):
        shop.hear(f"order.{event}", shop.goody.step(order["id"], step))
    return read(shop, order["id"])


def read(shop: Shop, order_id: str) -> Json:
    order: Json = shop.call("GET", f"/v1/orders/{order_id}").get_json()
    return order


def new_endpoint(shop: Shop, url: str = "http://127.0.0.1:9/hooks", **wish: object) -> Json:
    """A webhook endpoint, with its secret."""
    response = shop.call("POST", ENDPOINTS, {"url": url, **wish})
    assert response.status_code == 201, response.text
    endpoint: Json = response.get_json()
    return endpoint


def deliver(shop: Shop) -> None:
    """Deliver all that is due now."""
    while shop.services.relay.deliver_due():
        pass


def relay_answers(shop: Shop) -> Iterator[tuple[str, str, TestResponse]]:
    """A sample: every operation about webhook endpoints and deliveries answered well, and refusals."""
    made = shop.call("POST", ENDPOINTS, {"url": "http://127.0.0.1:9/hooks"})
    yield "post", ENDPOINTS, made
    yield "post", ENDPOINTS, shop.call("POST", ENDPOINTS, {"url": "ftp://x", "event_types": ["order.eaten"]})
    one, whole = f"{ENDPOINTS}/{{endpoint_id}}", f"{ENDPOINTS}/{made.get_json()['id']}"
    yield "get", ENDPOINTS, shop.call("GET", ENDPOINTS)
    yield "get", one, shop.call("GET", whole)
    yield "get", one, shop.call("GET", whole + "x")
    yield "patch", one, shop.call("PATCH", whole, {"description": "Ours"})
    yield "patch", one, shop.call("PATCH", whole, {}, headers={"If-Match": '"7"'})
    yield "post", f"{one}/secret/rotate", shop.call("POST", f"{whole}/secret/rotate", {"overlap_seconds": 60})
    tested = shop.call("POST", f"{whole}/test")
    yield "post", f"{one}/test", tested
    order = payable(shop)
    resend = "/v1/orders/{order_id}/payment_link/resend"
    yield "post", resend, shop.call("POST", resend.replace("{order_id}", order["id"]))
    deliver(shop)
    yield "get", f"{one}/deliveries", shop.call("GET", f"{whole}/deliveries?limit=3")
    yield "get", f"{one}/deliveries", shop.call("GET", f"{whole}/deliveries?status=lost")
    delivery = f"/v1/deliveries/{tested.get_json()['id']}"
    yield "get", "/v1/deliveries/{delivery_id}", shop.call("GET", delivery)
    yield "post", "/v1/deliveries/{delivery_id}/redeliver", shop.call("POST", f"{delivery}/redeliver")
    replay = "/replay?since=2026-01-01T00:00:00Z"
    yield "post", f"{one}/replay", shop.call("POST", whole + replay)
    yield "delete", one, shop.call("DELETE", whole)
    yield "post", "/v1/stream_tokens", shop.call("POST", "/v1/stream_tokens", {"customer_id": "cust_7"})
    yield "post", "/v1/stream_tokens", shop.call("POST", "/v1/stream_tokens", {})
    yield "get", "/v1/events/stream", shop.call("GET", "/v1/events/stream?token=x")
