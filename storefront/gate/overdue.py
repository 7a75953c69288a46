"""Bodies that do not arrive in time: the connection that one is waited for on is ended, and the wait with it.

The server waits for a body for as long as its connection stands, in a call that nothing can cut short. It does not say
either which connection that is, only whose: so of that peer's connections those are shut for reading to which nothing
has been sent since the wait began. That is the one waited for, and others that are idle, which a server may close at
any time (RFC 9112, 9.5). Whoever asks on another connection meanwhile has heard something by then, or has just asked.
"""

import os
import socket
import stat
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from foundation.logs import get_logger
from storefront.gate.addresses import read_address

log = get_logger(__name__)

TICK_SECONDS: Final = 1.0
QUIET_SECONDS: Final = 2.0
"""Those that received nothing for so long are ended first: a request that has just arrived is none of them."""
_DESCRIPTORS: Final = Path("/proc/self/fd")
IS_POSSIBLE: Final = hasattr(socket, "TCP_INFO") and _DESCRIPTORS.is_dir()
"""On Linux."""
# struct tcp_info of linux/tcp.h: eight bytes, then unsigned numbers of 32 bits, here in milliseconds.
_INFO: Final = struct.Struct("=8x36xI4xI")


class _Wait(NamedTuple):
    peer: str
    began: float
    until: float


Ending = Callable[[str, float, float], int]
"""Ends connections: of this peer, to which nothing was sent and from which nothing came for so many seconds."""


def end_unanswered(peer: str, unsent_seconds: float, quiet_seconds: float) -> int:
    """Shut these connections of this process for reading. How many they were."""
    ended = 0
    for descriptor in list(_DESCRIPTORS.iterdir()):
        with _opened(int(descriptor.name)) as connection:
            if connection is not None and _is_unanswered(connection, peer, unsent_seconds, quiet_seconds):
                connection.shutdown(socket.SHUT_RD)
                ended += 1
    return ended


class Overdue:
    """Looks, in a thread of its own, after those who wait for bodies."""

    def __init__(self, end: Ending = end_unanswered, tick_seconds: float = TICK_SECONDS) -> None:
        self._end = end
        self._tick_seconds = tick_seconds
        self._waits: dict[int, _Wait] = {}
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    @contextmanager
    def waiting(self, peer: str, began: float, until: float) -> Iterator[None]:
        """For whoever waits for a body; moments as `time.monotonic` gives them."""
        self._start()
        self._waits[threading.get_ident()] = _Wait(peer, began, until)
        try:
            yield
        finally:
            del self._waits[threading.get_ident()]

    def end_overdue(self, now: float) -> None:
        """End what is overdue: at first only where nothing at all arrives."""
        for wait in list(self._waits.values()):
            if now >= wait.until:
                is_dripping = now >= wait.until + QUIET_SECONDS + 2 * self._tick_seconds
                count = self._end(wait.peer, now - wait.began, 0 if is_dripping else QUIET_SECONDS)
                log.warning("a request's body did not arrive", connections_ended=count)

    def _start(self) -> None:
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="overdue bodies", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        while True:
            time.sleep(self._tick_seconds)
            try:
                self.end_overdue(time.monotonic())
            except OSError:
                log.exception("overdue bodies could not be looked after")


@contextmanager
def _opened(descriptor: int) -> Iterator[socket.socket | None]:
    """A socket of its own on a connection of this process; None for anything else, or what is gone by now."""
    try:
        copy = os.dup(descriptor)
    except OSError:
        yield None
        return
    if not stat.S_ISSOCK(os.fstat(copy).st_mode):
        os.close(copy)
        yield None
        return
    with socket.socket(fileno=copy) as connection:
        yield connection


def _is_unanswered(connection: socket.socket, peer: str, unsent_seconds: float, quiet_seconds: float) -> bool:
    if connection.family not in {socket.AF_INET, socket.AF_INET6} or connection.type != socket.SOCK_STREAM:
        return False
    try:
        address = connection.getpeername()[0]
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO.size)
    except OSError:
        return False
    last_sent, last_received = _INFO.unpack(info)
    is_old = last_sent >= unsent_seconds * 1000 and last_received >= quiet_seconds * 1000
    return is_old and read_address(address) == read_address(peer)
