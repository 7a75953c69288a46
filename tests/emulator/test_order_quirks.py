"""Quirks of batches and orders: each one is seen to happen, for the app that has it."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from goody_emulator.quirks import Quirk

from .partner import ADDRESS, STORED, Json, Partner, partner_of
from .program import running
from .receiver import Receiver


@pytest.fixture(scope="module")
def still_url(receiver: Receiver, webhook_secret: str) -> Iterator[str]:
    """An emulator whose clock these tests move."""
    options = ("--products", "60", "--webhook-url", receiver.url, "--webhook-secret", webhook_secret)
    with running(*options) as url, partner_of(url) as anybody:
        _post(anybody, "/_emulator/clock/freeze", {})
        yield url


@pytest.fixture
def still(still_url: str) -> Iterator[Partner]:
    with partner_of(still_url) as partner:
        yield partner


def _post(partner: Partner, path: str, body: Json) -> Json:
    answer = partner.http.post(path, json=body)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def _with(partner: Partner, *quirks: Quirk) -> Partner:
    answer = partner.http.put("/_emulator/quirks", json={"quirks": list(quirks)})
    assert answer.status_code == 200, answer.text
    return partner


def _advance(partner: Partner, seconds: float) -> None:
    _post(partner, "/_emulator/clock/advance", {"seconds": seconds})


def _ids(partner: Partner, path: str, **params: str | int) -> list[str]:
    return [each["id"] for each in partner.get(path, **params)["data"]]


def _events(receiver: Receiver, partner: Partner, count: int) -> list[Json]:
    workspace = partner.get("/v1/workspaces")["data"][0]["id"]
    return [each.event for each in receiver.wait_for(workspace, count)]


def _activities(partner: Partner) -> list[str]:
    return [each["order_status"] for each in partner.get("/v1/order_activities")["data"]]


def _delivered(partner: Partner) -> str:
    order_id = partner.place_one(payment_method_id=STORED, expires_at="2099-01-01T00:00:00Z")
    partner.accept(order_id)
    partner.step(order_id, "ship")
    partner.step(order_id, "deliver")
    return order_id


@pytest.mark.parametrize(
    ("quirk", "status", "text"),
    [
        (None, 400, "Customer reference has already been taken"),
        (Quirk.DUPLICATE_TEXT, 400, "Validation failed: an order batch for this request exists"),
        (Quirk.DUPLICATE_CONFLICT, 409, "Customer reference has already been taken"),
        (Quirk.DUPLICATE_UNPROCESSABLE, 422, "Customer reference has already been taken"),
    ],
)
def test_a_repeated_reference_is_refused_in_other_ways(
    partner: Partner, quirk: Quirk | None, status: int, text: str
) -> None:
    wish = _with(partner, *([] if quirk is None else [quirk])).wish()
    assert partner.http.post("/v1/order_batches", json=wish).status_code == 201
    again = partner.http.post("/v1/order_batches", json=wish)
    assert (again.status_code, again.json()) == (status, {"error": text})
    assert partner.get("/v1/order_batches")["list_meta"] == {"total_count": 1}


def test_a_repeated_reference_answers_with_the_first_batch(partner: Partner) -> None:
    wish = _with(partner, Quirk.DUPLICATE_CREATED).wish()
    first, again = (partner.http.post("/v1/order_batches", json=wish) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert partner.get("/v1/orders")["list_meta"] == {"total_count": 1}


def test_a_repeated_reference_makes_another_batch(partner: Partner) -> None:
    wish = _with(partner, Quirk.REFERENCE_NOT_UNIQUE).wish()
    batches = [partner.http.post("/v1/order_batches", json=wish).json() for _ in range(3)]
    assert len({batch["id"] for batch in batches}) == 3
    assert {batch["customer_reference_id"] for batch in batches} == {wish["customer_reference_id"]}
    _with(partner)
    assert partner.refused(wish) == "Customer reference has already been taken"


def test_batches_in_an_order_of_their_own(partner: Partner) -> None:
    made = [partner.place()["id"] for _ in range(6)]
    assert _ids(partner, "/v1/order_batches") == made[::-1]
    _with(partner, Quirk.BATCHES_UNORDERED)
    assert _ids(partner, "/v1/order_batches") == sorted(made)
    pages = [_ids(partner, "/v1/order_batches", per_page=2, page=page) for page in (1, 2, 3)]
    assert sorted(one for page in pages for one in page) == sorted(made)


def test_the_oldest_first(partner: Partner) -> None:
    batches = [partner.place() for _ in range(3)]
    made = {
        "/v1/order_batches": [batch["id"] for batch in batches],
        "/v1/orders": [batch["orders_preview"][0]["id"] for batch in batches],
    }
    for path, ids in made.items():
        assert _ids(partner, path) == ids[::-1]
    _with(partner, Quirk.BATCHES_OLDEST_FIRST)
    assert _ids(partner, "/v1/order_batches") == made["/v1/order_batches"]
    assert _ids(partner, "/v1/orders") == made["/v1/orders"][::-1]
    _with(partner, Quirk.ORDERS_OLDEST_FIRST)
    assert _ids(partner, "/v1/order_batches") == made["/v1/order_batches"][::-1]
    assert _ids(partner, "/v1/orders") == made["/v1/orders"]


def test_activities_with_the_oldest_first(partner: Partner) -> None:
    partner.step(partner.place_one(), "open")
    assert _activities(partner) == ["opened", "created"]
    _with(partner, Quirk.ACTIVITIES_OLDEST_FIRST)
    assert _activities(partner) == ["created", "opened"]


def test_a_batch_is_listed_late(still: Partner) -> None:
    batch = _with(still, Quirk.LATE_LISTING).place()
    for path in ("/v1/order_batches", "/v1/orders"):
        assert still.get(path) == {"data": [], "list_meta": {"total_count": 0}}
    assert still.get(f"/v1/order_batches/{batch['id']}")["id"] == batch["id"]
    assert _ids(still, f"/v1/order_batches/{batch['id']}/orders") == [batch["orders_preview"][0]["id"]]
    _advance(still, 29.9)
    assert _ids(still, "/v1/orders") == []
    _advance(still, 0.1)
    assert _ids(still, "/v1/order_batches") == [batch["id"]]
    assert _ids(still, "/v1/orders") == [batch["orders_preview"][0]["id"]]


def test_an_activity_is_listed_late(still: Partner) -> None:
    _with(still, Quirk.LATE_ACTIVITIES).place()
    _advance(still, 29.9)
    assert _activities(still) == []
    _advance(still, 0.1)
    assert _activities(still) == ["created"]


def test_a_canceled_order_is_called_so(partner: Partner) -> None:
    order_id = _with(partner, Quirk.CANCELED_STATUS).place_one()
    answer = partner.http.post(f"/v1/orders/{order_id}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "canceled")
    assert partner.get(f"/v1/orders/{order_id}")["status"] == "canceled"
    assert _activities(partner) == ["created"]
    assert partner.http.post(f"/v1/orders/{order_id}/cancel").status_code == 400


def test_a_refund_shows_in_the_status(partner: Partner, receiver: Receiver) -> None:
    order_id = _delivered(_with(partner, Quirk.REFUNDED_STATUS))
    assert partner.step(order_id, "refund")["status"] == "refunded"
    told = _events(receiver, partner, 7)[-1]
    assert (told["event_type"], told["data"]["status"]) == ("order.refunded", "refunded")
    assert "refunded" not in _activities(partner)
    page = partner.http.get(partner.get(f"/v1/orders/{order_id}")["individual_gift_link"])
    assert "It has arrived" in page.text


def test_an_activity_shows_the_status_of_its_time(partner: Partner) -> None:
    order_id = partner.place_one()
    partner.accept(order_id)

    def shown() -> list[tuple[str, str]]:
        found = partner.get("/v1/order_activities")["data"]
        return [(each["order_status"], each["order"]["status"]) for each in found]

    statuses = ["pending_payment", "opened", "created"]
    assert shown() == [(status, "pending_payment") for status in statuses]
    _with(partner, Quirk.ACTIVITY_OF_ITS_TIME)
    assert shown() == [(status, status) for status in statuses]


def test_a_user_approval_on_the_way_to_paid(partner: Partner) -> None:
    order_id = _with(partner, Quirk.USER_APPROVAL).place_one()
    partner.accept(order_id)
    assert partner.step(order_id, "pay")["status"] == "ordered"
    assert _activities(partner) == [
        "ordered", "paid", "pending_user_approval", "pending_payment", "opened", "created",
    ]  # fmt: skip
    only = partner.get("/v1/order_activities", statuses="pending_user_approval")
    assert only["list_meta"] == {"total_count": 1}


@pytest.mark.parametrize("quirk", [None, Quirk.EXPIRED_FAILS])
def test_an_expired_order_fails(still: Partner, receiver: Receiver, quirk: Quirk | None) -> None:
    now = datetime.fromisoformat(still.get("/_emulator/clock")["now"])
    expires_at = (now + timedelta(minutes=10)).isoformat()
    order_id = still.place_one(expires_at=expires_at)
    accepted = still.place_one(expires_at=expires_at)
    still.accept(accepted)
    _with(still, *([] if quirk is None else [quirk]))
    _advance(still, 590)
    assert still.get(f"/v1/orders/{order_id}")["status"] == "notified"
    _advance(still, 11)
    status, event = ("notified", None) if quirk is None else ("failed", "order.canceled")
    assert still.get(f"/v1/orders/{order_id}")["status"] == status
    assert still.get(f"/v1/orders/{accepted}")["status"] == "pending_payment"
    told = [each["event_type"] for each in _events(receiver, still, 7 + (event is not None))]
    assert told.count("order.canceled") == (event is not None)
    failed = still.get("/v1/order_activities", statuses="failed")["data"]
    moments = [datetime.fromisoformat(each["created_at"]) for each in failed]
    assert moments == ([] if quirk is None else [now + timedelta(minutes=10)])


def test_what_had_expired_before_fails_as_soon_as_the_quirk_holds(partner: Partner) -> None:
    order_id = partner.place_one()
    partner.step(order_id, "expire")
    assert partner.get(f"/v1/orders/{order_id}")["status"] in {"created", "notified"}
    _with(partner, Quirk.EXPIRED_FAILS)
    partner.until(f"/v1/orders/{order_id}", lambda order: order["status"] == "failed")


@pytest.mark.parametrize("quirk", [None, Quirk.DIRECT_SEND_ANNOUNCED])
def test_a_direct_send_is_announced(still: Partner, receiver: Receiver, quirk: Quirk | None) -> None:
    _with(still, *([] if quirk is None else [quirk]))
    recipients = [{"first_name": "Ada", "mailing_address": ADDRESS}]
    order_id = still.place_one(send_method="direct_send", recipients=recipients)
    _advance(still, 2)
    assert still.get(f"/v1/orders/{order_id}")["status"] == "pending_payment"
    told = [each["event_type"] for each in _events(receiver, still, 3 + (quirk is not None))]
    assert told[3:] == ([] if quirk is None else ["order.gift_accepted"])


@pytest.mark.parametrize(
    ("quirk", "step", "name", "status"),
    [
        (None, "accept", "order.gift_accepted", "pending_payment"),
        (Quirk.ACCEPTED_STATUS, "accept", "order.gift_accepted", "accepted"),
        (Quirk.ACCEPTED_NAME, "accept", "order.accepted", "pending_payment"),
    ],
)
def test_the_webhook_at_acceptance(
    partner: Partner, receiver: Receiver, quirk: Quirk | None, step: str, name: str, status: str
) -> None:
    order_id = _with(partner, *([] if quirk is None else [quirk])).place_one()
    assert partner.step(order_id, step, {"mailing_address": ADDRESS})["status"] == "pending_payment"
    told = _events(receiver, partner, 4)[-1]
    assert (told["event_type"], told["data"]["status"]) == (name, status)
    assert told["data"]["payment_link"] is not None


@pytest.mark.parametrize(("quirk", "status"), [(None, "delivered"), (Quirk.DELIVERED_AS_SHIPPED, "shipped")])
def test_the_webhook_at_delivery(partner: Partner, receiver: Receiver, quirk: Quirk | None, status: str) -> None:
    order_id = _delivered(_with(partner, *([] if quirk is None else [quirk])))
    told = _events(receiver, partner, 6)[-1]
    assert (told["event_type"], told["data"]["status"]) == ("order.delivered", status)
    assert [each["status"] for each in told["data"]["shipments"]] == ["delivered"]
    assert partner.get(f"/v1/orders/{order_id}")["status"] == "delivered"


def test_the_quirks_of_one_app_are_not_those_of_another(partner: Partner) -> None:
    wish: dict[str, Any] = _with(partner, Quirk.DUPLICATE_CREATED).wish()
    headers = {"Authorization": f"Bearer other-{uuid.uuid4()}"}
    statuses = [partner.http.post("/v1/order_batches", json=wish, headers=headers).status_code for _ in range(2)]
    assert statuses == [201, 400]
