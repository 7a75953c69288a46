"""Order activities: how "paid" is learnt, and how every lost webhook is made good."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from foundation.apps import PartnerApp
from payments.tables import ActivityCursor
from tests.integration.payments.stage import (
    Neighbour,
    Wired,
    batch_row,
    counted,
    log_of,
    order_row,
    place_order,
)
from tests.patience import until
from tests.shop import Shop

ACTIVITIES = "/v1/order_activities"
DONE = {"order_batch.submitted": 1, "order.created": 1, "order_batch.completed": 1}


def test_paid_is_learnt_by_polling(shop: Shop) -> None:
    order_id = shop.order()["id"]
    shop.hear("order.gift_accepted", shop.goody.step(order_id, "accept"))
    shop.goody.step(order_id, "pay")
    assert order_row(shop, order_id).status == "pending_payment"
    assert shop.services.activities.poll_due() > 0
    row = order_row(shop, order_id)
    assert (row.status, row.supplier_status) == ("ordered", "ordered")
    assert row.amounts["amount_total"] == shop.goody.order(order_id)["amounts"]["amount_total"]
    assert counted(shop)["order.paid"] == 1
    shop.services.activities.poll_due()
    assert counted(shop)["order.paid"] == 1


def test_with_every_webhook_lost_each_event_appears_once_and_in_order(shop: Shop) -> None:
    order_id = shop.order()["id"]
    for step in ("open", "accept", None, "pay", "ship", "deliver"):
        if step is None:
            shop.services.activities.poll_due()
        else:
            shop.goody.step(order_id, step)
    shop.services.activities.poll_due()
    shop.clock.advance(minutes=5)
    shop.services.activities.poll_due()
    assert [event.type for event in log_of(shop, shop.app_id)] == [
        "order_batch.submitted",
        "order.created",
        "order_batch.completed",
        "order.opened",
        "order.accepted",
        "order.payment_link_ready",
        "order.paid",
        "order.shipped",
        "order.delivered",
    ]


def test_a_cancellation_is_learnt_by_polling(shop: Shop) -> None:
    order_id = shop.order()["id"]
    shop.goody.step(order_id, "cancel")
    shop.services.activities.poll_due()
    assert (order_row(shop, order_id).status, counted(shop)) == ("canceled", {**DONE, "order.canceled": 1})


def test_orders_that_goody_made_later_are_learnt_without_any_webhook(shop: Shop) -> None:
    batch_id = place_order(shop, recipients=12)
    shop.services.submissions.submit(batch_id)
    assert batch_row(shop, batch_id).send_status == "pending"
    _wait_until_complete(shop)
    assert shop.services.following.follow_due() == 0
    shop.clock.advance(seconds=6)
    assert shop.services.following.follow_due() == 1
    row = batch_row(shop, batch_id)
    assert row.send_status == "complete"
    assert row.completed_at is not None
    assert counted(shop) == {**DONE, "order.created": 12}
    shop.clock.advance(minutes=5)
    assert shop.services.following.follow_due() == 0
    assert counted(shop) == {**DONE, "order.created": 12}


def test_the_cursor_stands_at_the_newest_activity_and_reads_overlap(wired: Wired) -> None:
    shop, wire = wired.shop, wired.wire
    order_id = shop.order()["id"]
    shop.goody.step(order_id, "accept")
    shop.services.activities.poll_due()
    cursor = _cursor(shop)
    assert cursor is not None
    assert datetime.now(UTC) - cursor.read_until < timedelta(seconds=30)

    shop.goody.step(order_id, "pay")
    shop.services.activities.poll_due()
    [*_, first_page, _empty] = _asked(wire.requests)
    after = datetime.fromisoformat(first_page.url.params["after"])
    assert after == cursor.read_until - timedelta(seconds=60)


def test_a_clock_that_is_ahead_of_goodys_does_not_hide_a_payment(shop: Shop) -> None:
    shop.clock.advance(minutes=5)
    order_id = shop.order()["id"]
    shop.goody.step(order_id, "accept")
    shop.goody.step(order_id, "pay")
    shop.services.activities.poll_due()
    assert order_row(shop, order_id).status == "ordered"


def test_while_an_order_waits_for_payment_every_call_reads(wired: Wired) -> None:
    shop = wired.shop
    order_id = shop.order()["id"]
    shop.hear("order.gift_accepted", shop.goody.step(order_id, "accept"))
    for calls in (1, 2, 3):
        shop.services.activities.poll_due()
        assert _polls(wired) == calls


def test_while_nothing_waits_for_payment_it_is_read_now_and_then(wired: Wired) -> None:
    shop = wired.shop
    shop.order()
    for _ in range(5):
        shop.services.activities.poll_due()
    assert _polls(wired) == 1
    shop.clock.advance(seconds=61)
    shop.services.activities.poll_due()
    assert _polls(wired) == 2


@pytest.mark.parametrize("last_step", ["deliver", "cancel"])
def test_an_app_whose_orders_are_all_settled_is_not_asked(wired: Wired, last_step: str) -> None:
    shop = wired.shop
    order_id = shop.order()["id"]
    for step in ("accept", "pay", "ship", "deliver") if last_step == "deliver" else ("cancel",):
        shop.goody.step(order_id, step)
    shop.services.activities.poll_due()
    polls = _polls(wired)
    shop.clock.advance(days=1)
    assert shop.services.activities.poll_due() == 0
    assert _polls(wired) == polls == 1


def test_an_app_without_orders_is_not_asked(wired: Wired) -> None:
    assert wired.shop.services.activities.poll_due() == 0
    assert _polls(wired) == 0


@pytest.mark.parametrize("is_ours", [True, False])
def test_one_apps_failing_goody_does_not_stop_anothers_poll(shop: Shop, neighbour: Neighbour, *, is_ours: bool) -> None:
    ours = shop.order()["id"]
    shop.services.submissions.submit(place_order(shop, neighbour.app_id))
    theirs = neighbour.goody.batches[0]["orders_preview"][0]["id"]
    shop.goody.step(ours, "accept")
    neighbour.goody.step(theirs, "accept")
    failing, sound = (shop.goody, theirs) if is_ours else (neighbour.goody, ours)
    failing.fail(kind="status", status=503, retry_after=60, method="GET", path=ACTIVITIES)
    shop.services.activities.poll_due()
    assert order_row(shop, sound).status == "pending_payment"
    assert order_row(shop, theirs if sound == ours else ours).status == "created"

    shop.services.activities.poll_due()
    assert {order_row(shop, order_id).status for order_id in (ours, theirs)} == {"pending_payment"}


@pytest.mark.parametrize("is_ours", [True, False])
def test_one_apps_unusable_key_does_not_stop_anothers_poll(shop: Shop, neighbour: Neighbour, *, is_ours: bool) -> None:
    ours = shop.order()["id"]
    shop.services.submissions.submit(place_order(shop, neighbour.app_id))
    theirs = neighbour.goody.batches[0]["orders_preview"][0]["id"]
    shop.goody.step(ours, "accept")
    neighbour.goody.step(theirs, "accept")
    broken, sound = (shop.app_id, theirs) if is_ours else (neighbour.app_id, ours)
    with shop.services.sessions.begin() as session:
        session.get_one(PartnerApp, broken).goody_api_key = "encrypted with a key that is gone"
    shop.services.accounts.close()
    assert shop.services.activities.poll_due() > 0
    assert order_row(shop, sound).status == "pending_payment"


def test_a_failed_poll_loses_nothing(shop: Shop) -> None:
    order_id = shop.order()["id"]
    shop.services.activities.poll_due()
    before = _cursor(shop)
    assert before is not None
    shop.hear("order.gift_accepted", shop.goody.step(order_id, "accept"))
    shop.goody.step(order_id, "pay")
    shop.goody.fail(kind="status", status=503, retry_after=60, method="GET", path=ACTIVITIES)
    assert shop.services.activities.poll_due() == 0
    after = _cursor(shop)
    assert after is not None
    assert after.read_until == before.read_until
    shop.services.activities.poll_due()
    assert counted(shop)["order.paid"] == 1


def test_activities_of_another_apps_orders_have_no_effect(wired: Wired, neighbour: Neighbour) -> None:
    shop, wire = wired.shop, wired.wire
    shop.services.submissions.submit(place_order(shop, neighbour.app_id))
    theirs = neighbour.goody.batches[0]["orders_preview"][0]
    shop.order()
    row = _activity("a", "paid", {**theirs, "status": "paid"})

    def forge_in_our_account(request: httpx.Request) -> httpx.Response:
        is_ours = shop.goody.key in request.headers["Authorization"]
        return _page(request, [row]) if is_ours and request.url.params["page"] == "1" else wire.pass_on(request)

    wire.step_in("GET", ACTIVITIES, forge_in_our_account, count=9)
    assert shop.services.activities.poll_due() >= 1
    assert order_row(shop, theirs["id"]).status in {"created", "notified"}
    assert counted(shop) == DONE


def test_every_page_is_read_and_what_cannot_be_read_is_passed_over(wired: Wired) -> None:
    shop, wire = wired.shop, wired.wire
    order = shop.goody.order(shop.order()["id"])
    pages: dict[str, list[dict[str, Any]]] = {
        "1": [_activity(str(number), "opened", {**order, "status": "opened"}) for number in range(100)],
        "2": [{"id": "broken", "order_status": 7}],
        "3": [_activity("last", "paid", {**order, "status": "paid"})],
    }
    wire.step_in("GET", ACTIVITIES, lambda request: _page(request, pages.get(request.url.params["page"], [])), count=4)
    assert shop.services.activities.poll_due() == 101
    assert order_row(shop, order["id"]).status == "paid"
    assert counted(shop) == {**DONE, "order.opened": 1, "order.accepted": 1, "order.paid": 1}


def test_a_status_that_only_activities_have_changes_nothing(wired: Wired) -> None:
    shop, wire = wired.shop, wired.wire
    order = shop.goody.order(shop.order()["id"])
    row = _activity("a", "pending_user_approval", order)
    wire.step_in("GET", ACTIVITIES, lambda request: _page(request, [row]))
    assert shop.services.activities.poll_due() == 1
    assert counted(shop) == DONE


def _activity(activity_id: str, status: str, order: dict[str, Any]) -> dict[str, Any]:
    return {"id": activity_id, "order_status": status, "created_at": "2026-06-03T12:00:00Z", "order": order}


def _page(request: httpx.Request, rows: list[dict[str, Any]]) -> httpx.Response:
    return httpx.Response(200, json={"data": rows, "list_meta": {"total_count": 102}}, request=request)


def _asked(requests: list[httpx.Request]) -> list[httpx.Request]:
    return [request for request in requests if request.url.path == ACTIVITIES]


def _polls(wired: Wired) -> int:
    return sum(request.url.params["page"] == "1" for request in _asked(wired.wire.requests))


def _cursor(shop: Shop) -> ActivityCursor | None:
    with shop.services.sessions.read() as session:
        return session.get(ActivityCursor, shop.app_id)


def _wait_until_complete(shop: Shop) -> None:
    """Goody takes a second over more than ten recipients."""
    until(lambda: shop.goody.batches[0]["send_status"] == "complete")
