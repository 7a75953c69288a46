"""The states of a submission, and how long to wait between attempts."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.submission_states import MOVES, UNDECIDED, Submission, back_off

attempts = st.integers(min_value=1, max_value=10**6)
waits = st.one_of(st.none(), st.floats(min_value=0, max_value=86_400))


def test_every_state_can_be_reached_from_the_first() -> None:
    reached, found = set[Submission](), {Submission.PENDING}
    while found - reached:
        reached |= found
        found = {to for state in reached for to in MOVES[state]} | found
    assert reached == set(Submission)


def test_every_state_but_submitted_can_be_left() -> None:
    assert {state for state in Submission if not MOVES[state] - {state}} == {Submission.SUBMITTED}


def test_what_is_undecided_can_always_turn_out_to_exist() -> None:
    assert {state for state in Submission if state not in UNDECIDED} == {Submission.SUBMITTED, Submission.REJECTED}
    for state in {*UNDECIDED, Submission.REJECTED}:
        assert Submission.SUBMITTED in MOVES[state]


def test_nothing_is_refused_that_was_never_sent_and_nothing_refused_is_sent_again() -> None:
    assert Submission.REJECTED not in MOVES[Submission.PENDING]
    assert MOVES[Submission.REJECTED] == {Submission.SUBMITTED}


@given(attempts, waits)
def test_a_wait_is_as_long_as_goody_asked_within_an_hour(attempt: int, retry_after: float | None) -> None:
    wait, asked = back_off(attempt, retry_after), min(retry_after or 0.0, 3600.0)
    assert timedelta(seconds=max(1.0, asked)) <= wait <= timedelta(seconds=max(300.0, asked))


@given(attempts)
def test_waits_never_get_shorter(attempt: int) -> None:
    assert back_off(attempt) <= back_off(attempt + 1)


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 2), (2, 4), (4, 16), (5, 30), (20, 30), (21, 300), (10_000, 300)])
def test_waits_double_then_stay_then_slow_down(attempt: int, seconds: float) -> None:
    assert back_off(attempt) == timedelta(seconds=seconds)
