"""Many at once: one gift, and everybody is told of the same one."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest

from payments.submission_states import Submission
from tests.integration.payments.stage import (
    Wired,
    another_process,
    batch_data,
    batch_row,
    counted,
    in_the_webhooks_spelling,
    order_row,
    place_order,
    sweep_after,
)
from tests.shop import Shop

MANY = 8
DONE = {"order_batch.submitted": 1, "order.created": 1, "order_batch.completed": 1}


def test_eight_that_submit_and_sweep_make_one_batch(shop: Shop) -> None:
    batch_id = place_order(shop)
    shop.clock.advance(seconds=6)
    barrier = Barrier(MANY)

    def work(number: int) -> None:
        barrier.wait()
        if number % 2:
            shop.services.submissions.sweep()
        else:
            shop.services.submissions.submit(batch_id)

    with ThreadPoolExecutor(MANY) as pool:
        list(pool.map(work, range(MANY)))
    assert batch_row(shop, batch_id).submission_status == "submitted"
    assert (shop.goody.posts(), len(shop.goody.batches)) == (1, 1)
    assert counted(shop) == DONE


def test_two_processes_that_sweep_send_each_order_once(shop: Shop) -> None:
    batch_ids = {place_order(shop) for _ in range(6)}
    shop.clock.advance(seconds=6)
    barrier = Barrier(2)
    with another_process(shop) as second, ThreadPoolExecutor(2) as pool:

        def work(sweeper: object) -> None:
            barrier.wait()
            (shop.services if sweeper == 0 else second).submissions.sweep()

        list(pool.map(work, range(2)))
    assert {batch["customer_reference_id"] for batch in shop.goody.batches} == batch_ids
    assert (shop.goody.posts(), len(shop.goody.batches)) == (6, 6)
    assert counted(shop)["order_batch.submitted"] == 6


def test_an_order_that_another_worker_has_just_tried_is_left_to_its_back_off(wired: Wired) -> None:
    shop, wire = wired.shop, wired.wire
    first, second = place_order(shop), place_order(shop)
    shop.clock.advance(seconds=6)

    def let_another_worker_try_both(request: httpx.Request) -> httpx.Response:
        shop.goody.fail(kind="status", status=503, retry_after=90, method="POST", path="/v1/order_batches")
        with another_process(shop) as other:
            assert other.submissions.sweep() == 1
        return wire.pass_on(request)

    wire.step_in("POST", "/v1/order_batches", let_another_worker_try_both)
    shop.services.submissions.sweep()
    assert batch_row(shop, first).submission_status == "submitted"
    assert batch_row(shop, second).submission_status == "unknown"
    assert batch_row(shop, second).attempt == 1
    assert len(shop.goody.batches) == 1


def test_eight_completions_of_one_checkout_name_one_batch(shop: Shop) -> None:
    checkout = shop.checkout()
    barrier = Barrier(MANY)

    def complete(number: int) -> tuple[int, str]:
        barrier.wait()
        response = shop.complete(checkout, idempotency_key=f"key {number}")
        return response.status_code, response.get_json().get("id", response.text)

    with ThreadPoolExecutor(MANY) as pool:
        answers = list(pool.map(complete, range(MANY)))
    [batch] = shop.goody.batches
    assert {named for _, named in answers} == {batch["customer_reference_id"]}, answers
    assert {status for status, _ in answers} <= {201, 202}
    assert shop.goody.posts() == 1
    assert counted(shop) == DONE


@pytest.mark.parametrize("event_type", ["order_batch.created", "gift_batch.completed", "order.created"])
def test_a_webhook_may_come_before_the_answer_it_is_about(wired: Wired, event_type: str) -> None:
    shop, wire = wired.shop, wired.wire
    seen: list[str] = []

    def let_the_webhook_overtake(request: httpx.Request) -> httpx.Response:
        answer = wire.pass_on(request)
        batch = batch_data(shop)
        is_order = event_type == "order.created"
        shop.hear(event_type, batch["orders_preview"][0] if is_order else in_the_webhooks_spelling(batch))
        seen.append(batch_row(shop, batch["customer_reference_id"]).submission_status)
        return answer

    wire.step_in("POST", "/v1/order_batches", let_the_webhook_overtake)
    response = shop.complete(shop.checkout())
    assert (seen, response.status_code) == (["submitted"], 201)
    [batch] = shop.goody.batches
    assert batch_row(shop, response.get_json()["id"]).goody_batch_id == batch["id"]
    assert counted(shop) == DONE
    assert sweep_after(shop, days=1) == 0
    assert shop.goody.posts() == 1


def test_an_answer_that_comes_late_does_not_undo_what_webhooks_told(wired: Wired) -> None:
    shop, wire = wired.shop, wired.wire
    recipients = [{"first_name": "Li"}, {"first_name": "Bo"}]

    def answer_as_of_before_completion(request: httpx.Request) -> httpx.Response:
        answer = wire.pass_on(request)
        answer.read()
        batch = batch_data(shop)
        shop.hear("order_batch.completed", batch)
        shop.hear("order.gift_opened", shop.goody.step(batch["orders_preview"][0]["id"], "open"))
        earlier = {**batch, "send_status": "pending", "orders_count": 0, "orders_preview": []}
        return httpx.Response(201, json=earlier)

    wire.step_in("POST", "/v1/order_batches", answer_as_of_before_completion)
    response = shop.complete(shop.checkout(recipients=recipients))
    assert response.status_code == 201
    row = batch_row(shop, response.get_json()["id"])
    assert (row.submission_status, row.send_status) == ("submitted", "complete")
    assert row.completed_at is not None
    assert order_row(shop, shop.goody.batches[0]["orders_preview"][0]["id"]).status == "opened"
    assert counted(shop) == {**DONE, "order.created": 2, "order.opened": 1}


def test_a_refusal_is_taken_back_when_the_batch_turns_out_to_exist(wired: Wired) -> None:
    shop, wire = wired.shop, wired.wire

    def act_but_refuse(request: httpx.Request) -> httpx.Response:
        wire.pass_on(request).read()
        return httpx.Response(400, json={"error": "no"})

    wire.step_in("POST", "/v1/order_batches", act_but_refuse)
    checkout = shop.checkout()
    assert shop.complete(checkout).status_code == 422
    shop.hear("order_batch.created", batch_data(shop))
    row = batch_row(shop, shop.goody.batches[0]["customer_reference_id"])
    assert Submission(row.submission_status) is Submission.SUBMITTED
    assert counted(shop) == {**DONE, "order_batch.rejected": 1}
    assert shop.complete(checkout).status_code == 201
    assert len(wire.sent_batches()) == 1
