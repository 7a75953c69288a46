"""Orders that don't get on by themselves: sent no more when it is too late, told once, and resolved by an operator."""

import json
from datetime import timedelta

import httpx
import pytest

from foundation.errors import ConflictError, InvalidInputError
from payments.submission_states import Submission
from tests.integration.payments.stage import (
    Wired,
    batch_data,
    batch_row,
    counted,
    log_of,
    place_order,
    send_as_if_by_a_process_that_died,
    set_batch,
    sweep_after,
)
from tests.integration.payments.wire import refusal
from tests.shop import Shop

BATCHES = {"method": "POST", "path": "/v1/order_batches"}


@pytest.mark.parametrize("deadline", ["scheduled_send_on", "expires_at"])
def test_past_its_schedule_or_expiry_an_unknown_order_is_looked_up_and_not_sent(shop: Shop, deadline: str) -> None:
    shop.goody.fail(kind="status", status=503, **BATCHES)
    batch_id = place_order(shop)
    payload = json.loads(batch_row(shop, batch_id).payload)
    moment = (shop.clock() + timedelta(hours=1)).isoformat()
    set_batch(shop, batch_id, payload=json.dumps({**payload, deadline: moment}))
    assert shop.services.submissions.submit(batch_id) is Submission.UNKNOWN
    for hours in (1.1, 1, 1):
        assert sweep_after(shop, hours=hours) == 1
    assert (shop.goody.posts(), shop.goody.batches) == (1, [])
    assert batch_row(shop, batch_id).submission_status == "unknown"
    assert _stuck(shop) == ["outcome_unknown"]


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_rejects_no_order_and_the_right_one_sends_it(shop: Shop, status: int) -> None:
    shop.goody.fail(kind="status", status=status, count=3, **BATCHES)
    checkout = shop.checkout()
    response = shop.complete(checkout)
    assert (response.status_code, response.get_json()["submission_status"]) == (202, "pending")
    batch_id = response.get_json()["id"]
    for _ in range(2):
        assert sweep_after(shop, minutes=10) == 1
    row = batch_row(shop, batch_id)
    assert (row.submission_status, row.stuck_reason) == ("pending", "key_refused")
    assert shop.call("GET", f"/v1/order_batches/{batch_id}").get_json()["stuck_reason"] == "key_refused"
    assert "app set" in str(row.last_problem)
    assert _stuck(shop) == ["key_refused"]
    assert sweep_after(shop, minutes=10) == 1
    assert shop.complete(checkout).status_code == 201
    assert len(shop.goody.batches) == 1


def test_a_key_that_stays_refused_ends_the_order_after_the_age_that_is_set(shop: Shop) -> None:
    shop.goody.fail(kind="status", status=401, count=99, **BATCHES)
    batch_id = shop.complete(shop.checkout()).get_json()["id"]
    assert sweep_after(shop, hours=5) == 1
    assert batch_row(shop, batch_id).submission_status == "pending"
    assert sweep_after(shop, hours=2) == 1
    assert batch_row(shop, batch_id).submission_status == "rejected"
    assert counted(shop) == {"order_batch.stuck": 1, "order_batch.rejected": 1}


def test_a_401_although_goody_acted_does_not_deny_the_gift(wired: Wired) -> None:
    shop, wire = wired.shop, wired.wire

    def act_and_answer_401(request: httpx.Request) -> httpx.Response:
        wire.pass_on(request).read()
        return refusal("no", 401)(request)

    wire.step_in("POST", "/v1/order_batches", act_and_answer_401)
    batch_id = shop.complete(shop.checkout()).get_json()["id"]
    assert sweep_after(shop, seconds=31) == 1
    assert batch_row(shop, batch_id).submission_status == "submitted"
    assert len(shop.goody.batches) == 1


def test_an_order_that_goody_certainly_has_not_can_be_abandoned(shop: Shop) -> None:
    shop.goody.fail(kind="status", status=401, count=99, **BATCHES)
    batch_id = _unknown(shop)
    resolutions = shop.services.resolutions
    with pytest.raises(InvalidInputError):
        resolutions.abandon(batch_id, " ", "Ana")
    assert resolutions.abandon(batch_id, "the customer was refunded", "Ana").submission_status == "unknown"
    posts = shop.goody.posts()
    assert sweep_after(shop, seconds=60) == 1
    assert batch_row(shop, batch_id).submission_status == "unknown", "absent once, or twice in a row, proves nothing"
    assert sweep_after(shop, seconds=121) == 1
    row = batch_row(shop, batch_id)
    assert row.submission_status == "rejected"
    assert row.resolution is not None
    assert (row.resolution["by"], row.resolution["reason"]) == ("Ana", "the customer was refunded")
    assert shop.goody.posts() == posts
    told = [event for event in log_of(shop, shop.app_id) if event.type == "order_batch.rejected"]
    assert [event.changes for event in told] == [{"abandoned_because": "the customer was refunded"}]
    assert sweep_after(shop, days=3) == 0
    with pytest.raises(ConflictError):
        resolutions.abandon(batch_id, "again", "Ana")


def test_an_order_that_goody_has_is_found_instead_of_abandoned(shop: Shop) -> None:
    batch_id = _unknown(shop)
    send_as_if_by_a_process_that_died(shop, batch_id)
    assert shop.services.resolutions.abandon(batch_id, "lost", "Ana").submission_status == "submitted"
    assert counted(shop)["order_batch.rejected"] == 0


def test_a_batch_found_by_hand_is_adopted_if_its_reference_is_ours(shop: Shop) -> None:
    batch_id, other = _unknown(shop), place_order(shop)
    send_as_if_by_a_process_that_died(shop, batch_id)
    [held] = shop.goody.batches
    with pytest.raises(ConflictError, match="another order"):
        shop.services.resolutions.adopt(other, held["id"])
    assert shop.services.resolutions.adopt(batch_id, held["id"]).submission_status == "submitted"
    assert batch_row(shop, other).submission_status == "pending"
    assert counted(shop) == {"order_batch.submitted": 1, "order.created": 1, "order_batch.completed": 1}


def test_a_complete_batch_with_too_few_orders_is_told_once(wired: Wired) -> None:
    shop, wire = wired.shop, wired.wire
    batch_id = place_order(shop, recipients=2)
    send_as_if_by_a_process_that_died(shop, batch_id)
    short = {**batch_data(shop), "orders_count": 1}
    short["orders_preview"] = short["orders_preview"][:1]
    shop.hear("order_batch.completed", short)
    path = f"/v1/order_batches/{short['id']}"
    wire.step_in("GET", path, lambda request: _json(request, short), count=9)
    for _ in range(3):
        shop.clock.advance(minutes=11)
        assert shop.services.following.follow_due() == 1
    assert _stuck(shop) == ["orders_missing"]
    assert [batch.id for batch in shop.services.resolutions.incomplete()] == [batch_id]
    shop.clock.advance(minutes=11)
    wire.step_in("GET", path, wire.pass_on, count=9)
    assert batch_row(shop, batch_id).completed_at is None


def _json(request: httpx.Request, content: object) -> httpx.Response:
    return httpx.Response(200, json=content, request=request)


def _unknown(shop: Shop) -> str:
    shop.goody.fail(kind="status", status=503, **BATCHES)
    batch_id = place_order(shop)
    assert shop.services.submissions.submit(batch_id) in {Submission.UNKNOWN, Submission.PENDING}
    set_batch(shop, batch_id, may_exist=True)
    return batch_id


def _stuck(shop: Shop) -> list[object]:
    return [event.changes["reason"] for event in log_of(shop, shop.app_id) if event.type == "order_batch.stuck"]
