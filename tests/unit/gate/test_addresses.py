"""Where a request comes from: only proxies of ours are believed, and only as far as they were there."""

import pytest

from storefront.gate.addresses import Proxies, bucket_of

OURS = ("127.0.0.1", " 10.0.0.0/8", "fd00::/8")


def client(peer: str, said: str, *, trusted: tuple[str, ...] = OURS, header: str = "X-Forwarded-For") -> str:
    variable = f"HTTP_{header.upper().replace('-', '_')}"
    return Proxies(trusted, header).client_of({"REMOTE_ADDR": peer, variable: said})


@pytest.mark.parametrize(
    ("peer", "said", "address"),
    [
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "203.0.113.7, 10.1.2.3", "203.0.113.7"),
        ("127.0.0.1", "6.6.6.6, 203.0.113.7, 10.1.2.3", "203.0.113.7"),  # The left end is the client's own word.
        ("127.0.0.1", "10.9.9.9, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "10.9.9.9, 10.1.2.3", "10.9.9.9"),
        ("198.51.100.1", "203.0.113.7", "198.51.100.1"),  # No proxy of ours.
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7, nonsense", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7:4711", "203.0.113.7"),
        ("127.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("127.0.0.1", "2001:DB8::0:1", "2001:db8::1"),
        ("::ffff:127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("fd00::5", "203.0.113.7", "203.0.113.7"),
        ("", "203.0.113.7", ""),
    ],
)
def test_x_forwarded_for(peer: str, said: str, address: str) -> None:
    assert client(peer, said) == address


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("for=203.0.113.7", "203.0.113.7"),
        ('For="[2001:db8:cafe::17]:4711";proto=https, for=10.1.2.3', "2001:db8:cafe::17"),
        ("for=6.6.6.6, for=203.0.113.7;by=10.0.0.1;proto=http", "203.0.113.7"),
        ("for=unknown", "127.0.0.1"),
        ("for=_hidden, for=10.1.2.3", "10.1.2.3"),
        ("by=203.0.113.7", "127.0.0.1"),
        ("203.0.113.7", "127.0.0.1"),
    ],
)
def test_forwarded(said: str, address: str) -> None:
    assert client("127.0.0.1", said, header="Forwarded") == address


def test_the_header_that_was_not_chosen_is_not_read() -> None:
    environ = {"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=6.6.6.6", "HTTP_X_FORWARDED_FOR": "203.0.113.7"}
    assert Proxies(OURS).client_of(environ) == "203.0.113.7"
    assert Proxies(OURS, "Forwarded").client_of(environ) == "6.6.6.6"


def test_without_proxies_the_peer_is_the_client() -> None:
    assert client("127.0.0.1", "203.0.113.7", trusted=()) == "127.0.0.1"


def test_a_header_without_end_is_cut() -> None:
    assert client("127.0.0.1", "6.6.6.6," * 100_000 + "203.0.113.7") == "203.0.113.7"


def test_an_ipv6_network_is_one_customer() -> None:
    assert bucket_of("2001:db8::1") == bucket_of("2001:db8::ffff:0:1") == "2001:db8::/64"
    assert bucket_of("2001:db8:0:1::1") != bucket_of("2001:db8::1")
    assert bucket_of("203.0.113.7") == "203.0.113.7"
    assert bucket_of("unix") == "unix"
