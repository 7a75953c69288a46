"""An open stream ends with the right to it, and the others go on."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from foundation.keys import KeyKind, Restrictions
from storefront.stream import connections
from tests.api.customers import token_maker
from tests.api.streaming import Stream, Streaming, happen, tuned_streams
from tests.patience import until
from tests.shop import SLUG, Shop


@pytest.fixture
def streaming(shop: Shop) -> Iterator[Streaming]:
    with tuned_streams(shop) as start:
        yield start(stream_heartbeat_seconds=0.2)


def key_id(shop: Shop, key: str) -> str:
    holder = shop.services.apps.authenticate(key)
    assert holder is not None
    return holder.key_id


def ends(stream: Stream) -> bool:
    """Whether it comes to its end within seconds, after heartbeats alone."""
    give_up = time.monotonic() + 10
    while time.monotonic() < give_up:
        block = stream.block()
        if block not in (["retry: 2000"], [": still here"]):
            return block == []
    return False


def revoke(shop: Shop, key: str) -> None:
    shop.services.apps.revoke_key(key_id(shop, key))


def narrow(shop: Shop, key: str) -> None:
    shop.services.keys.restrict(key_id(shop, key), Restrictions(scopes=["orders"]))


def expire(shop: Shop, key: str) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    shop.services.keys.restrict(key_id(shop, key), Restrictions(expires_at=soon))
    shop.clock.advance(seconds=3601)


@pytest.mark.parametrize("lose", [revoke, narrow, expire])
def test_a_key_that_loses_the_right_ends_its_streams_and_those_of_its_tokens(
    streaming: Streaming, lose: Callable[[Shop, str], None]
) -> None:
    shop = streaming.shop
    key = shop.services.apps.create_key(SLUG, KeyKind.SECRET)
    theirs = [
        streaming.open(Authorization=f"Bearer {key}"),
        streaming.open(f"/v1/events/stream?token={streaming.token({'customer_id': 'cust_7'}, key=key)}"),
    ]
    others = streaming.as_backend()
    assert streaming.server.count == 3
    lose(shop, key)
    until(lambda: streaming.server.count == 1)
    happen(shop, "discrepancy.opened")
    assert all(ends(stream) for stream in theirs)
    assert others.event()["type"] == "discrepancy.opened"


def test_a_public_key_that_is_bound_to_other_pages_ends_the_streams_of_its_tokens(streaming: Streaming) -> None:
    shop = streaming.shop
    secret = shop.checkout(key=shop.pk)["client_secret"]
    target = f"/v1/events/stream?token={streaming.token({}, key=shop.pk, secret=secret)}"
    there, app = streaming.open(target, Origin="https://elsewhere.example"), streaming.open(target)
    shop.services.keys.restrict(key_id(shop, shop.pk), Restrictions(origins=["https://shop.example.com"]))
    assert ends(there)
    until(lambda: streaming.server.count == 1)
    assert app.block() == ["retry: 2000"]


def test_a_customers_token_that_is_over_ends_its_stream_and_a_minute_ends_none(streaming: Streaming) -> None:
    shop = streaming.shop
    customer = {"X-Customer-Token": token_maker(shop)("cust_7")}
    mine = streaming.open(f"/v1/events/stream?token={streaming.token({}, key=shop.pk, headers=customer)}")
    assert mine.block() == ["retry: 2000"]
    shop.clock.advance(seconds=90)
    assert [mine.block() for _ in range(3)] == [[": still here"]] * 3, "the minute of a stream token is for opening"
    later = streaming.as_backend()
    shop.clock.advance(seconds=3700)
    assert ends(mine)
    assert later.block() == [": still here"]


def test_a_token_opens_nothing_once_what_it_was_made_with_is_over(streaming: Streaming) -> None:
    shop = streaming.shop
    key = shop.services.apps.create_key(SLUG, KeyKind.SECRET)
    token = streaming.token({"customer_id": "cust_7"}, key=key)
    revoke(shop, key)
    assert streaming.open(f"/v1/events/stream?token={token}").status == 401


def test_all_listeners_are_looked_at_in_one_query(streaming: Streaming) -> None:
    shop = streaming.shop
    keys = [shop.services.apps.create_key(SLUG, KeyKind.SECRET) for _ in range(5)]
    asked: list[str] = []
    for key in keys * 4:
        streaming.open(Authorization=f"Bearer {key}")

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "api_keys" in statement and statement.startswith("SELECT"):
            asked.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        until(lambda: len(asked) >= 2)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    assert all(" IN " in statement for statement in asked)
    assert len(asked) <= 4, "two beats, and what little the wait is late: not one for each of twenty"


def test_a_key_that_only_listens_is_in_use(streaming: Streaming) -> None:
    shop = streaming.shop
    key = shop.services.apps.create_key(SLUG, KeyKind.SECRET)
    listening = streaming.open(Authorization=f"Bearer {key}")
    for _ in range(3):
        listening.block()
    streaming.services.key_uses.write()
    used = {each.id: each.last_used_at for each in shop.services.apps.keys(SLUG)}
    assert used[key_id(shop, key)] is not None


def test_who_reads_what_it_missed_slowly_stays_no_longer_than_others(
    streaming: Streaming, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = streaming.as_backend()
    happen(streaming.shop, *["order.created"] * 1500, padding="x" * 1000)
    first, *_ = [quick.event() for _ in range(1500)]
    slow = streaming.as_backend(Last_Event_ID=first["id"])
    time.sleep(1.5)
    assert [slow.event() for _ in range(1499)][-1]["sequence"] == first["sequence"] + 1499
    monkeypatch.setattr(connections, "LIFE_SECONDS", 0.5)
    slow = streaming.as_backend(Last_Event_ID=first["id"])
    time.sleep(1.5)
    assert slow.rest().count(b"event: order.created") < 1499
