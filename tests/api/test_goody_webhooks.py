"""Goody's webhooks at the door: verified, stored once, answered. Never 5xx for what will never be accepted."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from svix.webhooks import Webhook
from werkzeug.test import TestResponse

from foundation.encryption import Vault
from tests.api.answers import problem
from tests.api.neighbours import second_app
from tests.shop import VAULT_KEY, WEBHOOK_SECRET, Shop

MESSAGE: Final = b'{"event_type":"order.gift_wrapped","id":"event_1","data":{}}'
PATH: Final = "/webhooks/goody/shop"
MEBIBYTE: Final = 1024 * 1024


def _stored(shop: Shop) -> list[tuple[str, str | None]]:
    with shop.services.sessions.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT state, reason FROM webhook_messages ORDER BY id").all()
    return [(state, reason) for state, reason in rows]


def _refused(shop: Shop, response: TestResponse, status: int, code: str) -> None:
    problem(response, status, code)
    assert _stored(shop) == []


def _signed(body: bytes, moment: datetime | None = None) -> dict[str, str]:
    """The headers of these bytes, signed by the bytes: svix signs text only."""
    sent_at = moment or datetime.now(UTC)
    return {
        "svix-id": "msg_1",
        "svix-timestamp": str(int(sent_at.timestamp())),
        "svix-signature": Webhook(WEBHOOK_SECRET).sign("msg_1", sent_at, body.decode()),
    }


def test_a_message_is_stored_and_a_repeat_has_no_effect(shop: Shop) -> None:
    order = shop.order()
    opened = shop.goody.step(order["id"], "open")
    before = len(shop.events())
    for _ in range(3):
        response = shop.hear("order.gift_opened", opened, svix_id="msg_once")
        assert (response.status_code, response.data) == (204, b"")
    assert _stored(shop) == [("applied", None)]
    assert [event["type"] for event in shop.events()[before:]] == ["order.opened"]


def test_the_same_message_under_another_id_moves_nothing_either(shop: Shop) -> None:
    order = shop.order()
    opened = shop.goody.step(order["id"], "open")
    for _ in range(2):
        assert shop.hear("order.gift_opened", opened).status_code == 204
    assert _stored(shop) == [("applied", None)] * 2
    assert shop.event_types().count("order.opened") == 1


def test_an_unknown_type_is_taken_and_ignored(shop: Shop) -> None:
    anything: tuple[object, ...] = ({}, [], None, 7, "text")
    for data in anything:
        assert shop.hear("order.gift_wrapped", data).status_code == 204
    assert _stored(shop) == [("ignored", "unknown event type order.gift_wrapped")] * 5


def test_a_wrong_secret_is_refused(shop: Shop) -> None:
    wrong = "whsec_" + base64.b64encode(b"another secret altogether").decode()
    _refused(shop, shop.deliver(MESSAGE, secret=wrong), 401, "bad_signature")


def test_a_body_that_was_touched_is_refused(shop: Shop) -> None:
    headers = _signed(MESSAGE)
    _refused(shop, shop.client.post(PATH, data=MESSAGE + b" ", headers=headers), 401, "bad_signature")
    _refused(shop, shop.client.post(PATH, data=MESSAGE, headers={**headers, "svix-id": "msg_2"}), 401, "bad_signature")


@pytest.mark.parametrize(("minutes", "status"), [(-6, 401), (-4, 204), (4, 204), (6, 401)])
def test_five_minutes_are_tolerated(shop: Shop, minutes: float, status: int) -> None:
    response = shop.deliver(MESSAGE, sent_at=datetime.now(UTC) + timedelta(minutes=minutes))
    assert response.status_code == status
    if status == 401:
        _refused(shop, response, 401, "bad_signature")


@pytest.mark.parametrize("name", ["svix-id", "svix-timestamp", "svix-signature"])
@pytest.mark.parametrize("value", [None, "", "é"])
def test_a_header_that_is_missing_or_no_ascii_is_malformed(shop: Shop, name: str, value: str | None) -> None:
    headers = {**_signed(MESSAGE), name: value or ""}
    if value is None:
        del headers[name]
    _refused(shop, shop.client.post(PATH, data=MESSAGE, headers=headers), 400, "malformed_webhook")


@pytest.mark.parametrize(
    "signature",
    ["v1,!!!", "v1,a", "v1", ",", "v1,a,b", "v2,aGk=", "nonsense", "v1,aGk= v1", "v1," + "A" * 5000, "v1,YWJj\x7f"],
)
def test_a_signature_that_is_none_is_refused(shop: Shop, signature: str) -> None:
    headers = {**_signed(MESSAGE), "svix-signature": signature}
    _refused(shop, shop.client.post(PATH, data=MESSAGE, headers=headers), 401, "bad_signature")


@pytest.mark.parametrize(
    "timestamp", ["abc", "nan", "inf", "-inf", "1e300", "1e18", "-1", "0", "9" * 5000, "0x10", "1_0"]
)
def test_an_absurd_timestamp_is_refused(shop: Shop, timestamp: str) -> None:
    headers = {**_signed(MESSAGE), "svix-timestamp": timestamp}
    _refused(shop, shop.client.post(PATH, data=MESSAGE, headers=headers), 401, "bad_signature")


def test_a_body_that_is_no_utf_8_is_refused(shop: Shop) -> None:
    """Svix signs text, so no signature can fit such bytes."""
    headers = _signed(MESSAGE)
    _refused(shop, shop.client.post(PATH, data=MESSAGE + b"\xff\xfe", headers=headers), 401, "bad_signature")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b'{"event_type":"order.created"}',
        b'{"event_type":"order.created","id":"e"}',
        b'{"event_type":7,"id":"e","data":{}}',
        b'{"event_type":"order.created","id":"e","data":[]}',
        b'{"event_type":"order_batch.created","id":"e","data":null}',
        b"[" * 100_000,
    ],
)
def test_a_signed_body_that_is_no_message_is_malformed(shop: Shop, body: bytes) -> None:
    _refused(shop, shop.client.post(PATH, data=body, headers=_signed(body)), 400, "malformed_webhook")


def test_a_mebibyte_is_taken_and_no_more(shop: Shop) -> None:
    def padded(length: int) -> bytes:
        message = {"event_type": "order.gift_wrapped", "id": "e", "data": ""}
        bare = len(json.dumps(message))
        return json.dumps({**message, "data": "x" * (length - bare)}).encode()

    assert len(padded(MEBIBYTE)) == MEBIBYTE
    assert shop.deliver(padded(MEBIBYTE)).status_code == 204
    problem(shop.deliver(padded(MEBIBYTE + 1)), 413, "body_too_large")
    assert len(_stored(shop)) == 1


def test_an_unknown_slug_is_404(shop: Shop) -> None:
    _refused(shop, shop.deliver(MESSAGE, slug="nobody"), 404, "not_found")
    assert shop.client.post("/webhooks/goody/", data=MESSAGE).status_code == 404


def test_an_app_without_a_secret_believes_nobody(shop: Shop) -> None:
    second_app(shop)
    _refused(shop, shop.deliver(MESSAGE, slug="other"), 401, "bad_signature")


def test_another_apps_secret_opens_nothing(shop: Shop) -> None:
    theirs = "whsec_" + base64.b64encode(b"the other app's own secret").decode()
    second_app(shop, webhook_secret=theirs)
    _refused(shop, shop.deliver(MESSAGE, secret=theirs), 401, "bad_signature")
    assert shop.deliver(MESSAGE, slug="other", secret=theirs).status_code == 204


def test_another_app_can_not_move_an_order(shop: Shop) -> None:
    """A message that is rightly signed by another app's Goody account tells nothing about this app's orders."""
    theirs = "whsec_" + base64.b64encode(b"the other app's own secret").decode()
    second_app(shop, webhook_secret=theirs)
    order = shop.order()
    body: dict[str, Any] = {"event_type": "order.canceled", "id": "e", "data": shop.goody.order(order["id"])}
    assert shop.deliver(json.dumps(body).encode(), slug="other", secret=theirs).status_code == 204
    shop.services.inbox.apply_due()
    assert [state for state, _ in _stored(shop)] == ["waiting"], "their Goody shows no such batch, so far"
    shop.clock.advance(minutes=11)
    shop.services.inbox.apply_due()
    [(state, reason)] = _stored(shop)
    assert (state, str(reason)[:8]) == ("ignored", "foreign:")
    assert shop.call("GET", f"/v1/orders/{order['id']}").get_json()["status"] == order["status"]


def test_a_rotated_secret_is_good_beside_the_old_one(shop: Shop) -> None:
    second = "whsec_" + base64.b64encode(b"the secret after rotation").decode()
    problem(shop.deliver(MESSAGE, secret=second), 401, "bad_signature")
    shop.execute(
        "INSERT INTO webhook_secrets (app_id, secret, created_at) SELECT id, :secret, created_at FROM partner_apps",
        secret=Vault([VAULT_KEY]).encrypt(second),
    )
    for secret in (second, WEBHOOK_SECRET):
        assert shop.deliver(MESSAGE, secret=secret).status_code == 204


def test_goody_spells_its_headers_svix(shop: Shop) -> None:
    """Goody sends through Svix, which names them so; the Standard Webhooks names are those of our own deliveries."""
    headers = {name.replace("svix-", "webhook-"): value for name, value in _signed(MESSAGE).items()}
    _refused(shop, shop.client.post(PATH, data=MESSAGE, headers=headers), 400, "malformed_webhook")
    assert (
        shop.client.post(PATH, data=MESSAGE, headers={k.title(): v for k, v in _signed(MESSAGE).items()}).status_code
        == 204
    )
