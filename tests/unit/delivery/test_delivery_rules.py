"""The pure rules of deliveries: states, schedule, filters."""

from datetime import UTC, datetime, timedelta

import pytest

from storefront.delivery import schedule
from storefront.delivery.event_types import EVENT_TYPES, filter_faults, fits
from storefront.delivery.states import CLAIMABLE, MOVES, OPEN, DeliveryStatus

NOW = datetime(2026, 11, 30, tzinfo=UTC)


def test_every_state_can_be_reached_and_left() -> None:
    assert set(MOVES) == set(DeliveryStatus)
    reached = {after for moves in MOVES.values() for after in moves}
    assert reached == set(DeliveryStatus)
    assert all(MOVES.values())
    assert set(CLAIMABLE) < set(OPEN)


def test_the_schedule_is_svixs() -> None:
    assert [schedule.delay(tries, None, 0.0) for tries in range(1, 9)] == [
        5,
        300,
        1800,
        7200,
        18_000,
        36_000,
        36_000,
        None,
    ]


def test_jitter_makes_a_delay_up_to_a_tenth_longer() -> None:
    assert schedule.delay(2, None, 1.0) == pytest.approx(330)
    assert schedule.delay(2, None, 0.5) == pytest.approx(315)


def test_a_retry_after_makes_a_delay_longer_but_never_shorter() -> None:
    assert schedule.delay(1, 120.0, 0.0) == 120
    assert schedule.delay(3, 120.0, 0.0) == 1800
    assert schedule.delay(8, 120.0, 0.0) is None


def test_failing_counts_from_the_first_failure_of_an_unbroken_row() -> None:
    first, last = NOW - timedelta(days=3), NOW - timedelta(hours=10)
    assert schedule.failing_since(None, None, NOW) == NOW
    assert schedule.failing_since(first, last, NOW) == first
    assert schedule.failing_since(first, NOW - timedelta(hours=25), NOW) == NOW
    assert not schedule.is_given_up(NOW - timedelta(days=5) + timedelta(seconds=1), NOW)
    assert schedule.is_given_up(NOW - timedelta(days=5), NOW)


@pytest.mark.parametrize(
    ("patterns", "wanted"),
    [
        (["*"], set(EVENT_TYPES)),
        (["order.paid"], {"order.paid"}),
        (["order.*"], {each for each in EVENT_TYPES if each.startswith("order.")}),
        (["order_batch.*", "balance.low"], {e for e in EVENT_TYPES if e.startswith("order_batch.")} | {"balance.low"}),
    ],
)
def test_filters_name_types_and_beginnings(patterns: list[str], wanted: set[str]) -> None:
    assert {event_type for event_type in EVENT_TYPES if fits(event_type, patterns)} == wanted
    assert filter_faults(patterns) == []


@pytest.mark.parametrize(
    "pattern", ["order", "order.", "order*", "*.paid", "orders.*", ".*", "", "order.paid.*", "ORDER.*"]
)
def test_a_filter_that_names_nothing_is_a_fault(pattern: str) -> None:
    (fault,) = filter_faults([pattern])
    assert (fault.pointer, fault.code) == ("/event_types/0", "unknown_event_type")
