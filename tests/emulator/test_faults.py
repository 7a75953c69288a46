"""Faults on order: what a client sees of each, and what has happened all the same."""

import email.utils
import json
import time
from pathlib import Path
from typing import Final

import httpx
import pytest

from goody_emulator.app import create_app
from goody_emulator.emulator import Emulator
from goody_emulator.settings import Settings

from .partner import Json, Partner, partner_of

BATCHES: Final = "/v1/order_batches"


def spoil(partner: Partner, **rule: object) -> Json:
    answer = partner.http.post("/_emulator/faults", json={"rules": [rule]})
    assert answer.status_code == 201, answer.text
    listed: Json = answer.json()
    return listed


def order(partner: Partner) -> httpx.Response:
    return partner.http.post(BATCHES, json=partner.wish())


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_an_answer_without_acting(partner: Partner, status: int) -> None:
    spoil(partner, kind="status", method="POST", path=BATCHES, status=status)
    assert (answer := order(partner)).status_code == status
    assert answer.json() == {"error": "Fault on order"}
    assert "retry-after" not in answer.headers
    assert partner.get(BATCHES)["data"] == []
    assert order(partner).status_code == 201


def test_a_late_answer(partner: Partner) -> None:
    wish = partner.wish()
    spoil(partner, kind="delay", method="POST", path=BATCHES, seconds=0.6)
    began = time.monotonic()
    assert partner.http.post(BATCHES, json=wish).status_code == 201
    assert time.monotonic() - began >= 0.6
    assert partner.get(BATCHES)["list_meta"] == {"total_count": 1}
    assert partner.get("/_emulator/requests", method="POST")["data"][0]["fault"] == "delay"


def test_a_refusal_in_words_of_ones_own(partner: Partner) -> None:
    spoil(partner, kind="status", status=402, error="Your card was declined.")
    answer = partner.http.get("/v1/me")
    assert (answer.status_code, answer.json()) == (402, {"error": "Your card was declined."})


def test_a_page_as_proxies_send_it(partner: Partner) -> None:
    spoil(partner, kind="status", page=True)
    answer = partner.http.get("/v1/me")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "<title>503 Service Unavailable</title>" in answer.text


def test_too_many_requests_with_seconds_to_wait(partner: Partner) -> None:
    spoil(partner, kind="status", status=429, retry_after=7)
    answer = partner.http.get("/v1/me")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")


def test_too_many_requests_with_a_date_to_wait_for(partner: Partner) -> None:
    spoil(partner, kind="status", status=429, retry_after=60, retry_after_as="date")
    answer = partner.http.get("/v1/me")
    assert answer.headers["retry-after"].endswith(" GMT")
    named, answered = (email.utils.parsedate_to_datetime(answer.headers[name]) for name in ("retry-after", "date"))
    assert 59 <= (named - answered).total_seconds() <= 61


def test_a_lost_answer_of_another_status(partner: Partner) -> None:
    spoil(partner, kind="lost_answer", status=502, retry_after=1, path=BATCHES)
    answer = order(partner)
    assert (answer.status_code, answer.headers["retry-after"]) == (502, "1")
    assert "502 Bad Gateway" in answer.text
    assert len(partner.get(BATCHES)["data"]) == 1


def test_malformed_json(partner: Partner) -> None:
    spoil(partner, kind="malformed", path=BATCHES)
    answer = order(partner)
    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/json")
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        answer.json()
    assert len(partner.get(BATCHES)["data"]) == 1


def test_a_truncated_body(partner: Partner) -> None:
    spoil(partner, kind="truncated", path=BATCHES)
    with pytest.raises(httpx.RemoteProtocolError, match=r"received \d+ bytes, expected \d+"):
        order(partner)
    assert len(partner.get(BATCHES)["data"]) == 1


def test_a_wrong_content_type(partner: Partner) -> None:
    spoil(partner, kind="wrong_type", path=BATCHES)
    answer = order(partner)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert len(partner.get(BATCHES)["data"]) == 1


def test_a_slow_body(partner: Partner) -> None:
    spoil(partner, kind="slow", path="/v1/brands", seconds=0.5)
    arrivals, started = [], time.monotonic()
    with partner.http.stream("GET", "/v1/brands") as answer:
        body = b""
        for piece in answer.iter_raw():
            arrivals.append(time.monotonic() - started)
            body += piece
    assert int(answer.headers["content-length"]) == len(body)
    assert arrivals[0] < arrivals[-1] - 0.25
    assert arrivals[-1] >= 0.5
    assert body == partner.http.get("/v1/brands").content


def test_a_reset_before_acting(partner: Partner) -> None:
    spoil(partner, kind="reset_before", path=BATCHES)
    with pytest.raises(httpx.ReadError, match="Connection reset by peer"):
        order(partner)
    assert partner.get(BATCHES)["data"] == []


def test_a_reset_after_acting(partner: Partner) -> None:
    spoil(partner, kind="reset_after", path=BATCHES)
    wish = partner.wish()
    with pytest.raises(httpx.ReadError, match="Connection reset by peer"):
        partner.http.post(BATCHES, json=wish)
    found = partner.get(BATCHES)["data"]
    assert [each["customer_reference_id"] for each in found] == [wish["customer_reference_id"]]


def test_a_connection_closed_without_an_answer(partner: Partner) -> None:
    spoil(partner, kind="empty", path=BATCHES)
    with pytest.raises(httpx.RemoteProtocolError, match="Server disconnected without sending a response"):
        order(partner)
    assert len(partner.get(BATCHES)["data"]) == 1


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "empty"])
def test_other_connections_live_on(emulator_url: str, partner: Partner, kind: str) -> None:
    with partner_of(emulator_url, partner.key) as other:
        other.get("/v1/me")
        spoil(partner, kind=kind, path="/v1/me", method="HEAD")
        with pytest.raises(httpx.TransportError):
            partner.http.head("/v1/me")
        other.get("/v1/me")
    partner.get("/v1/me")


def test_what_is_broken_in_the_middle_is_logged_as_such(partner: Partner) -> None:
    spoil(partner, kind="reset_after", path="/v1/me")
    with pytest.raises(httpx.ReadError):
        partner.http.get("/v1/me", headers={"X-Request-Id": "lost-1"})
    [entry] = partner.get("/_emulator/requests")["data"]
    assert (entry["id"], entry["status"], entry["fault"]) == ("lost-1", None, "reset_after")


def test_only_what_matches_is_struck(partner: Partner) -> None:
    product = partner.plain["id"]
    spoil(partner, kind="status", method="get", path="/v1/*", query_contains="page=2", body_contains="")
    assert partner.http.get("/v1/products").status_code == 200
    assert partner.http.post("/v1/order_batches/price?page=2", json={}).status_code == 400
    assert partner.http.get(f"/v1/products/{product}", params={"page": 2}).status_code == 503


def test_only_a_body_that_matches_is_struck(partner: Partner) -> None:
    spoil(partner, kind="status", path=BATCHES, body_contains="[delivered]")
    assert order(partner).status_code == 201
    assert partner.http.post(BATCHES, json=partner.wish(from_name="[delivered]")).status_code == 503


def test_a_pattern_is_taken_letter_by_letter(partner: Partner) -> None:
    spoil(partner, kind="status", path="/v1/order[_]batches", count=9)
    spoil(partner, kind="status", path="/v1/order?batches", count=9)
    assert partner.http.get(BATCHES).status_code == 200


def test_the_first_ones_can_be_let_pass(partner: Partner) -> None:
    spoil(partner, kind="status", path="/v1/me", skip=2, count=2)
    assert [partner.http.get("/v1/me").status_code for _ in range(6)] == [200, 200, 503, 503, 200, 200]


def test_chance_is_repeatable(partner: Partner) -> None:
    def throws() -> list[int]:
        assert partner.http.delete("/_emulator/faults").status_code == 204
        spoil(partner, kind="status", path="/v1/me", probability=0.5, seed=42)
        return [partner.http.get("/v1/me").status_code for _ in range(20)]

    first = throws()
    assert set(first) == {200, 503}
    assert throws() == first


def test_a_chance_of_one_strikes_until_it_is_lifted(partner: Partner) -> None:
    [rule] = spoil(partner, kind="status", path="/v1/me", probability=1)["rules"]
    assert (rule["left"], rule["app"]) == (None, partner_id(partner))
    assert isinstance(rule["seed"], int)
    assert {partner.http.get("/v1/me").status_code for _ in range(5)} == {503}
    assert partner.http.delete("/_emulator/faults").status_code == 204
    partner.get("/v1/me")


def partner_id(partner: Partner) -> str:
    app_id: str = partner.http.post("/_emulator/faults", json={"rules": [{"kind": "empty"}]}).json()["rules"][-1]["app"]
    return app_id


def test_the_list_tells_what_is_left_and_who_was_struck(partner: Partner) -> None:
    spoil(partner, kind="status", path="/v1/me", count=2)
    first = partner.http.get("/v1/me").headers["x-request-id"]
    [rule] = partner.get("/_emulator/faults")["rules"]
    assert (rule["kind"], rule["count"], rule["left"], rule["struck"]) == ("status", 2, 1, 1)
    assert rule["request_ids"] == [first]
    assert "api_key" not in rule
    second = partner.http.get("/v1/me").headers["x-request-id"]
    listed = partner.get("/_emulator/faults")
    assert listed["rules"] == []
    assert [(each["left"], each["request_ids"]) for each in listed["spent"]] == [(0, [first, second])]


def test_a_key_sees_and_lifts_the_faults_of_its_app_only(emulator_url: str, partner: Partner) -> None:
    with partner_of(emulator_url) as other:
        spoil(partner, kind="status", path="/v1/me", count=9)
        assert other.get("/_emulator/faults") == {"rules": [], "spent": []}
        assert other.http.delete("/_emulator/faults").status_code == 204
        other.get("/v1/me")
    assert partner.http.get("/v1/me").status_code == 503


def test_an_app_can_be_named_by_its_key(emulator_url: str, partner: Partner) -> None:
    rules = {"rules": [{"kind": "status", "api_key": partner.key}]}
    assert httpx.post(f"{emulator_url}/_emulator/faults", json=rules, trust_env=False).status_code == 201
    with partner_of(emulator_url) as other:
        other.get("/v1/me")
    assert partner.http.get("/v1/me").status_code == 503


@pytest.mark.parametrize(
    ("rule", "field", "told"),
    [
        ({}, "kind", "must be one of delay, status, lost_answer,"),
        ({"kind": "meteor"}, "kind", "must be one of delay, status, lost_answer,"),
        ("status", "kind", "is needed in an object"),
        ({"kind": "status", "stauts": 500}, "stauts", "is not a field of a rule; those are kind, method,"),
        ({"kind": "status", "status": 200}, "status", "must be a status from 300 to 599."),
        ({"kind": "status", "status": "500"}, "status", "must be a status from 300 to 599."),
        ({"kind": "status", "method": "PO ST"}, "method", "must be a method such as POST, or *."),
        ({"kind": "status", "path": "v1/me"}, "path", "must be a path such as /v1/orders/*"),
        ({"kind": "status", "count": 0}, "count", "must be a whole number from 1 to 1000000"),
        ({"kind": "status", "count": 1, "probability": 0.5}, "probability", "and `count` exclude each other"),
        ({"kind": "status", "probability": 1.5}, "probability", "must be a number from 0 to 1"),
        ({"kind": "status", "seed": 1}, "seed", "makes sense with `probability` only."),
        ({"kind": "status", "retry_after_as": "date"}, "retry_after_as", "makes sense with `retry_after` only."),
        ({"kind": "status", "page": True, "error": "No"}, "error", "is part of a JSON body"),
        ({"kind": "status", "seconds": 1}, "seconds", "makes sense with delay and slow only, not with status."),
        ({"kind": "delay"}, "seconds", "is needed with delay: a number above 0"),
        ({"kind": "slow", "seconds": 0}, "seconds", "must be a number above 0, at most 600."),
        ({"kind": "empty", "status": 500}, "status", "makes sense with status and lost_answer only, not with empty."),
        ({"kind": "status", "api_key": "somebody-else"}, "api_key", "is of another app than the key of this request"),
    ],
)
def test_a_rule_that_makes_no_sense(partner: Partner, rule: object, field: str, told: str) -> None:
    answer = partner.http.post("/_emulator/faults", json={"rules": [{"kind": "status"}, rule]})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    problem = answer.json()
    assert (problem["index"], problem["field"]) == (1, field)
    assert problem["detail"].startswith(f"rules[1].{field} {told}")
    assert partner.get("/_emulator/faults")["rules"] == []


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"rules":[{"kind":"\xff"}]}', "rules[0] has a text that is not UTF-8."),
        (rb'{"rules":[{"kind":"\ud800"}]}', "Request body is not valid JSON"),
        (b'{"rules":' + b"[" * 100_000, "Request body is not valid JSON"),
        (b"{}", "Object missing required field `rules`"),
    ],
)
def test_rules_that_cannot_be_read(partner: Partner, body: bytes, detail: str) -> None:
    answer = partner.http.post("/_emulator/faults", content=body)
    assert (answer.status_code, answer.json()["detail"]) == (400, detail)


def test_a_server_that_hands_out_no_connections_says_so(tmp_path: Path, webhook_secret: str) -> None:
    state = str(tmp_path / "state.db")
    settings = Settings("http://localhost", state, webhook_secret=webhook_secret, products=12)
    app = create_app(Emulator(settings))
    with app.test_client() as client:
        answer = client.post("/_emulator/faults", json={"rules": [{"kind": "reset_after"}]})
        problem = json.loads(answer.data)
        assert (answer.status_code, problem["field"]) == (400, "kind")
        assert "run `goody-emulator serve`" in problem["detail"]
        assert client.post("/_emulator/faults", json={"rules": [{"kind": "malformed"}]}).status_code == 201
