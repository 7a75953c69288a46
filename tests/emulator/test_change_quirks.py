"""Quirks of what is changed after ordering: cancellations and expirations."""

import pytest

from goody_emulator.quirks import Quirk

from .partner import STORED, Partner
from .receiver import Receiver
from .sales import LATER, use_quirks

SOON = "2098-01-01T00:00:00Z"


def _cancel(partner: Partner, order_id: str) -> tuple[int, str]:
    answer = partner.http.post(f"/v1/orders/{order_id}/cancel")
    return answer.status_code, answer.json().get("status") or answer.json()["error"]


def _put_off(partner: Partner, order_id: str) -> int:
    return partner.http.post(f"/v1/orders/{order_id}/update_expiration", json={"expiration": SOON}).status_code


def test_a_second_cancellation_takes_the_first_one_back(partner: Partner) -> None:
    order_id = partner.place_one()
    assert _cancel(partner, order_id) == (200, "failed")
    assert _cancel(partner, order_id) == (400, "Order can't be canceled when it is failed")
    use_quirks(partner, Quirk.CANCEL_REVIVES)
    assert _cancel(partner, order_id) == (200, "created")
    assert partner.accept(order_id)["status"] == "pending_payment"
    assert _cancel(partner, order_id) == (400, "Order can't be canceled when it is pending_payment")
    assert partner.step(order_id, "support_cancel")["status"] == "failed"
    assert _cancel(partner, order_id)[0] == 400  # What was accepted does not come back.


def test_another_expiration_for_what_was_accepted(partner: Partner) -> None:
    order_id = partner.place_one(expires_at=LATER)
    partner.accept(order_id)
    assert _put_off(partner, order_id) == 400
    use_quirks(partner, Quirk.EXPIRATION_ANY_TIME)
    assert _put_off(partner, order_id) == 200
    assert partner.get(f"/v1/orders/{order_id}")["expires_at"] == SOON
    partner.step(order_id, "support_cancel")
    assert _put_off(partner, order_id) == 400


@pytest.mark.parametrize(("quirks", "told"), [([], SOON), ([Quirk.STALE_EXPIRATION], LATER)])
def test_an_expiration_that_is_told_late(partner: Partner, receiver: Receiver, quirks: list[Quirk], told: str) -> None:
    use_quirks(partner, *quirks)
    order_id = partner.place_one(expires_at=LATER, payment_method_id=STORED)
    assert _put_off(partner, order_id) == 200
    opened = partner.step(order_id, "open")
    assert opened["expires_at"] == partner.get("/v1/orders")["data"][0]["expires_at"] == SOON
    event = receiver.wait_for(opened["workspace_id"], 4)[3].event
    assert (event["event_type"], event["data"]["expires_at"]) == ("order.gift_opened", told)
    assert {each["order"]["expires_at"] for each in partner.get("/v1/order_activities")["data"]} == {told}
