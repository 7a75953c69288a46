"""Cancelling orders and moving their expiry: done, refused, or unknown until the order is read."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from payments.tables import OrderChange
from tests.api.answers import faults, problem
from tests.integration.payments.stage import Wired, counted, place_order, set_batch
from tests.integration.payments.wire import Wire, refusal
from tests.shop import Shop

CANCEL, READ = "/v1/orders/*/cancel", "/v1/orders/*"
DONE = {"order_batch.submitted": 1, "order.created": 1, "order_batch.completed": 1}


def _cancel(shop: Shop, order_id: str, **options: Any) -> TestResponse:
    return shop.call("POST", f"/v1/orders/{order_id}/cancel", **options)


def _expire(shop: Shop, order_id: str, moment: object) -> TestResponse:
    return shop.call("POST", f"/v1/orders/{order_id}/expiration", {"expires_at": moment})


def _shown(shop: Shop, order_id: str) -> dict[str, Any]:
    found: dict[str, Any] = shop.call("GET", f"/v1/orders/{order_id}").get_json()
    return found


def _steps(shop: Shop, order_id: str) -> list[tuple[str, str]]:
    steps = shop.call("GET", f"/v1/orders/{order_id}/timeline").get_json()["data"]
    return [(step["step"], step["source"]["kind"]) for step in steps]


def _in(shop: Shop, **duration: float) -> str:
    return (shop.clock() + timedelta(**duration)).replace(microsecond=0).isoformat()


def _asked(wire: Wire, end: str) -> int:
    return sum(request.method == "POST" and request.url.path.endswith(end) for request in wire.requests)


def _lose(wire: Wire, path: str, *, reads: int = 0, acts: bool = True) -> None:
    """Lose the answer to a change, and the next so many reads of the order (each is tried three times)."""
    wire.step_in("POST", path, wire.lose_answer if acts else wire.lose_request)
    if reads:
        wire.step_in("GET", READ, lambda request: httpx.Response(503, request=request), count=3 * reads)


@pytest.mark.parametrize("quirk", [None, "canceled-status"])
def test_a_gift_is_canceled_once_whoever_tells_first(shop: Shop, quirk: str | None) -> None:
    order_id = shop.order()["id"]
    if quirk:
        shop.goody.control("PUT", "quirks", {"quirks": [quirk]})
    canceled = _cancel(shop, order_id, headers={"Idempotency-Key": "c"})
    assert canceled.status_code == 200, canceled.text
    shown = canceled.get_json()
    assert (shown["status"], shown["cancellation"]["status"]) == ("canceled", "done")
    assert _cancel(shop, order_id, headers={"Idempotency-Key": "c"}).headers["Idempotent-Replayed"] == "true"
    assert _cancel(shop, order_id).get_json() == shown
    shop.hear("order.canceled", shop.goody.order(order_id))
    assert counted(shop) == {**DONE, "order.canceled": 1}
    assert _steps(shop, order_id) == [("created", "submission"), ("cancel_requested", "api"), ("canceled", "api")]
    assert sum(each["path"].endswith("/cancel") for each in shop.goody.requests) == 1


def test_an_accepted_gift_is_not_canceled_whether_we_know_or_goody_says(shop: Shop) -> None:
    order_id = shop.order()["id"]
    accepted = shop.goody.step(order_id, "accept")
    told = problem(_cancel(shop, order_id), 409, "already_accepted")
    assert "support" in told["detail"]
    assert _shown(shop, order_id)["cancellation"]["status"] == "refused"
    assert _shown(shop, order_id)["status"] == "pending_payment", "the refusal made us read the order"
    shop.hear("order.gift_accepted", accepted)
    asked = len(shop.goody.requests)
    problem(_cancel(shop, order_id), 409, "already_accepted")
    problem(_expire(shop, order_id, _in(shop, days=3)), 409, "already_accepted")
    assert len(shop.goody.requests) == asked, "what we know needs no asking"
    assert ("cancel_refused", "refetch") in _steps(shop, order_id)


def test_other_refusals_are_ours_in_word(shop: Shop) -> None:
    order_id = shop.order()["id"]
    shop.goody.fail(kind="status", method="POST", path=CANCEL, status=400, count=1)
    problem(_cancel(shop, order_id), 422, "rejected_by_supplier")
    shop.goody.fail(kind="status", method="POST", path=CANCEL, status=401, count=1)
    problem(_cancel(shop, order_id), 502, "supplier_unauthorized")
    assert _cancel(shop, order_id).status_code == 200


def test_a_batch_can_not_be_canceled_and_says_what_can(shop: Shop) -> None:
    batch_id = shop.complete(shop.checkout(scheduled_send_on=_in(shop, days=2))).get_json()["id"]
    assert "once they exist" in problem(_cancel(shop, batch_id), 409, "batch_not_cancelable")["detail"]
    there = shop.order()["order_batch_id"]
    assert "cancel its orders" in problem(_cancel(shop, there), 409, "batch_not_cancelable")["detail"]
    problem(_cancel(shop, "ob_nowhere"), 404, "not_found")
    problem(_cancel(shop, "what"), 404, "not_found")


def test_a_lost_answer_is_learnt_by_reading(wired: Wired) -> None:
    shop, wire = wired.shop, wired.wire
    order_id = shop.order()["id"]
    _lose(wire, CANCEL)
    assert _cancel(shop, order_id).status_code == 200
    assert _steps(shop, order_id)[-1] == ("canceled", "refetch")
    assert (_asked(wire, "/cancel"), counted(shop)["order.canceled"]) == (1, 1)


@pytest.mark.parametrize("attempts", [1, 2])
def test_what_can_not_be_read_is_pending_until_the_worker_knows(wired: Wired, attempts: int) -> None:
    shop, wire = wired.shop, wired.wire
    order_id = shop.order()["id"]
    _lose(wire, CANCEL, reads=2, acts=attempts == 1)
    pending = _cancel(shop, order_id)
    assert pending.status_code == 202
    shown = pending.get_json()
    assert (shown["status"], shown["cancellation"]["status"]) == ("created", "pending")
    assert shown["cancellation"]["requested_at"]
    assert shop.services.order_changes.resolve_due() == 0, "not at once"
    shop.clock.advance(seconds=3)
    assert shop.services.order_changes.resolve_due() == 1
    assert (_shown(shop, order_id)["status"], _asked(wire, "/cancel")) == ("created", 1), "unread, so not repeated"
    shop.clock.advance(seconds=10)
    shop.services.order_changes.resolve_due()
    shown = _shown(shop, order_id)
    assert (shown["status"], shown["cancellation"]["status"]) == ("canceled", "done")
    assert (_asked(wire, "/cancel"), counted(shop)["order.canceled"]) == (attempts, 1)
    assert [step for step, _ in _steps(shop, order_id)][1:] == ["cancel_requested", "cancel_unknown", "canceled"]
    shop.clock.advance(hours=1)
    assert shop.services.order_changes.resolve_due() == 0


def test_a_webhook_ends_a_pending_cancellation_without_another_call(wired: Wired) -> None:
    shop, wire = wired.shop, wired.wire
    order_id = shop.order()["id"]
    _lose(wire, CANCEL, reads=1)
    assert _cancel(shop, order_id).status_code == 202
    shop.hear("order.canceled", shop.goody.order(order_id))
    assert _shown(shop, order_id)["cancellation"]["status"] == "done"
    asked = len(wire.requests)
    shop.clock.advance(minutes=5)
    shop.services.order_changes.resolve_due()
    assert len(wire.requests) == asked
    with shop.services.sessions.read() as session:
        assert session.scalars(sa.select(OrderChange.status)).all() == ["done"]
    assert counted(shop)["order.canceled"] == 1


def test_acceptance_in_between_is_a_refusal(wired: Wired) -> None:
    shop, wire = wired.shop, wired.wire
    order_id = shop.order()["id"]
    _lose(wire, CANCEL, reads=1, acts=False)
    assert _cancel(shop, order_id).status_code == 202
    shop.goody.step(order_id, "accept")
    shop.clock.advance(minutes=1)
    shop.services.order_changes.resolve_due()
    shown = _shown(shop, order_id)
    assert (shown["status"], shown["cancellation"]["status"]) == ("pending_payment", "refused")
    assert _asked(wire, "/cancel") == 1


def test_a_refused_repeat_proves_nothing_while_the_order_can_not_be_read(wired: Wired) -> None:
    shop, wire = wired.shop, wired.wire
    order_id = shop.order()["id"]
    _lose(wire, CANCEL, acts=False)
    assert _cancel(shop, order_id).status_code == 202, "read, and not cancelled: it may still come to be"
    wire.step_in("GET", READ, wire.pass_on)
    wire.step_in("POST", CANCEL, refusal("Order can't be canceled"))
    wire.step_in("GET", READ, lambda request: httpx.Response(503, request=request), count=3)
    shop.clock.advance(minutes=1)
    shop.services.order_changes.resolve_due()
    assert _shown(shop, order_id)["cancellation"]["status"] == "pending"
    shop.clock.advance(minutes=1)
    shop.services.order_changes.resolve_due()
    assert _shown(shop, order_id)["cancellation"]["status"] == "done"


def test_an_old_wish_is_looked_up_and_never_sent_again(wired: Wired) -> None:
    shop, wire = wired.shop, wired.wire
    order_id = shop.order()["id"]
    _lose(wire, CANCEL, reads=1, acts=False)
    assert _cancel(shop, order_id).status_code == 202
    shop.clock.advance(days=1, minutes=1)
    shop.services.order_changes.resolve_due()
    assert _shown(shop, order_id)["cancellation"]["status"] == "abandoned"
    assert _asked(wire, "/cancel") == 1
    assert _shown(shop, order_id)["status"] in {"created", "notified"}, "as the look found it"


def test_a_process_that_died_leaves_a_change_that_is_resolved(shop: Shop) -> None:
    order_id = shop.order()["id"]
    now = shop.clock()
    with shop.services.sessions.begin() as session:
        session.add(
            OrderChange(
                app_id=shop.app_id,
                order_id=order_id,
                kind="cancellation",
                status="sending",
                attempt=1,
                lease_until=now + timedelta(seconds=90),
                next_try_at=now,
                requested_at=now,
            )
        )
    assert _cancel(shop, order_id).status_code == 202, "somebody is at it"
    assert shop.services.order_changes.resolve_due() == 0
    shop.clock.advance(seconds=91)
    shop.services.order_changes.resolve_due()
    assert _shown(shop, order_id)["status"] == "canceled"


def test_concurrent_cancels_make_one(shop: Shop) -> None:
    order_id = shop.order()["id"]
    shop.goody.fail(kind="delay", seconds=0.3, method="POST", path=CANCEL, count=1)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: _cancel(shop, order_id).status_code, range(4)))
    assert set(answers) <= {200, 202}
    assert 200 in answers
    assert sum(each["path"].endswith("/cancel") for each in shop.goody.requests) == 1
    assert counted(shop)["order.canceled"] == 1


def test_another_expiry_is_goodys_and_ours(shop: Shop) -> None:
    order_id = shop.order()["id"]
    opened = shop.goody.step(order_id, "open")
    moment = _in(shop, days=30)
    answer = _expire(shop, order_id, moment)
    assert answer.status_code == 200, answer.text
    shown = answer.get_json()
    assert shown["expires_at"] == shown["expiration_change"]["expires_at"] == moment
    assert shown["expiration_change"]["status"] == "done"
    assert shop.goody.order(order_id)["expires_at"] == moment.replace("+00:00", "Z")
    shop.hear("order.gift_opened", opened)
    assert _shown(shop, order_id)["expires_at"] == moment, "a message of before takes nothing back"
    steps = shop.call("GET", f"/v1/orders/{order_id}/timeline").get_json()["data"]
    [changed] = [step for step in steps if step["step"] == "expiration_changed"]
    assert changed["details"] == {"from": None, "to": moment}
    assert faults(_expire(shop, order_id, _in(shop, seconds=-1))) == [("/expires_at", "in_the_past")]
    assert faults(_expire(shop, order_id, "soon")) == [("/expires_at", "invalid")]
    assert _expire(shop, order_id, moment).get_json() == _shown(shop, order_id), "met already"
    _cancel(shop, order_id)
    problem(_expire(shop, order_id, _in(shop, days=31)), 409, "order_canceled")


def test_an_unknown_expiry_is_resolved_and_a_later_wish_replaces_it(wired: Wired) -> None:
    shop, wire = wired.shop, wired.wire
    order_id = shop.order()["id"]
    path = "/v1/orders/*/update_expiration"
    _lose(wire, path, reads=1, acts=False)
    first, second = _in(shop, days=30), _in(shop, days=40)
    pending = _expire(shop, order_id, first)
    assert (pending.status_code, pending.get_json()["expires_at"]) == (202, None)
    _lose(wire, path, reads=1, acts=True)
    assert _expire(shop, order_id, second).get_json()["expiration_change"]["expires_at"] == second
    shop.clock.advance(minutes=1)
    shop.services.order_changes.resolve_due()
    shown = _shown(shop, order_id)
    assert (shown["expires_at"], shown["expiration_change"]["status"]) == (second, "done")
    with shop.services.sessions.read() as session:
        assert session.scalars(sa.select(OrderChange.status).order_by(OrderChange.id)).all() == ["abandoned", "done"]


def test_commitments_follow_cancellation_and_expiry(shop: Shop) -> None:
    def committed() -> int:
        return int(shop.call("GET", "/v1/stored_value").get_json()["commitments"])

    order = shop.complete(shop.checkout(payment_mode="stored_value")).get_json()["orders"][0]
    high = committed()
    assert high > 0
    assert _expire(shop, order["id"], _in(shop, minutes=1)).status_code == 200
    shop.clock.advance(hours=2)
    assert committed() == 0
    balance = shop.call("GET", "/v1/stored_value").get_json()["balance"]
    shop.goody.spend(balance - high + 1)
    problem(_expire(shop, order["id"], _in(shop, days=1)), 409, "insufficient_stored_value")
    shop.goody.control("POST", "stored_value/deposits", {"amount": 1})
    assert _expire(shop, order["id"], _in(shop, days=1)).status_code == 200
    assert committed() == high
    assert _cancel(shop, order["id"]).status_code == 200
    shop.clock.advance(seconds=1)
    assert committed() == 0


def test_an_order_that_nobody_has_sent_yet_has_nothing_to_cancel(shop: Shop) -> None:
    batch_id = place_order(shop)
    set_batch(shop, batch_id, submission_status="unknown")
    assert "no orders yet" in problem(_cancel(shop, batch_id), 409, "batch_not_cancelable")["detail"]
