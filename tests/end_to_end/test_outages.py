"""Goody away, or the storefront away: what can go on does, and what could not is made good."""

import signal

from .deployment import Deployment, until


def test_goody_is_away_for_a_while(deployment: Deployment) -> None:
    checkout = deployment.ready_checkout()
    deployment.goody.end(signal.SIGKILL)

    assert deployment.ask("GET", "/v1/products?include=total")[1]["total_count"] > 20
    product_id = checkout["items"][0]["product_id"]
    wish = {
        "from_name": "Ana",
        "items": [{"product_id": product_id, "quantity": 1}],
        "recipients": [{"first_name": "Li", "last_name": "Wei"}],
    }
    status, problem = deployment.ask("POST", "/v1/checkouts", wish)
    assert (status, problem["code"]) == (503, "supplier_unavailable")
    status, batch = deployment.complete(checkout)
    assert status == 202
    assert batch["submission_status"] in {"unknown", "sending"}
    assert batch["orders"] == []

    deployment.start_goody()
    until(lambda: "order_batch.submitted" in deployment.event_types(batch["id"]))
    assert len(deployment.batches()) == 1
    status, same = deployment.complete(checkout)
    assert (status, same["id"], len(same["orders"])) == (201, batch["id"], 1)
    assert deployment.ask("POST", "/v1/checkouts", wish)[0] == 201


def test_orders_survive_a_goody_that_restarts(deployment: Deployment) -> None:
    status, batch = deployment.complete(deployment.ready_checkout())
    assert status == 201
    order_id = batch["orders"][0]["id"]
    deployment.goody.end(signal.SIGTERM)
    deployment.start_goody()
    deployment.step(order_id, "open")
    until(lambda: "order.opened" in deployment.event_types(order_id))


def test_what_webhooks_told_while_nobody_listened_is_learnt_once(deployment: Deployment) -> None:
    _, batch = deployment.complete(deployment.ready_checkout())
    order_id = batch["orders"][0]["id"]
    until(lambda: all(each["status"] == "delivered" for each in deployment.deliveries()))
    assert deployment.web.end() == 0
    for step in ("open", "accept"):
        deployment.step(order_id, step)
    until(lambda: all(each["attempts"] for each in deployment.deliveries()))
    assert [each["status"] for each in deployment.deliveries()[-2:]] == ["pending", "pending"]
    deployment.start_web()

    # By the order's activities, or by another attempt: whichever is first.
    deployment.resend_what_failed()
    until(lambda: all(each["status"] == "delivered" for each in deployment.deliveries()))
    until(lambda: "order.payment_link_ready" in deployment.event_types(order_id))
    until(lambda: "order.opened" in deployment.event_types(order_id))
    types = deployment.event_types(order_id)
    assert sorted(types) == sorted(set(types)), "told once, however often it was heard"
    assert deployment.ask("GET", f"/v1/orders/{order_id}")[1]["status"] == "pending_payment"
