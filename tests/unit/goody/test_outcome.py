"""Done, refused or unknown, by what came back."""

from collections.abc import Callable

import httpx
import pytest

from foundation.errors import GoodyUnreadableError
from foundation.goody.client import GoodyClient
from foundation.goody.outcome import Done, Refused, Unknown, outcome_of
from foundation.goody.refusal import refusal_text
from foundation.http import Answer

Connect = Callable[[Callable[[httpx.Request], httpx.Response]], GoodyClient]

BATCH = b'{"id": "b1", "send_status": "complete"}'


def text_of(body: bytes) -> str:
    return body.decode()


def unreadable(_: bytes) -> str:
    raise GoodyUnreadableError("no batch in it")


@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_readable_2xx_is_done(status: int) -> None:
    assert outcome_of(Answer(status, {}, b"it"), text_of) == Done("it")


def test_an_unreadable_2xx_is_unknown_for_the_change_was_made() -> None:
    outcome = outcome_of(Answer(201, {}, b"<html>"), unreadable)

    assert outcome == Unknown("Goody answered 201 with a body that can't be read: no batch in it")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 422])
def test_a_4xx_about_the_request_is_refused(status: int) -> None:
    assert outcome_of(Answer(status, {}, b'{"error": "No."}'), text_of) == Refused(status, "No.")


@pytest.mark.parametrize("status", [301, 302, 307, 408, 425, 429, 500, 502, 503, 504, 520, 599])
def test_everything_else_is_unknown(status: int) -> None:
    assert outcome_of(Answer(status, {}, b"", 7.0), text_of) == Unknown(f"Goody answered {status}", 7.0)


@pytest.mark.parametrize(
    ("failure", "sent"),
    [
        (httpx.ConnectError("refused"), False),
        (httpx.ConnectTimeout("slow"), False),
        (httpx.PoolTimeout("busy"), False),
        (httpx.ReadTimeout("slow"), True),
        (httpx.ReadError("reset"), True),
        (httpx.WriteError("reset"), True),
        (httpx.WriteTimeout("slow"), True),
        (httpx.RemoteProtocolError("cut"), True),
    ],
)
def test_a_batch_that_got_no_answer_is_unknown_and_was_sent_once(
    connected: Connect, failure: httpx.TransportError, *, sent: bool
) -> None:
    bodies: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        raise failure

    outcome = connected(answer).create_order_batch(b'{"from_name":"Ann"}')

    assert isinstance(outcome, Unknown)
    assert outcome.sent is sent
    assert outcome.retry_after is None
    assert bodies == [b'{"from_name":"Ann"}']


def test_a_batch_is_sent_once_on_503(connected: Connect, sleeps: list[float]) -> None:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(503, headers={"Retry-After": "2"})

    assert connected(answer).create_order_batch(b"{}") == Unknown("Goody answered 503", 2.0)
    assert len(requests) == 1
    assert sleeps == []


def test_a_cancel_is_sent_once_too(connected: Connect) -> None:
    paths: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        paths.append(f"{request.method} {request.url.path}")
        return httpx.Response(429)

    assert connected(answer).cancel_order("o1") == Unknown("Goody answered 429")
    assert paths == ["POST /v1/orders/o1/cancel"]


def test_a_made_batch_is_read(connected: Connect) -> None:
    outcome = connected(lambda _: httpx.Response(201, content=BATCH)).create_order_batch(b"{}")

    assert isinstance(outcome, Done)
    assert (outcome.value.id, outcome.value.send_status) == ("b1", "complete")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"{}", BATCH[:-4], b"\xff\xfe", b"[" * 100_000])
def test_a_201_that_says_nothing_is_unknown(connected: Connect, body: bytes) -> None:
    outcome = connected(lambda _: httpx.Response(201, content=body)).create_order_batch(b"{}")

    assert isinstance(outcome, Unknown)
    assert outcome.sent


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"error": "Recipients can\'t be blank"}', "Recipients can't be blank"),
        (b'{"error": "two\\nlines"}', "two lines"),
        (b'{"error": 3}', '{"error": 3}'),
        (b'["no"]', '["no"]'),
        (b"<html>\n Bad  Request</html>", "<html> Bad Request</html>"),
        (b"\xff", "\ufffd"),
        (b"", ""),
        (b"x" * 5000, "x" * 300),
        (b'{"error": "bad key goody_token_commerce_abc123."}', "bad key [key]."),
        (b"<p>Authorization: Bearer\nabc.def-1</p>", "<p>Authorization: [key]"),
    ],
)
def test_refusal_text_is_short_and_holds_no_key(body: bytes, text: str) -> None:
    assert refusal_text(body) == text
