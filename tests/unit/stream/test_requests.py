"""What the listener reads as a request, and what it does not."""

import pytest

from storefront.gate.addresses import Proxies
from storefront.stream.requests import read_request


def head(*lines: str) -> bytes:
    return "\r\n".join(("GET /v1/events/stream HTTP/1.1", *lines, "", "")).encode("latin-1")


@pytest.mark.parametrize("ending", ["\n", "\r", "\x00", "\x0b", "\x85\n"])
def test_a_header_that_would_come_back_as_two_is_no_request(ending: str) -> None:
    assert read_request(head(f"Origin: https://a.example{ending}Set-Cookie: a=b")) is None
    assert read_request(head("Origin: https://a.example")) is not None


@pytest.mark.parametrize("target", ["http://[::1", "//[v1.x"])
def test_an_address_that_is_none_is_no_request(target: str) -> None:
    assert read_request(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode()) is None


def test_a_client_cannot_pass_for_the_proxy_by_an_underscore() -> None:
    request = read_request(head("X-Forwarded-For: 203.0.113.7", "X_Forwarded_For: 198.51.100.1"))
    assert request is not None
    assert Proxies(["127.0.0.1"]).client_of(request.environ("127.0.0.1")) == "203.0.113.7"


def test_of_two_headers_the_nearest_proxys_comes_last() -> None:
    request = read_request(head("X-Forwarded-For: 198.51.100.1", "X-Forwarded-For: 203.0.113.7"))
    assert request is not None
    assert Proxies(["127.0.0.1"]).client_of(request.environ("127.0.0.1")) == "203.0.113.7"


def test_no_token_and_no_key_shows_in_a_request() -> None:
    request = read_request(b"GET /v1/events/stream?token=t0k3n HTTP/1.1\r\nAuthorization: Bearer sk_s3cr3t\r\n\r\n")
    assert request is not None
    assert "t0k3n" not in repr(request)
    assert "sk_s3cr3t" not in repr(request)
