"""Chaos among webhooks, and forgeries: what a receiver has to withstand."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from svix.webhooks import Webhook, WebhookVerificationError

from .conftest import SECRET as DEFAULT_SECRET
from .endpoints import SECRET, add_endpoint, advance, problem_of, sent_to, stopped_partner, until_sent
from .partner import Json, Partner, partner_of
from .program import running
from .receiver import Received, Receiver

LATER = "2099-01-01T00:00:00Z"
DAY = 86_400


@pytest.fixture(scope="module")
def own_emulator(receiver: Receiver) -> Iterator[str]:
    """An emulator whose clock this module may move."""
    with running("--webhook-url", receiver.url, "--webhook-secret", DEFAULT_SECRET, "--products", "60") as base_url:
        yield base_url


@pytest.fixture
def stopped(own_emulator: str) -> Iterator[Partner]:
    """A partner whose emulator's clock stands still."""
    with stopped_partner(own_emulator) as partner:
        yield partner


def _order_chaos(partner: Partner, **rule: Any) -> Json:
    answer = partner.http.post("/_emulator/webhooks/chaos", json={"rules": [rule]})
    assert answer.status_code == 201, answer.text
    shown: Json = answer.json()["rules"][-1]
    return shown


def _rules(partner: Partner) -> list[Json]:
    found: list[Json] = partner.get("/_emulator/webhooks/chaos")["rules"]
    return found


def _types(deliveries: list[Received]) -> list[str]:
    return [each.type for each in deliveries]


def test_a_duplicate_is_the_same_message_again(partner: Partner, receiver: Receiver) -> None:
    place = receiver.place()
    endpoint_id = add_endpoint(partner, place)
    _order_chaos(partner, kind="duplicate", event_type="order.*", times=2)
    partner.step(partner.place_one(), "open")
    received = receiver.wait_at(place, 6)
    assert sorted(_types(received)) == [
        "order.created",
        "order.created",
        "order.created",
        "order.gift_opened",
        "order_batch.completed",
        "order_batch.created",
    ]
    created = [each for each in received if each.type == "order.created"]
    assert len({(each.svix_id, each.body) for each in created}) == 1
    [rule] = _rules(partner)
    assert (rule["left"], rule["did"]) == (0, [created[0].svix_id])
    until_sent(partner, endpoint_id, [("delivered", 1), ("delivered", 1), ("delivered", 3), ("delivered", 1)])


def test_a_late_duplicate_comes_days_later(stopped: Partner, receiver: Receiver) -> None:
    place = receiver.place()
    endpoint_id = add_endpoint(stopped, place)
    _order_chaos(stopped, kind="late_duplicate")
    stopped.place(scheduled_send_on=LATER)
    advance(stopped, 3 * DAY - 1)
    assert len(place.received) == 1
    assert [each["status"] for each in sent_to(stopped, endpoint_id)] == ["delivered"]
    advance(stopped, 1)
    first, second = place.received
    assert (first.svix_id, first.body) == (second.svix_id, second.body)
    assert sent_to(stopped, endpoint_id)[0]["next_attempt_at"] is None


def test_reordered_messages_come_in_reverse(partner: Partner, receiver: Receiver) -> None:
    place = receiver.place()
    endpoint_id = add_endpoint(partner, place)
    _order_chaos(partner, kind="reorder", count=4)
    order_id = partner.place_one()
    partner.until("/_emulator/webhooks/chaos", lambda found: found["rules"][0]["left"] == 1)
    assert place.received == []
    assert {each["status"] for each in sent_to(partner, endpoint_id)} == {"held"}
    partner.step(order_id, "open")
    assert _types(receiver.wait_at(place, 4)) == [
        "order.gift_opened",
        "order.created",
        "order_batch.completed",
        "order_batch.created",
    ]
    partner.step(order_id, "cancel")
    assert _types(receiver.wait_at(place, 5))[4:] == ["order.canceled"]
    [rule] = _rules(partner)
    assert (rule["left"], rule["held"]) == (0, 0)
    assert rule["did"] == [each.svix_id for each in place.received[3::-1]]


def test_an_incomplete_pile_goes_after_its_time_or_when_chaos_is_lifted(stopped: Partner, receiver: Receiver) -> None:
    place = receiver.place()
    add_endpoint(stopped, place)
    _order_chaos(stopped, kind="reorder", count=9, seconds=60)
    order_id = stopped.place_one()
    advance(stopped, 59)
    assert place.received == []
    advance(stopped, 1)
    assert _types(place.received) == ["order.created", "order_batch.completed", "order_batch.created"]
    stopped.step(order_id, "open")
    advance(stopped, 0)
    assert len(place.received) == 3
    assert stopped.http.delete("/_emulator/webhooks/chaos").status_code == 204
    advance(stopped, 0)
    assert _types(place.received)[3:] == ["order.gift_opened"]
    assert _rules(stopped) == []


def test_a_delayed_message_lets_others_overtake_it(stopped: Partner, receiver: Receiver) -> None:
    place = receiver.place()
    add_endpoint(stopped, place)
    _order_chaos(stopped, kind="delay", event_type="order_batch.created", seconds=100)
    stopped.place_one()
    advance(stopped, 99)
    assert _types(place.received) == ["order_batch.completed", "order.created"]
    advance(stopped, 1)
    assert _types(place.received)[2:] == ["order_batch.created"]


def test_a_dropped_message_is_never_sent_unless_it_is_resent(stopped: Partner, receiver: Receiver) -> None:
    place = receiver.place()
    endpoint_id = add_endpoint(stopped, place)
    _order_chaos(stopped, kind="drop", event_type="*.completed")
    stopped.place_one()
    advance(stopped, 30 * DAY)
    assert _types(place.received) == ["order_batch.created", "order.created"]
    [dropped] = [each for each in sent_to(stopped, endpoint_id) if each["status"] == "dropped"]
    assert (dropped["event_type"], dropped["attempts"]) == ("order_batch.completed", 0)
    assert [dropped["svix_id"]] == _rules(stopped)[0]["did"]
    stopped.http.post(f"/_emulator/deliveries/{dropped['svix_id']}/resend")
    advance(stopped, 0)
    assert place.received[2].svix_id == dropped["svix_id"]


def test_a_rule_can_name_one_order(partner: Partner, receiver: Receiver) -> None:
    place = receiver.place()
    endpoint_id = add_endpoint(partner, place)
    named, other = partner.place_one(), partner.place_one()
    receiver.wait_at(place, 6)
    shown = _order_chaos(partner, kind="drop", order_id=named, count=5)
    assert (shown["order_id"], shown["event_type"]) == (named, "*")
    for order_id in (named, other):
        partner.step(order_id, "open")
    assert receiver.wait_at(place, 7)[-1].event["data"]["id"] == other
    dropped = partner.get("/_emulator/deliveries", status="dropped", endpoint_id=endpoint_id)["data"]
    assert [(each["event_type"], each["order_id"]) for each in dropped] == [("order.gift_opened", named)]
    assert _rules(partner)[0]["left"] == 4


def test_a_rule_must_name_an_order_of_its_app(partner: Partner, emulator_url: str) -> None:
    with partner_of(emulator_url) as neighbour:
        foreign = neighbour.place_one()
    for order_id in ("nope", foreign):
        rule = {"kind": "drop", "order_id": order_id}
        found = problem_of(partner, "POST", "/_emulator/webhooks/chaos", {"rules": [rule]})
        assert found == (400, f"There is no order {order_id}; GET /_emulator/orders lists them.")
    assert _rules(partner) == []


def test_a_seed_strikes_the_same_messages_every_time(emulator_url: str) -> None:
    def struck(seed: int) -> list[int]:
        with partner_of(emulator_url) as partner:
            _order_chaos(partner, kind="drop", event_type="order_batch.created", probability=0.5, seed=seed)
            for _ in range(12):
                partner.place(scheduled_send_on=LATER)
            log = partner.get("/_emulator/deliveries")["data"]
            assert _rules(partner)[0]["left"] is None
            return [number for number, each in enumerate(log) if each["status"] == "dropped"]

    assert struck(3) == struck(3)
    assert struck(3) != struck(4)
    assert 0 < len(struck(3)) < 12


def test_count_limits_a_probability(partner: Partner) -> None:
    _order_chaos(partner, kind="drop", probability=1, count=2)
    partner.place()
    assert [each["status"] == "dropped" for each in partner.get("/_emulator/deliveries")["data"]] == [True, True, False]


def test_early_webhooks_are_there_before_the_answer(partner: Partner, receiver: Receiver) -> None:
    moments: list[float] = []

    def look(_: Received) -> int:
        time.sleep(0.3)
        moments.append(time.monotonic())
        return 204

    place = receiver.place(look)
    add_endpoint(partner, place)
    _order_chaos(partner, kind="early", event_type="order_batch.*")
    batch = partner.place()
    answered = time.monotonic()
    assert len(moments) >= 2
    assert max(moments[:2]) < answered
    assert _types(place.received)[:2] == ["order_batch.created", "order_batch.completed"]
    assert place.received[0].event["data"]["id"] == batch["id"]
    assert _rules(partner)[0]["did"] == [each.svix_id for each in place.received[:2]]
    partner.place(scheduled_send_on=LATER)
    assert len(receiver.wait_at(place, 4)) == 4
    assert _rules(partner)[0]["left"] == 0


def test_late_webhooks_come_after_the_answer(partner: Partner, receiver: Receiver) -> None:
    moments: list[float] = []
    place = receiver.place(lambda _: moments.append(time.monotonic()) or 204)  # type: ignore[func-returns-value]
    add_endpoint(partner, place)
    _order_chaos(partner, kind="late", seconds=0.3, count=1)
    partner.refused(partner.wish(from_name=""))
    assert _rules(partner)[0]["left"] == 1
    partner.place()
    answered = time.monotonic()
    receiver.wait_at(place, 3)
    assert min(moments) > answered + 0.2
    [rule] = _rules(partner)
    assert rule["left"] == 0
    assert rule["did"] == [each.svix_id for each in place.received]
    partner.place(scheduled_send_on=LATER)
    receiver.wait_at(place, 4)


def test_the_older_spelling_is_that_of_the_documents_examples(partner: Partner, receiver: Receiver) -> None:
    place = receiver.place()
    add_endpoint(partner, place, events=["order_batch.created", "order.created"])
    _order_chaos(partner, kind="legacy", count=5)
    batch = partner.place()
    old, order = receiver.wait_at(place, 2)
    assert old.type == "gift_batch.created"
    data = old.event["data"]
    assert not {"orders_count", "orders_preview"} & set(data)
    assert data["gifts_count"] == 1
    [preview] = data["gifts_preview"]
    current = batch["orders_preview"][0]
    assert preview["gift_batch_id"] == batch["id"]
    assert preview["individual_gift_link_shared"] == current["individual_gift_link"]
    assert not {"order_batch_id", "individual_gift_link"} & set(preview)
    same = set(preview) - {"gift_batch_id", "individual_gift_link_shared"}
    assert {name: preview[name] for name in same} == {name: current[name] for name in same}
    assert (order.type, order.event["data"]) == ("order.created", current)
    Webhook(SECRET).verify(old.body, old.headers)


def test_chaos_of_one_app_leaves_others_alone(partner: Partner, emulator_url: str) -> None:
    _order_chaos(partner, kind="drop", count=100)
    with partner_of(emulator_url) as other:
        assert _rules(other) == []
        other.place(scheduled_send_on=LATER)
        assert other.get("/_emulator/deliveries")["data"][0]["status"] != "dropped"
        assert other.http.delete("/_emulator/webhooks/chaos").status_code == 204
    assert len(_rules(partner)) == 1


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        ({"kind": "meteor"}, "Invalid enum value 'meteor'"),
        ({"kind": "early", "order_id": "x"}, "`order_id` means nothing to the kind early."),
        ({"kind": "drop", "seconds": 3}, "`seconds` means nothing to the kind drop."),
        ({"kind": "delay", "times": 3}, "`times` means nothing to the kind delay."),
        ({"kind": "reorder"}, "The kind reorder needs `count`"),
        ({"kind": "reorder", "count": 2, "probability": 0.5}, "The kind reorder needs `count`"),
        ({"kind": "drop", "seed": 3}, "`seed` means something with `probability` only."),
        ({"kind": "drop", "event_type": "order.teleported"}, "No event is called order.teleported;"),
        ({"kind": "late", "event_type": "order.*"}, "The kind late holds all events back"),
        ({"kind": "drop", "probability": 2}, "Expected `float` <= 1"),
        ({"kind": "drop", "cuont": 2}, "Object contains unknown field `cuont`"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(partner: Partner, rule: Json, complaint: str) -> None:
    status, detail = problem_of(partner, "POST", "/_emulator/webhooks/chaos", {"rules": [{"kind": "drop"}, rule]})
    assert status == 400
    assert detail.startswith(complaint)
    assert _rules(partner) == []


def _forge(partner: Partner, kind: str, **more: str) -> Json:
    answer = partner.http.post("/_emulator/deliveries/forge", json={"kind": kind, **more})
    assert answer.status_code == 200, answer.text
    forged: Json = answer.json()
    return forged


@pytest.mark.parametrize("kind", ["bad_signature", "stale_timestamp", "unknown_secret", "missing_headers"])
def test_a_forgery_does_not_verify(partner: Partner, receiver: Receiver, kind: str) -> None:
    def judge(received: Received) -> int:
        try:
            Webhook(SECRET).verify(received.body, received.headers)
        except WebhookVerificationError:
            return 400
        return 204

    place = receiver.place(judge)
    endpoint_id = add_endpoint(partner, place)
    order_id = partner.place_one()
    genuine = receiver.wait_at(place, 3)
    forged = _forge(partner, kind, endpoint_id=endpoint_id)
    assert (forged["status"], forged["error"], forged["response"]) == (400, None, "answered with 400")
    received = place.received[3]
    assert received.body.decode() == forged["body"]
    assert received.event["data"]["id"] == order_id
    assert received.event["id"] != genuine[2].event["id"]
    assert ("svix-id" in received.headers) is (kind != "missing_headers")
    until_sent(partner, endpoint_id, [("delivered", 1)] * 3)


@pytest.mark.parametrize("kind", ["malformed_json", "oversized", "foreign_order", "unknown_event"])
def test_a_nonsense_message_is_signed_well(partner: Partner, receiver: Receiver, kind: str) -> None:
    place = receiver.place()
    endpoint_id = add_endpoint(partner, place)
    order = partner.place()["orders_preview"][0]
    receiver.wait_at(place, 3)
    assert _forge(partner, kind, endpoint_id=endpoint_id)["status"] == 204
    received = place.received[3]
    Webhook(SECRET).verify(received.body, received.headers)
    if kind == "malformed_json":
        with pytest.raises(json.JSONDecodeError):
            json.loads(received.body)
        return
    data = received.event["data"]
    assert (len(received.body) > 8_000_000) is (kind == "oversized")
    assert (received.type == "order.created") is (kind != "unknown_event")
    strange = {name for name in ("id", "order_batch_id", "workspace_id") if data[name] != order[name]}
    assert strange == ({"id", "order_batch_id", "workspace_id"} if kind == "foreign_order" else set())


def test_a_forgery_needs_no_order_and_tells_when_nobody_listens(partner: Partner) -> None:
    endpoint_id = partner.http.post("/_emulator/webhooks", json={"url": "http://127.0.0.1:1/"}).json()["id"]
    forged = _forge(partner, "bad_signature", endpoint_id=endpoint_id)
    assert (forged["status"], forged["error"]) == (None, "ConnectError")
    assert json.loads(forged["body"])["event_type"] == "order.created"


def test_a_forgery_of_no_kind_is_refused(partner: Partner) -> None:
    assert problem_of(partner, "POST", "/_emulator/deliveries/forge", {"kind": "smoke_signal"})[0] == 400
    body = {"kind": "oversized", "endpoint_id": "nope"}
    assert problem_of(partner, "POST", "/_emulator/deliveries/forge", body)[0] == 404
