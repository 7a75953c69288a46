"""Goody's webhooks: stored once, applied once, kept when they can't be applied yet, and never across apps."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa

from payments.message_log import MessageFilter
from payments.messages import State
from payments.tables import WebhookMessage
from tests.integration.payments.stage import (
    Json,
    Neighbour,
    Wired,
    another_process,
    batch_data,
    batch_row,
    counted,
    in_the_webhooks_spelling,
    log_of,
    messages,
    order_row,
    place_order,
    send_as_if_by_a_process_that_died,
    set_batch,
)
from tests.patience import until
from tests.shop import Shop

DONE = {"order_batch.submitted": 1, "order.created": 1, "order_batch.completed": 1}


def test_a_repeat_under_the_same_id_is_stored_once_and_does_nothing(shop: Shop) -> None:
    opened = shop.goody.step(shop.order()["id"], "open")
    for _ in range(3):
        assert shop.hear("order.gift_opened", opened, svix_id="msg_1").status_code == 204
    [message] = messages(shop)
    assert (message.state, message.tries, message.reason) == ("applied", 0, None)
    assert counted(shop) == {**DONE, "order.opened": 1}


def test_the_same_news_under_another_id_changes_nothing(shop: Shop) -> None:
    order_id = shop.order()["id"]
    opened = shop.goody.step(order_id, "open")
    shop.hear("order.gift_opened", opened)
    before = order_row(shop, order_id)
    shop.clock.advance(minutes=5)
    shop.hear("order.gift_opened", opened)
    assert [message.state for message in messages(shop)] == ["applied", "applied"]
    assert counted(shop) == {**DONE, "order.opened": 1}
    assert order_row(shop, order_id).updated_at == before.updated_at


def test_the_same_id_of_two_apps_is_two_messages(shop: Shop, neighbour: Neighbour) -> None:
    body = json.dumps({"event_type": "order.teleported", "id": "e", "data": {}}).encode()
    assert shop.deliver(body, svix_id="msg_1").status_code == 204
    assert shop.deliver(body, svix_id="msg_1", slug=neighbour.slug).status_code == 204
    assert {message.app_id for message in messages(shop)} == {shop.app_id, neighbour.app_id}


def test_an_event_that_nobody_knows_is_kept_and_ignored(shop: Shop) -> None:
    assert shop.hear("order.teleported", {"whatever": 1}).status_code == 204
    [message] = messages(shop)
    assert (message.state, message.reason) == ("ignored", "unknown event type order.teleported")
    assert counted(shop) == {}


def test_an_order_without_a_batch_is_ignored(shop: Shop) -> None:
    order = shop.goody.order(shop.order()["id"])
    shop.hear("order.gift_opened", {**order, "order_batch_id": None, "status": "opened"})
    assert [message.reason for message in messages(shop)] == ["names no order batch"]
    assert counted(shop) == DONE


@pytest.mark.parametrize("event_type", ["order_batch.created", "gift_batch.completed", "order.created"])
@pytest.mark.parametrize("reference", ["somebody's own", None])
def test_a_batch_that_is_not_ours_is_ignored(shop: Shop, event_type: str, reference: str | None) -> None:
    foreign = _made_outside(shop, reference)
    is_order = event_type == "order.created"
    shop.hear(event_type, foreign["orders_preview"][0] if is_order else in_the_webhooks_spelling(foreign))
    assert [(message.state, message.reason) for message in messages(shop)] == [("ignored", "foreign")]
    assert counted(shop) == {}
    assert shop.call("GET", "/v1/orders").get_json()["data"] == []


def test_a_batch_that_goody_does_not_show_is_waited_for_then_counts_as_foreign(shop: Shop) -> None:
    order = {**shop.goody.order(shop.order()["id"]), "order_batch_id": "00000000-0000-4000-8000-000000000000"}
    shop.hear("order.gift_opened", {**order, "status": "opened"})
    assert [message.state for message in messages(shop)] == ["waiting"]
    shop.clock.advance(minutes=11)
    assert shop.services.inbox.apply_due() == 1
    [message] = messages(shop)
    assert message.state == "ignored"
    assert str(message.reason).startswith("foreign: Goody shows no batch")
    assert counted(shop) == DONE


def test_a_waiting_message_has_its_turn_as_soon_as_its_batch_turns_out_to_be_ours(shop: Shop) -> None:
    batch_id = place_order(shop)
    send_as_if_by_a_process_that_died(shop, batch_id)
    opened = shop.goody.step(batch_data(shop)["orders_preview"][0]["id"], "open")
    shop.goody.fail(
        kind="status", status=503, retry_after=60, method="GET", path=f"/v1/order_batches/{opened['order_batch_id']}"
    )
    shop.hear("order.gift_opened", opened)
    assert [(message.state, message.goody_batch_id) for message in messages(shop)] == [
        ("waiting", opened["order_batch_id"])
    ]
    shop.clock.advance(seconds=1)
    assert shop.services.inbox.apply_due() == 0
    set_batch(shop, batch_id, may_exist=True)
    assert shop.services.submissions.submit(batch_id) == "submitted"
    assert shop.services.inbox.apply_due() == 1
    assert [message.state for message in messages(shop)] == ["applied"]
    assert counted(shop) == {**DONE, "order.opened": 1}


def test_what_cannot_be_applied_now_is_tried_again_with_growing_pauses(shop: Shop) -> None:
    batch_id = place_order(shop)
    send_as_if_by_a_process_that_died(shop, batch_id)
    order = batch_data(shop)["orders_preview"][0]
    path = f"/v1/order_batches/{order['order_batch_id']}"
    shop.goody.fail(kind="status", status=503, retry_after=60, method="GET", path=path, count=3)

    pauses = []
    shop.hear("order.created", order)
    for tries in (1, 2, 3):
        [message] = messages(shop)
        assert (message.state, message.tries) == ("waiting", tries)
        assert shop.services.inbox.apply_due() == 0, "not before its time"
        pauses.append(message.next_try_at - shop.clock())
        shop.clock.advance(seconds=pauses[-1].total_seconds())
        assert shop.services.inbox.apply_due() == 1
    assert timedelta(0) < pauses[0] < pauses[1] < pauses[2]
    assert [message.state for message in messages(shop)] == ["applied"]
    assert batch_row(shop, batch_id).submission_status == "submitted"
    assert counted(shop) == DONE


def test_a_message_that_fails_does_not_hold_up_the_next(shop: Shop) -> None:
    order_id = shop.order()["id"]
    stranger = {**shop.goody.order(order_id), "id": "another", "order_batch_id": "b"}
    shop.goody.fail(kind="status", status=503, retry_after=60, method="GET", path="/v1/order_batches/b")
    shop.hear("order.created", stranger, apply=False)
    shop.hear("order.gift_opened", shop.goody.step(order_id, "open"))
    assert [message.state for message in messages(shop)] == ["waiting", "applied"]
    assert counted(shop) == {**DONE, "order.opened": 1}


def test_what_fails_for_a_day_is_kept_as_failed_and_can_be_replayed(shop: Shop) -> None:
    order = shop.goody.step(shop.order()["id"], "open")
    shop.hear("order.gift_opened", {**order, "amounts": "unreadable"})
    for hours in (1, 23.1):
        assert [message.state for message in messages(shop)] == ["received"]
        shop.clock.advance(hours=hours)
        assert shop.services.inbox.apply_due() == 1
    [message] = messages(shop)
    assert (message.state, message.tries, message.event_type) == ("failed", 3, "order.gift_opened")
    assert "GoodyUnreadableError" in str(message.reason)

    body = json.dumps({"event_type": "order.gift_opened", "id": "e", "data": order}).encode()
    shop.execute("UPDATE webhook_messages SET body = :body", body=body)
    assert shop.services.messages.replay(MessageFilter(state=State.FAILED)) == 1
    assert shop.services.inbox.apply_due() == 1
    assert [message.state for message in messages(shop)] == ["applied"]
    assert counted(shop) == {**DONE, "order.opened": 1}


def _applied_last(shop: Shop) -> bool:
    """Give the inbox a turn that waits for nobody; whether the newest message is applied by then."""
    shop.services.inbox.apply_due(patience=0.1)
    return messages(shop)[-1].state == "applied"


def test_a_goody_that_hangs_holds_up_its_own_app_alone(wired: Wired, neighbour: Neighbour) -> None:
    shop, released = wired.shop, threading.Event()

    def hang(request: httpx.Request) -> httpx.Response:
        assert released.wait(60)
        return httpx.Response(404, json={"error": "Not found"}, request=request)

    wired.wire.step_in("GET", "/v1/order_batches/b", hang)
    order_id = shop.order()["id"]
    stranger = {**shop.goody.order(order_id), "order_batch_id": "b"}
    _hear_at(shop, neighbour, "order.created", stranger, apply=False)
    try:
        for step in ("open", "accept"):
            shop.hear(f"order.gift_{step}ed", shop.goody.step(order_id, step), apply=False)
            until(lambda: _applied_last(shop))
        assert [message.state for message in messages(shop)] == ["waiting", "applied", "applied"]
        assert messages(shop)[0].tries == 0, "it is being applied all the while"
    finally:
        released.set()
        shop.services.inbox.close()


def test_a_failure_does_not_undo_what_another_worker_applied(wired: Wired) -> None:
    shop, wire = wired.shop, wired.wire
    batch_id = place_order(shop)
    send_as_if_by_a_process_that_died(shop, batch_id)
    order = batch_data(shop)["orders_preview"][0]

    def let_another_worker_apply_it(request: httpx.Request) -> httpx.Response:
        with another_process(shop) as second:
            assert second.inbox.apply_due() == 1
        return httpx.Response(503, headers={"Retry-After": "60"}, request=request)

    wire.step_in("GET", f"/v1/order_batches/{order['order_batch_id']}", let_another_worker_apply_it)
    shop.hear("order.created", order)
    assert [(message.state, message.tries) for message in messages(shop)] == [("applied", 0)]
    assert counted(shop) == DONE


def test_two_workers_over_one_inbox_apply_each_message_once(shop: Shop) -> None:
    order_ids = [shop.order()["id"] for _ in range(4)]
    for order_id in order_ids:
        shop.hear("order.gift_opened", shop.goody.step(order_id, "open"), apply=False)
        shop.hear("order.refunded", shop.goody.order(order_id), apply=False)
    with another_process(shop) as second, ThreadPoolExecutor(4) as pool:
        inboxes = [shop.services.inbox, second.inbox] * 2
        list(pool.map(lambda inbox: inbox.apply_due(), inboxes))
    assert {message.state for message in messages(shop)} == {"applied"}
    assert counted(shop)["order.opened"] == 4
    assert counted(shop)["order.refunded"] == 4


@pytest.mark.parametrize("spelling", ["order_batch", "gift_batch"])
def test_batch_events_are_understood_in_both_spellings(shop: Shop, spelling: str) -> None:
    batch_id = place_order(shop)
    send_as_if_by_a_process_that_died(shop, batch_id)
    batch = batch_data(shop)
    shop.hear(f"{spelling}.completed", in_the_webhooks_spelling(batch) if spelling == "gift_batch" else batch)
    assert batch_row(shop, batch_id).goody_batch_id == batch["id"]
    assert order_row(shop, batch["orders_preview"][0]["id"]).order_batch_id == batch_id
    assert counted(shop) == DONE
    assert shop.goody.posts() == 1


@pytest.mark.parametrize("name", ["order.accepted", "order.gift_accepted"])
@pytest.mark.parametrize("batch_field", ["order_batch_id", "gift_batch_id"])
@pytest.mark.parametrize("link_field", ["individual_gift_link", "individual_order_link"])
def test_order_events_are_understood_in_every_spelling(
    shop: Shop, name: str, batch_field: str, link_field: str
) -> None:
    order = shop.goody.step(shop.order()["id"], "accept")
    respelt = {key: value for key, value in order.items() if key not in {"order_batch_id", "individual_gift_link"}}
    shop.hear(name, {**respelt, batch_field: order["order_batch_id"], link_field: order["individual_gift_link"]})
    row = order_row(shop, order["id"])
    assert (row.status, row.individual_gift_link) == ("pending_payment", order["individual_gift_link"])
    assert counted(shop) == {**DONE, "order.opened": 1, "order.accepted": 1, "order.payment_link_ready": 1}


def test_a_batch_of_many_is_stored_whole_when_it_is_told_complete(shop: Shop) -> None:
    batch_id = place_order(shop, recipients=10)
    send_as_if_by_a_process_that_died(shop, batch_id)
    batch = batch_data(shop)
    shop.hear("order_batch.completed", {**batch, "orders_preview": batch["orders_preview"][:3]})
    assert batch_row(shop, batch_id).completed_at is not None
    assert counted(shop) == {**DONE, "order.created": 10}


def test_orders_that_come_one_by_one_complete_the_batch_with_the_last(shop: Shop) -> None:
    batch_id = place_order(shop, recipients=3)
    send_as_if_by_a_process_that_died(shop, batch_id)
    batch = batch_data(shop)
    set_batch(shop, batch_id, submission_status="submitted", goody_batch_id=batch["id"], send_status="complete")
    for number, order in enumerate(batch["orders_preview"], start=1):
        assert batch_row(shop, batch_id).completed_at is None
        shop.hear("order.created", order)
        assert counted(shop)["order.created"] == number
    assert batch_row(shop, batch_id).completed_at is not None
    assert counted(shop) == {"order.created": 3, "order_batch.completed": 1}


def test_an_order_named_twice_in_one_telling_is_stored_once(wired: Wired) -> None:
    shop, wire = wired.shop, wired.wire
    batch_id = place_order(shop)
    send_as_if_by_a_process_that_died(shop, batch_id)
    batch = batch_data(shop)
    [order] = batch["orders_preview"]
    unfinished = {**batch, "send_status": "pending", "orders_preview": [order, order]}
    path = f"/v1/order_batches/{batch['id']}"
    wire.step_in("GET", path, lambda request: httpx.Response(200, json=unfinished, request=request))
    shop.hear("order.gift_opened", shop.goody.step(order["id"], "open"))
    assert [(message.state, message.reason) for message in messages(shop)] == [("applied", None)]
    assert counted(shop) == {"order_batch.submitted": 1, "order.created": 1, "order.opened": 1}


def test_a_message_of_one_app_cannot_touch_another_apps_order(shop: Shop, neighbour: Neighbour) -> None:
    ours = shop.order()["id"]
    theirs = place_order(shop, neighbour.app_id)
    shop.services.submissions.submit(theirs)
    forged: Json = {
        **shop.goody.order(ours),
        "order_batch_id": neighbour.goody.batches[0]["id"],
        "status": "paid",
        "recipient_first_name": "Mallory",
        "thank_you_note": "gotcha",
    }
    _hear_at(shop, neighbour, "order.refunded", forged)
    _hear_at(shop, neighbour, "order.canceled", forged)
    row = order_row(shop, ours)
    assert (row.app_id, row.recipient_first_name, row.thank_you_note, row.refunded_at) == (
        shop.app_id,
        "Li",
        None,
        None,
    )
    assert row.status in {"created", "notified"}
    assert counted(shop) == DONE
    assert [event.subject for event in log_of(shop, neighbour.app_id)].count(ours) == 0


def test_a_message_about_another_apps_batch_has_no_effect(shop: Shop, neighbour: Neighbour) -> None:
    opened = shop.goody.step(shop.order()["id"], "open")
    _hear_at(shop, neighbour, "order.gift_opened", opened)
    _hear_at(shop, neighbour, "order_batch.completed", batch_data(shop))
    shop.clock.advance(minutes=11)
    shop.services.inbox.apply_due()
    assert {message.state for message in messages(shop)} == {"ignored"}
    assert all(str(message.reason).startswith("foreign") for message in messages(shop))
    assert counted(shop) == DONE
    assert log_of(shop, neighbour.app_id) == []


def _hear_at(shop: Shop, neighbour: Neighbour, event_type: str, data: object, *, apply: bool = True) -> None:
    body = json.dumps({"event_type": event_type, "id": "event", "data": data}).encode()
    assert shop.deliver(body, slug=neighbour.slug).status_code == 204
    if apply:
        shop.services.inbox.apply_due()


def _made_outside(shop: Shop, reference: str | None) -> Json:
    """A batch that somebody made at Goody with the same key, not through us."""
    body = {
        "from_name": "Somebody",
        "send_method": "link_multiple_custom_list",
        "recipients": [{"first_name": "Li"}],
        "cart": {"items": [{"product_id": shop.product()["id"], "quantity": 1}]},
        "payment_method_id": "COMMERCE_HOSTED_PAYMENT",
        "customer_reference_id": reference,
    }
    shop.services.accounts.client(shop.app_id).create_order_batch(json.dumps(body).encode())
    return batch_data(shop)


def test_a_message_that_cannot_be_read_is_kept_and_tried_again(shop: Shop) -> None:
    """A refund is told nowhere else: a message whose order can't be read must not be thrown away."""
    order = shop.order()
    told = {**shop.goody.order(order["id"]), "amounts": {"amount_product": 10.5}}
    assert shop.hear("order.refunded", told).status_code == 204
    assert counted(shop).get("order.refunded") is None
    with shop.services.sessions.read() as session:
        (message,) = session.scalars(sa.select(WebhookMessage)).all()
    assert (message.state, message.tries) == ("received", 1)
    assert "GoodyUnreadableError" in (message.reason or "")
