"""Which IP addresses belong to the public internet: what a request to somebody else's URL may connect to. Pure."""

import ipaddress
from typing import Final, TypeAlias

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
"""Its last 32 bits are an IPv4 address that a gateway connects to (RFC 6052)."""

REFUSED: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",  # Azure's host: a public number, answered by the machine's own neighbour
        "192.0.0.0/24",  # protocols' own, a cloud's metadata among them
        "192.88.99.0/24",  # the relays of 6to4, out of use (RFC 7526)
        "::/96",  # IPv4-compatible, out of use (RFC 4291, 2.5.5.1)
        "64:ff9b:1::/48",  # NAT64 inside one network (RFC 8215)
        "2001::/32",  # Teredo: an IPv4 address hides in it
        "2002::/16",  # 6to4: so it does here
        "fec0::/10",  # site-local, the forerunner of fc00::/7
    )
)
"""What counts as global, or did so in an earlier Python, and leads elsewhere than its number says."""


def is_public(address: str) -> bool:
    """Whether this IP address is one of the public internet, on its own or as the IPv4 address that it stands for.

    Private, shared, loopback, link-local (with the clouds' metadata), multicast, reserved, unspecified: none of them.
    """
    try:
        found: Address = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.scope_id is not None:
            return False
        found = _inner(found)
    if any(found in network for network in REFUSED if network.version == found.version):
        return False
    is_special = found.is_multicast or found.is_reserved or found.is_unspecified or found.is_loopback
    return found.is_global and not is_special and not found.is_link_local and not found.is_private


def _inner(address: ipaddress.IPv6Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, or itself."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF) if address in NAT64 else address
