"""From the gift link to the doorstep: statuses, amounts, activities."""

import pytest

from .partner import ADDRESS, STORED, Partner


def test_hosted_payment_from_end_to_end(partner: Partner) -> None:
    order_id = partner.place_one()
    assert partner.step(order_id, "open")["status"] == "opened"
    accepted = partner.accept(order_id)
    amounts = accepted["amounts"]
    assert accepted["status"] == "pending_payment"
    assert "/checkout?key=" in accepted["payment_link"]
    assert amounts["amount_tax"] == (amounts["amount_pre_tax_total"] * 888 + 5000) // 10_000
    assert amounts["amount_total"] == amounts["amount_pre_tax_total"] + amounts["amount_tax"]
    assert partner.step(order_id, "pay")["status"] == "ordered"
    shipped = partner.step(order_id, "ship")
    assert [shipment["status"] for shipment in shipped["shipments"]] == ["shipped"]
    delivered = partner.step(order_id, "deliver")
    assert [shipment["status"] for shipment in delivered["shipments"]] == ["delivered"]
    assert delivered == partner.get(f"/v1/orders/{order_id}")
    assert None not in delivered["event_times"].values()
    statuses = [each["order_status"] for each in partner.get("/v1/order_activities")["data"]]
    assert statuses == ["delivered", "shipped", "ordered", "paid", "pending_payment", "opened", "created"]


def test_before_acceptance_neither_tax_nor_total_is_known(partner: Partner) -> None:
    order = partner.get(f"/v1/orders/{partner.place_one()}")
    assert (order["amounts"]["amount_tax"], order["amounts"]["amount_total"]) == (None, None)
    assert order["payment_link"] is None


def test_stored_value_pays_by_itself(partner: Partner) -> None:
    before = partner.get("/v1/payment_methods")["data"][0]
    order_id = partner.place_one(payment_method_id=STORED, expires_at="2099-01-01T00:00:00Z")
    accepted = partner.accept(order_id)
    assert (accepted["status"], accepted["payment_link"]) == ("ordered", None)
    assert accepted["event_times"]["pending_payment_at"] is None
    after = partner.get("/v1/payment_methods")["data"][0]
    assert before == {"id": STORED, "name": "Stored Value", "cardholder_name": None, "balance": 10_000_000}
    transactions = partner.get("/_emulator/stored_value")["transactions"]
    assert [each["kind"] for each in transactions] == ["deposit", "charge", "revenue_share"]
    assert transactions[1]["amount"] == -accepted["amounts"]["amount_total"]
    assert after["balance"] == sum(each["amount"] for each in transactions)


@pytest.mark.parametrize("opened", [False, True])
def test_cancel_before_acceptance(partner: Partner, *, opened: bool) -> None:
    order_id = partner.place_one()
    if opened:
        partner.step(order_id, "open")
    answer = partner.http.post(f"/v1/orders/{order_id}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "failed")
    assert partner.get("/v1/order_activities", statuses="failed")["list_meta"] == {"total_count": 1}


def test_no_cancel_after_acceptance(partner: Partner) -> None:
    order_id = partner.place_one()
    partner.accept(order_id)
    answer = partner.http.post(f"/v1/orders/{order_id}/cancel")
    assert answer.status_code == 400
    assert answer.json() == {"error": "Order can't be canceled when it is pending_payment"}


def test_a_step_out_of_turn_is_a_conflict(partner: Partner) -> None:
    order_id = partner.place_one()
    answer = partner.http.post(f"/_emulator/orders/{order_id}/ship")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["order_status"] in {"created", "notified"}
    assert {"open", "accept", "cancel"} <= set(problem["allowed"])
    assert problem["title"] == "Conflict"


def test_a_refund_happens_once_and_leaves_no_trace_in_the_order(partner: Partner) -> None:
    order_id = partner.place_one()
    partner.accept(order_id)
    paid = partner.step(order_id, "pay")
    assert partner.step(order_id, "refund") == paid
    again = partner.http.post(f"/_emulator/orders/{order_id}/refund")
    assert (again.status_code, again.json()["allowed"]) == (409, ["ship", "mark", "support_cancel", "thank_you_note"])


def test_recipients_are_notified_after_a_moment(partner: Partner) -> None:
    order_id = partner.place_one()
    order = partner.until(f"/v1/orders/{order_id}", lambda order: order["status"] == "notified")
    assert order["event_times"]["notified_at"] is not None
    statuses = [each["order_status"] for each in partner.get("/v1/order_activities")["data"]]
    assert statuses == ["created"]


def test_a_direct_send_goes_ahead_by_itself(partner: Partner) -> None:
    recipients = [{"first_name": "Ada", "mailing_address": ADDRESS}]
    order_id = partner.place_one(send_method="direct_send", recipients=recipients)
    order = partner.until(f"/v1/orders/{order_id}", lambda order: order["status"] == "pending_payment")
    assert order["event_times"]["opened_at"] is None
    assert order["event_times"]["notified_at"] == order["event_times"]["accepted_at"]
    assert order["payment_link"] is not None


def test_magic_words_ship_and_deliver(partner: Partner) -> None:
    order_id = partner.place_one(from_name="[delivered]", payment_method_id=STORED, expires_at="2099-01-01T00:00:00Z")
    partner.accept(order_id)
    partner.until(f"/v1/orders/{order_id}", lambda order: order["status"] == "delivered")


def test_variants_are_the_recipients_choice(partner: Partner) -> None:
    product = partner.product(lambda each: each["variants_num_selectable"] == 1 and not each["restricted_states"])
    cart = {"items": [{"product_id": product["id"], "quantity": 2}]}
    order_id = partner.place_one(cart=cart)
    name = product["variants"][-1]["name"]
    order = partner.step(order_id, "accept", {"mailing_address": ADDRESS, "variants": {product["id"]: [name]}})
    assert [(each["quantity_index"], each["variants"]) for each in order["cart_selections"]] == [
        (0, [name]),
        (1, [name]),
    ]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"mailing_address": {**ADDRESS, "city": ""}},
        {"mailing_address": {**ADDRESS, "country": "FR"}},
    ],
)
def test_an_address_that_lacks_something_is_not_accepted(partner: Partner, body: dict[str, object]) -> None:
    order_id = partner.place_one()
    answer = partner.http.post(f"/_emulator/orders/{order_id}/accept", json=body)
    assert answer.status_code == 422
    assert partner.get(f"/v1/orders/{order_id}")["amounts"]["amount_total"] is None


def test_activities_are_found_by_time_and_status(partner: Partner) -> None:
    order_id = partner.place_one()
    partner.step(order_id, "open")
    newest = partner.get("/v1/order_activities")["data"][0]["created_at"]
    assert partner.get("/v1/order_activities", after=newest, before=newest)["list_meta"]["total_count"] >= 1
    assert partner.get("/v1/order_activities", after="2099-01-01T00:00:00Z")["data"] == []
    only = partner.get("/v1/order_activities", statuses="opened,shipped")["data"]
    assert [each["order_status"] for each in only] == ["opened"]
    assert partner.get("/v1/order_activities", statuses="notified, lost")["data"] == []
    assert partner.get("/v1/order_activities", statuses=" opened ,")["list_meta"] == {"total_count": 1}
    pages = [partner.get("/v1/order_activities", per_page=1, page=page)["data"][0]["order_status"] for page in (1, 2)]
    assert pages == ["opened", "created"]


def test_the_pages_show_what_it_is_about(partner: Partner) -> None:
    batch = partner.place(card_id=partner.card_id, message="Well done <b>you</b>")
    order = batch["orders_preview"][0]
    page = partner.http.get(order["individual_gift_link"]).text
    assert batch["from_name"] in page
    assert "Well done &lt;b&gt;you&lt;/b&gt;" in page
    assert partner.plain["name"] in page
    accepted = partner.accept(order["id"])
    total = accepted["amounts"]["amount_total"]
    assert f"${total // 100}.{total % 100:02d}" in partner.http.get(accepted["payment_link"]).text
    assert partner.http.get("/gift/nothing").status_code == 404
