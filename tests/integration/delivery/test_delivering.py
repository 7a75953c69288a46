"""Deliveries: what arrives, when it is tried again, who waits for whom, and when an endpoint is given up."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from storefront.delivery.endpoints import EndpointDisabledError, Wish
from storefront.delivery.schedule import DELAYS
from storefront.delivery.states import DeliveryStatus
from storefront.services import build_services
from tests.integration.delivery.conftest import new_app
from tests.integration.delivery.partner import Message, Reply
from tests.integration.delivery.world import World
from tests.shop import settings_for

FAILURE = Reply(500, body=b"no room")


def test_an_event_arrives_as_the_log_shows_it(world: World) -> None:
    endpoint, _ = world.endpoint()
    world.happen("order.paid", "one", status="paid")
    world.deliver()
    (message,) = world.partner.received
    (shown,) = world.services.events.after(world.app_id, 0, 10)
    assert message.event == {**shown, "timestamp": shown["timestamp"].isoformat()}
    assert message.id == shown["id"]
    assert message.headers["content-type"] == "application/json"
    ((delivery, (attempt,)),) = world.logged(endpoint)
    assert (delivery.status, delivery.event_id, attempt.status_code, attempt.error) == (
        "delivered",
        shown["id"],
        204,
        None,
    )
    assert attempt.duration_ms >= 0
    assert world.read(endpoint).last_success_at is not None


def test_an_endpoint_gets_what_happens_after_it_was_made_and_fits_its_filter(world: World) -> None:
    world.happen("order.paid", "before")
    orders, _ = world.endpoint("/orders", "order.*")
    batches, _ = world.endpoint("/batches", "order_batch.completed", "catalog.*")
    for event_type in ("order.paid", "order_batch.completed", "order_batch.stuck", "catalog.published"):
        world.happen(event_type, "after")
    world.deliver()
    assert [each.event["type"] for each in world.partner.at("/orders")] == ["order.paid"]
    assert {each.event["type"] for each in world.partner.at("/batches")} == {
        "order_batch.completed",
        "catalog.published",
    }
    assert [len(world.logged(each)) for each in (orders, batches)] == [1, 2]


def test_another_apps_events_go_elsewhere(world: World) -> None:
    world.endpoint()
    other = World(world.services, world.clock, new_app(world.services, "other"), world.partner)
    other.endpoint("/theirs")
    world.happen("order.paid", "ours")
    other.happen("order.paid", "theirs")
    world.deliver()
    assert [(each.path, each.subject) for each in sorted(world.partner.received, key=lambda each: each.path)] == [
        ("/hooks", "ours"),
        ("/theirs", "theirs"),
    ]


def test_what_fails_is_tried_again_by_the_schedule_until_it_is_over(world: World) -> None:
    endpoint, _ = world.endpoint()
    world.partner.answer(FAILURE)
    world.happen("order.paid", "one")
    world.deliver()
    for tries, seconds in enumerate(DELAYS, start=1):
        delivery = world.only(endpoint)
        assert (delivery.status, delivery.tries, len(world.partner.received)) == ("pending", tries, tries)
        wait = (delivery.due_at - world.clock()).total_seconds()
        assert seconds * 0.98 - 1 <= wait <= seconds * 1.1
        world.clock.advance(seconds=wait - 1)
        world.deliver()
        assert len(world.partner.received) == tries, "not before its time"
        world.clock.advance(seconds=1.5)
        world.deliver()
    assert (world.only(endpoint).status, len(world.partner.received)) == ("failed", 8)
    assert {each.id for each in world.partner.received} == {world.only(endpoint).event_id}
    ((_, attempts),) = world.logged(endpoint)
    assert {(each.status_code, each.error, each.response_excerpt) for each in attempts} == {
        (500, "It answered 500.", "no room")
    }
    assert world.read(endpoint).disabled_at is None


def test_a_retry_after_beyond_the_schedule_is_waited_out(world: World) -> None:
    endpoint, _ = world.endpoint()
    world.partner.answer(Reply(503, {"Retry-After": "600"}), Reply())
    world.happen("order.paid", "one")
    world.deliver()
    world.clock.advance(seconds=590)
    world.deliver()
    assert world.only(endpoint).status == "pending"
    world.clock.advance(seconds=20)
    world.deliver()
    assert world.only(endpoint).status == "delivered"


def test_a_later_event_of_the_same_order_waits_and_others_go_on(world: World) -> None:
    endpoint, _ = world.endpoint()
    world.partner.answers["/hooks"] = lambda each: FAILURE if each.event["type"] == "order.opened" else Reply()
    for event_type, subject in (
        ("order.opened", "one"),
        ("order.accepted", "one"),
        ("order.paid", "one"),
        ("order.paid", "two"),
    ):
        world.happen(event_type, subject)
    world.deliver()
    assert world.statuses(endpoint) == ["pending", "waiting", "waiting", "delivered"]
    world.happen("order.shipped", "one")
    world.deliver()
    assert {(each.event["type"], each.subject) for each in world.partner.received} == {
        ("order.opened", "one"),
        ("order.paid", "two"),
    }
    world.partner.answer(Reply())
    world.clock.advance(seconds=10)
    world.deliver()
    assert world.statuses(endpoint) == ["delivered"] * 5
    of_one = [each.event["type"] for each in world.partner.received if each.subject == "one"]
    assert of_one == ["order.opened", "order.opened", "order.accepted", "order.paid", "order.shipped"]


def test_what_failed_for_good_holds_nobody_up(world: World) -> None:
    endpoint, _ = world.endpoint()
    world.partner.answers["/hooks"] = lambda each: FAILURE if each.event["type"] == "order.opened" else Reply()
    world.happen("order.opened", "one")
    world.happen("order.paid", "one")
    for seconds in (0, *DELAYS):
        world.clock.advance(seconds=seconds * 1.11)
        world.deliver()
    assert world.statuses(endpoint) == ["failed", "delivered"]


def test_a_slow_endpoint_delays_no_other(world: World) -> None:
    """While one hangs, the other gets everything; the job itself waits for neither."""
    world.endpoint("/slow")
    world.endpoint("/quick")
    hang = threading.Event()

    def hanging(_: Message) -> Reply:
        hang.wait(20)
        return Reply()

    world.partner.answers["/slow"] = hanging
    for number in range(20):
        world.happen("order.paid", f"order {number}")
        world.services.relay.deliver_due(0)
    for _ in range(200):
        if len(world.partner.at("/quick")) == 20:
            break
        world.services.relay.bell.wait(0.05)
        world.services.relay.deliver_due(0)
    assert len(world.partner.at("/quick")) == 20
    assert len(world.partner.at("/slow")) <= 4, "no more than its own lanes"
    hang.set()
    world.deliver()
    world.partner.wait_for(20, "/slow")


def test_two_workers_deliver_each_event_once_and_in_order(world: World, database_url: str) -> None:
    endpoints = [world.endpoint(path)[0] for path in ("/one", "/two")]
    life = ("order.opened", "order.accepted", "order.paid")
    for event_type in life:
        for number in range(12):
            world.happen(event_type, f"order {number}")
    second = build_services(settings_for(database_url), clock=world.clock)
    other = World(second, world.clock, world.app_id, world.partner)
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(each.deliver) for each in (world, other)]:
            done.result()
    while any(status != "delivered" for endpoint in endpoints for status in world.statuses(endpoint)):
        world.deliver()
    second.close()
    for path in ("/one", "/two"):
        arrived = world.partner.at(path)
        assert len(arrived) == len({message.id for message in arrived}) == 36
        for number in range(12):
            of_one = [message.event["type"] for message in arrived if message.subject == f"order {number}"]
            assert of_one == list(life)


def test_410_disables_at_once_and_tells_the_others(world: World) -> None:
    gone, _ = world.endpoint("/gone")
    world.endpoint("/other", "webhook_endpoint.*")
    world.partner.answer(Reply(410), path="/gone")
    world.happen("order.paid", "one")
    world.happen("order.paid", "two")
    world.deliver()
    found = world.read(gone)
    assert (found.disabled_reason, found.disabled_at is not None) == ("gone", True)
    (told,) = world.partner.at("/other")
    assert told.event["type"] == "webhook_endpoint.disabled"
    assert (told.event["data"]["id"], told.event["data"]["reason"]) == (gone.id, "gone")
    assert "secret" not in told.event["data"]
    seen = len(world.partner.at("/gone"))
    world.happen("order.paid", "three")
    world.deliver()
    assert len(world.partner.at("/gone")) == seen


def test_five_failing_days_disable_and_fewer_do_not(world: World) -> None:
    endpoint, _ = world.endpoint()
    world.partner.answer(FAILURE)
    for day in range(6):
        assert world.read(endpoint).disabled_at is None, day
        world.happen("order.paid", f"of day {day}")
        world.deliver()
        world.clock.advance(hours=20)
        world.deliver()
        world.clock.advance(hours=4)
    world.deliver()
    assert world.read(endpoint).disabled_reason == "failing"
    assert world.event_types()[-1] == "webhook_endpoint.disabled"


def test_failures_with_weeks_of_silence_between_them_disable_nothing(world: World) -> None:
    endpoint, _ = world.endpoint()
    world.partner.answer(FAILURE, Reply())
    for _ in range(3):
        world.happen("order.paid", "one")
        world.deliver()
        world.partner.answer(FAILURE, Reply())
        world.clock.advance(days=9)
    assert world.read(endpoint).disabled_at is None


def test_enabled_again_it_goes_on_where_it_stopped(world: World) -> None:
    endpoint, _ = world.endpoint()
    change = world.services.webhook_endpoints.change
    change(world.app_id, endpoint.id, Wish(is_enabled=False))
    assert world.read(endpoint).disabled_reason == "by_partner"
    world.happen("order.paid", "meanwhile")
    world.deliver()
    assert world.partner.received == []
    with pytest.raises(EndpointDisabledError):
        world.services.webhook_endpoints.replay(world.app_id, endpoint.id, world.clock())
    change(world.app_id, endpoint.id, Wish(is_enabled=True))
    world.deliver()
    assert [each.subject for each in world.partner.received] == ["meanwhile"]
    enabled = world.read(endpoint)
    assert change(world.app_id, endpoint.id, Wish(is_enabled=True)).version == enabled.version, "nothing to change"


def test_redelivered_it_comes_under_the_same_id(world: World) -> None:
    endpoint, _ = world.endpoint()
    world.happen("order.paid", "one")
    world.deliver()
    delivery, _ = world.services.deliveries.redeliver(world.app_id, world.only(endpoint).id)
    assert delivery.status == DeliveryStatus.PENDING
    world.deliver()
    first, second = world.partner.received
    assert first.id == second.id
    ((delivery, attempts),) = world.logged(endpoint)
    assert (delivery.status, len(attempts)) == ("delivered", 2)


def test_redelivered_while_it_waits_for_a_retry_it_goes_at_once(world: World) -> None:
    endpoint, _ = world.endpoint()
    world.partner.answer(FAILURE, FAILURE, Reply())
    world.happen("order.paid", "one")
    world.deliver()
    world.clock.advance(seconds=10)
    world.deliver()
    world.services.deliveries.redeliver(world.app_id, world.only(endpoint).id)
    world.deliver()
    assert world.only(endpoint).status == "delivered"


def test_a_replay_brings_everything_since_a_time_once_more_in_order(world: World) -> None:
    endpoint, _ = world.endpoint("/hooks", "order.*")
    world.happen("order.opened", "old")
    world.clock.advance(hours=1)
    since = world.clock()
    for event_type in ("order.opened", "order.accepted", "order.paid", "order_batch.stuck"):
        world.happen(event_type, "one")
    world.deliver()
    first, last = world.services.webhook_endpoints.replay(world.app_id, endpoint.id, since)
    assert (first, last) == (2, 5)
    world.deliver()
    types = [each.event["type"] for each in world.partner.received if each.subject == "one"]
    assert types == ["order.opened", "order.accepted", "order.paid"] * 2
    assert len([each for each in world.partner.received if each.subject == "old"]) == 1
    ids = [each.id for each in world.partner.received if each.subject == "one"]
    assert ids[:3] == ids[3:]
    assert {delivery.kind for delivery, _ in world.logged(endpoint)} == {"event", "replay"}
    later = world.clock() + timedelta(seconds=1)
    assert world.services.webhook_endpoints.replay(world.app_id, endpoint.id, later) == (6, 5)


def test_what_is_new_goes_before_what_is_replayed(world: World) -> None:
    endpoint, _ = world.endpoint()
    since = world.clock()
    for number in range(30):
        world.happen("order.paid", f"old {number}")
    world.deliver()
    seen = len(world.partner.received)
    world.services.webhook_endpoints.replay(world.app_id, endpoint.id, since)
    world.happen("order.payment_link_ready", "new")
    world.deliver()
    assert "new" in [each.subject for each in world.partner.received[seen : seen + 4]]
    assert len(world.partner.received) == seen + 31


def test_a_deleted_endpoint_gets_nothing_and_its_secrets_are_gone(world: World) -> None:
    endpoint, _ = world.endpoint()
    world.happen("order.paid", "one")
    world.services.webhook_endpoints.delete(world.app_id, endpoint.id)
    world.deliver()
    assert world.partner.received == []
    assert world.services.webhook_endpoints.all(world.app_id) == []
    assert world.count("webhook_endpoint_secrets") == 0


def test_a_test_message_is_sent_now_and_once(world: World) -> None:
    endpoint, _ = world.endpoint("/hooks", "order.paid")
    delivery, (attempt,) = world.services.deliveries.test(world.app_id, endpoint.id)
    assert (delivery.status, delivery.kind, attempt.status_code) == ("delivered", "test", 204)
    (message,) = world.partner.received
    assert (message.event["type"], message.event["sequence"]) == ("webhook_endpoint.test", None)
    world.partner.answer(FAILURE)
    delivery, (attempt,) = world.services.deliveries.test(world.app_id, endpoint.id)
    assert (delivery.status, attempt.status_code) == ("failed", 500)
    assert world.read(endpoint).failing_since is None, "a test is no evidence"
    world.clock.advance(days=1)
    world.deliver()
    assert len(world.partner.received) == 2
    assert world.event_types() == []


def test_an_answers_excerpt_is_bounded_and_repeats_no_links_or_addresses(world: World) -> None:
    endpoint, _ = world.endpoint()
    link = b"https://pay.example/checkout?key=ABC li@example.com \x00\xff "
    world.partner.answer(Reply(500, body=link + b"x" * 100_000))
    world.happen("order.paid", "one")
    world.deliver()
    ((_, (attempt,)),) = world.logged(endpoint)
    assert attempt.response_excerpt is not None
    assert len(attempt.response_excerpt) == 500
    assert "ABC" not in attempt.response_excerpt
    assert "example.com" not in attempt.response_excerpt


def test_a_commit_that_appends_rings_the_bell(world: World) -> None:
    world.endpoint()
    bell = world.services.relay.bell
    bell.wait(0)
    rung = threading.Event()

    def wait() -> None:
        bell.wait(20)
        rung.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    world.happen("order.paid", "one")
    assert rung.wait(5)
    waiting.join()
