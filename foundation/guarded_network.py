"""Connections to URLs that somebody else chose: to public addresses alone, and never for longer than allowed.

The address is checked that is connected to, not the name: a name may mean another address a moment later (DNS
rebinding). So it is looked up once, here, each of its addresses is checked, and the connection goes to one of those.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeAlias

import httpcore

from foundation.public_addresses import is_public

Resolver: TypeAlias = Callable[[str, int], Sequence[str]]
"""The IP addresses of a host, in the order in which they are to be tried. OSError if there are none."""

Judge: TypeAlias = Callable[[str], bool]
"""Whether an IP address may be connected to."""

PIECE: Final = 16 * 1024
NOT_PUBLIC: Final = "its name leads to an address that is not on the public internet"


def anywhere(_address: str) -> bool:
    """Let every address pass: for development."""
    return True


def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class GuardedNetwork(httpcore.NetworkBackend):
    """Where httpcore gets its connections from. No step of one begins `whole` seconds after it was opened.

    For connections that serve one request each, to addresses that `is_allowed` lets pass.
    """

    def __init__(self, whole: float, *, is_allowed: Judge = is_public, resolver: Resolver = resolve) -> None:
        self._whole = whole
        self._is_allowed = is_allowed
        self._resolver = resolver
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to one of the host's addresses. ConnectError if one of them is not public, or none answers."""
        deadline = time.monotonic() + self._whole
        addresses = self._look_up(host, port, self._whole if timeout is None else timeout)
        # All of them: a name that mixes both kinds is up to no good.
        if not all(self._is_allowed(address) for address in addresses):
            raise httpcore.ConnectError(NOT_PUBLIC)
        failure: Exception = httpcore.ConnectError("its name has no address")
        for address in addresses:
            left = max(0.001, min(deadline - time.monotonic(), self._whole if timeout is None else timeout))
            try:
                stream = self._plain.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            self._check_peer(stream)
            return _Bounded(stream, deadline)
        raise failure

    def _check_peer(self, stream: httpcore.NetworkStream) -> None:
        peer = stream.get_extra_info("server_addr")
        if not self._is_allowed(str(peer[0])):
            stream.close()
            raise httpcore.ConnectError(NOT_PUBLIC)

    def _look_up(self, host: str, port: int, seconds: float) -> Sequence[str]:
        """The host's addresses; the system's resolver knows no time-out, so a thread of its own waits for it."""
        found: list[str] = []
        failures: list[BaseException] = []

        def ask() -> None:
            try:
                found.extend(self._resolver(host, port))
            except (OSError, UnicodeError) as error:
                failures.append(error)

        asking = threading.Thread(target=ask, name="name resolution", daemon=True)
        asking.start()
        asking.join(seconds)
        if asking.is_alive():
            raise httpcore.ConnectTimeout("its name could not be looked up in time")
        if failures:
            raise httpcore.ConnectError("its name has no address")
        return list(found)


class _Bounded(httpcore.NetworkStream):
    """A connection whose every step ends by one deadline: a time-out for each step alone can be stretched for ever."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What arrives. ReadTimeout at the deadline."""
        return self._stream.read(max_bytes, self._left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send it. WriteTimeout at the deadline, within a piece."""
        for start in range(0, len(buffer), PIECE):
            self._stream.write(buffer[start : start + PIECE], self._left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """End the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same connection, encrypted."""
        left = self._left(timeout, httpcore.ConnectTimeout)
        return _Bounded(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401  httpcore's
        """What httpcore asks of a connection."""
        return self._stream.get_extra_info(info)

    def _left(self, timeout: float | None, error: type[httpcore.TimeoutException]) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise error("the time for the whole exchange is over")
        return left if timeout is None else min(timeout, left)
