"""Orders and their batches as the API shows them."""

import base64
from typing import Any

import pytest

from tests.api.answers import faults, problem
from tests.api.pages import flat, walk
from tests.patience import until
from tests.shop import Shop


def _get(shop: Shop, path: str) -> dict[str, Any]:
    response = shop.call("GET", path)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.get_json()
    return found


def _advance(shop: Shop, order_id: str, *steps: str) -> None:
    """Let these steps happen at Goody, and be heard of."""
    events = {"open": "gift_opened", "accept": "gift_accepted", "ship": "shipped", "deliver": "delivered"}
    for step in steps:
        told = shop.goody.step(order_id, step)
        if step in events:
            shop.hear(f"order.{events[step]}", told)
        else:
            shop.services.activities.poll_due()


def test_a_batch_shows_what_was_sold_and_its_orders(shop: Shop) -> None:
    product = shop.product()
    recipients = [{"first_name": "Li", "last_name": "Wei"}, {"first_name": "Bo"}]
    checkout = shop.checkout(recipients=recipients, customer_id="c-1")
    batch = shop.complete(checkout).get_json()
    at_goody = shop.goody.batches[0]
    assert at_goody["customer_reference_id"] == batch["id"]
    assert {name: batch[name] for name in ("checkout_id", "customer_id", "payment_mode", "quote")} == {
        "checkout_id": checkout["id"],
        "customer_id": "c-1",
        "payment_mode": "hosted_payment",
        "quote": checkout["quote"],
    }
    assert (batch["submission_status"], batch["send_status"], batch["recipients_count"]) == ("submitted", "complete", 2)
    assert batch["submitted_at"] is not None
    assert batch["completed_at"] is not None
    assert batch["lines"] == [
        {
            "product_id": product["id"],
            "name": product["name"],
            "brand_id": product["brand"]["id"],
            "brand_name": product["brand"]["name"],
            "price": product["price"],
            "quantity": 1,
            "variants": [],
            "is_price_chosen": False,
        }
    ]
    assert {order["id"] for order in batch["orders"]} == {order["id"] for order in at_goody["orders_preview"]}
    assert _get(shop, f"/v1/order_batches/{batch['id']}") == batch


def test_an_order_shows_what_goody_tells(shop: Shop) -> None:
    order = shop.order()
    at_goody = shop.goody.order(order["id"])
    for name in (
        "id",
        "individual_gift_link",
        "recipient_first_name",
        "recipient_last_name",
        "is_swapped",
        "reference_id",
    ):
        assert order[name] == at_goody[name]
    assert order["cart"]["items"][0]["product"]["name"] == at_goody["cart"]["items"][0]["product"]["name"]
    assert order["amounts"]["amount_pre_tax_total"] == at_goody["amounts"]["amount_pre_tax_total"]
    assert order["amounts"]["amount_tax"] is order["amounts"]["amount_total"] is None
    assert order["currency"] == "USD"
    for name in ("payment_link", "original_cart", "original_amounts", "refunded_at", "refund_amount", "thank_you_note"):
        assert order[name] is None
    assert order["shipments"] == []
    assert _get(shop, f"/v1/orders/{order['id']}") == order


def test_the_payment_link_shows_only_while_it_can_be_paid(shop: Shop) -> None:
    order_id = shop.order()["id"]
    seen = {}
    for step in (None, "open", "accept", "pay", "ship", "deliver"):
        if step is not None:
            _advance(shop, order_id, step)
        shown = _get(shop, f"/v1/orders/{order_id}")
        listed = _get(shop, "/v1/orders")["data"][0]
        batch = _get(shop, f"/v1/order_batches/{shown['order_batch_id']}")["orders"][0]
        assert shown == listed == batch
        seen[shown["status"]] = shown["payment_link"]
    link = shop.goody.order(order_id)["payment_link"] or seen["pending_payment"]
    assert {status: shown for status, shown in seen.items() if shown is not None} == {"pending_payment": link}
    assert link.startswith("http")
    assert "delivered" in seen


def test_a_canceled_order_has_no_payment_link(shop: Shop) -> None:
    order_id = shop.order()["id"]
    shop.hear("order.canceled", shop.goody.step(order_id, "cancel"))
    shown = _get(shop, f"/v1/orders/{order_id}")
    assert (shown["status"], shown["payment_link"]) == ("canceled", None)


def test_orders_are_listed_newest_first_page_by_page(shop: Shop) -> None:
    expected: list[str] = []
    for _ in range(3):
        checkout = shop.checkout(recipients=[{"first_name": "Li"}, {"first_name": "Bo"}, {"first_name": "Cy"}])
        batch = shop.complete(checkout).get_json()
        newest = sorted((order["id"] for order in batch["orders"]), reverse=True)
        expected = [*newest, *expected]
    pages = walk(shop, "/v1/orders?limit=2")
    assert [len(page) for page in pages] == [2, 2, 2, 2, 1]
    assert [order["id"] for order in flat(pages)] == expected
    assert [order["id"] for order in flat(walk(shop, "/v1/orders"))] == expected


def test_a_new_order_shifts_no_page_under_way(shop: Shop) -> None:
    seen = [shop.order()["id"] for _ in range(3)]
    first = _get(shop, "/v1/orders?limit=2")
    shop.order()
    rest = _get(shop, f"/v1/orders?limit=2&cursor={first['next_cursor']}")
    assert [order["id"] for order in first["data"] + rest["data"]] == seen[::-1]


def test_orders_are_filtered(shop: Shop) -> None:
    one = shop.complete(shop.checkout(customer_id="c-1")).get_json()
    two = shop.complete(shop.checkout(customer_id="c-2")).get_json()
    _advance(shop, two["orders"][0]["id"], "open")

    def found(query: str) -> list[str]:
        return [order["order_batch_id"] for order in flat(walk(shop, f"/v1/orders?{query}"))]

    assert found("customer=c-1") == [one["id"]]
    assert found("status=opened") == [two["id"]]
    assert found(f"batch={one['id']}") == [one["id"]]
    assert found("customer=c-1&status=opened") == []
    assert found("customer=nobody") == found("batch=ob_x") == found("status=delivered") == []


def test_a_large_batch_shows_ten_orders_and_pages_the_rest(shop: Shop) -> None:
    checkout = shop.checkout(recipients=[{"first_name": f"R{i}"} for i in range(12)])
    batch_id = shop.complete(checkout).get_json()["id"]
    until(lambda: bool(shop.goody.batches[0]["orders_preview"]))
    shop.hear("order_batch.completed", shop.goody.batches[0])
    assert len(_get(shop, f"/v1/order_batches/{batch_id}")["orders"]) == 10
    pages = walk(shop, f"/v1/order_batches/{batch_id}/orders?limit=5")
    assert [len(page) for page in pages] == [5, 5, 2]
    assert {order["recipient_first_name"] for order in flat(pages)} == {f"R{i}" for i in range(12)}


def test_the_orders_of_a_batch_that_is_not_there(shop: Shop) -> None:
    problem(shop.call("GET", "/v1/order_batches/ob_x/orders"), 404, "not_found")
    problem(shop.call("GET", "/v1/order_batches/ob_x"), 404, "not_found")
    problem(shop.call("GET", "/v1/orders/00000000-0000-4000-8000-000000000000"), 404, "not_found")


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        "e" * 1000,
        base64.urlsafe_b64encode(b"\xff\xff").decode(),
        base64.urlsafe_b64encode(b"yesterday 1").decode(),
        base64.urlsafe_b64encode(b"2026-01-01T00:00:00 1").decode(),
        base64.urlsafe_b64encode(b"2026-01-01T00:00:00+00:00").decode(),
        base64.urlsafe_b64encode(b"2026-01-01T00:00:00+00:00 a\0b").decode(),
    ],
)
def test_a_cursor_that_is_none_is_refused(shop: Shop, cursor: str) -> None:
    batch_id = shop.order()["order_batch_id"]
    for path in ("/v1/orders", f"/v1/order_batches/{batch_id}/orders"):
        assert faults(shop.call("GET", f"{path}?cursor={cursor}")) == [("/cursor", "bad_cursor")]


def test_amounts_after_acceptance_are_goodys(shop: Shop) -> None:
    order_id = shop.order()["id"]
    _advance(shop, order_id, "open", "accept")
    shown, at_goody = _get(shop, f"/v1/orders/{order_id}")["amounts"], shop.goody.order(order_id)["amounts"]
    assert shown["amount_total"] == shown["amount_pre_tax_total"] + shown["amount_tax"]
    assert {name: shown[name] for name in at_goody} == at_goody
