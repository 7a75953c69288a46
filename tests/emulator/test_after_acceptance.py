"""What can happen between a gift's acceptance and its parcel: it rests unpaid, or Goody's support cancels it."""

import pytest

from goody_emulator.quirks import Quirk

from .partner import ADDRESS, HOSTED, STORED, Json, Partner
from .receiver import Receiver
from .sales import LATER, card_of, earning, entries, order_of, sold, use_quirks

REST: Json = {"mailing_address": ADDRESS, "rest": True}


@pytest.mark.parametrize(("method", "status"), [(HOSTED, "pending_payment"), (STORED, "ordered")])
def test_a_gift_can_rest_when_it_is_accepted(partner: Partner, receiver: Receiver, method: str, status: str) -> None:
    order_id = partner.place_one(payment_method_id=method, expires_at=LATER)
    rested = partner.step(order_id, "accept", REST)
    assert (rested["status"], rested["payment_link"]) == ("accepted", None)
    assert rested["amounts"]["amount_total"] is not None
    assert partner.account()[0] == 10_000_000
    event = receiver.wait_for(rested["workspace_id"], 4)[3].event
    assert (event["event_type"], event["data"]["status"]) == ("order.gift_accepted", "accepted")
    refused = partner.http.post(f"/v1/orders/{order_id}/cancel").json()
    assert refused == {"error": "Order can't be canceled when it is accepted"}
    assert [each["order_status"] for each in partner.get("/v1/order_activities")["data"]] == ["opened", "created"]
    charged = partner.step(order_id, "charge")
    assert charged["status"] == status
    assert (charged["payment_link"] is not None) == (method == HOSTED)
    assert partner.http.post(f"/_emulator/orders/{order_id}/charge").status_code == 409


def test_what_the_balance_no_longer_covers_waits(partner: Partner) -> None:
    order_id = partner.place_one(payment_method_id=STORED, expires_at=LATER)
    partner.step(order_id, "accept", REST)
    partner.http.post("/_emulator/stored_value/withdrawals", json={"amount": 10_000_000})
    assert partner.step(order_id, "charge")["status"] == "pending_payment"
    partner.deposit(10_000_000)
    assert partner.get(f"/v1/orders/{order_id}")["status"] == "ordered"


def test_a_card_that_declines_counts(partner: Partner) -> None:
    card = card_of(partner, interim_card_key="charge_declined_once")
    changes = {"payment_method_id": card["id"], "commerce_end_user_id": "user-1"}
    order_id = order_of(partner, earning(partner), **changes)
    partner.step(order_id, "accept", REST)
    assert partner.step(order_id, "charge")["status"] == "pending_payment"
    assert partner.get("/_emulator/orders")["data"][0]["payment_attempts"] == 1


@pytest.mark.parametrize("method", [HOSTED, STORED])
def test_support_cancels_what_was_paid(partner: Partner, receiver: Receiver, method: str) -> None:
    order = sold(partner, earning(partner), method)
    canceled = partner.step(order["id"], "support_cancel")
    assert canceled["status"] == "failed"
    event = receiver.wait_for(order["workspace_id"], 5)[4].event
    assert (event["event_type"], event["data"]["status"]) == ("order.canceled", "failed")
    assert partner.account()[0] == 10_000_000
    assert sum(each["amount"] for each in entries(partner)) == 0
    assert partner.get("/v1/order_activities")["data"][0]["order_status"] == "failed"
    for step in ("ship", "refund", "support_cancel"):
        assert partner.http.post(f"/_emulator/orders/{order['id']}/{step}").status_code == 409


def test_support_may_keep_the_charge(partner: Partner) -> None:
    use_quirks(partner, Quirk.CANCELED_KEEPS_CHARGE, Quirk.CANCELED_STATUS)
    order = sold(partner, earning(partner), STORED)
    before = partner.account()
    assert partner.step(order["id"], "support_cancel")["status"] == "canceled"
    assert partner.account() == before
    assert [each["kind"] for each in entries(partner)] == ["revenue_share"]


def test_support_cancels_what_was_refunded_in_part(partner: Partner) -> None:
    order = sold(partner, earning(partner), STORED)
    partner.step(order["id"], "refund", {"amount": 100})
    partner.step(order["id"], "support_cancel")
    assert partner.account()[0] == 10_000_000


def test_support_cancels_what_nobody_has_paid(partner: Partner) -> None:
    use_quirks(partner, Quirk.STORED_VALUE_CHARGED_EARLY)
    order_id = order_of(partner, earning(partner))
    assert partner.http.post(f"/_emulator/orders/{order_id}/support_cancel").status_code == 409
    partner.step(order_id, "accept", REST)
    assert partner.account()[0] < 10_000_000
    partner.step(order_id, "support_cancel")
    assert partner.account()[0] == 10_000_000


def test_a_scenario_can_rest(partner: Partner) -> None:
    steps = [
        {"do": "accept", "rest": True}, {"do": "charge"}, {"do": "pay", "rest": True}, {"do": "support_cancel"},
    ]  # fmt: skip
    name = "rests"
    assert partner.http.put(f"/_emulator/scenarios/{name}", json={"steps": steps}).status_code in {200, 201}
    order_id = partner.place_one()
    assert partner.http.post(f"/_emulator/scenarios/{name}/play", json={"order_id": order_id}).is_success
    partner.until(f"/v1/orders/{order_id}", lambda order: order["status"] == "failed")
    times = partner.get(f"/v1/orders/{order_id}")["event_times"]
    assert None not in {times["accepted_at"], times["pending_payment_at"], times["paid_at"]}
