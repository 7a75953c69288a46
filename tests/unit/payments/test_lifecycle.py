"""The life of an order as a table: complete, monotone, and blind to the order in which evidence comes."""

from collections.abc import Sequence
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.lifecycle import (
    MOVES,
    PAYABLE,
    ROAD,
    SAID_BY_EVENT,
    Status,
    furthest,
    is_behind,
    passed,
    read_status,
)

ENDS: Final = {Status.DELIVERED, Status.CANCELED}

statuses = st.sampled_from(Status)
# Nothing is both delivered and cancelled: evidence of both is a contradiction, tested by itself.
evidence = st.lists(statuses, max_size=12).filter(lambda seen: not set(seen) >= ENDS)


def test_every_status_can_be_reached_and_each_but_the_ends_left() -> None:
    assert set(MOVES) == set(Status)
    assert {to for moves in MOVES.values() for to in moves} == set(Status) - {Status.CREATED}
    assert {status for status, moves in MOVES.items() if not moves} == ENDS


def test_no_move_leads_back() -> None:
    for status, moves in MOVES.items():
        assert status not in moves
        for to in moves:
            assert status not in MOVES[to]


def test_every_status_before_the_ends_can_be_cancelled() -> None:
    assert {status for status, moves in MOVES.items() if Status.CANCELED in moves} == set(Status) - ENDS


@given(st.data(), evidence)
def test_the_final_status_depends_neither_on_the_order_nor_on_repeats(data: st.DataObject, seen: list[Status]) -> None:
    shuffled = data.draw(st.permutations([*seen, *seen]))
    assert _one_by_one(shuffled) == furthest(None, *seen)


@given(statuses, evidence)
def test_evidence_only_moves_forward(current: Status, seen: list[Status]) -> None:
    after = furthest(current, *seen)
    assert after is not None
    assert after is current or after in MOVES[current]
    assert furthest(after, *seen) is after


@given(st.one_of(st.none(), statuses))
def test_no_evidence_moves_nothing(current: Status | None) -> None:
    assert furthest(current) is current
    assert furthest(current, None, None) is current


@given(statuses, statuses)
def test_what_is_behind_neither_moves_nor_is_where_it_stands(current: Status, seen: Status) -> None:
    assert is_behind(current, seen) == (seen is not current and furthest(current, seen) is current)


@pytest.mark.parametrize("status", Status)
def test_nothing_is_behind_the_unknown_and_no_unknown_word_is_behind(status: Status) -> None:
    assert not is_behind(None, status)
    assert not is_behind(status, None)


@pytest.mark.parametrize(
    ("first", "second"), [(Status.DELIVERED, Status.CANCELED), (Status.CANCELED, Status.DELIVERED)]
)
def test_of_two_contradictory_ends_the_first_heard_stays(first: Status, second: Status) -> None:
    assert furthest(first, second) is first


@given(evidence)
def test_whatever_is_missed_each_step_is_passed_once_and_in_order(seen: list[Status]) -> None:
    current: Status | None = None
    trail: list[Status] = []
    for status in seen:
        after = furthest(current, status)
        assert after is not None
        trail += passed(current, after)
        current = after
    on_the_road = [status for status in trail if status is not Status.CANCELED]
    assert on_the_road == list(ROAD[: len(on_the_road)])
    assert trail.count(Status.CANCELED) == (current is Status.CANCELED)
    if current is not None:
        assert trail[-1] is current


@pytest.mark.parametrize("status", Status)
def test_standing_still_passes_nothing(status: Status) -> None:
    assert passed(status, status) == []


def test_a_cancelled_gift_was_created_and_went_nowhere_else() -> None:
    assert passed(None, Status.CANCELED) == [Status.CREATED, Status.CANCELED]
    assert passed(Status.CREATED, Status.CANCELED) == [Status.CANCELED]
    assert passed(Status.OPENED, Status.CANCELED) == [Status.CANCELED]


@pytest.mark.parametrize("word", ["failed", "canceled", "cancelled"])
def test_every_word_for_cancelled_is_read_as_one(word: str) -> None:
    assert read_status(word) is Status.CANCELED


@pytest.mark.parametrize("status", Status)
def test_goodys_own_words_are_ours(status: Status) -> None:
    assert read_status(status.value) is status


def test_a_word_that_nobody_knows_is_no_status() -> None:
    assert read_status("pending_user_approval") is None
    assert read_status("") is None
    assert read_status("PAID") is None


@pytest.mark.parametrize("status", Status)
def test_a_payment_link_turns_accepted_into_waiting_for_payment_and_nothing_else(status: Status) -> None:
    expected = Status.PENDING_PAYMENT if status is Status.ACCEPTED else status
    assert read_status(status.value, has_payment_link=True) is expected


def test_an_order_can_be_paid_after_it_is_accepted_and_before_it_is_paid() -> None:
    assert frozenset(ROAD[ROAD.index(Status.ACCEPTED) : ROAD.index(Status.PAID)]) == PAYABLE


def test_no_webhook_says_paid() -> None:
    assert Status.PAID not in SAID_BY_EVENT.values()
    assert Status.ORDERED not in SAID_BY_EVENT.values()
    assert "order.refunded" not in SAID_BY_EVENT


def _one_by_one(seen: Sequence[Status]) -> Status | None:
    current: Status | None = None
    for status in seen:
        current = furthest(current, status)
    return current
