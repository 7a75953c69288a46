"""Webhook signatures: what svix's own library signs is taken, and nothing else."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from svix.webhooks import Webhook

from foundation.errors import InvalidInputError
from foundation.signatures import SignatureError, Signed, is_secret, verify

SECRET = "whsec_" + base64.b64encode(b"the secret of this test").decode()
OTHER = "whsec_" + base64.b64encode(b"another secret").decode()
BODY = '{"event_type": "order.shipped", "note": "café"}'.encode()


def signed(body: bytes = BODY, secret: str = SECRET, sent_at: datetime | None = None) -> Signed:
    moment = sent_at or datetime.now(UTC)
    return Signed("msg_1", str(int(moment.timestamp())), Webhook(secret).sign("msg_1", moment, body.decode()))


def test_what_svix_signs_is_taken() -> None:
    verify(BODY, signed(), [SECRET])


@given(st.text())
def test_any_text_svix_signs_is_taken_byte_for_byte(text: str) -> None:
    body = text.encode()
    verify(body, signed(body), [SECRET])
    with pytest.raises(SignatureError):
        verify(body + b" ", signed(body), [SECRET])


@pytest.mark.parametrize("secrets", [[SECRET, OTHER], [OTHER, SECRET]])
def test_either_of_two_secrets_will_do(secrets: list[str]) -> None:
    verify(BODY, signed(), secrets)


@pytest.mark.parametrize("secrets", [[], [OTHER]])
def test_another_secret_or_none_is_refused(secrets: list[str]) -> None:
    with pytest.raises(SignatureError):
        verify(BODY, signed(), secrets)


@pytest.mark.parametrize("unusable", ["", "whsec_", "whsec_!!!!", "whsec_é", "nonsense"])
def test_an_unusable_secret_is_passed_over(unusable: str) -> None:
    verify(BODY, signed(), [unusable, SECRET])
    with pytest.raises(SignatureError):
        verify(BODY, signed(), [unusable])


def test_one_of_several_signatures_is_enough() -> None:
    genuine = signed()
    verify(BODY, replace(genuine, signature=f"v1,Zm9yZ2Vk v2,xyz {genuine.signature}"), [SECRET])


@pytest.mark.parametrize(
    "change",
    [
        {"message_id": "msg_2"},
        {"timestamp": str(int(datetime.now(UTC).timestamp()) - 1)},
        {"timestamp": "yesterday"},
        {"timestamp": "9" * 400},
        {"timestamp": "nan"},
        {"timestamp": "-1"},
        {"signature": "v1,Zm9yZ2Vk"},
        {"signature": "v1,not base64!"},
        {"signature": "v1"},
        {"signature": "v1,"},
        {"signature": ","},
        {"signature": "v2,Zm9yZ2Vk"},
        {"signature": " "},
    ],
)
def test_tampered_headers_are_refused(change: dict[str, str]) -> None:
    with pytest.raises(SignatureError):
        verify(BODY, replace(signed(), **change), [SECRET])


@pytest.mark.parametrize("body", [BODY[:-1], BODY + b"\n", b"", b"\xff\xfe", BODY.replace(b"shipped", b"paid")])
def test_a_tampered_body_is_refused(body: bytes) -> None:
    with pytest.raises(SignatureError):
        verify(body, signed(), [SECRET])


@pytest.mark.parametrize("seconds", [-301, 301])
def test_more_than_five_minutes_off_is_refused(seconds: int) -> None:
    moment = datetime.now(UTC) + timedelta(seconds=seconds + (1 if seconds > 0 else -1))
    with pytest.raises(SignatureError):
        verify(BODY, signed(sent_at=moment), [SECRET])
    verify(BODY, signed(sent_at=datetime.now(UTC) + timedelta(seconds=seconds * 0.9)), [SECRET])


@pytest.mark.parametrize("name", ["svix-id", "svix-timestamp", "svix-signature"])
@pytest.mark.parametrize("value", [None, "", "é"])
def test_headers_that_are_missing_or_no_ascii_are_bad_input(name: str, value: str | None) -> None:
    headers = {"svix-id": "msg_1", "svix-timestamp": "1", "svix-signature": "v1,x"}
    assert Signed.from_headers(headers) == Signed("msg_1", "1", "v1,x")
    changed = {key: text for key, text in headers.items() if key != name} | ({} if value is None else {name: value})
    with pytest.raises(InvalidInputError, match=r"svix-id, svix-timestamp and svix-signature"):
        Signed.from_headers(changed)


def test_what_is_a_secret() -> None:
    assert is_secret(SECRET)
    for text in ("", "whsec_", "whsec_!!!!", "whsec_é", SECRET.removeprefix("whsec_"), "sk_live"):
        assert not is_secret(text), text
