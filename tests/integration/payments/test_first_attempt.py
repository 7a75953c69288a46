"""An order's first attempt: done, refused, or not known; nothing is sent twice and nothing unknown is called failed."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from foundation.apps import PartnerApp
from payments.submission_states import Submission
from tests.integration.payments.stage import batch_row, counted, order_row, place_order, sweep_after
from tests.shop import Shop

BATCHES = {"method": "POST", "path": "/v1/order_batches"}


def test_an_order_is_sent_once_and_done(shop: Shop) -> None:
    response = shop.complete(shop.checkout())
    assert response.status_code == 201
    ordered = response.get_json()

    [batch] = shop.goody.batches
    assert batch["customer_reference_id"] == ordered["id"]
    row = batch_row(shop, ordered["id"])
    assert (row.submission_status, row.goody_batch_id, row.attempt) == ("submitted", batch["id"], 1)
    assert (row.lease_until, row.last_problem, row.may_exist) == (None, None, False)
    assert [order["id"] for order in ordered["orders"]] == [order["id"] for order in batch["orders_preview"]]

    assert sweep_after(shop, days=3) == 0
    assert shop.goody.posts() == 1
    assert counted(shop) == {"order_batch.submitted": 1, "order.created": 1, "order_batch.completed": 1}


@pytest.mark.parametrize("status", [400, 404, 409, 422])
def test_a_definite_no_to_the_first_attempt_is_final(shop: Shop, status: int) -> None:
    shop.goody.fail(kind="status", status=status, count=9, **BATCHES)
    checkout = shop.checkout()
    response = shop.complete(checkout)
    assert response.status_code == 422
    assert response.get_json()["code"] == "rejected_by_supplier"
    assert "Fault on order" not in response.text

    again = shop.complete(checkout)
    assert (again.status_code, again.get_json()["code"]) == (422, "rejected_by_supplier")
    assert sweep_after(shop, days=3) == 0
    assert (shop.goody.posts(), shop.goody.batches) == (1, [])
    assert counted(shop) == {"order_batch.rejected": 1}
    assert shop.call("GET", f"/v1/checkouts/{checkout['id']}").get_json()["status"] == "failed"


def test_a_lost_answer_is_unknown_until_the_batch_is_found(shop: Shop) -> None:
    shop.goody.fail(kind="lost_answer", **BATCHES)
    checkout = shop.checkout()
    response = shop.complete(checkout)
    assert response.status_code == 202
    batch_id = response.get_json()["id"]
    assert response.get_json()["submission_status"] == "unknown"
    assert response.headers["Location"] == f"/v1/order_batches/{batch_id}"
    assert counted(shop) == {}
    assert shop.call("GET", f"/v1/checkouts/{checkout['id']}").get_json()["status"] == "completing"

    assert sweep_after(shop, seconds=31) == 1
    [batch] = shop.goody.batches
    row = batch_row(shop, batch_id)
    assert (row.submission_status, row.goody_batch_id) == ("submitted", batch["id"])
    [order] = batch["orders_preview"]
    assert order_row(shop, order["id"]).individual_gift_link == order["individual_gift_link"]
    assert counted(shop) == {"order_batch.submitted": 1, "order.created": 1, "order_batch.completed": 1}

    completed = shop.complete(checkout)
    assert (completed.status_code, completed.get_json()["id"]) == (201, batch_id)
    assert sweep_after(shop, days=3) == 0
    assert (shop.goody.posts(), len(shop.goody.batches)) == (2, 1)


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_goody_is_asked_again_when_it_said(shop: Shop, status: int) -> None:
    shop.goody.fail(kind="status", status=status, retry_after=90, **BATCHES)
    response = shop.complete(shop.checkout())
    assert (response.status_code, response.get_json()["submission_status"]) == (202, "unknown")

    assert sweep_after(shop, seconds=80) == 0
    assert (shop.goody.posts(), shop.goody.batches) == (1, [])
    assert sweep_after(shop, seconds=15) == 1
    assert (shop.goody.posts(), len(shop.goody.batches)) == (2, 1)
    assert counted(shop)["order_batch.submitted"] == 1
    assert counted(shop)["order_batch.rejected"] == 0


def test_an_absurd_retry_after_does_not_keep_an_order_from_being_sent(shop: Shop) -> None:
    shop.goody.fail(kind="status", status=503, retry_after=86_400, **BATCHES)
    assert shop.complete(shop.checkout()).status_code == 202
    assert sweep_after(shop, minutes=61) == 1
    assert (shop.goody.posts(), len(shop.goody.batches)) == (2, 1)
    assert counted(shop)["order_batch.stuck"] == 0


def test_nobody_repeats_an_attempt_before_its_time(shop: Shop) -> None:
    shop.goody.fail(kind="status", status=503, retry_after=90, **BATCHES)
    checkout = shop.checkout()
    assert shop.complete(checkout).status_code == 202
    assert shop.complete(checkout).status_code == 202
    assert shop.services.submissions.sweep() == 0
    assert shop.goody.posts() == 1


def test_an_unreachable_goody_costs_time_and_nothing_else(shop: Shop) -> None:
    checkout = shop.checkout()
    _move_goody_to(shop, "http://127.0.0.1:9")
    response = shop.complete(checkout)
    assert response.status_code == 202
    row = batch_row(shop, response.get_json()["id"])
    assert not row.may_exist, "what certainly was not sent can't exist"

    assert sweep_after(shop, seconds=31) == 1
    _move_goody_to(shop, shop.goody.base_url)
    assert sweep_after(shop, seconds=31) == 1
    assert batch_row(shop, row.id).submission_status == "submitted"
    assert (shop.goody.posts(), len(shop.goody.batches)) == (1, 1)
    assert counted(shop) == {"order_batch.submitted": 1, "order.created": 1, "order_batch.completed": 1}


def test_a_no_after_attempts_that_never_left_is_final(shop: Shop) -> None:
    checkout = shop.checkout()
    _move_goody_to(shop, "http://127.0.0.1:9")
    batch_id = shop.complete(checkout).get_json()["id"]
    _move_goody_to(shop, shop.goody.base_url)
    shop.goody.fail(kind="status", status=400, **BATCHES)
    assert sweep_after(shop, seconds=31) == 1
    assert batch_row(shop, batch_id).submission_status == "rejected"
    assert not any(each["path"] == "/v1/order_batches" and each["method"] == "GET" for each in shop.goody.requests)


def test_more_recipients_than_a_preview_holds_are_all_stored_when_told(shop: Shop) -> None:
    recipients = [{"first_name": f"Li {number}"} for number in range(12)]
    batch_id = shop.complete(shop.checkout(recipients=recipients)).get_json()["id"]
    row = batch_row(shop, batch_id)
    assert (row.submission_status, row.send_status, row.completed_at) == ("submitted", "pending", None)
    assert counted(shop) == {"order_batch.submitted": 1}


def test_a_batch_that_was_just_placed_is_left_to_whoever_placed_it(shop: Shop) -> None:
    batch_id = place_order(shop)
    assert shop.services.submissions.sweep() == 0
    assert sweep_after(shop, seconds=6) == 1
    assert Submission(batch_row(shop, batch_id).submission_status) is Submission.SUBMITTED
    assert batch_row(shop, batch_id).created_at < shop.clock() - timedelta(seconds=5)
    assert shop.goody.posts() == 1


def _move_goody_to(shop: Shop, base_url: str) -> None:
    with shop.services.sessions.begin() as session:
        session.execute(sa.update(PartnerApp).values(goody_base_url=base_url))
    shop.services.accounts.close()
