"""Behind the scenes: the logs, resets, and faults on order."""

import time

import pytest

from .partner import Json, Partner


def _spoil(partner: Partner, **rule: object) -> None:
    answer = partner.http.post("/_emulator/faults", json={"rules": [{"api_key": partner.key, **rule}]})
    assert answer.status_code == 201, answer.text


def test_health(partner: Partner) -> None:
    assert partner.get("/_emulator/health") == {"status": "ok", "products": 1200, "seed": 7}


def test_no_key_is_unauthorized(emulator_url: str, partner: Partner) -> None:
    answer = partner.http.get(f"{emulator_url}/v1/me", headers={"Authorization": ""})
    assert (answer.status_code, answer.json()) == (401, {"error": "Unauthorized"})


def test_an_unknown_path_is_not_found(partner: Partner) -> None:
    answer = partner.http.get("/v1/teapots")
    assert (answer.status_code, list(answer.json())) == (404, ["error"])


def test_a_fault_answers_without_acting(partner: Partner) -> None:
    _spoil(partner, kind="status", method="POST", path="/v1/order_batches", status=503, retry_after=2, count=2)
    wish = partner.wish()
    for _ in range(2):
        answer = partner.http.post("/v1/order_batches", json=wish)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert partner.get("/v1/order_batches")["data"] == []
    assert partner.http.post("/v1/order_batches", json=wish).status_code == 201


def test_a_lost_answer_has_acted(partner: Partner) -> None:
    _spoil(partner, kind="lost_answer", method="POST", path="/v1/order_batches")
    wish = partner.wish()
    answer = partner.http.post("/v1/order_batches", json=wish)
    assert (answer.status_code, answer.headers["content-type"]) == (504, "text/html; charset=utf-8")
    stored = partner.get("/_emulator/order_batches")["data"]
    assert [batch["customer_reference_id"] for batch in stored] == [wish["customer_reference_id"]]
    assert partner.refused(wish) == "Customer reference has already been taken"


def test_a_delay_waits_and_acts(partner: Partner) -> None:
    partner.get("/v1/me")
    _spoil(partner, kind="delay", path="/v1/me", seconds=0.3)
    started = time.monotonic()
    partner.get("/v1/me")
    assert time.monotonic() - started >= 0.3


def test_a_fault_of_one_app_leaves_others_alone(partner: Partner) -> None:
    _spoil(partner, kind="status", path="/v1/*", count=100)
    assert partner.http.get("/v1/me").status_code == 503
    assert partner.http.get("/v1/me", headers={"Authorization": "Bearer somebody-else"}).status_code == 200


@pytest.mark.parametrize("body", [{}, {"rules": [{"kind": "meteor"}]}, {"rules": [{"kind": "delay", "seconds": "x"}]}])
def test_a_fault_that_makes_no_sense_is_a_problem(partner: Partner, body: Json) -> None:
    answer = partner.http.post("/_emulator/faults", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert answer.json()["status"] == 400


def test_an_unknown_order_is_a_problem(partner: Partner) -> None:
    answer = partner.http.post("/_emulator/orders/nope/open")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_requests_are_logged_with_their_app(partner: Partner) -> None:
    app = partner.get("/v1/me")["public_app_id"]
    _spoil(partner, kind="status", path="/v1/products")
    partner.http.get("/v1/products", params={"page": 2})
    log = partner.get("/_emulator/requests")["data"]
    assert [(each["method"], each["path"], each["query"], each["app"], each["status"]) for each in log] == [
        ("GET", "/v1/me", "", app, 200),
        ("GET", "/v1/products", "page=2", app, 503),
    ]
    assert all(isinstance(each["ms"], int) for each in log)


def test_reset_forgets_the_orders_of_the_app(partner: Partner) -> None:
    partner.place()
    assert partner.http.post("/_emulator/reset").status_code == 204
    for path in ("/v1/order_batches", "/v1/orders", "/v1/order_activities", "/_emulator/deliveries"):
        assert partner.get(path)["data"] == []
