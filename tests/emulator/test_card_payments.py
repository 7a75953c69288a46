"""End users' cards: made of a key, charged at acceptance."""

from typing import Any

import pytest

from .openapi import PATH, Contract
from .partner import ADDRESS, Json, Partner, partner_of
from .receiver import Receiver
from .sales import CARDS, card_of, card_wish, earning, entries, order_of, post, use_quirks

NOT_FOUND = "Payment method not found: {}"
DECLINED = "Your card was declined."


def _stands(partner: Partner, order_id: str) -> str:
    status: str = partner.get(f"/v1/orders/{order_id}")["status"]
    return status


def _attempts(partner: Partner, order_id: str) -> int:
    [attempts] = [
        each["payment_attempts"] for each in partner.get("/_emulator/orders")["data"] if each["id"] == order_id
    ]
    return int(attempts)


def _by_card(partner: Partner, card: Json, **changes: Any) -> str:
    return order_of(
        partner,
        earning(partner),
        **{"payment_method_id": card["id"], "commerce_end_user_id": "user-1", "expires_at": None, **changes},
    )


def _declined(partner: Partner, order_id: str) -> None:
    answer = partner.http.post(f"/_emulator/orders/{order_id}/pay")
    assert (answer.status_code, answer.json()["detail"]) == (400, DECLINED)


@pytest.mark.skipif(not PATH.exists(), reason="Goody's openapi.json is not beside this repository")
def test_answers_are_as_described(partner: Partner) -> None:
    contract = Contract()
    contract.judge("POST /v1/commerce_user_payment_methods", card_of(partner))
    refused = partner.http.post(CARDS, json=card_wish(cardholder_name=None))
    assert refused.status_code == 400
    contract.judge("POST /v1/commerce_user_payment_methods", refused.json(), refused=True)
    contract.judge("GET /v1/workspaces", partner.get("/v1/workspaces"))
    contract.judge("GET /v1/payment_methods", partner.get("/v1/payment_methods"))


def test_the_workspace_is_the_one_of_the_orders(partner: Partner) -> None:
    workspaces = partner.get("/v1/workspaces")
    batch = partner.place()
    expected = {"id": batch["workspace_id"], "name": batch["workspace_name"]}
    assert workspaces == {"data": [expected], "list_meta": {"total_count": 1}}


def test_a_key_decides_how_its_card_looks(partner: Partner) -> None:
    one, again, other = (card_of(partner, interim_card_key=key) for key in ("key-a", "key-a", "key-b"))
    assert len({each["id"] for each in (one, again, other)}) == 3
    assert {**one, "id": "", "created_at": ""} == {**again, "id": "", "created_at": ""}
    assert one["card_last_4"] != other["card_last_4"]
    assert one["cardholder_name"] == "Bo Lind"
    assert 1 <= one["card_exp_month"] <= 12
    assert 2035 <= one["card_exp_year"] < 2045
    assert len(one["card_last_4"]) == 4


@pytest.mark.parametrize("blank", [None, "", "  "])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cardholder_name", "Cardholder name is required"),
        ("commerce_end_user_id", "Commerce end user ID is required"),
        ("payment_method_type", "Payment method type is required"),
        ("interim_card_key", "Interim card key is required"),
    ],
)
def test_every_field_is_required(partner: Partner, name: str, text: str, blank: str | None) -> None:
    assert partner.refused(card_wish(**{name: blank}), CARDS) == text


@pytest.mark.parametrize(
    ("name", "typed", "text"),
    [
        ("address_1", " ", "Billing address line 1 is required"),
        ("city", "", "Billing address city is required"),
        ("state", "", "Billing address state is required"),
        ("postal_code", None, "Billing address postal code is required"),
        ("country", "", "Billing address country is required"),
        ("country", "USA", "Billing address country must be a two-letter country code"),
    ],
)
def test_every_part_of_the_billing_address_is_required(
    partner: Partner, name: str, typed: str | None, text: str
) -> None:
    body = card_wish()
    body["billing_address"][name] = typed
    assert partner.refused(body, CARDS) == text


def test_what_else_is_refused(partner: Partner) -> None:
    assert partner.refused(card_wish(billing_address=None), CARDS) == "Billing address is required"
    other = card_wish(payment_method_type="bank_account")
    assert partner.refused(other, CARDS) == "Payment method type is not included in the list"
    assert "Expected" in partner.refused(card_wish(cardholder_name=7), CARDS)
    assert partner.refused(card_wish(interim_card_key="tok_declined"), CARDS) == DECLINED


def test_a_direct_send_is_paid_by_card(partner: Partner) -> None:
    card = card_of(partner)
    recipient = {"first_name": "Ada", "mailing_address": ADDRESS}
    order_id = _by_card(partner, card, send_method="direct_send", recipients=[recipient])
    order = partner.until(f"/v1/orders/{order_id}", lambda found: found["status"] == "ordered")
    assert order["payment_link"] is None
    assert order["event_times"]["paid_at"] is not None
    assert [each["kind"] for each in partner.account()[1]] == ["deposit"]
    [share] = entries(partner)
    assert (share["order_id"], share["settled_by"], share["payout_id"]) == (order_id, "bank_transfer", None)


def test_a_gift_is_charged_when_it_is_accepted(partner: Partner) -> None:
    order_id = _by_card(partner, card_of(partner))
    assert _stands(partner, order_id) == "created"
    assert entries(partner) == []
    assert partner.accept(order_id)["status"] == "ordered"
    assert _attempts(partner, order_id) == 0


def test_a_card_pays_for_its_own_end_user_only(partner: Partner, emulator_url: str) -> None:
    card_id = card_of(partner)["id"]
    wish = partner.wish(payment_method_id=card_id)
    assert partner.refused(wish) == "Commerce end user ID is required to pay with a user's card"
    assert partner.refused({**wish, "commerce_end_user_id": "user-2"}) == NOT_FOUND.format(card_id)
    unknown = {**wish, "payment_method_id": "nope", "commerce_end_user_id": "user-1"}
    assert partner.refused(unknown) == NOT_FOUND.format("nope")
    with partner_of(emulator_url) as other:
        stolen = other.wish(payment_method_id=card_id, commerce_end_user_id="user-1")
        assert other.refused(stolen) == NOT_FOUND.format(card_id)
    assert partner.get("/v1/order_batches")["data"] == []
    assert partner.http.post("/v1/order_batches", json={**wish, "commerce_end_user_id": "user-1"}).status_code == 201


def test_a_declined_charge_leaves_the_order_waiting(partner: Partner, receiver: Receiver) -> None:
    order_id = _by_card(partner, card_of(partner, interim_card_key="charge_declined"))
    order = partner.accept(order_id)
    assert (order["status"], order["payment_link"]) == ("pending_payment", None)
    assert order["event_times"]["paid_at"] is None
    _declined(partner, order_id)
    assert (_stands(partner, order_id), _attempts(partner, order_id)) == ("pending_payment", 2)
    assert entries(partner) == []
    events = [each.event["event_type"] for each in receiver.wait_for(order["workspace_id"], 4)]
    assert events[3:] == ["order.gift_accepted"]


@pytest.mark.parametrize(("key", "times"), [("declined_once", 1), ("x-charge_declined_twice-y", 2)])
def test_a_charge_can_be_declined_at_first(partner: Partner, key: str, times: int) -> None:
    order_id = _by_card(partner, card_of(partner, interim_card_key=key))
    assert partner.accept(order_id)["status"] == "pending_payment"
    for _ in range(times - 1):
        _declined(partner, order_id)
    assert partner.step(order_id, "pay")["status"] == "ordered"
    assert _attempts(partner, order_id) == times
    assert [each["kind"] for each in entries(partner)] == ["revenue_share"]


def test_a_refund_to_a_card_leaves_the_balance_alone(partner: Partner) -> None:
    order_id = _by_card(partner, card_of(partner))
    partner.accept(order_id)
    partner.step(order_id, "refund")
    share, reversal = entries(partner)
    assert (reversal["kind"], reversal["amount"]) == ("revenue_share_reversal", -share["amount"])
    assert [each["kind"] for each in partner.account()[1]] == ["deposit"]


def test_a_direct_send_can_be_declined_when_it_is_ordered(partner: Partner) -> None:
    good, bad = (card_of(partner, interim_card_key=key) for key in ("good", "charge_declined"))
    recipient = {"first_name": "Ada", "mailing_address": ADDRESS}
    sent = {"send_method": "direct_send", "recipients": [recipient], "commerce_end_user_id": "user-1"}
    use_quirks(partner, "declined-at-ordering")
    assert partner.refused(partner.wish(payment_method_id=bad["id"], **sent)) == DECLINED
    assert partner.get("/v1/order_batches")["data"] == []
    partner.place(payment_method_id=good["id"], **sent)
    partner.place(payment_method_id=bad["id"], commerce_end_user_id="user-1")  # A gift is charged later.
    use_quirks(partner)
    partner.place(payment_method_id=bad["id"], **sent)


def test_a_reset_forgets_cards(partner: Partner) -> None:
    card_id = card_of(partner)["id"]
    partner.http.post("/_emulator/reset")
    wish = partner.wish(payment_method_id=card_id, commerce_end_user_id="user-1")
    assert partner.refused(wish) == NOT_FOUND.format(card_id)
    assert post(partner, "/_emulator/payouts", 200) == {"data": [], "unpaid": 0}
