"""Where the emulator listens: found, checked and held before the server starts."""

import ipaddress
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager


class PortInUseError(Exception):
    """Somebody else listens there."""


def resolve(host: str) -> str:
    """Return the IP address of a host name or address; OSError when it has none."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return str(found[0][4][0])


def is_loopback(address: str) -> bool:
    """Tell whether only this machine can reach an address."""
    return ipaddress.ip_address(address).is_loopback


@contextmanager
def reserved(address: str, port: int) -> Iterator[int]:
    """Keep a port (0: a free one) for this program and yield its number; PortInUseError when it is taken.

    On Linux the server binds with SO_REUSEPORT, which would let two emulators share a port without a word: so the
    port is first asked for alone, and then held by a socket that never listens.
    """
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as alone:
        alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bind(alone, address, port)
        number: int = alone.getsockname()[1]
        family = alone.family
    if sys.platform != "linux":
        yield number
        return
    with socket.socket(family) as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        _bind(held, address, number)
        yield number


def _bind(listener: socket.socket, address: str, port: int) -> None:
    try:
        listener.bind((address, port))
    except OSError as error:
        raise PortInUseError(f"cannot listen on {address} port {port}: {error.strerror}") from error
