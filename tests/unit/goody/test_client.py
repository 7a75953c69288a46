"""What each operation asks Goody, and what each answer means."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

from foundation.errors import (
    GoodyError,
    GoodyNotFoundError,
    GoodyRefusedError,
    GoodyUnauthorizedError,
    GoodyUnavailableError,
    GoodyUnreadableError,
    SettingsError,
)
from foundation.goody.client import SANDBOX, GoodyClient, connect
from foundation.goody.payloads import CartInput, PriceInput

Connect = Callable[[Callable[[httpx.Request], httpx.Response]], GoodyClient]
NO_PAGE: dict[str, Any] = {"data": [], "list_meta": {"total_count": 0}}
NOON = datetime(2026, 6, 3, 12, tzinfo=UTC)
PRICE = PriceInput(recipients=(), cart=CartInput(items=()), send_method="direct_send")


@pytest.mark.parametrize(
    ("ask", "asked"),
    [
        (lambda goody: goody.products(), "/v1/products?page=1&per_page=100"),
        (
            lambda goody: goody.products(2, 50, use_custom_catalog=True, country_code="CA", show_inactive=False),
            (
                "/v1/products?page=2&per_page=50&use_custom_catalog=true&country_code=CA"
                "&custom_catalog_show_inactive=false"
            ),
        ),
        (lambda goody: goody.brands(3), "/v1/brands?page=3&per_page=100"),
        (lambda goody: goody.cards(per_page=20), "/v1/cards?page=1&per_page=20"),
        (lambda goody: goody.collections(), "/v1/collections?page=1&per_page=100"),
        (lambda goody: goody.collections(published=True), "/v1/collections?page=1&per_page=100&published=true"),
        (lambda goody: goody.payment_methods(), "/v1/payment_methods"),
        (lambda goody: goody.order_batches(4), "/v1/order_batches?page=4&per_page=100"),
        (lambda goody: goody.order_batch_orders("b 1"), "/v1/order_batches/b%201/orders?page=1&per_page=100"),
        (lambda goody: goody.orders(), "/v1/orders?page=1&per_page=100"),
        (
            lambda goody: goody.orders(created_after=NOON, created_before=NOON + timedelta(seconds=0.5)),
            (
                "/v1/orders?page=1&per_page=100&created_at%5Bafter%5D=2026-06-03T12%3A00%3A00Z"
                "&created_at%5Bbefore%5D=2026-06-03T12%3A00%3A00.500000Z"
            ),
        ),
        (lambda goody: goody.order_activities(), "/v1/order_activities?page=1&per_page=100"),
        (
            lambda goody: goody.order_activities(
                after=NOON.astimezone(timezone(timedelta(hours=2))), before=NOON, statuses=("paid", "ordered")
            ),
            (
                "/v1/order_activities?page=1&per_page=100&after=2026-06-03T12%3A00%3A00Z&before=2026-06-03T12%3A00%3A00Z"
                "&statuses=paid%2Cordered"
            ),
        ),
    ],
)
def test_what_a_listing_asks(connected: Connect, ask: Callable[[GoodyClient], object], asked: str) -> None:
    urls: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        urls.append(str(request.url))
        return httpx.Response(200, json=NO_PAGE)

    ask(connected(answer))

    assert urls == [SANDBOX + asked]


@pytest.mark.parametrize(
    ("status", "kind", "says"),
    [
        (400, GoodyRefusedError, "Goody answered 400 when asked for order o1: No."),
        (401, GoodyUnauthorizedError, "check that the API key is one of this environment's"),
        (403, GoodyUnauthorizedError, "check that the API key is one of this environment's"),
        (404, GoodyNotFoundError, "Goody answered 404 when asked for order o1: it has no such thing."),
        (409, GoodyRefusedError, "409"),
        (422, GoodyRefusedError, "422"),
        (408, GoodyUnavailableError, "try later"),
        (425, GoodyUnavailableError, "try later"),
        (429, GoodyUnavailableError, "try later"),
        (500, GoodyUnavailableError, "try later"),
        (503, GoodyUnavailableError, "try later"),
        (302, GoodyUnreadableError, "check the base URL"),
        (200, GoodyUnreadableError, "Asked for order o1: Goody sent no readable Order"),
    ],
)
def test_what_an_answer_to_a_read_raises(connected: Connect, status: int, kind: type[GoodyError], says: str) -> None:
    with pytest.raises(GoodyError) as caught:
        connected(lambda _: httpx.Response(status, json={"error": "No."})).order("o1")

    assert type(caught.value) is kind
    assert says in caught.value.detail
    if isinstance(caught.value, GoodyRefusedError):
        assert caught.value.status == status


def test_retry_after_is_handed_on(connected: Connect, sleeps: list[float]) -> None:
    with pytest.raises(GoodyUnavailableError) as caught:
        connected(lambda _: httpx.Response(429, headers={"Retry-After": "30"})).products()

    assert (caught.value.retry_after, sleeps) == (30.0, [])


@pytest.mark.parametrize("failure", [httpx.ConnectError("no such host"), httpx.ReadTimeout("slow")])
def test_no_answer_to_a_read_is_unavailable(connected: Connect, failure: httpx.TransportError) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        raise failure

    with pytest.raises(GoodyUnavailableError, match="when asked for products") as caught:
        connected(answer).products()
    assert caught.value.retry_after is None


def test_a_price_is_asked_again_like_a_read(connected: Connect) -> None:
    bodies: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        return httpx.Response(503) if len(bodies) < 3 else httpx.Response(400, json={"error": "Product not found: p"})

    with pytest.raises(GoodyRefusedError, match="Product not found: p"):
        connected(answer).price(PRICE)
    assert bodies == [b'{"recipients":[],"cart":{"items":[]},"send_method":"direct_send"}'] * 3


@pytest.mark.parametrize("identifier", ["", ".", ".."])
def test_an_id_that_is_no_path_segment_is_not_asked_for(connected: Connect, identifier: str) -> None:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json={})

    goody = connected(answer)
    for ask in (goody.product, goody.order, goody.order_batch, goody.order_batch_orders, goody.cancel_order):
        with pytest.raises(GoodyNotFoundError):
            ask(identifier)
    assert requests == []


def test_an_id_can_not_lead_to_another_operation(connected: Connect) -> None:
    paths: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.raw_path)
        return httpx.Response(404)

    with pytest.raises(GoodyNotFoundError):
        connected(answer).order("../order_batches/b1?x=1#y")
    assert paths == [b"/v1/orders/..%2Forder_batches%2Fb1%3Fx%3D1%23y"]


def test_a_moment_without_a_zone_is_refused(connected: Connect) -> None:
    with pytest.raises(ValueError, match="time zone"):
        connected(lambda _: httpx.Response(200, json=NO_PAGE)).orders(created_after=NOON.replace(tzinfo=None))


@pytest.mark.parametrize("key", ["", " ", "two words", "line\n", "tab\t", "schlüssel", "nul\0"])
def test_an_absurd_key_stops_the_start(key: str) -> None:
    with pytest.raises(SettingsError, match="API key") as caught:
        connect(SANDBOX, key)
    assert key.strip() == "" or key not in caught.value.detail


def test_a_closed_client_closes_its_connections() -> None:
    closed: list[bool] = []

    class Transport(httpx.MockTransport):
        def close(self) -> None:
            closed.append(True)

    with connect(SANDBOX, "k", transport=Transport(lambda _: httpx.Response(200, json={"email": "a@b.c"}))) as goody:
        assert goody.me().email == "a@b.c"
        assert closed == []
    assert closed == [True]
