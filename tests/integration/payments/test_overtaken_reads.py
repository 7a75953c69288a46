"""Reads of Goody that were overtaken: what was asked before an expiry was changed does not take the change back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx

from tests.integration.payments.stage import Wired, batch_row
from tests.patience import until
from tests.shop import Shop


def test_a_batch_read_before_an_expiry_was_changed(wired: Wired) -> None:
    shop, wire = wired.shop, wired.wire
    batch = shop.complete(shop.checkout(recipients=[{"first_name": f"Li {number}"} for number in range(12)])).get_json()
    until(lambda: bool(shop.goody.batches[0]["orders_preview"]))
    order_id = shop.goody.batches[0]["orders_preview"][0]["id"]
    shop.hear("order.created", shop.goody.order(order_id))
    assert batch_row(shop, batch["id"]).completed_at is None
    moment = _in_a_month(shop)

    wire.step_in("GET", "/v1/order_batches/*/orders", _answer_after(wired, lambda: _expire(shop, order_id, moment)))
    shop.clock.advance(minutes=1)
    assert shop.services.following.follow_due() == 1
    assert batch_row(shop, batch["id"]).completed_at is not None, "it was read, and taken in"
    assert _shown(shop, order_id)["expires_at"] == moment
    assert shop.services.quiet_orders.look_due() == 1, "a look settles which of the two is newer"
    assert _shown(shop, order_id)["expires_at"] == moment


def test_a_look_for_one_change_while_another_is_made(wired: Wired) -> None:
    shop, wire = wired.shop, wired.wire
    order_id = shop.order()["id"]
    moment = _in_a_month(shop)
    wire.step_in("POST", "/v1/orders/*/cancel", wire.lose_request)
    wire.step_in("GET", f"/v1/orders/{order_id}", _answer_after(wired, lambda: _expire(shop, order_id, moment)))
    assert shop.call("POST", f"/v1/orders/{order_id}/cancel").status_code == 202
    assert _shown(shop, order_id)["expires_at"] == moment


def _answer_after(wired: Wired, act: Callable[[], object]) -> Callable[[httpx.Request], httpx.Response]:
    """Let something happen between Goody's answer and its arrival here."""

    def step_in(request: httpx.Request) -> httpx.Response:
        answer = wired.wire.pass_on(request)
        answer.read()
        act()
        return answer

    return step_in


def _expire(shop: Shop, order_id: str, moment: str) -> None:
    answer = shop.call("POST", f"/v1/orders/{order_id}/expiration", {"expires_at": moment})
    assert answer.status_code == 200, answer.text


def _shown(shop: Shop, order_id: str) -> dict[str, Any]:
    found: dict[str, Any] = shop.call("GET", f"/v1/orders/{order_id}").get_json()
    return found


def _in_a_month(shop: Shop) -> str:
    return (shop.clock() + timedelta(days=30)).replace(microsecond=0).isoformat()
