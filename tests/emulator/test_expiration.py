"""When gifts expire, and what moves that."""

from datetime import UTC, datetime, timedelta

import pytest

from .partner import ADDRESS, STORED, Json, Partner
from .receiver import Receiver


def _update(partner: Partner, order_id: str, body: Json) -> Json:
    answer = partner.http.post(f"/v1/orders/{order_id}/update_expiration", json=body)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def _accepts(partner: Partner, order_id: str) -> int:
    body = {"mailing_address": ADDRESS}
    return partner.http.post(f"/_emulator/orders/{order_id}/accept", json=body).status_code


@pytest.mark.parametrize(
    ("expiration", "shown"),
    [
        ("2098-02-01T00:00:00+0000", "2098-02-01T00:00:00Z"),
        ("2098-02-01T00:00:00Z", "2098-02-01T00:00:00Z"),
        ("2098-02-01T01:00:00+01:00", "2098-02-01T00:00:00Z"),
        ("2098-02-01", "2098-02-01T00:00:00Z"),
    ],
)
def test_another_expiration_for_one_order(partner: Partner, receiver: Receiver, expiration: str, shown: str) -> None:
    batch = partner.place(
        recipients=[{"first_name": "Ada"}, {"first_name": "Bea"}],
        payment_method_id=STORED,
        expires_at="2097-01-01T00:00:00Z",
    )
    one, other = (each["id"] for each in batch["orders_preview"])
    updated = _update(partner, one, {"expiration": expiration})
    assert (updated["id"], updated["expires_at"]) == (one, shown)
    assert "event_times" not in updated
    assert partner.get(f"/v1/orders/{one}")["expires_at"] == shown
    assert partner.get(f"/v1/orders/{other}")["expires_at"] == "2097-01-01T00:00:00Z"
    assert partner.get(f"/v1/order_batches/{batch['id']}")["expires_at"] == "2097-01-01T00:00:00Z"
    assert len(receiver.wait_for(batch["workspace_id"], 4)) == 4


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "Expiration can't be blank"),
        ({"expiration": None}, "Expiration can't be blank"),
        ({"expiration": "soon"}, "Expiration is not a valid date and time"),
        ({"expiration": "2020-01-01T00:00:00Z"}, "Expiration must be in the future"),
        ({"expiration": 7}, "Expected `str | null`, got `int` - at `$.expiration`"),
    ],
)
def test_no_expiration_at_all(partner: Partner, body: Json, text: str) -> None:
    order_id = partner.place_one(expires_at="2097-01-01T00:00:00Z")
    assert partner.refused(body, f"/v1/orders/{order_id}/update_expiration") == text
    assert partner.get(f"/v1/orders/{order_id}")["expires_at"] == "2097-01-01T00:00:00Z"


@pytest.mark.parametrize(("step", "status"), [("accept", "pending_payment"), ("cancel", "failed")])
def test_only_gifts_that_can_still_be_accepted(partner: Partner, step: str, status: str) -> None:
    order_id = partner.place_one()
    partner.step(order_id, step, {"mailing_address": ADDRESS} if step == "accept" else None)
    refusal = partner.refused({"expiration": "2098-01-01"}, f"/v1/orders/{order_id}/update_expiration")
    assert refusal == f"Expiration can't be updated when the order is {status}"
    assert partner.get(f"/v1/orders/{order_id}")["expires_at"] is None


def test_an_unknown_order_has_no_expiration(partner: Partner) -> None:
    order_id = partner.place_one()
    body = {"expiration": "2098-01-01"}
    for headers, path in (({}, "nope"), ({"Authorization": "Bearer of-somebody-else"}, order_id)):
        answer = partner.http.post(f"/v1/orders/{path}/update_expiration", json=body, headers=headers)
        assert (answer.status_code, answer.json()) == (404, {"error": "Order not found"})


def test_an_expired_gift_stays_as_it_is_and_can_be_given_more_time(partner: Partner) -> None:
    order_id = partner.place_one()
    partner.step(order_id, "open")
    expired = partner.step(order_id, "expire")
    assert expired["status"] == "opened"
    assert datetime.fromisoformat(expired["expires_at"]) <= datetime.now(UTC)
    assert _accepts(partner, order_id) == 409
    assert partner.step(order_id, "expire") == expired
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    _update(partner, order_id, {"expiration": later})
    assert _accepts(partner, order_id) == 200
    statuses = [each["order_status"] for each in partner.get("/v1/order_activities")["data"]]
    assert statuses == ["pending_payment", "opened", "created"]


def test_a_gift_cannot_expire_once_it_is_accepted(partner: Partner) -> None:
    order_id = partner.place_one(expires_at="2098-01-01")
    partner.accept(order_id)
    answer = partner.http.post(f"/_emulator/orders/{order_id}/expire")
    assert (answer.status_code, answer.json()["allowed"]) == (409, ["pay", "support_cancel", "thank_you_note"])
    assert partner.get(f"/v1/orders/{order_id}")["expires_at"] == "2098-01-01T00:00:00Z"
