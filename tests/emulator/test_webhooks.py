"""Ten events, signed and in order, and again when they were not taken."""

import threading
from collections.abc import Sequence
from pathlib import Path

from svix.webhooks import Webhook

from .endpoints import SECRET, add_endpoint, advance, sent_to, until_sent
from .partner import ADDRESS, STORED, Partner, partner_of
from .program import running
from .receiver import Received, Receiver


def _workspace(partner: Partner) -> str:
    workspace: str = partner.place(scheduled_send_on="2099-01-01T00:00:00Z")["workspace_id"]
    return workspace


def _types(deliveries: Sequence[Received]) -> list[str]:
    return [delivery.event["event_type"] for delivery in deliveries]


def test_a_life_makes_exactly_ten_kinds_of_event(partner: Partner, receiver: Receiver, webhook_secret: str) -> None:
    batch = partner.place()
    order_id, workspace = batch["orders_preview"][0]["id"], batch["workspace_id"]
    partner.step(order_id, "open")
    accepted = partner.accept(order_id)
    partner.step(order_id, "thank_you_note", {"note": "Oh!"})
    for step in ("pay", "ship", "deliver", "refund"):
        partner.step(order_id, step)
    partner.step(partner.place_one(), "cancel")
    deliveries = receiver.wait_for(workspace, 13)
    assert _types(deliveries) == [
        "order_batch.created",
        "order_batch.completed",
        "order.created",
        "order.gift_opened",
        "order.gift_accepted",
        "order.thank_you_note_added",
        "order.shipped",
        "order.delivered",
        "order.refunded",
        "order_batch.created",
        "order_batch.completed",
        "order.created",
        "order.canceled",
    ]
    assert len(set(_types(deliveries))) == 10
    for delivery in deliveries:
        Webhook(webhook_secret).verify(delivery.body, delivery.headers)
    events = [delivery.event for delivery in deliveries]
    assert all(set(event) == {"event_type", "id", "data"} for event in events)
    assert len({each.headers["svix-id"] for each in deliveries}) == 13
    assert events[0]["data"] == events[1]["data"] == batch
    assert events[2]["data"] == batch["orders_preview"][0]
    accepted.pop("event_times")
    assert events[4]["data"] == accepted
    assert events[5]["data"]["thank_you_note"] == "Oh!"
    assert events[12]["data"]["status"] == "failed"


def test_a_larger_batch_is_completed_later(partner: Partner, receiver: Receiver) -> None:
    batch = partner.place(recipients=[{"first_name": f"R{number}"} for number in range(12)])
    assert _types(receiver.wait_for(batch["workspace_id"], 1)) == ["order_batch.created"]
    deliveries = receiver.wait_for(batch["workspace_id"], 14)
    assert _types(deliveries) == ["order_batch.created", "order_batch.completed", *["order.created"] * 12]
    assert deliveries[0].event["data"]["send_status"] == "pending"
    assert deliveries[1].event["data"]["orders_count"] == 12
    names = [delivery.event["data"]["recipient_first_name"] for delivery in deliveries[2:]]
    assert names == [f"R{number}" for number in range(12)]


def test_a_refused_event_comes_again_under_the_same_id(
    partner: Partner, receiver: Receiver, webhook_secret: str
) -> None:
    workspace = _workspace(partner)
    receiver.wait_for(workspace, 1)
    receiver.refusals[workspace] = 1
    partner.place(scheduled_send_on="2099-01-01T00:00:00Z")
    first, second = receiver.wait_for(workspace, 3)[1:]
    assert first.headers["svix-id"] == second.headers["svix-id"]
    assert first.body == second.body
    assert int(second.headers["svix-timestamp"]) - int(first.headers["svix-timestamp"]) >= 4
    Webhook(webhook_secret).verify(second.body, second.headers)
    logged = partner.get("/_emulator/deliveries")["data"][-1]
    assert (logged["status"], logged["attempts"], logged["last_outcome"]) == ("delivered", 2, "204")
    assert logged["svix_id"] == first.headers["svix-id"]


def test_a_direct_send_is_no_gift_that_one_accepts(partner: Partner, receiver: Receiver) -> None:
    recipients = [{"first_name": "Ada", "mailing_address": ADDRESS}]
    batch = partner.place(
        send_method="direct_send",
        recipients=recipients,
        from_name="[shipped]",
        payment_method_id=STORED,
        expires_at="2099-01-01T00:00:00Z",
    )
    types = _types(receiver.wait_for(batch["workspace_id"], 4))
    assert types == ["order_batch.created", "order_batch.completed", "order.created", "order.shipped"]


def test_webhooks_speak_the_dialect_of_the_app(partner: Partner, receiver: Receiver) -> None:
    assert partner.http.put("/_emulator/quirks", json={"quirks": ["order-link-name", "accepted-name"]}).is_success
    order_id = partner.place_one()
    accepted = partner.accept(order_id)
    workspace = accepted["workspace_id"]
    deliveries = receiver.wait_for(workspace, 4)
    assert _types(deliveries)[2:] == ["order.created", "order.accepted"]
    for delivery in deliveries[2:]:
        assert delivery.event["data"]["individual_order_link"]
        assert "individual_gift_link" not in delivery.event["data"]


def test_a_reset_stops_what_is_under_way_and_nothing_else(partner: Partner, receiver: Receiver) -> None:
    released = threading.Event()
    place = receiver.place(lambda _: 204 if released.wait(10) else 500)
    add_endpoint(partner, place)
    partner.place()
    receiver.wait_at(place, 1)
    assert partner.http.post("/_emulator/reset").status_code == 204
    endpoint_id = add_endpoint(partner, place)
    partner.place(scheduled_send_on="2099-01-01T00:00:00Z")
    released.set()
    first, second = receiver.wait_at(place, 2)
    assert first.svix_id != second.svix_id
    [delivery] = until_sent(partner, endpoint_id, [("delivered", 1)])
    assert delivery["svix_id"] == second.svix_id


def test_what_is_pending_outlives_a_restart(receiver: Receiver, tmp_path: Path) -> None:
    deaf, well = receiver.place(lambda _: 500), receiver.place()
    state = ("--state", str(tmp_path / "state.db"), "--products", "60", "--webhook-secret", SECRET)
    with running(*state, "--webhook-url", deaf.url) as url, partner_of(url, "key") as partner:
        partner.place(scheduled_send_on="2099-01-01T00:00:00Z")
        until_sent(partner, "default", [("pending", 1)])
    with running(*state, "--webhook-url", well.url) as url, partner_of(url, "key") as partner:
        advance(partner, 5)
        [received] = well.received
        assert received.svix_id == deaf.received[0].svix_id
        Webhook(SECRET).verify(received.body, received.headers)
        partner.place(scheduled_send_on="2099-01-01T00:00:00Z")
        receiver.wait_at(well, 2)
    with running(*state) as url, partner_of(url, "key") as partner:
        assert partner.get("/_emulator/webhooks")["data"] == []
        partner.place(scheduled_send_on="2099-01-01T00:00:00Z")
        advance(partner, 60)
        assert [each["status"] for each in sent_to(partner, "default")] == ["delivered", "delivered"]


def test_a_snapshot_brings_endpoints_and_chaos_back(receiver: Receiver) -> None:
    default, place = receiver.place(), receiver.place()
    options = ("--products", "60", "--webhook-url", default.url)
    with running(*options) as url, partner_of(url) as partner:
        endpoint_id = add_endpoint(partner, place)
        partner.http.post("/_emulator/webhooks/chaos", json={"rules": [{"kind": "drop", "event_type": "*.completed"}]})
        assert partner.http.put("/_emulator/snapshots/before").is_success
        partner.http.delete(f"/_emulator/webhooks/{endpoint_id}")
        partner.http.delete("/_emulator/webhooks/chaos")
        assert partner.http.post("/_emulator/snapshots/before/restore").is_success
        partner.place()
        for each in (default, place):
            assert _types(receiver.wait_at(each, 2)) == ["order_batch.created", "order.created"]
