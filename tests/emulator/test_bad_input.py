"""Whatever a client sends: Goody's operations refuse it in their own words and never break."""

import json
import socket
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from .partner import ADDRESS, Partner

BATCHES: Final = "/v1/order_batches"
PRICE: Final = "/v1/order_batches/price"


def exchange(emulator_url: str, head: bytes) -> bytes:
    """Send what no HTTP client would, and return the whole answer."""
    address = urlsplit(emulator_url)
    assert address.hostname is not None
    with socket.create_connection((address.hostname, address.port or 80), timeout=10) as connection:
        connection.sendall(head + b"Connection: close\r\n\r\n")
        return connection.makefile("rb").read()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"17",
        b"{",
        b"nonsense",
        b"\xff\xfe\x00",
        b"\xef\xbb\xbf{}",
        b"from_name=Bo&cart=1",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"cart":' * 5_000 + b"1" + b"}" * 5_000,
        b'{"from_name": "\\ud800"}',
        b'{"from_name": "\xed\xa0\x80"}',
        b'{"from_name": "\xff"}',
        b'{"from_name": NaN}',
        b'{"from_name": 5}',
        b'{"from_name": {"a": "b"}}',
        b'{"cart": null}',
        b'{"cart": []}',
        b'{"cart": {"items": {}}}',
        b'{"cart": {"items": [null]}}',
        b'{"cart": {"items": [{"product_id": 1}]}}',
        b'{"cart": {"items": [{"quantity": 1e400}]}}',
        b'{"cart": {"items": [{"quantity": 1.5}]}}',
        b'{"cart": {"items": [{"quantity": true}]}}',
        b'{"cart": {"items": [{"quantity": ' + b"9" * 5000 + b"}]}}",
        b'{"recipients": "Ada"}',
        b'{"recipients": [[]]}',
    ],
)
def test_bodies_that_cannot_be_read(partner: Partner, body: bytes) -> None:
    expiration = f"/v1/orders/{partner.place_one()}/update_expiration"
    for path in (BATCHES, PRICE, expiration, "/v1/webhooks", "/v1/commerce_user_payment_methods"):
        answer = partner.http.post(path, content=body)
        assert (answer.status_code, list(answer.json())) == (400, ["error"]), body[:40]


@pytest.mark.parametrize(
    "changes",
    [
        {"from_name": "\0"},
        {"from_name": "x" * 1_000_000},
        {"from_name": "\U0001f381\u202e\ufeff"},
        {"recipients": [{"first_name": "A\0a"}]},
        {"customer_reference_id": "ref\0erence"},
        {"customer_reference_id": "x" * 100_000},
        {"expires_at": "9999-12-31T23:59:59-14:00"},
        {"expires_at": "0001-01-01T00:00:00+14:00"},
        {"expires_at": "9999-12-31T23:59:59.999999Z"},
        {"scheduled_send_on": "0001-01-01T00:00:00+14:00"},
        {"scheduled_send_on": "9999-12-31T23:59:59-14:00"},
        {"expires_at": "tomorrow"},
        {"expires_at": "\0"},
        {"cart": {"items": [{"product_id": "\0", "quantity": 1}]}},
        {"cart": {"items": [{"product_url": "https://" + "x/" * 10_000, "quantity": 1}]}},
        {"cart": {"items": [{"product_id": "x", "quantity": 2**63 - 1}]}},
        {"cart": {"items": [{"product_id": "x", "quantity": -(2**63)}]}},
        {"swap": "\0"},
        {"send_method": "direct_send", "recipients": [{"first_name": "A", "mailing_address": {"state": "\0"}}]},
        {
            "send_method": "direct_send",
            "recipients": [{"first_name": "A", "mailing_address": ADDRESS | {"state": "ß"}}],
        },
        {"payment_method_id": "\0"},
        {"workspace_id": "x" * 10_000},
    ],
)
def test_values_out_of_the_way(partner: Partner, changes: dict[str, Any]) -> None:
    for path in (BATCHES, PRICE):
        answer = partner.http.post(path, json=partner.wish(**changes))
        assert answer.status_code in {200, 201, 400}, answer.text
        assert answer.json()
    for path in (BATCHES, "/v1/orders", "/v1/order_activities"):
        partner.get(path)


@pytest.mark.parametrize(
    "text", ["", "\0", "x" * 100_000, "http://[", "http://a b/", "file:///etc/passwd", "\u202e", "1e999"]
)
def test_texts_that_mean_nothing(partner: Partner, text: str) -> None:
    order_id = partner.place_one()
    for path, body in (
        ("/v1/webhooks", {"url": text, "events": [text]}),
        ("/v1/webhooks", {"url": text, "event_types": [text]}),
        ("/v1/commerce_user_payment_methods", {"interim_card_key": text, "commerce_end_user_id": text}),
        (f"/v1/orders/{order_id}/update_expiration", {"expires_at": text}),
    ):
        answer = partner.http.post(path, json=body)
        assert (answer.status_code, list(answer.json())) == (400, ["error"]), (path, answer.text)


@pytest.mark.parametrize(
    "moment", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.9999Z"]
)
def test_expirations_at_the_ends_of_time(partner: Partner, moment: str) -> None:
    order_id = partner.place_one()
    answer = partner.http.post(f"/v1/orders/{order_id}/update_expiration", json={"expires_at": moment})
    assert answer.status_code in {200, 400}
    partner.get(f"/v1/orders/{order_id}")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "a/b; charset=x"]
)
def test_the_type_of_a_body_does_not_matter(partner: Partner, content_type: str) -> None:
    headers = {"Content-Type": content_type}
    body = json.dumps(partner.wish()).encode()
    assert partner.http.post(BATCHES, content=body, headers=headers).status_code == 201
    assert partner.http.post(BATCHES, content=b"a=b", headers=headers).status_code == 400


@pytest.mark.parametrize(
    "path",
    ["/v1/products", "/v1/brands", "/v1/cards", "/v1/collections", BATCHES, "/v1/orders", "/v1/order_activities"],
)
@pytest.mark.parametrize(
    "query",
    ["page=%ff", "page=1e99", "page=0", "page=-1", "page=1.5", "page=%00", "page=%D9%A3", "per_page=101", "per_page=x"],
)
def test_pages_that_cannot_be(partner: Partner, path: str, query: str) -> None:
    answer = partner.http.get(f"{path}?{query}")
    assert (answer.status_code, list(answer.json())) == (400, ["error"])


@pytest.mark.parametrize("path", ["/v1/products", BATCHES, "/v1/orders", "/v1/order_activities"])
def test_pages_far_out_are_empty(partner: Partner, path: str) -> None:
    for page in ("999999999999", "9" * 400):
        assert partner.get(path, page=page, per_page=100)["data"] == []


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?",
        "?&&==",
        "?page=",
        "?page=1&page=2&page=x",
        "?%zz=%",
        "?a[b][c]=d",
        "?statuses=,,%00,%ff",
        "?" + "a" * 5000,
    ],
)
def test_queries_without_meaning_do_no_harm(partner: Partner, query: str) -> None:
    for path in ("/v1/products", "/v1/collections", "/v1/orders", "/v1/order_activities", BATCHES):
        partner.get(f"{path}{query}")


def test_very_many_statuses(emulator_url: str) -> None:
    query = ",".join(str(number) for number in range(40_000))
    head = f"GET /v1/order_activities?statuses={query} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\n"
    assert exchange(emulator_url, head.encode()).endswith(b'{"data":[],"list_meta":{"total_count":0}}')


@pytest.mark.parametrize(
    "moment", ["x", "%ff", "%00", "2024-13-01", "1e99", "99999-01-01T00:00:00Z", "2024-01-01T25:00:00Z"]
)
def test_moments_that_are_none(partner: Partner, moment: str) -> None:
    for query in (f"/v1/orders?created_at[after]={moment}", f"/v1/order_activities?before={moment}"):
        answer = partner.http.get(query)
        assert (answer.status_code, list(answer.json())) == (400, ["error"])


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00"])
def test_moments_at_the_ends_of_time(partner: Partner, moment: str) -> None:
    for query in (f"/v1/orders?created_at[after]={moment}", f"/v1/order_activities?before={moment}"):
        assert partner.http.get(query).status_code in {200, 400}


@pytest.mark.parametrize(
    "path",
    [
        "/v1",
        "/v1/",
        "/v1/nope",
        "/v1//products",
        "/v1/products/",
        "/v1/orders/%00",
        "/v1/orders/%ff",
        "/v1/orders/%ed%a0%80",
        "/v1/orders/" + "x" * 20_000,
        "/v1/order_batches/a/b/c",
        "/v1/products/..%2f..%2fetc",
    ],
)
def test_paths_that_lead_nowhere(partner: Partner, path: str) -> None:
    answer = partner.http.get(path)
    assert (answer.status_code, list(answer.json())) == (404, ["error"])


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/products", "GET, HEAD, OPTIONS"),
        ("PUT", BATCHES, "GET, HEAD, OPTIONS, POST"),
        ("GET", PRICE, None),
        ("PROPFIND", "/v1/me", "GET, HEAD, OPTIONS"),
        ("NONSENSE", "/v1/me", "GET, HEAD, OPTIONS"),
    ],
)
def test_methods_that_are_not_there(partner: Partner, method: str, path: str, allowed: str | None) -> None:
    answer = partner.http.request(method, path)
    if allowed is None:  # taken for a batch with the id "price"
        assert answer.status_code == 404
        return
    assert (answer.status_code, answer.json()) == (405, {"error": "Method Not Allowed"})
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    "head",
    [
        b"GET /v1/me HTTP/1.1\r\nHost: \xff\xfe\r\nAuthorization: Bearer \xff\xfe\r\n",
        b"GET /v1/products HTTP/1.1\r\nHost: a b/c?d\r\nAuthorization: Bearer k\r\n",
        b"GET /v1/me HTTP/1.1\r\nAuthorization: Bearer k\r\n",
        b"GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer\r\n",
        b"GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Basic \x01\x02\r\n",
        b"GET /v1/orders/%zz%f HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\n",
        b"POST /v1/order_batches HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\nContent-Length: -5\r\n",
        b"POST /v1/order_batches HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\nContent-Length: x\r\n",
        b"NONSENSE\r\n",
    ],
)
def test_requests_that_are_hardly_http(emulator_url: str, head: bytes) -> None:
    answer = exchange(emulator_url, head)
    assert 200 <= int(answer.split(maxsplit=2)[1]) < 500, answer


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/_emulator/nope", 404), ("PATCH", "/_emulator/faults", 405)]
)
def test_the_control_api_tells_of_wrong_paths_in_problems(
    partner: Partner, method: str, path: str, status: int
) -> None:
    answer = partner.http.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert f"no {method} {path}" in answer.json()["detail"]
