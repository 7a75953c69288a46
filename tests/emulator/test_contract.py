"""Every answer is as Goody's own description says."""

import pytest

from .openapi import PATH, Contract
from .partner import ADDRESS, HOSTED, STORED, Json, Partner
from .receiver import Receiver

pytestmark = pytest.mark.skipif(not PATH.exists(), reason="Goody's openapi.json is not beside this repository")


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract()


@pytest.mark.parametrize("path", ["/v1/me", "/v1/payment_methods", "/v1/brands", "/v1/cards"])
def test_account_and_catalog(partner: Partner, contract: Contract, path: str) -> None:
    contract.judge(f"GET {path}", partner.get(path))


def test_products(partner: Partner, contract: Contract) -> None:
    filters = {"use_custom_catalog": "true", "country_code": "US", "custom_catalog_show_inactive": "false"}
    for page in range(1, 13):
        contract.judge("GET /v1/products", partner.get("/v1/products", page=page, per_page=100, **filters))
    contract.judge("GET /v1/products/{id}", partner.get(f"/v1/products/{partner.products[0]['id']}"))


@pytest.mark.parametrize("send_method", ["link_multiple_custom_list", "direct_send"])
def test_prices(partner: Partner, contract: Contract, send_method: str) -> None:
    body = {
        "send_method": send_method,
        "recipients": [{"first_name": "Ada", "mailing_address": ADDRESS}],
        "cart": {"items": [{"product_id": partner.plain["id"], "quantity": 1}]},
    }
    answer = partner.http.post("/v1/order_batches/price", json=body)
    contract.judge("POST /v1/order_batches/price", answer.json())


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"recipients": [{"first_name": f"R{number}"} for number in range(11)]},
        {"scheduled_send_on": "2099-01-01T00:00:00Z", "expires_at": "2099-02-01T00:00:00Z"},
        {"send_method": "email_and_link", "swap": "disabled"},
        {"payment_method_id": STORED, "expires_at": "2099-02-01T00:00:00Z"},
        {"send_method": "direct_send", "recipients": [{"first_name": "Ada", "mailing_address": ADDRESS}]},
    ],
)
def test_batches(partner: Partner, contract: Contract, changes: Json) -> None:
    batch = partner.place(**changes)
    path = f"/v1/order_batches/{batch['id']}"
    contract.judge("POST /v1/order_batches", batch)
    contract.judge("GET /v1/order_batches", partner.get("/v1/order_batches"))
    contract.judge("GET /v1/order_batches/{id}", partner.get(path))
    contract.judge("GET /v1/order_batches/{id}/orders", partner.get(f"{path}/orders"))
    contract.judge("GET /v1/order_batches/{id}/recipients", partner.get(f"{path}/recipients"))


def test_orders_in_every_status(partner: Partner, contract: Contract) -> None:
    order_id = partner.place_one(card_id=partner.card_id, message="Enjoy")

    def judge_all() -> None:
        contract.judge("GET /v1/orders/{id}", partner.get(f"/v1/orders/{order_id}"))
        contract.judge("GET /v1/orders", partner.get("/v1/orders"))
        contract.judge("GET /v1/order_activities", partner.get("/v1/order_activities"))

    judge_all()
    partner.step(order_id, "open")
    judge_all()
    partner.accept(order_id)
    partner.step(order_id, "thank_you_note", {"note": "Oh!"})
    judge_all()
    for step in ("pay", "ship", "deliver"):
        partner.step(order_id, step)
        judge_all()


@pytest.mark.parametrize("payment_method_id", [HOSTED, STORED])
def test_a_swapped_order(partner: Partner, contract: Contract, payment_method_id: str) -> None:
    before = partner.place(payment_method_id=payment_method_id, expires_at="2099-02-01T00:00:00Z", swap="multiple")
    order = before["orders_preview"][0]
    swap = [{"product_id": partner.plain["id"], "quantity": 1}]
    swapped = partner.step(order["id"], "accept", {"mailing_address": ADDRESS, "swap": swap})
    assert swapped["is_swapped"] is True
    amounts = order["amounts"]
    assert swapped["original_amounts"] == {
        "original_amount_product": amounts["amount_product"],
        "original_amount_shipping": amounts["amount_shipping"],
        "original_amount_credit_applied": amounts["amount_credit_applied"],
        "original_amount_pre_tax_total": amounts["amount_pre_tax_total"],
    }
    contract.judge("GET /v1/orders/{id}", partner.get(f"/v1/orders/{order['id']}"))
    contract.judge("GET /v1/orders", partner.get("/v1/orders"))
    contract.judge("GET /v1/order_batches/{id}", partner.get(f"/v1/order_batches/{before['id']}"))
    contract.judge("GET /v1/payment_methods", partner.get("/v1/payment_methods"))


def test_cancel(partner: Partner, contract: Contract) -> None:
    answer = partner.http.post(f"/v1/orders/{partner.place_one()}/cancel")
    contract.judge("POST /v1/orders/{id}/cancel", answer.json())


SENT: Json = {"send_method": "direct_send", "recipients": [{"first_name": "Ada", "mailing_address": ADDRESS}]}


def _judge_order(partner: Partner, contract: Contract, order_id: str) -> Json:
    order = partner.get(f"/v1/orders/{order_id}")
    contract.judge("GET /v1/orders/{id}", order)
    contract.judge("GET /v1/orders", partner.get("/v1/orders"))
    contract.judge("GET /v1/order_activities", partner.get("/v1/order_activities"))
    path = f"/v1/order_batches/{order['order_batch_id']}"
    contract.judge("GET /v1/order_batches/{id}", partner.get(path))
    contract.judge("GET /v1/order_batches/{id}/orders", partner.get(f"{path}/orders"))
    contract.judge("GET /v1/order_batches", partner.get("/v1/order_batches"))
    return order


def test_several_shipments(partner: Partner, contract: Contract) -> None:
    plain = [each for each in partner.products if not (each["variants"] or each["price_is_variable"])]
    brands = list({each["brand"]["id"]: each for each in plain if "NY" not in each["restricted_states"]}.values())[:3]
    cart = {"items": [{"product_id": each["id"], "quantity": 1} for each in brands]}
    order_id = partner.place_one(cart=cart)
    partner.accept(order_id)
    partner.step(order_id, "pay", {"rest": True})
    assert _judge_order(partner, contract, order_id)["status"] == "paid"
    seen = []
    for step, place in (("ship", 2), ("ship", 0), ("deliver", 2), ("ship", 1), ("deliver", 0), ("deliver", 1)):
        partner.step(order_id, step, {"shipment": place})
        order = _judge_order(partner, contract, order_id)
        seen.append((order["status"], len(order["shipments"])))
    assert seen == [("shipped", 1), ("shipped", 2), ("shipped", 2), ("shipped", 3), ("shipped", 3), ("delivered", 3)]


@pytest.mark.parametrize(
    ("changes", "steps", "status"),
    [
        ({}, ["notify"], "notified"),
        ({}, ["expire"], "created"),
        ({}, ["open", "cancel"], "failed"),
        ({}, ["accept", "pay", "refund"], "ordered"),
        ({"international_shipping_tier": "full"}, ["accept"], "pending_payment"),
        ({"message": "Enjoy"}, ["open", "accept", "thank_you_note"], "pending_payment"),
    ],
)
def test_every_way_an_order_can_be(
    partner: Partner, contract: Contract, changes: Json, steps: list[str], status: str
) -> None:
    abroad = ADDRESS | ({"country": "CA"} if "international_shipping_tier" in changes else {})
    card = {"card_id": partner.card_id} if "message" in changes else {}
    order_id = partner.place_one(**changes, **card)
    for step in steps:
        partner.step(order_id, step, {"mailing_address": abroad} if step == "accept" else None)
    order = _judge_order(partner, contract, order_id)
    assert order["status"] in ({status, "notified"} if steps == ["expire"] else {status})
    assert (order["amounts"]["amount_global_relay_cost"] is not None) == (abroad["country"] == "CA")


def test_a_direct_send(partner: Partner, contract: Contract) -> None:
    order_id = partner.place_one(**SENT, notifications_enabled=False, commerce_end_user_id="user-1")
    partner.until(f"/v1/orders/{order_id}", lambda order: order["status"] == "pending_payment")
    _judge_order(partner, contract, order_id)


@pytest.mark.parametrize(("step", "status"), [("complete", "complete"), ("fail", "failed"), ("cancel", "canceled")])
def test_batches_in_every_status(partner: Partner, contract: Contract, step: str, status: str) -> None:
    batch = partner.place(scheduled_send_on="2099-01-01T00:00:00Z")
    assert partner.http.post(f"/_emulator/order_batches/{batch['id']}/{step}").status_code == 200
    shown = partner.get(f"/v1/order_batches/{batch['id']}")
    assert shown["send_status"] == status
    contract.judge("GET /v1/order_batches/{id}", shown)
    contract.judge("GET /v1/order_batches", partner.get("/v1/order_batches"))


def test_update_expiration(partner: Partner, contract: Contract) -> None:
    operation = "POST /v1/orders/{id}/update_expiration"
    path = f"/v1/orders/{partner.place_one()}/update_expiration"
    answer = partner.http.post(path, json={"expiration": "2098-02-01T00:00:00+0000"})
    assert answer.status_code == 200
    contract.judge(operation, answer.json())
    for wrong, status in ((path, 400), ("/v1/orders/nope/update_expiration", 404)):
        answer = partner.http.post(wrong, json={"expiration": "2020-02-01"})
        assert answer.status_code == status
        contract.judge(operation, answer.json(), refused=True)


@pytest.mark.parametrize("part", ["orders", "recipients"])
def test_a_page_that_is_none(partner: Partner, contract: Contract, part: str) -> None:
    answer = partner.http.get(f"/v1/order_batches/{partner.place()['id']}/{part}?page=0")
    assert (answer.status_code, answer.json()) == (400, {"error": "Page must be greater than 0"})
    contract.judge(f"GET /v1/order_batches/{{id}}/{part}", answer.json(), refused=True)


def test_only_an_order_alone_shows_event_times(partner: Partner) -> None:
    order_id = partner.place_one()
    assert "event_times" in partner.get(f"/v1/orders/{order_id}")
    assert "event_times" not in partner.get("/v1/orders")["data"][0]
    assert "event_times" not in partner.http.post(f"/v1/orders/{order_id}/cancel").json()


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("GET /v1/products/{id}", "/v1/products/nope"),
        ("GET /v1/order_batches/{id}", "/v1/order_batches/nope"),
        ("GET /v1/order_batches/{id}/orders", "/v1/order_batches/nope/orders"),
        ("GET /v1/orders/{id}", "/v1/orders/nope"),
    ],
)
def test_what_is_not_there(partner: Partner, contract: Contract, operation: str, path: str) -> None:
    answer = partner.http.get(path)
    assert answer.status_code == 404
    contract.judge(operation, answer.json(), refused=True)


def test_webhooks_carry_the_same_shapes(partner: Partner, receiver: Receiver, contract: Contract) -> None:
    batch = partner.place()
    batch_created, batch_completed, order_created = receiver.wait_for(batch["workspace_id"], 3)
    contract.judge("GET /v1/order_batches/{id}", batch_created.event["data"])
    contract.judge("GET /v1/order_batches/{id}", batch_completed.event["data"])
    contract.judge("GET /v1/orders/{id}", order_created.event["data"])
