"""Buckets: what may be asked at once, how it comes back, and that many callers take bounded memory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storefront.gate.buckets import Allowance, Buckets


class Time:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


def buckets(time: Time, burst: int = 100, per_minute: int = 600, **more: int) -> Buckets:
    return Buckets(Allowance("secret", burst, per_minute), time, **more)


def test_a_burst_passes_and_one_more_does_not(time: Time) -> None:
    kept = buckets(time)
    verdicts = [kept.take("me") for _ in range(101)]
    assert [verdict.remaining for verdict in verdicts[:100]] == list(range(99, -1, -1))
    assert all(verdict.retry_after is None for verdict in verdicts[:100])
    assert verdicts[100].retry_after == pytest.approx(0.1)
    assert verdicts[100].full_in == pytest.approx(10.0)


def test_it_refills_evenly_and_never_beyond_its_size(time: Time) -> None:
    kept = buckets(time)
    for _ in range(100):
        kept.take("me")
    time.now += 1.0
    assert [kept.take("me").retry_after is None for _ in range(11)] == [True] * 10 + [False]
    time.now += 3600
    assert kept.take("me").remaining == 99


def test_each_caller_has_a_bucket_of_their_own(time: Time) -> None:
    kept = buckets(time, burst=1)
    assert kept.take("me").retry_after is None
    assert kept.take("me").retry_after is not None
    assert kept.take("you").retry_after is None


def test_what_is_refused_costs_nothing(time: Time) -> None:
    kept = buckets(time, burst=10)
    for _ in range(8):
        kept.take("me")
    for _ in range(100):
        assert kept.take("me", 5).retry_after == pytest.approx(0.3)
    assert kept.take("me", 2).retry_after is None


def test_an_empty_one_says_so(time: Time) -> None:
    kept = buckets(time, burst=2)
    assert not kept.is_empty("me")
    kept.take("me")
    assert not kept.is_empty("me")
    kept.take("me")
    assert kept.is_empty("me")
    time.now += 0.11
    assert not kept.is_empty("me")


def test_very_many_callers_take_bounded_room_and_the_greediest_are_remembered(time: Time) -> None:
    kept = buckets(time, burst=10, most_kept=100)
    for _ in range(10):
        kept.take("greedy")
    for number in range(10_000):
        kept.take(f"passer-by {number}")
        assert kept.kept <= 100
    assert kept.take("greedy").retry_after is not None


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(1, 5)), max_size=60))
def test_nobody_gets_more_than_the_burst_and_what_was_refilled(asked: list[tuple[float, int]]) -> None:
    time = Time()
    kept = buckets(time, burst=20, per_minute=60)
    taken, began = 0, time.now
    for pause, cost in asked:
        time.now += pause
        verdict = kept.take("me", cost)
        taken += cost if verdict.retry_after is None else 0
        assert taken <= 20 + (time.now - began) + 1e-3
        if verdict.retry_after is not None:
            time.now += verdict.retry_after + 1e-6
            assert kept.take("me", cost).retry_after is None, "who waits as long as told gets in"
            taken += cost
