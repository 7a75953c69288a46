"""The API key shows in the one header that carries it, and nowhere else."""

import logging
import traceback
from collections.abc import Callable

import httpx
import pytest

from foundation.goody.client import SANDBOX, GoodyClient, connect
from foundation.goody.outcome import Refused
from foundation.http import Retries

Connect = Callable[[Callable[[httpx.Request], httpx.Response]], GoodyClient]


def chained(error: BaseException | None) -> list[BaseException]:
    return [] if error is None else [error, *chained(error.__cause__), *chained(error.__context__)]


def answer_200(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"email": "a@b.c"})


def answer_401_with_the_request_in_it(request: httpx.Request) -> httpx.Response:
    return httpx.Response(401, text=f"Unauthorized: {request.headers['authorization']}")


def answer_400_with_the_request_in_it(request: httpx.Request) -> httpx.Response:
    return httpx.Response(400, json={"error": f"bad key {request.headers['authorization']}"})


def time_out(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout(f"while sending {request.headers['authorization']}", request=request)


def illegal_header(request: httpx.Request) -> httpx.Response:
    raise httpx.LocalProtocolError(f"Illegal header value {request.headers['authorization']!r}", request=request)


@pytest.mark.parametrize(
    "answer",
    [answer_200, answer_401_with_the_request_in_it, answer_400_with_the_request_in_it, time_out, illegal_header],
)
def test_not_in_logs_errors_or_reprs(
    connected: Connect,
    caplog: pytest.LogCaptureFixture,
    api_key: str,
    answer: Callable[[httpx.Request], httpx.Response],
) -> None:
    caplog.set_level(logging.DEBUG)
    goody = connected(answer)
    shown = [repr(goody), str(goody), repr(vars(goody))]
    try:
        shown.append(repr(goody.me()))
    except Exception as error:  # noqa: BLE001 - whatever it is, it holds no key
        shown += traceback.format_exception(error)
        shown += [f"{link!r} {link} {link.args!r} {vars(link)!r}" for link in chained(error)]
    shown += [repr(goody.create_order_batch(b"{}")), caplog.text]
    shown += [repr(vars(record)) for record in caplog.records]

    assert all(api_key not in text for text in shown)


def test_the_header_carries_it(connected: Connect, api_key: str) -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers["authorization"])
        return answer_200(request)

    connected(answer).me()

    assert sent == [f"Bearer {api_key}"]


def test_not_in_a_refusal_even_when_it_looks_like_none_of_goodys(retries: Retries) -> None:
    goody = connect(
        SANDBOX, "plain-key-1234", retries=retries, transport=httpx.MockTransport(answer_400_with_the_request_in_it)
    )

    assert goody.create_order_batch(b"{}") == Refused(400, "bad key [key]")
