"""After a crash or an attempt of unknown outcome: found out without a second gift, and never denied too early."""

from datetime import timedelta

import httpx
import pytest

from foundation.apps import PartnerApp
from payments.submission_states import Submission
from tests.integration.payments.stage import (
    Wired,
    another_process,
    batch_row,
    counted,
    neighbour_of,
    place_order,
    send_as_if_by_a_process_that_died,
    set_batch,
    sweep_after,
)
from tests.integration.payments.wire import empty_page, refusal
from tests.shop import Shop

BATCHES = {"method": "POST", "path": "/v1/order_batches"}
DONE = {"order_batch.submitted": 1, "order.created": 1, "order_batch.completed": 1}


def test_a_claim_whose_holder_died_is_taken_over(shop: Shop) -> None:
    batch_id = place_order(shop)
    _leave_claimed(shop, batch_id, lease=timedelta(seconds=-1))
    assert sweep_after(shop, seconds=6) == 1
    row = batch_row(shop, batch_id)
    assert (row.submission_status, row.attempt, row.may_exist) == ("submitted", 2, True)
    assert (shop.goody.posts(), len(shop.goody.batches)) == (1, 1)
    assert counted(shop) == DONE


def test_what_a_dead_holder_sent_is_found_and_not_sent_twice(shop: Shop) -> None:
    batch_id = place_order(shop)
    send_as_if_by_a_process_that_died(shop, batch_id)
    _leave_claimed(shop, batch_id, lease=timedelta(seconds=-1))
    assert sweep_after(shop, seconds=6) == 1
    [batch] = shop.goody.batches
    row = batch_row(shop, batch_id)
    assert (row.submission_status, row.goody_batch_id) == ("submitted", batch["id"])
    assert counted(shop) == DONE


def test_a_claim_that_holds_is_left_alone(shop: Shop) -> None:
    batch_id = place_order(shop)
    _leave_claimed(shop, batch_id, lease=timedelta(seconds=30))
    assert sweep_after(shop, seconds=10) == 0
    assert shop.services.submissions.submit(batch_id) is Submission.SENDING
    assert (shop.goody.posts(), shop.goody.batches) == (0, [])
    assert batch_row(shop, batch_id).attempt == 1


def test_a_refused_repeat_is_a_refusal_only_after_two_looks_minutes_apart(shop: Shop) -> None:
    batch_id = _of_unknown_outcome(shop)
    shop.goody.fail(kind="status", status=400, count=99, **BATCHES)

    assert sweep_after(shop, seconds=31) == 1
    assert batch_row(shop, batch_id).submission_status == "unknown"
    assert sweep_after(shop, seconds=60) == 1
    assert batch_row(shop, batch_id).submission_status == "unknown"
    assert counted(shop) == {}

    assert sweep_after(shop, seconds=61) == 1
    assert batch_row(shop, batch_id).submission_status == "rejected"
    assert counted(shop) == {"order_batch.rejected": 1}
    assert sweep_after(shop, days=2) == 0
    assert shop.goody.batches == []


def test_a_look_that_failed_is_no_look(shop: Shop) -> None:
    batch_id = _of_unknown_outcome(shop)
    shop.goody.fail(kind="status", status=400, count=99, **BATCHES)
    shop.goody.fail(kind="status", status=503, retry_after=10, method="GET", path="/v1/orders", count=3)
    for _ in range(3):
        assert sweep_after(shop, seconds=125) == 1
        assert batch_row(shop, batch_id).submission_status == "unknown"
        assert batch_row(shop, batch_id).absent_since is None
    assert counted(shop) == {}


def test_an_item_that_cannot_be_read_may_be_the_one_looked_for(wired: Wired) -> None:
    shop = wired.shop
    batch_id = _of_unknown_outcome(shop)
    shop.goody.fail(kind="status", status=400, count=99, **BATCHES)
    wired.wire.step_in("GET", "/v1/order_batches", _unreadable_page, count=9)
    for _ in range(3):
        assert sweep_after(shop, seconds=125) == 1
        assert batch_row(shop, batch_id).submission_status == "unknown"
    assert counted(shop) == {}


def test_an_attempt_between_two_looks_makes_the_first_look_worthless(wired: Wired) -> None:
    shop, wire = wired.shop, wired.wire
    batch_id = _of_unknown_outcome(shop)
    wire.step_in("POST", "/v1/order_batches", refusal("Product is out of stock"))
    assert sweep_after(shop, seconds=31) == 1
    assert batch_row(shop, batch_id).absent_since is not None

    # Back in stock: this time the batch is made, but its answer is lost and the lists lag behind.
    wire.step_in("POST", "/v1/order_batches", wire.lose_answer)
    assert sweep_after(shop, seconds=125) == 1
    assert len(shop.goody.batches) == 1
    wire.step_in("GET", "/v1/orders", empty_page)
    wire.step_in("GET", "/v1/order_batches", empty_page)
    assert sweep_after(shop, seconds=31) == 1
    assert batch_row(shop, batch_id).submission_status == "unknown"

    assert sweep_after(shop, seconds=125) == 1
    assert batch_row(shop, batch_id).submission_status == "submitted"
    assert counted(shop) == DONE
    assert len(shop.goody.batches) == 1


def test_a_crash_between_two_looks_makes_the_first_look_worthless(wired: Wired) -> None:
    shop, wire = wired.shop, wired.wire
    batch_id = _of_unknown_outcome(shop)
    wire.step_in("POST", "/v1/order_batches", refusal("Product is out of stock"))
    assert sweep_after(shop, seconds=31) == 1
    send_as_if_by_a_process_that_died(shop, batch_id)
    _leave_claimed(shop, batch_id, lease=timedelta(seconds=100))
    wire.step_in("GET", "/v1/orders", empty_page)
    wire.step_in("GET", "/v1/order_batches", empty_page)
    assert sweep_after(shop, seconds=125) == 1
    assert batch_row(shop, batch_id).submission_status == "unknown"
    assert sweep_after(shop, seconds=125) == 1
    assert batch_row(shop, batch_id).submission_status == "submitted"


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_revoked_meanwhile_is_no_refusal(shop: Shop, status: int) -> None:
    batch_id = _of_unknown_outcome(shop)
    shop.goody.fail(kind="status", status=status, count=4, **BATCHES)
    for _ in range(4):
        assert sweep_after(shop, seconds=125) == 1
        assert batch_row(shop, batch_id).submission_status == "unknown"
    assert counted(shop) == {"order_batch.stuck": 1}
    assert sweep_after(shop, seconds=125) == 1
    row = batch_row(shop, batch_id)
    assert (row.submission_status, row.stuck_at, row.stuck_reason) == ("submitted", None, None)
    assert len(shop.goody.batches) == 1


def test_every_attempt_sends_the_same_bytes(wired: Wired) -> None:
    wired.wire.step_in("POST", "/v1/order_batches", wired.wire.lose_request, count=3)
    batch_id = wired.shop.complete(wired.shop.checkout(from_name="Ána 🎁")).get_json()["id"]
    for _ in range(3):
        assert sweep_after(wired.shop, seconds=31) == 1
    bodies = wired.wire.sent_batches()
    assert len(bodies) == 4
    assert set(bodies) == {batch_row(wired.shop, batch_id).payload.encode()}
    assert batch_row(wired.shop, batch_id).submission_status == "submitted"
    assert len(wired.shop.goody.batches) == 1


def test_the_outcome_of_an_overtaken_attempt_is_not_recorded(wired: Wired) -> None:
    shop, wire = wired.shop, wired.wire
    batch_id = place_order(shop)

    def be_overtaken_then_refuse(request: httpx.Request) -> httpx.Response:
        with another_process(shop, wire) as second:
            shop.clock.advance(seconds=31)
            assert second.submissions.sweep() == 1
        return refusal("too late")(request)

    wire.step_in("POST", "/v1/order_batches", be_overtaken_then_refuse)
    wire.step_in("POST", "/v1/order_batches", wire.lose_request)
    assert shop.services.submissions.submit(batch_id) is Submission.UNKNOWN
    row = batch_row(shop, batch_id)
    assert (row.submission_status, row.attempt) == ("unknown", 2)
    assert row.last_problem is not None
    assert "too late" not in row.last_problem
    assert counted(shop) == {}

    assert sweep_after(shop, seconds=31) == 1
    assert counted(shop) == DONE
    assert len(shop.goody.batches) == 1


def test_that_an_overtaken_attempt_made_the_batch_is_recorded(wired: Wired) -> None:
    shop, wire = wired.shop, wired.wire
    batch_id = place_order(shop)

    def be_overtaken_then_succeed(request: httpx.Request) -> httpx.Response:
        with another_process(shop, wire) as second:
            shop.clock.advance(seconds=31)
            assert second.submissions.sweep() == 1
        return wire.pass_on(request)

    wire.step_in("POST", "/v1/order_batches", be_overtaken_then_succeed)
    wire.step_in("POST", "/v1/order_batches", wire.lose_request)
    assert shop.services.submissions.submit(batch_id) is Submission.SUBMITTED
    assert batch_row(shop, batch_id).goody_batch_id == shop.goody.batches[0]["id"]
    assert sweep_after(shop, days=1) == 0
    assert counted(shop) == DONE
    assert (len(wire.sent_batches()), len(shop.goody.batches)) == (2, 1)


def test_past_its_age_an_order_is_looked_up_and_never_sent_again(shop: Shop) -> None:
    batch_id = _of_unknown_outcome(shop)
    sent = shop.goody.posts()
    assert sweep_after(shop, hours=25) == 1
    assert counted(shop) == {"order_batch.stuck": 1}
    for _ in range(3):
        assert sweep_after(shop, minutes=10) == 1
    row = batch_row(shop, batch_id)
    assert (row.submission_status, counted(shop)) == ("unknown", {"order_batch.stuck": 1})
    assert (shop.goody.posts(), shop.goody.batches) == (sent, [])


def test_past_its_age_an_order_that_exists_is_still_found(shop: Shop) -> None:
    batch_id = place_order(shop)
    send_as_if_by_a_process_that_died(shop, batch_id)
    _leave_claimed(shop, batch_id, lease=timedelta(seconds=-1))
    assert sweep_after(shop, hours=25) == 1
    assert batch_row(shop, batch_id).submission_status == "submitted"
    assert counted(shop) == DONE
    assert shop.goody.posts() == 1


def test_one_order_that_cannot_be_sent_does_not_stop_the_sweep(shop: Shop) -> None:
    broken, sound = place_order(shop), place_order(shop)
    set_batch(shop, broken, app_id=_app_without_a_usable_key(shop))
    assert sweep_after(shop, seconds=6) == 2
    assert batch_row(shop, sound).submission_status == "submitted"
    assert batch_row(shop, broken).submission_status == "sending"
    assert len(shop.goody.batches) == 1


def _unreadable_page(request: httpx.Request) -> httpx.Response:
    broken = {"id": "b", "send_status": 7}
    return httpx.Response(200, json={"data": [broken], "list_meta": {"total_count": 1}}, request=request)


def _of_unknown_outcome(shop: Shop) -> str:
    """A batch whose only attempt may have been acted on, and was not."""
    shop.goody.fail(kind="status", status=503, **BATCHES)
    batch_id = place_order(shop)
    assert shop.services.submissions.submit(batch_id) is Submission.UNKNOWN
    return batch_id


def _leave_claimed(shop: Shop, batch_id: str, *, lease: timedelta) -> None:
    attempt = batch_row(shop, batch_id).attempt + 1
    set_batch(shop, batch_id, submission_status=Submission.SENDING, attempt=attempt, lease_until=shop.clock() + lease)


def _app_without_a_usable_key(shop: Shop) -> str:
    with neighbour_of(shop) as other, shop.services.sessions.begin() as session:
        session.get_one(PartnerApp, other.app_id).goody_api_key = "encrypted with a key that is gone"
    return other.app_id
