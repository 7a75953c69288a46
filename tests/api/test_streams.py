"""Event streams over real sockets: who may follow what, from where on, and who is dropped."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from foundation.keys import KeyKind, Restrictions
from tests.api.answers import problem
from tests.api.customers import token_maker
from tests.api.neighbours import second_app
from tests.api.relaying import payable
from tests.api.streaming import Streaming, Tuned, happen, tuned_streams
from tests.patience import until
from tests.shop import SLUG, Shop


@pytest.fixture
def tuned(shop: Shop) -> Iterator[Tuned]:
    """Streams with settings of one's own."""
    with tuned_streams(shop) as start:
        yield start


@pytest.fixture
def streaming(tuned: Tuned) -> Streaming:
    return tuned()


def test_the_backend_follows_everything_as_the_log_shows_it(streaming: Streaming) -> None:
    stream = streaming.as_backend()
    payable(streaming.shop)
    logged = [event for event in streaming.shop.events() if event["type"] != "catalog.published"]
    got = [stream.event() for _ in logged]
    assert [(event["id"], event["type"], event["sequence"]) for event in got] == [
        (event["id"], event["type"], event["sequence"]) for event in logged
    ]
    assert got[-1]["data"]["payment_link"] == logged[-1]["data"]["payment_link"] is not None


def test_it_resumes_after_the_last_event_id_without_gap_or_double(streaming: Streaming) -> None:
    streaming.shop.order()
    seen = streaming.shop.events()[1]
    stream = streaming.as_backend(Last_Event_ID=seen["id"])
    streaming.shop.order()
    later = streaming.shop.events()[2:]
    assert [stream.event()["sequence"] for _ in later] == [event["sequence"] for event in later]
    again = streaming.open(
        f"/v1/events/stream?last_event_id={later[-2]['id']}", Authorization=f"Bearer {streaming.shop.sk}"
    )
    assert again.event()["id"] == later[-1]["id"]


def test_a_shop_page_sees_the_link_of_its_own_checkout_the_moment_it_exists(streaming: Streaming) -> None:
    shop = streaming.shop
    checkout = shop.checkout(key=shop.pk)
    token = streaming.token({}, key=shop.pk, secret=checkout["client_secret"])
    order = shop.complete(checkout).get_json()["orders"][0]
    payable(shop)  # Somebody else's.
    stream = streaming.open(f"/v1/events/stream?token={token}")
    assert stream.headers["access-control-allow-origin"] == "*"
    first = [stream.event() for _ in range(3)]
    assert [event["type"] for event in first] == ["order_batch.submitted", "order.created", "order_batch.completed"]
    assert all("sequence" not in event for event in first)
    assert "payment_reference" not in first[0]["data"], "what is the partner's business alone"
    for step, event in (("open", "gift_opened"), ("accept", "gift_accepted")):
        shop.hear(f"order.{event}", shop.goody.step(order["id"], step))
    then = [stream.event() for _ in range(3)]
    assert [each["type"] for each in then] == ["order.opened", "order.accepted", "order.payment_link_ready"]
    assert then[-1]["data"]["payment_link"].startswith("http")


def test_a_customer_follows_its_own_orders(streaming: Streaming) -> None:
    shop = streaming.shop
    mint = token_maker(shop)
    customer = {"X-Customer-Token": mint("cust_7")}
    stream = streaming.open(f"/v1/events/stream?token={streaming.token({}, key=shop.pk, headers=customer)}")
    for_backend = streaming.open(f"/v1/events/stream?token={streaming.token({'customer_id': 'cust_7'})}")
    shop.complete(shop.checkout(customer_id="cust_8"))
    theirs = shop.complete(shop.checkout(customer_id="cust_7")).get_json()
    for each in (stream, for_backend):
        assert each.event()["data"]["id"] == theirs["id"]


def test_another_apps_events_are_not_told(streaming: Streaming) -> None:
    shop = streaming.shop
    other = second_app(shop)
    stream = streaming.open(Authorization=f"Bearer {other.secret_key}")
    shop.order()
    answer = shop.call("POST", "/v1/stream_tokens", {"checkout_id": shop.checkout()["id"]}, key=other.secret_key)
    problem(answer, 404, "not_found")
    happen(replace(shop, app_id=other.app_id), "discrepancy.opened")
    assert stream.event()["type"] == "discrepancy.opened", "the first that it is told of"


def test_who_may_not_listen_is_told_so(streaming: Streaming) -> None:
    shop = streaming.shop
    token = streaming.token({"customer_id": "cust_7"})
    revoked = shop.services.apps.create_key(SLUG, KeyKind.SECRET)
    narrow = shop.services.apps.create_key(SLUG, KeyKind.SECRET, Restrictions(scopes=["orders"]))
    holder = shop.services.apps.authenticate(revoked)
    assert holder is not None
    shop.services.apps.revoke_key(holder.key_id)
    for target, headers, status, code in (
        ("", {}, 401, "unauthenticated"),
        ("", {"Authorization": f"Bearer {shop.pk}"}, 401, "unauthenticated"),
        ("", {"Authorization": f"Bearer {revoked}"}, 401, "unauthenticated"),
        ("", {"Authorization": f"Bearer {narrow}"}, 403, "forbidden"),
        ("?token=x", {}, 401, "bad_stream_token"),
        (f"?token={shop.services.stream_tokens._vault.encrypt('{}')}", {}, 401, "bad_stream_token"),  # noqa: SLF001
        (f"?token={token}&last_event_id=evt_none", {}, 410, "events_gone"),
        ("/elsewhere", {}, 404, "not_found"),
    ):
        refused = streaming.open(f"/v1/events/stream{target}", **headers)
        assert refused.status == status, target
        assert json.loads(refused.rest())["code"] == code
    shop.clock.advance(seconds=61)
    refused = streaming.open(f"/v1/events/stream?token={token}")
    assert json.loads(refused.rest())["code"] == "bad_stream_token"
    said = shop.call(
        "POST",
        "/v1/stream_tokens",
        {"customer_id": "cust_8"},
        key=shop.pk,
        secret=shop.checkout(key=shop.pk)["client_secret"],
    )
    problem(said, 422, "invalid_input")


def test_a_heartbeat_comes_while_nothing_happens(tuned: Tuned) -> None:
    stream = tuned(stream_heartbeat_seconds=0.1).as_backend()
    assert stream.block() == [": still here"]
    assert stream.block() == [": still here"]


def test_more_than_the_process_may_have_are_refused_and_those_that_go_make_room(tuned: Tuned) -> None:
    streaming = tuned(stream_listeners=1)
    first = streaming.as_backend()
    refused = streaming.open(Authorization=f"Bearer {streaming.shop.sk}")
    assert (refused.status, json.loads(refused.rest())["code"]) == (503, "too_many_listeners")
    first.close()
    until(lambda: streaming.server.count == 0)
    streaming.as_backend()


def test_who_reads_too_slowly_is_dropped_and_the_others_go_on(streaming: Streaming) -> None:
    streaming.as_backend()
    quick = streaming.as_backend()
    while streaming.server.count == 2:
        happen(streaming.shop, *["discrepancy.opened"] * 50, about="y" * 5000)
        assert all(quick.event()["data"]["about"] for _ in range(50))
    assert streaming.server.count == 1
    happen(streaming.shop, "discrepancy.opened", about="it")
    assert quick.event()["data"]["about"] == "it"


def test_the_api_leads_to_where_the_streams_are(shop: Shop) -> None:
    answer = shop.client.get("/v1/events/stream?token=abc")
    assert (answer.status_code, answer.headers["Location"]) == (
        307,
        "https://stream.example/v1/events/stream?token=abc",
    )
