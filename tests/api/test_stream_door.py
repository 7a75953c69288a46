"""Who may open a stream how often and from which page, over real sockets."""

import json
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from foundation.keys import KeyKind, Restrictions
from storefront.stream import connections
from tests.api.streaming import Stream, Tuned, tuned_streams
from tests.patience import until
from tests.shop import SLUG, Shop

PAGE = "https://shop.example.com"
ELSEWHERE = "https://elsewhere.example"


@pytest.fixture
def tuned(shop: Shop) -> Iterator[Tuned]:
    """Streams with settings of one's own."""
    with tuned_streams(shop) as start:
        yield start


def refused(stream: Stream, status: int, code: str) -> Stream:
    said = json.loads(stream.rest())
    assert (stream.status, said["status"], said["code"]) == (status, status, code)
    assert stream.headers["content-type"] == "application/problem+json"
    assert stream.headers["x-request-id"] == said["request_id"]
    return stream


def test_an_address_that_opens_too_many_waits_whatever_it_sends(tuned: Tuned) -> None:
    streaming = tuned(limit_stream_per_minute=60, limit_stream_burst=3, trusted_proxies=("127.0.0.1",))
    address = {"X_Forwarded_For": "203.0.113.1"}
    for _ in range(3):
        streaming.as_backend(**address)
    for target, headers in (("", {"Authorization": f"Bearer {streaming.shop.sk}"}), ("?token=guess", {}), ("", {})):
        late = refused(streaming.open(f"/v1/events/stream{target}", **address, **headers), 429, "too_many_requests")
        assert late.headers["retry-after"] == "1"
    streaming.as_backend(X_Forwarded_For="203.0.113.2")
    assert streaming.open("/healthz", **address).status == 200


def test_connections_that_ask_for_nothing_yet_are_bounded(tuned: Tuned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_ARRIVING", 2)
    streaming = tuned()

    def answered(request: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", streaming.port), timeout=5) as caller, suppress(ConnectionError):
            caller.sendall(request)
            return caller.recv(15)
        return b""

    silent = [socket.create_connection(("127.0.0.1", streaming.port)) for _ in range(2)]
    healthy = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    until(lambda: answered(healthy) == b"")
    silent.pop().close()
    until(lambda: answered(healthy) == b"HTTP/1.1 200 OK")
    silent.pop().close()


def test_a_key_that_opens_too_many_waits_wherever_it_is(tuned: Tuned) -> None:
    streaming = tuned(limit_secret_per_minute=60, limit_secret_burst=2, trusted_proxies=("127.0.0.1",))
    for number in range(2):
        streaming.as_backend(X_Forwarded_For=f"203.0.113.{number}")
    key = {"Authorization": f"Bearer {streaming.shop.sk}"}
    late = refused(streaming.open(X_Forwarded_For="203.0.113.9", **key), 429, "too_many_requests")
    assert int(late.headers["retry-after"]) >= 1
    other = streaming.shop.services.apps.create_key(SLUG, KeyKind.SECRET)
    assert streaming.open(Authorization=f"Bearer {other}").status == 200


def test_a_shoppers_address_that_opens_too_many_by_one_public_key_waits(tuned: Tuned) -> None:
    streaming = tuned(limit_public_per_minute=60, limit_public_burst=10)
    shop = streaming.shop
    token = streaming.token({}, key=shop.pk, secret=shop.checkout(key=shop.pk)["client_secret"])
    got = [streaming.open(f"/v1/events/stream?token={token}").status for _ in range(11)]
    assert got == [200] * 10 + [429]


@pytest.mark.parametrize("guess", ["key", "token"])
def test_what_is_guessed_counts_against_the_address_and_locks_out_nobody_known(tuned: Tuned, guess: str) -> None:
    streaming = tuned(limit_failed_per_minute=60, limit_failed_burst=5)
    streaming.as_backend()
    good = streaming.token({"customer_id": "cust_7"})
    sent = {"Authorization": "Bearer sk_guess"} if guess == "key" else {}
    target = "/v1/events/stream" + ("" if sent else "?token=guess")
    assert [streaming.open(target, **sent).status for _ in range(7)] == [401] * 5 + [429] * 2
    assert "retry-after" in streaming.open(target, **sent).headers
    streaming.as_backend()
    assert streaming.open(f"/v1/events/stream?token={good}").status == 200
    unknown = streaming.shop.services.apps.create_key(SLUG, KeyKind.SECRET)
    refused(streaming.open(Authorization=f"Bearer {unknown}"), 429, "too_many_requests")


def test_a_token_is_good_on_the_pages_of_the_key_it_was_made_with(tuned: Tuned) -> None:
    streaming = tuned()
    shop = streaming.shop
    bound = shop.services.apps.create_key(SLUG, KeyKind.PUBLISHABLE, Restrictions(origins=[PAGE]))
    secret = shop.checkout(key=shop.pk)["client_secret"]
    target = f"/v1/events/stream?token={streaming.token({}, key=bound, secret=secret)}"
    there = streaming.open(target, Origin=PAGE)
    assert (there.status, there.headers["access-control-allow-origin"]) == (200, PAGE)
    assert there.headers["vary"] == "Origin"
    for origin in (ELSEWHERE, "null"):
        stranger = refused(streaming.open(target, Origin=origin), 403, "origin_not_allowed")
        assert "access-control-allow-origin" not in stranger.headers
    app = streaming.open(target)
    assert (app.status, "access-control-allow-origin" in app.headers) == (200, False)


def test_the_origin_null_is_allowed_by_no_key(tuned: Tuned) -> None:
    streaming = tuned()
    target = f"/v1/events/stream?token={streaming.token({'customer_id': 'cust_7'})}"
    assert streaming.open(target, Origin=ELSEWHERE).headers["access-control-allow-origin"] == "*"
    for stream in (
        streaming.open(target, Origin="null"),
        streaming.open(Origin="null", Authorization=f"Bearer {streaming.shop.sk}"),
    ):
        refused(stream, 403, "origin_not_allowed")
        assert "access-control-allow-origin" not in stream.headers


def test_no_page_reads_what_a_secret_key_is_answered(tuned: Tuned) -> None:
    streaming = tuned()
    for key in (streaming.shop.sk, "sk_guess"):
        answer = streaming.open(Origin=PAGE, Authorization=f"Bearer {key}")
        assert "access-control-allow-origin" not in answer.headers
    assert streaming.open("/v1/events/stream?token=x", Origin=PAGE).headers["access-control-allow-origin"] == "*"


def test_a_preflight_allows_what_some_public_key_allows_and_never_null(tuned: Tuned) -> None:
    streaming = tuned()
    shop = streaming.shop
    asked = {"method": "OPTIONS", "Access_Control_Request_Method": "GET"}
    for key in shop.services.apps.keys(SLUG):
        if key.kind == KeyKind.PUBLISHABLE:
            shop.services.keys.restrict(key.id, Restrictions(origins=[PAGE]))
    allowed = streaming.open("/v1/events/stream?token=x", Origin=PAGE, **asked)
    assert (allowed.status, allowed.headers["access-control-allow-origin"]) == (204, PAGE)
    assert "Last-Event-ID" in allowed.headers["access-control-allow-headers"]
    assert "Authorization" not in allowed.headers["access-control-allow-headers"]
    for origin in (ELSEWHERE, "null"):
        assert "access-control-allow-origin" not in streaming.open(Origin=origin, **asked).headers
    open_to_all = tuned()
    shop.services.apps.create_key(SLUG, KeyKind.PUBLISHABLE)
    assert open_to_all.open(Origin=ELSEWHERE, **asked).headers["access-control-allow-origin"] == ELSEWHERE
    assert "access-control-allow-origin" not in open_to_all.open(Origin="null", **asked).headers


def test_every_answer_has_the_security_headers_of_the_api(tuned: Tuned) -> None:
    streaming = tuned(stream_url="https://stream.example")
    shop = streaming.shop
    api = shop.under(public_url="https://shop.example").call("GET", "/v1/orders").headers
    names = (
        "Content-Security-Policy",
        "Cross-Origin-Resource-Policy",
        "Referrer-Policy",
        "Strict-Transport-Security",
        "X-Content-Type-Options",
    )
    for stream in (streaming.as_backend(X_Request_Id="mine"), streaming.open(X_Request_Id="mine")):
        assert {name: stream.headers[name.lower()] for name in names} == {name: api[name] for name in names}
        assert stream.headers["cache-control"] == "no-store"
        assert stream.headers["x-request-id"] == "mine"


def test_a_shopper_who_resumes_too_late_is_not_told_how_much_is_sold(tuned: Tuned) -> None:
    streaming = tuned()
    streaming.shop.order()
    token = streaming.token({"customer_id": "cust_7"})
    said = json.loads(streaming.open(f"/v1/events/stream?token={token}&last_event_id=evt_none").rest())
    assert (said["status"], said["code"], "after" in said) == (410, "events_gone", False)
    assert not any(character.isdigit() for character in said["detail"])
    backend = streaming.open(Authorization=f"Bearer {streaming.shop.sk}", Last_Event_ID="evt_none")
    assert json.loads(backend.rest())["after"] > 0
    strange = streaming.open(f"/v1/events/stream?token={token}&last_event_id=%00")
    assert strange.status == 410


def test_one_address_does_not_take_every_place(tuned: Tuned) -> None:
    streaming = tuned(stream_listeners_per_address=2, trusted_proxies=("127.0.0.1",))
    target = f"/v1/events/stream?token={streaming.token({'customer_id': 'cust_7'})}"
    here, elsewhere = {"X_Forwarded_For": "203.0.113.1"}, {"X_Forwarded_For": "203.0.113.2"}
    first, _ = (streaming.open(target, **here) for _ in range(2))
    late = refused(streaming.open(target, **here), 429, "too_many_requests")
    assert "retry-after" in late.headers
    assert streaming.open(target, **elsewhere).status == 200
    for _ in range(3):
        streaming.as_backend(**here)
    first.close()
    until(lambda: streaming.server.count == 5)
    assert streaming.open(target, **here).status == 200
