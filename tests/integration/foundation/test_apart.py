"""Work in a process apart: what it returns, what it raises, and what is told when it is killed."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial

import pytest

from foundation.apart import Apart, ApartError, giving_way
from foundation.errors import ConflictError, Fault, InvalidInputError
from foundation.logs import configure_logs

FAULT = Fault("/a", "bad", "Mend it.")


def told(word: str) -> tuple[str, int, int]:
    return word, os.getpid(), os.nice(0)


def given_way(times: int) -> int:
    """How many of so many times this process has let others go first."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    for _ in giving_way(range(times), every=1):
        pass
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_nvcsw + after.ru_nivcsw - before.ru_nvcsw - before.ru_nivcsw


def beside_others(work: Callable[[], int]) -> int:
    """Do it on one processor that another busy program wants as well."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as other:
        try:
            return work()
        finally:
            other.kill()


def yields_beside_others() -> int:
    return beside_others(partial(given_way, 200))


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


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="Linux tells processes where to run")
def test_it_lets_others_go_first_as_often_as_it_is_told(apart: Apart) -> None:
    assert apart.call(yields_beside_others) > 100
    assert list(giving_way(range(7), every=3)) == [*range(7)]


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
