"""The log of requests: what it keeps, how it is looked through, and what tests expect of it."""

import threading
import time
from typing import Any, Final

import httpx
import pytest

from goody_emulator.requests.entry import Entry
from goody_emulator.requests.log import KEPT, Filter, RequestLog

from .partner import Json, Partner, partner_of

LOG: Final = "/_emulator/requests"
BATCHES: Final = "/v1/order_batches"


def expect(partner: Partner, **expected: object) -> httpx.Response:
    return partner.http.post(f"{LOG}/assert", json=expected)


def paths(log: Json) -> list[str]:
    return [each["path"] for each in log["data"]]


def test_what_is_kept_of_a_request(partner: Partner) -> None:
    wish = partner.wish(from_name="Zoë")
    partner.http.delete(LOG)
    answer = partner.http.post(f"{BATCHES}?a=b", json=wish)
    app = answer.json()["sender"]["email"].partition("@")[0]
    [entry] = partner.get(LOG)["data"]
    assert entry.pop("received_at").endswith("Z")
    assert 0 <= entry.pop("ms") < 5000
    assert entry == {
        "id": answer.headers["x-request-id"],
        "method": "POST",
        "path": BATCHES,
        "query": "a=b",
        "app": app,
        "status": 201,
        "fault": None,
        "customer_reference_id": wish["customer_reference_id"],
        "body": wish,
        "body_is_cut": False,
    }


def test_only_the_latest_are_kept() -> None:
    log = RequestLog()
    for number in range(KEPT + 5):
        log.append(Entry(str(number), 0, "GET", "/v1/me", "", None, 200, 0, None, None, b"", is_cut=False))
    kept = log.found(Filter())
    assert (len(kept), kept[0].id, kept[-1].id) == (KEPT, "5", str(KEPT + 4))


def test_a_long_body_is_cut(partner: Partner) -> None:
    wish = partner.wish(recipients=[{"first_name": f"R{number}"} for number in range(1000)])
    assert partner.http.post(BATCHES, json=wish).status_code == 201
    entry = partner.get(LOG)["data"][-1]
    assert (entry["customer_reference_id"], entry["body_is_cut"]) == (wish["customer_reference_id"], True)
    assert len(entry["body"]) == 16 * 1024


@pytest.mark.parametrize("body", [b"\xff\xfe", b"{", b'{"customer_reference_id": 5}', b'{"a":' * 5000])
def test_a_body_of_any_kind_is_kept(partner: Partner, body: bytes) -> None:
    assert partner.http.post(BATCHES, content=body).status_code == 400
    [entry] = partner.get(LOG)["data"]
    assert (entry["customer_reference_id"], entry["body"] is None) == (None, False)


def test_a_key_is_never_shown(partner: Partner) -> None:
    key = "goody_token_commerce_abc123"
    with partner_of(str(partner.http.base_url), key) as keyed:
        keyed.http.post(f"{BATCHES}?key={key}", json={"from_name": key})
        assert "abc123" not in keyed.http.get(LOG).text
        assert "goody_token_commerce_..." in keyed.http.get(LOG).text


def test_an_id_that_was_sent_is_kept(partner: Partner) -> None:
    answer = partner.http.get("/v1/me", headers={"X-Request-Id": "job-7/try:2"})
    assert answer.headers["x-request-id"] == "job-7/try:2"
    assert partner.get(LOG)["data"][0]["id"] == "job-7/try:2"


@pytest.mark.parametrize("proposed", ["", "a b", "x" * 129, "<script>", "ä"])
def test_an_id_that_makes_no_sense_is_replaced(partner: Partner, proposed: str) -> None:
    answers = [partner.http.get("/v1/me", headers={b"X-Request-Id": proposed.encode()}) for _ in range(2)]
    ids = [answer.headers["x-request-id"] for answer in answers]
    assert ids[0] != ids[1]
    assert all(each.startswith("req_") for each in ids)


@pytest.mark.parametrize("path", ["/v1/nope", "/_emulator/health", "/", "/nope"])
def test_every_answer_has_an_id(partner: Partner, path: str) -> None:
    assert partner.http.get(path).headers["x-request-id"].startswith("req_")


def test_requests_without_a_known_key_belong_to_no_app(partner: Partner) -> None:
    mark = f"mark={partner.key}"
    partner.http.get(f"/v1/me?{mark}", headers={"Authorization": ""})
    assert partner.get(LOG, contains=mark)["data"] == []
    with httpx.Client(base_url=partner.http.base_url, trust_env=False) as anybody:
        [entry] = anybody.get(LOG, params={"contains": mark}).json()["data"]
    assert (entry["app"], entry["status"]) == (None, 401)


def test_filters(partner: Partner) -> None:
    first = partner.http.get("/v1/me").headers["x-request-id"]
    partner.http.get("/v1/products", params={"page": 3})
    partner.http.get("/v1/orders/nope")
    partner.http.post(BATCHES, json={"from_name": "Somebody"})

    def found(**filters: Any) -> list[str]:
        return paths(partner.http.get(LOG, params=filters).json())

    assert found() == ["/v1/me", "/v1/products", "/v1/orders/nope", BATCHES]
    assert found(method="post") == [BATCHES]
    assert found(path="/v1/orders/*") == ["/v1/orders/nope"]
    assert found(path="/v1/orders") == []
    assert found(status=404) == ["/v1/orders/nope"]
    assert found(contains="page=3") == ["/v1/products"]
    assert found(contains="Somebody") == [BATCHES]
    assert found(since=first, method="GET") == ["/v1/products", "/v1/orders/nope"]
    assert partner.get(LOG, limit=1)["count"] == 4
    assert found(limit=1) == [BATCHES]
    assert found(limit=0) == []


@pytest.mark.parametrize("filters", [{"status": "many"}, {"limit": "-1"}, {"since": "nope"}, {"pth": "/v1/me"}])
def test_a_filter_that_makes_no_sense(partner: Partner, filters: Json) -> None:
    answer = partner.http.get(LOG, params=filters)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert next(iter(filters)) in answer.json()["detail"]


def test_an_app_forgets_its_own_requests_only(emulator_url: str, partner: Partner) -> None:
    partner.get("/v1/me")
    with partner_of(emulator_url) as other:
        other.get("/v1/cards")
        assert other.http.delete(LOG).status_code == 204
        assert other.get(LOG) == {"data": [], "count": 0}
    assert paths(partner.get(LOG)) == ["/v1/me"]


@pytest.mark.parametrize(
    "number", [{}, {"count": 2}, {"at_least": 2}, {"at_most": 2}, {"at_least": 1, "at_most": 3}, {"at_least": 0}]
)
def test_what_is_as_expected(partner: Partner, number: Json) -> None:
    for page in (1, 2):
        partner.get("/v1/cards", page=page)
    answer = expect(partner, method="GET", path="/v1/ca*", **number)
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ({"count": 1}, "exactly 1"),
        ({"at_least": 3}, "at least 3"),
        ({"at_most": 1}, "at most 1"),
        ({"at_least": 3, "at_most": 5}, "at least 3 and at most 5"),
    ],
)
def test_what_is_not_as_expected(partner: Partner, number: Json, told: str) -> None:
    ids = [partner.http.get("/v1/cards?x=y").headers["x-request-id"] for _ in range(2)]
    partner.http.get("/v1/nope")
    answer = expect(partner, path="/v1/cards", **number)
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    problem = answer.json()
    assert problem["detail"].startswith(f"Expected {told}, found 2;")
    assert problem["count"] == 2
    assert [(each["request"], each["status"]) for each in problem["seen"]] == [
        ("GET /v1/cards?x=y", 200),
        ("GET /v1/cards?x=y", 200),
        ("GET /v1/nope", 404),
    ]
    assert [each["id"] for each in problem["seen"][:2]] == ids


def test_expectations_know_content_status_and_time(partner: Partner) -> None:
    reference = partner.place()["customer_reference_id"]
    last = partner.http.get("/v1/nope").headers["x-request-id"]
    assert expect(partner, path=BATCHES, contains=reference, count=1).status_code == 204
    assert expect(partner, contains="nobody", count=0).status_code == 204
    assert expect(partner, contains="nobody").status_code == 409
    assert expect(partner, status=404, count=1).status_code == 204
    assert expect(partner, since=last, count=0).status_code == 204


def test_an_expectation_can_be_waited_for(partner: Partner) -> None:
    waiting = threading.Timer(0.3, partner.http.get, ["/v1/me"])
    waiting.start()
    started = time.monotonic()
    assert expect(partner, path="/v1/me", count=1, within_seconds=10).status_code == 204
    assert 0.2 < time.monotonic() - started < 9
    waiting.join()


def test_waiting_comes_to_an_end(partner: Partner) -> None:
    started = time.monotonic()
    assert expect(partner, path="/v1/me", within_seconds=0.2).status_code == 409
    assert time.monotonic() - started >= 0.2


@pytest.mark.parametrize(
    "expected",
    [
        {"count": 1, "at_least": 1},
        {"at_least": 2, "at_most": 1},
        {"count": -1},
        {"within_seconds": 61},
        {"pth": "/v1/me"},
        {"since": "nope"},
    ],
)
def test_an_expectation_that_makes_no_sense(partner: Partner, expected: Json) -> None:
    answer = expect(partner, **expected)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert next(iter(expected)) in answer.json()["detail"]
