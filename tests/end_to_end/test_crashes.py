"""Processes killed at the worst moment: no gift is lost, and none is sent twice."""

import signal
import time

import pytest

from foundation.http import ExchangeError
from foundation.ids import new_token

from .deployment import Deployment, until


def test_the_web_process_is_killed_while_goody_is_being_asked(deployment: Deployment) -> None:
    checkout, key = deployment.ready_checkout(), new_token()
    deployment.spoil(kind="delay", seconds=2)
    answer = deployment.completing(checkout, key)
    until(deployment.is_spoiling)
    deployment.web.end(signal.SIGKILL)
    with pytest.raises(ExchangeError):
        answer.result()
    deployment.start_web()

    status, shown = deployment.complete(checkout, key)
    assert (status, shown["code"]) == (409, "idempotency_key_in_flight"), "until the killed request's lease runs out"
    (batch,) = until(deployment.batches)
    batch_id = batch["customer_reference_id"]
    path = f"/v1/order_batches/{batch_id}"
    until(lambda: deployment.ask("GET", path)[1]["submission_status"] == "submitted")
    deployment.let_idempotency_leases_run_out()

    status, shown = deployment.complete(checkout, key)
    assert (status, shown["id"], len(shown["orders"])) == (201, batch_id, 1)
    replay = deployment.send(
        "POST", f"/v1/checkouts/{checkout['id']}/complete", {"payment_mode": "hosted_payment"}, Idempotency_Key=key
    )
    assert (replay.status, replay.headers["idempotent-replayed"]) == (201, "true")
    assert deployment.complete(checkout)[1]["id"] == batch_id, "under another key too"
    assert len(deployment.batches()) == 1
    assert deployment.event_types(batch_id).count("order_batch.submitted") == 1


def test_the_worker_is_killed_while_goody_is_being_asked(deployment: Deployment) -> None:
    deployment.spoil(kind="status", status=503)
    status, batch = deployment.complete(deployment.ready_checkout())
    assert (status, batch["submission_status"]) == (202, "unknown")
    deployment.spoil(kind="delay", seconds=1.5)
    until(deployment.is_spoiling)
    deployment.worker.end(signal.SIGKILL)
    (held,) = until(lambda: deployment.batches(batch["id"]))
    assert deployment.ask("GET", f"/v1/order_batches/{batch['id']}")[1]["submission_status"] == "sending"
    (order,) = held["orders_preview"]
    deployment.step(order["id"], "open")

    deployment.worker.start()
    until(lambda: "order.opened" in deployment.event_types(order["id"]))
    assert deployment.ask("GET", f"/v1/order_batches/{batch['id']}")[1]["submission_status"] == "submitted"
    assert len(deployment.batches()) == 1
    assert deployment.event_types(batch["id"]) == ["order_batch.submitted", "order_batch.completed"]


def test_a_web_process_killed_alone_does_not_leave_its_port_taken(deployment: Deployment) -> None:
    assert deployment.web.process is not None
    deployment.web.process.kill()
    deployment.web.process.wait()
    until(lambda: not deployment.is_up(f"{deployment.web_url}/healthz"), 5)
    deployment.start_web()
    deployment.ready_checkout()


def test_asked_to_end_the_web_process_first_answers(deployment: Deployment) -> None:
    checkout = deployment.ready_checkout()
    deployment.spoil(kind="delay", seconds=1.2)
    answer = deployment.completing(checkout)
    until(deployment.is_spoiling)
    assert deployment.web.end(signal.SIGTERM) == 0
    status, batch = answer.result()
    assert (status, batch["submission_status"]) == (201, "submitted")
    assert not deployment.is_up(f"{deployment.web_url}/healthz")


def test_asked_to_end_the_worker_first_finishes(deployment: Deployment) -> None:
    deployment.spoil(kind="status", status=503)
    _, batch = deployment.complete(deployment.ready_checkout())
    deployment.spoil(kind="delay", seconds=1.2)
    until(deployment.is_spoiling)
    began = time.monotonic()
    assert deployment.worker.end(signal.SIGTERM) == 0
    assert time.monotonic() - began > 0.5
    assert deployment.ask("GET", f"/v1/order_batches/{batch['id']}")[1]["submission_status"] == "submitted"
    assert len(deployment.batches()) == 1
