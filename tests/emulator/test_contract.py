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
