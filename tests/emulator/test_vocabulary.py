"""Every status, event and refusal of Goody's documents really comes about, and no other does."""

import json
import re
from typing import Any, Final

import pytest

from goody_emulator.quirks import Quirk
from goody_emulator.webhooks.event_types import EVENT_TYPES

from .openapi import PATH
from .partner import ADDRESS, HOSTED, Json, Partner

pytestmark = pytest.mark.skipif(not PATH.exists(), reason="Goody's openapi.json is not beside this repository")

DOCS: Final = PATH.parent / "docs" / "goody-developer-docs-full.txt"
_FAR: Final = "2099-01-01T00:00:00Z"


def _enum(*path: str) -> set[str]:
    found: Any = json.loads(PATH.read_text())["components"]["schemas"]
    for name in path:
        found = found[name]
    return set(found["enum"])


def _turn(partner: Partner, *quirks: Quirk) -> None:
    assert partner.http.put("/_emulator/quirks", json={"quirks": list(quirks)}).status_code == 200


def test_every_status_of_an_order(partner: Partner) -> None:
    order_id, seen = partner.place_one(), set()

    def step(name: str, body: Json | None = None) -> None:
        seen.add(partner.get(f"/v1/orders/{order_id}")["status"])
        partner.step(order_id, name, body)
        seen.add(partner.get(f"/v1/orders/{order_id}")["status"])

    step("notify")
    step("open")
    step("accept", {"mailing_address": ADDRESS, "rest": True})
    step("charge")
    step("pay", {"rest": True})
    for name in ("order", "ship", "deliver", "refund"):
        step(name)
    for quirk in ((), (Quirk.CANCELED_STATUS,)):
        order_id = partner.place_one()
        _turn(partner, *quirk)
        step("cancel")
    assert seen == _enum("OrderStatus")
    _turn(partner, Quirk.USER_APPROVAL)
    order_id = partner.place_one()
    partner.accept(order_id)
    partner.step(order_id, "pay")
    listed = {each["order_status"] for each in partner.get("/v1/order_activities", per_page=100)["data"]}
    assert listed == _enum("OrderActivityStatus")


def test_every_status_of_a_batch(partner: Partner) -> None:
    seen = set()
    for step in ("complete", "fail", "cancel"):
        batch = partner.place(scheduled_send_on=_FAR)
        seen.add(batch["send_status"])
        seen.add(partner.http.post(f"/_emulator/order_batches/{batch['id']}/{step}").json()["send_status"])
    assert seen == _enum("OrderBatchSendStatus")


def test_every_status_of_a_shipment(partner: Partner) -> None:
    order_id, seen = partner.place_one(), set()
    partner.accept(order_id)
    partner.step(order_id, "pay")
    for status in ("pending", "tracking", "failed_unset_tracking", "failed", "failed_with_reship"):
        partner.step(order_id, "mark", {"status": status})
        seen |= {each["status"] for each in partner.get(f"/v1/orders/{order_id}")["shipments"]}
    for override in (False, True):
        order_id = partner.place_one()
        partner.accept(order_id)
        partner.step(order_id, "pay")
        for step in ("ship", "deliver"):
            body = {"override": override} if step == "deliver" else None
            seen |= {each["status"] for each in partner.step(order_id, step, body)["shipments"]}
    assert seen == _enum("Shipment", "properties", "status")


def test_every_event(partner: Partner) -> None:
    made = partner.http.post("/_emulator/webhooks", json={"url": "http://127.0.0.1:1/nobody"})
    endpoint_id = made.json()["id"]
    order_id, other_id = partner.place_one(), partner.place_one()
    partner.step(order_id, "notify")
    partner.step(order_id, "open")
    partner.accept(order_id)
    partner.step(order_id, "pay")
    for step, body in (("thank_you_note", {"note": "Oh!"}), ("ship", None), ("deliver", None), ("refund", None)):
        partner.step(order_id, step, body)
    partner.step(other_id, "expire")
    partner.step(other_id, "cancel")
    sent = {each["event_type"] for each in partner.get("/_emulator/deliveries", endpoint_id=endpoint_id)["data"]}
    assert sent == set(EVENT_TYPES)
    shown = set(re.findall(r'"event_type": "([a-z_.]+)"', DOCS.read_text()))
    assert {name.replace("gift_batch", "order_batch") for name in shown} == sent


def _examples() -> list[tuple[str, int, str]]:
    """Every refusal that Goody's file shows: operation, status and text."""
    if not PATH.exists():
        return []
    return [
        (f"{method.upper()} {path}", int(status), example["value"]["error"])
        for path, operations in json.loads(PATH.read_text())["paths"].items()
        for method, operation in operations.items()
        if isinstance(operation, dict)
        for status, response in operation["responses"].items()
        if status not in {"200", "201", "204"}
        for example in response["content"]["application/json"].get("examples", {}).values()
    ]


_WRONG: Final[dict[str, Json]] = {
    "Your card was declined.": {"interim_card_key": "declined"},
    "Cardholder name is required": {"cardholder_name": None},
    "Recipients can't be blank": {"recipients": []},
    "Product not found: invalid": {"cart": {"items": [{"product_id": "invalid", "quantity": 1}]}},
}
_CARD: Final[Json] = {
    "cardholder_name": "Ada Moss",
    "commerce_end_user_id": "ada",
    "payment_method_type": "card",
    "interim_card_key": "key",
    "billing_address": {name: ADDRESS[name] for name in ("address_1", "city", "state", "postal_code", "country")},
}


@pytest.mark.parametrize(("operation", "status", "text"), _examples())
def test_every_refusal_that_goody_shows(partner: Partner, operation: str, status: int, text: str) -> None:
    method, path = operation.split()
    url = path.replace("{id}", "none")
    body = (_CARD if "payment_methods" in path else partner.wish(payment_method_id=HOSTED)) | _WRONG.get(text, {})
    if text.startswith("Page must"):
        url = path.replace("{id}", partner.place()["id"]) + "?page=0"
    if "webhooks" in path:
        _turn(partner, Quirk.WEBHOOKS_FOR_ADMINS)
        body = {"url": "https://example.test/hooks"}
    if "expiration" in path:
        body = {"expiration": _FAR}
    headers = {"Authorization": ""} if status == 401 else {}
    answer = partner.http.request(method, url, headers=headers, json=body if method == "POST" else None)
    assert (answer.status_code, answer.json()) == (status, {"error": text})


def test_there_are_refusals_to_show() -> None:
    assert len(_examples()) > 12
