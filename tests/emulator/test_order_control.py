"""Orders and batches behind the scenes: listed with what is possible, and moved by steps."""

import pytest

from .partner import ADDRESS, Json, Partner


def _problem(partner: Partner, path: str, body: object | None, status: int) -> Json:
    answer = partner.http.post(f"/_emulator/{path}", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    found: Json = answer.json()
    assert found["status"] == status
    return found


def test_orders_are_listed_with_the_steps_that_are_possible(partner: Partner) -> None:
    open_id, paid_id = partner.place_one(), partner.place_one()
    partner.step(open_id, "open")
    partner.accept(paid_id)
    partner.step(paid_id, "pay")
    listed = partner.get("/_emulator/orders")
    assert listed["list_meta"] == {"total_count": 2}
    assert [(each["id"], each["possible_steps"]) for each in listed["data"]] == [
        (paid_id, ["ship", "mark", "support_cancel", "refund", "thank_you_note"]),
        (open_id, ["accept", "cancel", "expire"]),
    ]
    assert {each["app"] for each in listed["data"]} == {partner.get("/v1/me")["public_app_id"]}
    of_goody = partner.get("/v1/orders")["data"]
    assert [{name: each[name] for name in of_goody[0]} for each in listed["data"]] == of_goody
    partner.step(open_id, "expire")
    assert partner.get("/_emulator/orders")["data"][1]["possible_steps"] == ["cancel", "expire"]


def test_orders_are_found_by_status_and_batch_and_page(partner: Partner) -> None:
    batch = partner.place(recipients=[{"first_name": "Ada"}, {"first_name": "Bea"}])
    other = partner.place_one()
    one, two = (each["id"] for each in batch["orders_preview"])
    partner.accept(one)
    for params, ids in (
        ({"status": "pending_payment"}, [one]),
        ({"batch_id": batch["id"]}, [two, one]),
        ({"batch_id": batch["id"], "status": "delivered"}, []),
        ({"per_page": 1, "page": 3}, [one]),
        ({"per_page": 1}, [other]),
    ):
        assert [each["id"] for each in partner.get("/_emulator/orders", **params)["data"]] == ids, params


@pytest.mark.parametrize(
    ("params", "detail"), [("status=lost", "There is no status lost."), ("page=0", "Page must be greater than 0")]
)
def test_a_list_that_cannot_be_is_a_problem(partner: Partner, params: str, detail: str) -> None:
    answer = partner.http.get(f"/_emulator/orders?{params}")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert answer.json()["detail"].startswith(detail)


def test_an_order_can_rest_when_it_is_paid(partner: Partner) -> None:
    order_id = partner.place_one()
    partner.accept(order_id)
    assert partner.step(order_id, "pay", {"rest": True})["status"] == "paid"
    assert partner.step(order_id, "order")["status"] == "ordered"
    statuses = [each["order_status"] for each in partner.get("/v1/order_activities")["data"]]
    assert statuses[:2] == ["ordered", "paid"]


def test_a_declined_payment_leaves_the_order_waiting(partner: Partner) -> None:
    order_id = partner.place_one()
    accepted = partner.accept(order_id)
    for attempts in (1, 2):
        assert partner.step(order_id, "pay", {"declined": True}) == accepted
        assert partner.get("/_emulator/orders")["data"][0]["payment_attempts"] == attempts
    assert partner.step(order_id, "pay")["status"] == "ordered"
    _problem(partner, f"orders/{order_id}/pay", {"declined": True}, 409)


def test_notify_by_hand(partner: Partner) -> None:
    order_id = partner.place_one()
    assert partner.step(order_id, "notify")["event_times"]["notified_at"] is not None
    assert "notify" not in _problem(partner, f"orders/{order_id}/notify", None, 409)["allowed"]


@pytest.mark.parametrize(
    ("step", "body", "detail"),
    [
        ("pay", {"declined": "yes"}, "`declined`, `rest`"),
        ("pay", {"decline": True}, "`declined`, `rest`"),
        ("ship", {"brand": "x"}, "`brand_id`, `shipment`"),
        ("cancel", {"why": "x"}, "it needs no body"),
        ("thank_you_note", {"text": "x"}, "`note`"),
        ("refund", {"amount": "1"}, "`amount`"),
        ("accept", {"address": {}}, "`mailing_address`"),
        ("open", [], "it needs no body"),
    ],
)
def test_a_wrong_body_is_a_problem_with_what_it_can_have(
    partner: Partner, step: str, body: object, detail: str
) -> None:
    order_id = partner.place_one()
    before = partner.get(f"/v1/orders/{order_id}")
    assert detail in _problem(partner, f"orders/{order_id}/{step}", body, 400)["detail"]
    assert partner.get(f"/v1/orders/{order_id}")["status"] in {before["status"], "notified"}


def test_an_unknown_step_is_a_problem_with_those_there_are(partner: Partner) -> None:
    found = _problem(partner, f"orders/{partner.place_one()}/dance", None, 404)
    assert found["detail"].startswith("There is no step dance.")
    assert found["allowed"] == [
        "notify", "open", "accept", "charge", "pay", "order", "ship", "deliver", "mark", "cancel", "support_cancel",
        "expire", "refund", "thank_you_note",
    ]  # fmt: skip
    batch = _problem(partner, f"order_batches/{partner.place()['id']}/dance", None, 404)
    assert batch["allowed"] == ["complete", "fail", "cancel"]


def test_a_key_reaches_its_own_orders_only(partner: Partner) -> None:
    batch = partner.place()
    order_id = batch["orders_preview"][0]["id"]
    headers = {"Authorization": "Bearer of-somebody-else"}
    for path in (f"orders/{order_id}/cancel", f"order_batches/{batch['id']}/cancel"):
        assert partner.http.post(f"/_emulator/{path}", headers=headers).status_code == 404
    assert partner.get(f"/v1/orders/{order_id}")["status"] in {"created", "notified"}
    assert partner.http.post(f"/_emulator/orders/{order_id}/cancel", headers={"Authorization": ""}).status_code == 200


@pytest.mark.parametrize(("step", "status", "orders"), [("complete", "complete", 1), ("fail", "failed", 0)])
def test_a_scheduled_batch_is_decided_by_hand(partner: Partner, step: str, status: str, orders: int) -> None:
    batch = partner.place(scheduled_send_on="2099-01-01T00:00:00Z")
    path = f"order_batches/{batch['id']}"
    answer = partner.http.post(f"/_emulator/{path}/{step}")
    assert (answer.status_code, answer.json()["send_status"], answer.json()["possible_steps"]) == (200, status, [])
    shown = partner.get(f"/v1/{path}")
    assert (shown["send_status"], shown["orders_count"], shown["is_scheduled_send"]) == (status, orders, True)
    assert partner.get("/v1/orders")["list_meta"] == {"total_count": orders}
    detail = _problem(partner, f"{path}/complete", None, 409)["detail"]
    assert detail == f'"complete" is not possible while the order batch is {status}.'


def test_a_canceled_batch_never_makes_orders(partner: Partner) -> None:
    batch = partner.place(recipients=[{"first_name": f"R{number}"} for number in range(11)])
    assert partner.http.post(f"/_emulator/order_batches/{batch['id']}/cancel").status_code == 200
    later = partner.place(recipients=[{"first_name": f"R{number}"} for number in range(11)])
    partner.until(f"/v1/order_batches/{later['id']}", lambda found: found["send_status"] == "complete")
    shown = partner.get(f"/v1/order_batches/{batch['id']}")
    assert (shown["send_status"], shown["orders_preview"], shown["recipients_count"]) == ("canceled", [], 11)


def test_accept_without_a_body_says_what_is_lacking(partner: Partner) -> None:
    answer = partner.http.post(f"/_emulator/orders/{partner.place_one()}/accept")
    assert (answer.status_code, answer.json()["detail"]) == (422, "Mailing address address_1 can't be blank")


@pytest.mark.parametrize("credit", [0, 1, 700])
def test_credit_lessens_what_is_paid_not_the_total(partner: Partner, credit: int) -> None:
    order_id = partner.place_one()
    order = partner.step(order_id, "accept", {"mailing_address": ADDRESS, "credit_applied": credit})
    amounts = order["amounts"]
    assert amounts["amount_credit_applied"] == credit
    assert amounts["amount_total"] == amounts["amount_pre_tax_total"] + amounts["amount_tax"]
    cents = amounts["amount_total"] - credit
    assert f"Pay ${cents // 100:,}.{cents % 100:02d}" in partner.http.get(order["payment_link"]).text
