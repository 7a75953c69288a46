"""What stays of a message when personal data goes: what is listed, and nothing that is not."""

import json
from typing import Any

import pytest

from payments.redaction import redact_json

ORDER: dict[str, Any] = {
    "event_type": "order.gift_accepted",
    "id": "evt_1",
    "data": {
        "id": "5f0c2b1e-0000-4000-8000-000000000001",
        "order_batch_id": "5f0c2b1e-0000-4000-8000-000000000002",
        "status": "accepted",
        "recipient_first_name": "Li",
        "recipient_email": "li@example.com",
        "individual_gift_link": "https://gifts.example/gift/SECRET",
        "payment_link": "https://gifts.example/checkout?key=SECRET",
        "thank_you_note": "Thanks, Ana!",
        "amounts": {"amount_product": 2500, "amount_total": None},
        "cart": {"items": [{"product": {"id": "p", "name": "Pen"}, "quantity": 1}]},
        "shipments": [{"carrier": "UPS", "tracking_number": "1Z", "shipped_at": "2026-01-01T00:00:00Z"}],
        "expires_at": "2026-02-01T00:00:00Z",
        "a_field_of_tomorrow": "Li Wei, 1 Main St",
        "numbers_of_tomorrow": [5552347890],
    },
}


def test_ids_states_moments_and_amounts_stay() -> None:
    kept = json.loads(redact_json(json.dumps(ORDER).encode()))
    assert kept["event_type"] == "order.gift_accepted"
    data = kept["data"]
    assert (data["id"], data["status"]) == (ORDER["data"]["id"], "accepted")
    assert data["amounts"] == {"amount_product": 2500, "amount_total": None}
    assert data["cart"]["items"] == [{"product": {"id": "p", "name": None}, "quantity": 1}]
    assert data["shipments"] == [{"carrier": None, "tracking_number": None, "shipped_at": "2026-01-01T00:00:00Z"}]
    assert data["expires_at"] == "2026-02-01T00:00:00Z"


def test_nothing_personal_stays_not_even_in_fields_nobody_knows() -> None:
    text = redact_json(json.dumps(ORDER).encode()).decode()
    for word in ("Li", "example", "SECRET", "Thanks", "Pen", "UPS", "1Z", "Main", "5552347890"):
        assert word not in text


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"Li Wei", b"[" * 100_000, b"{"])
def test_what_is_no_json_goes_whole(body: bytes) -> None:
    assert redact_json(body) == b"null"


@pytest.mark.parametrize("body", [b"3", b'"Li"', b'["Li"]', b"null"])
def test_bare_values_go_too(body: bytes) -> None:
    assert "Li" not in redact_json(body).decode()


def test_twice_is_once() -> None:
    once = redact_json(json.dumps(ORDER).encode())
    assert redact_json(once) == once
