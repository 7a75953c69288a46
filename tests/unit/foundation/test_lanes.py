"""A lane for each app: whoever hangs holds up itself alone."""

import threading
from collections.abc import Iterator

import pytest

from foundation.lanes import Lanes
from tests.patience import until


@pytest.fixture
def lanes() -> Iterator[Lanes]:
    lanes = Lanes("test", width=2)
    yield lanes
    lanes.close()


def test_everything_is_done_when_there_is_no_hurry(lanes: Lanes) -> None:
    assert lanes.run({"a": lambda: 1, "b": lambda: 2, "c": lambda: 4}) == 7
    assert lanes.run({}) == 0


def test_a_busy_lane_gets_no_second_piece_of_work_and_the_others_go_on(lanes: Lanes) -> None:
    released = threading.Event()
    try:
        assert lanes.run({"slow": lambda: int(released.wait(60)), "quick": lambda: 1}, patience=0.05) <= 1
        until(lambda: lanes.run({"quick": lambda: 1}, patience=5) == 1)
        assert lanes.run({"slow": lambda: 100, "quick": lambda: 1}, patience=5) == 1
    finally:
        released.set()
    until(lambda: lanes.run({"slow": lambda: 100}, patience=5) == 100)


def test_a_failure_is_its_own_lanes_alone(lanes: Lanes) -> None:
    def fail() -> int:
        raise RuntimeError("broken")

    assert lanes.run({"a": fail, "b": lambda: 2}) == 2
    assert lanes.run({"a": lambda: 1}) == 1, "its next turn comes"


def test_long_work_can_tell_that_it_should_end() -> None:
    lanes = Lanes("test")
    assert not lanes.is_closing
    lanes.close()
    assert lanes.is_closing
