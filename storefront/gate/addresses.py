"""Where a request comes from: the peer, or what the proxies in front say, as far as they are ours."""

import re
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

Address = IPv4Address | IPv6Address

LONGEST_HEADER: Final = 2000
"""Characters: what is longer was not written by proxies."""
SUBNET: Final = 64
"""Bits of an IPv6 address that tell one customer of a network from another."""
_FOR: Final = re.compile(r'(?:^|[;,])\s*for\s*=\s*("[^"]*"|[^;,\s]*)', re.IGNORECASE)
_WITH_PORT: Final = re.compile(r"\[(.*)\](?::\d+)?|([\d.]+):\d+")


class Proxies:
    """The proxies that are trusted to say whom they speak for, and in which header they say it."""

    def __init__(self, trusted: Sequence[str] = (), header: str = "X-Forwarded-For") -> None:
        self._networks = [ip_network(text.strip(), strict=False) for text in trusted]
        self._variable = f"HTTP_{header.upper().replace('-', '_')}"
        self._is_standard = header.lower() == "forwarded"
        self._resolved = lru_cache(maxsize=4096)(self._resolve)

    def client_of(self, environ: "WSGIEnvironment") -> str:
        """The address that the request came from. What a peer says that is no proxy of ours does not count."""
        peer: str = environ.get("REMOTE_ADDR", "")
        if not self._networks:
            return peer
        return self._resolved(peer, environ.get(self._variable, "")[-LONGEST_HEADER:])

    def _resolve(self, peer: str, said: str) -> str:
        hops = _FOR.findall(said) if self._is_standard else said.split(",")
        known = peer
        # The right end was written by the proxy nearest to us. The left end is whatever the client sent.
        for hop in [peer, *reversed(hops)]:
            address = read_address(hop)
            if address is None:
                return known
            known = str(address)
            if not self._is_trusted(address):
                return known
        return known

    def _is_trusted(self, address: Address) -> bool:
        return any(_holds(network, address) for network in self._networks)


def read_address(text: str) -> Address | None:
    """An address as proxies write it: plain, quoted, in brackets, with a port. None for anything else."""
    bare = text.strip().strip('"')
    found = _WITH_PORT.fullmatch(bare)
    if found is not None:
        bare = found.group(1) or found.group(2)
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


@lru_cache(maxsize=4096)
def bucket_of(address: str) -> str:
    """Whose bucket an address shares: of IPv6 a whole subnet is one customer's."""
    read = read_address(address)
    if isinstance(read, IPv6Address):
        return str(IPv6Network((read, SUBNET), strict=False))
    return address


def _holds(network: IPv4Network | IPv6Network, address: Address) -> bool:
    return network.version == address.version and address in network
