"""Retention: what is old goes, what somebody has yet to get stays, and who reads behind it is told so."""

import pytest

from foundation.events import EventsGoneError
from storefront.delivery.endpoints import Wish
from tests.integration.delivery.partner import Reply
from tests.integration.delivery.world import World

KEPT_DAYS = 90


def sequences(world: World, after: int) -> list[int]:
    return [event["sequence"] for event in world.services.events.after(world.app_id, after, 100)]


def test_events_past_their_retention_go_and_reading_behind_them_is_refused(world: World) -> None:
    for number in range(3):
        world.happen("order.paid", f"old {number}")
    world.clock.advance(days=KEPT_DAYS / 2)
    old = world.clock()
    world.happen("order.paid", "younger")
    assert world.services.event_retention.purge() == 0
    world.clock.advance(days=KEPT_DAYS / 2, seconds=1)
    assert world.services.event_retention.purge() == 3
    for behind in (0, 2):
        with pytest.raises(EventsGoneError) as refused:
            world.services.events.after(world.app_id, behind, 10)
        assert refused.value.oldest == 3
    assert sequences(world, 3) == [4]
    world.happen("order.paid", "new")
    assert sequences(world, 3) == [4, 5], "the sequence goes on without a gap"
    endpoint, _ = world.endpoint()
    replay = world.services.webhook_endpoints.replay
    with pytest.raises(EventsGoneError):
        replay(world.app_id, endpoint.id, world.clock().replace(year=2020))
    assert replay(world.app_id, endpoint.id, old) == (4, 5)


def test_all_of_it_may_go_and_the_sequence_goes_on(world: World) -> None:
    world.happen("order.paid", "old")
    world.clock.advance(days=KEPT_DAYS + 1)
    assert world.services.event_retention.purge() == 1
    assert sequences(world, 1) == []
    world.happen("order.paid", "new")
    assert sequences(world, 1) == [2]


def test_what_an_endpoint_that_works_has_yet_to_get_stays(world: World) -> None:
    endpoint, _ = world.endpoint()
    world.happen("order.paid", "old")
    world.clock.advance(days=KEPT_DAYS + 1)
    assert world.services.event_retention.purge() == 0, "no worker ran"
    world.partner.answer(Reply(500), Reply())
    world.deliver()
    assert world.services.event_retention.purge() == 0, "it is to be tried again"
    world.clock.advance(seconds=10)
    world.deliver()
    assert world.statuses(endpoint) == ["delivered"]
    assert world.services.event_retention.purge() == 1
    world.clock.advance(days=KEPT_DAYS + 1)
    assert world.services.event_retention.purge() == 1, "the delivery's own record"
    assert world.count("webhook_delivery_attempts") == 0


def test_a_disabled_endpoint_keeps_nothing_and_goes_on_with_what_is_left(world: World) -> None:
    endpoint, _ = world.endpoint()
    change = world.services.webhook_endpoints.change
    change(world.app_id, endpoint.id, Wish(is_enabled=False))
    world.happen("order.paid", "old")
    world.clock.advance(days=KEPT_DAYS + 1)
    world.happen("order.paid", "new")
    assert world.services.event_retention.purge() == 1
    change(world.app_id, endpoint.id, Wish(is_enabled=True))
    world.deliver()
    assert [each.subject for each in world.partner.received] == ["new"]


def test_redelivering_what_is_past_its_retention_fails_and_says_so(world: World) -> None:
    endpoint, _ = world.endpoint()
    world.happen("order.paid", "old")
    world.deliver()
    with world.services.sessions.begin() as session:
        session.connection().exec_driver_sql("DELETE FROM events")
    world.services.deliveries.redeliver(world.app_id, world.only(endpoint).id)
    world.deliver()
    ((delivery, attempts),) = world.logged(endpoint)
    assert delivery.status == "failed"
    assert attempts[-1].error == "The event is past its retention: there is nothing left to send."
    assert len(world.partner.received) == 1


def test_secrets_that_sign_no_more_are_deleted(world: World) -> None:
    endpoint, _ = world.endpoint()
    world.services.webhook_endpoints.rotate(world.app_id, endpoint.id, 60)
    world.services.event_retention.purge()
    assert world.count("webhook_endpoint_secrets") == 2
    world.clock.advance(seconds=61)
    world.services.event_retention.purge()
    assert world.count("webhook_endpoint_secrets") == 1
