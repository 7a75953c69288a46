"""Connections on which a body is overdue are ended, and no others."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from storefront.gate import overdue
from storefront.gate.overdue import QUIET_SECONDS, Overdue, end_unanswered

pytestmark = pytest.mark.skipif(not overdue.IS_POSSIBLE, reason="the system does not tell what a connection was sent")
LOCAL = "127.0.0.1"


@contextmanager
def connections(count: int) -> Iterator[list[tuple[socket.socket, socket.socket]]]:
    """Pairs of a client and what the server has of it."""
    with ExitStack() as stack, socket.create_server((LOCAL, 0)) as listener:
        pairs = []
        for _ in range(count):
            client = stack.enter_context(socket.create_connection(listener.getsockname()))
            pairs.append((client, stack.enter_context(listener.accept()[0])))
        yield pairs


def is_shut(accepted: socket.socket) -> bool:
    """Whether reading it comes to an end at once."""
    accepted.settimeout(0.05)
    try:
        return accepted.recv(10) == b""
    except TimeoutError:
        return False


def test_only_what_was_sent_nothing_for_so_long_is_ended() -> None:
    with connections(2) as ((_, silent), (_, answered)):
        time.sleep(0.4)
        answered.sendall(b"answer")
        time.sleep(0.1)
        assert end_unanswered("192.0.2.1", 0.3, 0) == 0
        assert not is_shut(silent)
        # Both ends are in this process, and the client of the answered one has sent nothing either.
        assert end_unanswered(LOCAL, 0.3, 0) >= 1
        assert is_shut(silent)
        assert not is_shut(answered)
        silent.sendall(b"late")


def test_what_has_just_received_something_is_spared_at_first() -> None:
    with connections(1) as ((client, dripping),):
        time.sleep(0.4)
        client.sendall(b"drop")
        assert dripping.recv(10) == b"drop"
        end_unanswered(LOCAL, 0.3, 0.3)
        assert not is_shut(dripping)
        end_unanswered(LOCAL, 0.3, 0)
        assert is_shut(dripping)


def test_waits_are_ended_when_they_are_overdue_and_not_before() -> None:
    ended: list[tuple[float | str, ...]] = []

    def end(*given: float | str) -> int:
        ended.append(given)
        return 1

    looks = Overdue(end, tick_seconds=1000)
    with looks.waiting("192.0.2.1", began=100, until=130):
        looks.end_overdue(129.9)
        assert ended == []
        looks.end_overdue(130)
        looks.end_overdue(130 + QUIET_SECONDS + 2000)
    assert ended == [("192.0.2.1", 30, QUIET_SECONDS), ("192.0.2.1", 30 + QUIET_SECONDS + 2000, 0)]
    looks.end_overdue(10**6)
    assert len(ended) == 2


def test_a_thread_looks_after_them() -> None:
    ended = threading.Event()

    def end(*_given: float | str) -> int:
        ended.set()
        return 1

    looks = Overdue(end, tick_seconds=0.01)
    with looks.waiting("192.0.2.1", began=0, until=0):
        assert ended.wait(10)
