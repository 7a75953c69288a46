"""Where the emulator listens: found, checked and bound before anything else starts."""

import ipaddress
import socket


class PortInUseError(Exception):
    """Somebody else listens there."""


def resolve(host: str) -> str:
    """Return the IP address of a host name or address; OSError when it has none."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return str(found[0][4][0])


def is_loopback(address: str) -> bool:
    """Tell whether only this machine can reach an address."""
    return ipaddress.ip_address(address).is_loopback


def bound(address: str, port: int) -> socket.socket:
    """Return a socket bound to a port (0: a free one); PortInUseError when it is taken."""
    listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
    except OSError as error:
        listener.close()
        raise PortInUseError(f"cannot listen on {address} port {port}: {error.strerror}") from error
    return listener
