"""Work in a process apart: what it returns, what it raises, and what is told when it is killed."""

import itertools
import os
import signal
from functools import partial

import pytest

from foundation.apart import Apart, ApartError, giving_way
from foundation.errors import ConflictError, Fault, InvalidInputError
from foundation.logs import configure_logs

FAULT = Fault("/a", "bad", "Mend it.")


def told(word: str) -> tuple[str, int, int]:
    return word, os.getpid(), os.nice(0)


def given_way(things: int, every: int) -> int:
    """How often this process lets others go first over so many things."""
    times = itertools.count()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "sched_yield", lambda: next(times))
        assert list(giving_way(range(things), every)) == [*range(things)]
    return next(times)


def refuse(kind: str) -> None:
    if kind == "conflict":
        raise ConflictError("Another one is at it.", retry_after=7)
    raise InvalidInputError("Not so.", [FAULT])


def kill_itself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture(scope="module")
def apart() -> Apart:
    return Apart(["foundation.database"], partial(configure_logs, "json", "INFO"))


def test_each_call_has_a_process_that_yields_to_others(apart: Apart) -> None:
    (word, pid, nice), (_, other, _) = apart.call(told, "a"), apart.call(told, word="b")
    assert word == "a"
    assert len({pid, other, os.getpid()}) == 3
    assert nice == os.nice(0) + 10


@pytest.mark.skipif(not hasattr(os, "sched_yield"), reason="this system has no such call")
def test_it_lets_others_go_first_as_often_as_it_is_told_and_nobody_else_does(apart: Apart) -> None:
    assert apart.call(given_way, 200, every=1) == 200
    assert apart.call(given_way, 200, every=50) == 4
    assert given_way(200, every=1) == 0


def test_errors_of_ours_arrive_whole(apart: Apart) -> None:
    with pytest.raises(ConflictError) as conflict:
        apart.call(refuse, "conflict")
    assert (conflict.value.detail, conflict.value.retry_after) == ("Another one is at it.", 7)
    with pytest.raises(InvalidInputError) as invalid:
        apart.call(refuse, "input")
    assert invalid.value.faults == (FAULT,)


def test_what_nobody_foresaw_is_logged_and_told(apart: Apart) -> None:
    with pytest.raises(ApartError, match="int failed unforeseen, with ValueError; see the log"):
        apart.call(int, "x")


def test_a_killed_process_is_told(apart: Apart) -> None:
    with pytest.raises(ApartError, match=r"kill_itself ended \(exit code -9\) before it was done"):
        apart.call(kill_itself)
    assert apart.call(told, "on")[0] == "on"
