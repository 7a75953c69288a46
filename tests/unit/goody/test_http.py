"""The guarded transport: what it asks again, for how long, and what it never does."""

import gzip
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import chain, repeat

import httpx
import pytest

from foundation.errors import SettingsError
from foundation.http import Answer, HttpClient, NoAnswerError, NotSentError, Retries, TimeOuts, retry_after_seconds

NOW = datetime(2026, 6, 3, 12, 0, tzinfo=UTC)
BASE = "https://api.example.com"

Reply = httpx.Response | httpx.TransportError | httpx.InvalidURL


class Replies(httpx.MockTransport):
    """Gives the replies in turn, the last one for ever, and keeps the requests."""

    def __init__(self, *replies: Reply) -> None:
        super().__init__(self._reply)
        self.requests: list[httpx.Request] = []
        self._replies = chain(replies, repeat(replies[-1]))

    def _reply(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = next(self._replies)
        if isinstance(reply, httpx.Response):
            return reply
        raise reply


Open = Callable[..., HttpClient]


@pytest.fixture
def opened(retries: Retries) -> Open:
    def open_with(transport: httpx.BaseTransport, **options: object) -> HttpClient:
        return HttpClient(BASE, retries=retries, transport=transport, **options)  # type: ignore[arg-type]

    return open_with


def test_an_answer_comes_back_as_it_was(opened: Open) -> None:
    answer = opened(Replies(httpx.Response(418, headers={"X-One": "1"}, content=b"tea"))).get("/pot")

    assert (answer.status, answer.body, answer.headers["x-one"], answer.retry_after) == (418, b"tea", "1", None)
    assert repr(answer) == "Answer(status=418, retry_after=None)"


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_read_is_asked_again(opened: Open, sleeps: list[float], status: int) -> None:
    replies = Replies(httpx.Response(status), httpx.Response(status), httpx.Response(200, content=b"ok"))

    assert opened(replies).get("/x").body == b"ok"
    assert len(replies.requests) == 3
    assert sleeps == [0.25, 0.5]


@pytest.mark.parametrize(
    "failure",
    [httpx.ConnectError("no"), httpx.ReadTimeout("slow"), httpx.ReadError("reset"), httpx.RemoteProtocolError("cut")],
)
def test_a_read_that_broke_off_is_asked_again(opened: Open, failure: httpx.TransportError) -> None:
    replies = Replies(failure, httpx.Response(200))

    assert opened(replies).get("/x").status == 200
    assert len(replies.requests) == 2


@pytest.mark.parametrize("status", [200, 201, 301, 400, 401, 404, 408, 422, 500])
def test_other_answers_are_taken_at_once(opened: Open, sleeps: list[float], status: int) -> None:
    replies = Replies(httpx.Response(status))

    assert opened(replies).get("/x").status == status
    assert len(replies.requests) == 1
    assert sleeps == []


def test_three_tries_and_no_more(opened: Open) -> None:
    answers, failures = Replies(httpx.Response(503)), Replies(httpx.ReadTimeout("slow"))

    assert opened(answers).get("/x").status == 503
    with pytest.raises(NoAnswerError):
        opened(failures).get("/x")
    assert (len(answers.requests), len(failures.requests)) == (3, 3)


def test_a_post_is_sent_once_unless_the_caller_says_otherwise(opened: Open, sleeps: list[float]) -> None:
    once, again = Replies(httpx.Response(503)), Replies(httpx.Response(503), httpx.Response(200))

    assert opened(once).post("/x", b"{}").status == 503
    assert (len(once.requests), sleeps) == (1, [])
    assert opened(again).post("/x", b"{}", retry=True).status == 200
    assert [request.content for request in again.requests] == [b"{}", b"{}"]


@pytest.mark.parametrize("value", ["3", "3.0", "Wed, 03 Jun 2026 12:00:03 GMT", "Wed, 03 Jun 2026 12:00:03 -0000"])
def test_retry_after_is_honoured_as_number_and_as_date(opened: Open, sleeps: list[float], value: str) -> None:
    replies = Replies(httpx.Response(429, headers={"Retry-After": value}), httpx.Response(200))

    assert opened(replies).get("/x").status == 200
    assert sleeps == [3.0]


@pytest.mark.parametrize("value", ["6", "3600", "Wed, 03 Jun 2026 12:01:00 GMT"])
def test_a_long_retry_after_ends_it_at_once(opened: Open, sleeps: list[float], value: str) -> None:
    replies = Replies(httpx.Response(429, headers={"Retry-After": value}))

    answer = opened(replies).get("/x")

    assert answer.retry_after == {"6": 6.0, "3600": 3600.0}.get(value, 60.0)
    assert (len(replies.requests), sleeps) == (1, [])


def test_no_try_begins_after_the_budget(sleeps: list[float]) -> None:
    times = iter([0.0, 0.0, 20.0, 20.0, 29.9, 99.0])
    retries = Retries(sleep=sleeps.append, elapsed=lambda: next(times), jitter=lambda: 1.0)
    replies = Replies(httpx.ReadTimeout("slow"))

    with pytest.raises(NoAnswerError), HttpClient(BASE, retries=retries, transport=replies) as http:
        http.get("/x")

    # The first try took 20 s, the second ended at 29.9 s of 30 s: a wait of half a second no longer fits.
    assert (len(replies.requests), sleeps) == (2, [0.25])


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        ("-5", 0.0),
        ("Wed, 03 Jun 2026 11:00:00 GMT", 0.0),
        ("9" * 30, 86_400.0),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("Wed, 03 Jun 99999 12:00:00 GMT", None),
    ],
)
def test_retry_after_seconds(value: str, seconds: float | None) -> None:
    assert retry_after_seconds(value, NOW) == seconds


@pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
def test_back_off_doubles_up_to_its_longest_and_is_half_random(jitter: float) -> None:
    retries = Retries(tries=7, jitter=lambda: jitter)

    delays = [retries.delay(made, None) for made in range(1, 8)]

    assert delays == [base * (0.5 + jitter / 2) for base in (0.25, 0.5, 1.0, 2.0, 2.0, 2.0)] + [None]


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (httpx.ConnectError("x"), NotSentError),
        (httpx.ConnectTimeout("x"), NotSentError),
        (httpx.PoolTimeout("x"), NotSentError),
        (httpx.UnsupportedProtocol("x"), NotSentError),
        (httpx.ReadTimeout("x"), NoAnswerError),
        (httpx.WriteTimeout("x"), NoAnswerError),
        (httpx.ReadError("x"), NoAnswerError),
        (httpx.WriteError("x"), NoAnswerError),
        (httpx.CloseError("x"), NoAnswerError),
        (httpx.RemoteProtocolError("x"), NoAnswerError),
        (httpx.LocalProtocolError("x"), NoAnswerError),
        (httpx.ProxyError("x"), NoAnswerError),
    ],
)
def test_two_errors_only(opened: Open, failure: httpx.TransportError, kind: type[Exception]) -> None:
    with pytest.raises(kind) as caught:
        opened(Replies(failure)).post("/x")

    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def test_a_body_that_can_not_be_unpacked_is_no_answer(opened: Open) -> None:
    broken = httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"not gzip"))

    with pytest.raises(NoAnswerError):
        opened(Replies(broken)).post("/x")


def test_an_answer_is_bounded_after_unpacking(opened: Open) -> None:
    packed = gzip.compress(b"0" * 100_000)

    def reply() -> httpx.Response:
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(packed))

    assert len(opened(Replies(reply()), largest_answer=100_000).get("/x").body) == 100_000
    with pytest.raises(NoAnswerError, match="larger than 99999 bytes"):
        opened(Replies(reply()), largest_answer=99_999).post("/x")


def test_a_sender_that_dribbles_is_cut_off(sleeps: list[float]) -> None:
    class Dribble(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            for _ in range(100):
                sleeps.append(1.0)
                yield b"."

    retries = Retries(sleep=sleeps.append, elapsed=lambda: sum(sleeps))
    http = HttpClient(
        BASE,
        retries=retries,
        time_outs=TimeOuts(whole=30.0),
        transport=Replies(httpx.Response(200, stream=Dribble())),
    )

    with pytest.raises(NoAnswerError, match="not complete after 30 s"):
        http.post("/x")
    assert len(sleeps) == 31


def test_redirects_are_not_followed_and_cookies_not_kept(opened: Open) -> None:
    replies = Replies(httpx.Response(302, headers={"Location": "https://evil.example", "Set-Cookie": "a=b; Path=/"}))
    http = opened(replies)

    assert http.get("/x").status == 302
    http.get("/x")

    assert [str(request.url) for request in replies.requests] == [f"{BASE}/x", f"{BASE}/x"]
    assert all("cookie" not in request.headers for request in replies.requests)


def test_what_a_request_carries(opened: Open) -> None:
    replies = Replies(httpx.Response(200))
    http = opened(replies, headers={"Authorization": "Bearer k"})

    http.get("/x", {"created_at[after]": "2026-06-03T12:00:00Z"})
    http.post("/y", b"{}", headers={"X-One": "1"})
    http.post("/z")
    http.post("/w", b"text", headers={"content-type": "text/plain"})

    get, post, empty, plain = replies.requests
    assert plain.headers.get_list("content-type") == ["text/plain"]
    assert get.url.params["created_at[after]"] == "2026-06-03T12:00:00Z"
    assert get.headers["user-agent"].startswith("goody-storefront/")
    assert get.headers["authorization"] == post.headers["authorization"] == "Bearer k"
    assert (post.headers["content-type"], post.headers["x-one"]) == ("application/json", "1")
    assert (empty.headers["content-length"], "content-type" in empty.headers) == ("0", False)


@pytest.mark.parametrize("path", ["", "x", "@evil.example/x", ".evil.example/x", "https://evil.example/x"])
def test_a_path_can_not_lead_to_another_host(opened: Open, path: str) -> None:
    replies = Replies(httpx.Response(200))

    with pytest.raises(ValueError, match="begins with a slash"):
        opened(replies).get(path)
    assert replies.requests == []


def test_without_a_base_every_path_is_a_url() -> None:
    replies = Replies(httpx.Response(204))
    http = HttpClient(transport=replies)

    assert http.post("https://partner.example/hook", b"{}").status == 204
    with pytest.raises(NotSentError):
        http.post("https://partner:port")


@pytest.mark.parametrize(
    "base_url", ["api.example.com", "ftp://x", "https://", "https://x/?a", "https://k@x", "https://x:port"]
)
def test_an_absurd_base_url_stops_the_start(base_url: str) -> None:
    with pytest.raises(SettingsError, match="base URL"):
        HttpClient(base_url)


def test_answers_are_values() -> None:
    assert Answer(200, {}, b"") == Answer(200, {}, b"")
