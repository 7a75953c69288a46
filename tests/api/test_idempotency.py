"""`Idempotency-Key`: a repeated request gets the first one's result, and only a result is kept."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import pytest
from werkzeug.test import TestResponse

from foundation.ids import new_token
from foundation.keys import KeyKind
from storefront.idempotency import Held, StillInFlightError, Stored
from tests.api.answers import faults, problem
from tests.api.neighbours import second_app
from tests.patience import until
from tests.shop import SLUG, Shop

BODY: Final = {"payment_mode": "hosted_payment"}
ORDERS: Final = "/v1/order_batches"
PRICES: Final = "/v1/order_batches/price"
REPLAYED: Final = "Idempotent-Replayed"


def _complete(shop: Shop, checkout: dict[str, Any], key: str, **more: object) -> TestResponse:
    return shop.complete(checkout, idempotency_key=key, **more)


def _create(shop: Shop, once: str, wish: dict[str, Any], **caller: Any) -> TestResponse:
    return shop.call("POST", "/v1/checkouts", wish, headers={"Idempotency-Key": once}, **caller)


def _assert_replays(first: TestResponse, second: TestResponse) -> None:
    assert REPLAYED not in first.headers
    assert second.headers[REPLAYED] == "true"
    assert second.status_code == first.status_code
    assert second.data == first.data
    for name in ("Content-Type", "Location", "ETag"):
        assert second.headers.get(name) == first.headers.get(name)


def test_completing_needs_a_key(shop: Shop) -> None:
    checkout = shop.checkout()
    path = f"/v1/checkouts/{checkout['id']}/complete"
    assert faults(shop.call("POST", path, BODY)) == [("", "idempotency_key_required")]
    for unusable in ("", "x" * 256):
        problem(shop.call("POST", path, BODY, headers={"Idempotency-Key": unusable}), 422, "invalid_input")
    assert shop.goody.batches == []
    assert _complete(shop, checkout, "x" * 255).status_code == 201


def test_the_same_request_replays_byte_for_byte(shop: Shop) -> None:
    checkout = shop.checkout()
    first = _complete(shop, checkout, "once")
    assert first.status_code == 201
    _assert_replays(first, _complete(shop, checkout, "once"))
    assert shop.goody.posts() == 1


def test_a_replay_tells_the_first_result_even_when_the_order_has_moved_on(shop: Shop) -> None:
    checkout = shop.checkout()
    first = _complete(shop, checkout, "once")
    order = first.get_json()["orders"][0]
    shop.hear("order.gift_opened", shop.goody.step(order["id"], "open"))
    _assert_replays(first, _complete(shop, checkout, "once"))


def test_a_key_is_for_one_body(shop: Shop) -> None:
    checkout = shop.checkout()
    assert _complete(shop, checkout, "once").status_code == 201
    other = _complete(shop, checkout, "once", accept_total_high=1_000_000)
    problem(other, 422, "idempotency_key_reused")


def test_another_key_on_a_completed_checkout_gets_the_same_batch(shop: Shop) -> None:
    checkout = shop.checkout()
    first, second = _complete(shop, checkout, "one"), _complete(shop, checkout, "two")
    assert (first.status_code, second.status_code) == (201, 201)
    assert REPLAYED not in second.headers
    assert first.get_json() == second.get_json()
    assert shop.goody.posts() == 1


def test_a_request_under_way_is_a_conflict(shop: Shop) -> None:
    checkout = shop.checkout()
    shop.goody.fail(kind="delay", seconds=2, method="POST", path=ORDERS, count=1)
    answers: list[TestResponse] = []
    thread = threading.Thread(target=lambda: answers.append(_complete(shop, checkout, "once")))
    thread.start()
    try:
        until(lambda: _keys(shop) == 1)
        second = _complete(shop, checkout, "once")
        problem(second, 409, "idempotency_key_in_flight")
        assert 1 <= int(second.headers["Retry-After"]) <= 30
        problem(_complete(shop, checkout, "once", accept_total_high=1_000_000), 422, "idempotency_key_reused")
    finally:
        thread.join()
    assert answers[0].status_code == 201
    _assert_replays(answers[0], _complete(shop, checkout, "once"))
    assert shop.goody.posts() == 1


def test_two_keys_at_the_same_time_make_one_gift(shop: Shop) -> None:
    checkout = shop.checkout()
    shop.goody.fail(kind="delay", seconds=0.5, method="POST", path=ORDERS, count=2)
    answers: list[TestResponse] = []
    keys = [new_token() for _ in range(4)]
    threads = [threading.Thread(target=lambda key=key: answers.append(_complete(shop, checkout, key))) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} <= {201, 202}
    assert len({answer.get_json()["id"] for answer in answers}) == 1
    assert len(shop.goody.batches) == 1
    assert shop.goody.posts() == 1


def test_an_abandoned_claim_is_taken_over_when_its_lease_is_over(shop: Shop) -> None:
    checkout = shop.checkout()
    assert _complete(shop, checkout, "once").status_code == 201
    with shop.services.sessions.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE idempotency_keys SET status = NULL, body = NULL")
    problem(_complete(shop, checkout, "once"), 409, "idempotency_key_in_flight")
    shop.clock.advance(seconds=31)
    again = _complete(shop, checkout, "once")
    assert again.status_code == 201
    assert REPLAYED not in again.headers
    assert shop.goody.posts() == 1


def test_an_unknown_outcome_is_not_frozen(shop: Shop) -> None:
    checkout = shop.checkout()
    shop.goody.fail(kind="lost_answer", method="POST", path=ORDERS, count=1)
    first = _complete(shop, checkout, "once")
    assert (first.status_code, first.get_json()["submission_status"]) == (202, "unknown")
    second = _complete(shop, checkout, "once")
    assert second.status_code == 202
    assert REPLAYED not in second.headers
    shop.clock.advance(minutes=1)
    shop.services.submissions.sweep()
    third = _complete(shop, checkout, "once")
    assert third.status_code == 201
    assert third.get_json()["id"] == first.get_json()["id"]
    _assert_replays(third, _complete(shop, checkout, "once"))
    assert len(shop.goody.batches) == 1


def test_a_validation_failure_is_not_frozen(shop: Shop) -> None:
    checkout = shop.checkout(message="Hi")
    assert faults(_complete(shop, checkout, "once")) == [("/card_id", "required")]
    assert faults(_complete(shop, checkout, "once", bogus=1)) == [("/bogus", "unknown_field")]
    shop.call("PATCH", f"/v1/checkouts/{checkout['id']}", {"message": None})
    assert _complete(shop, checkout, "once").status_code == 201


def test_a_supplier_that_is_down_is_not_frozen(shop: Shop) -> None:
    wish = shop.wish()
    shop.goody.fail(kind="status", status=503, path=PRICES, retry_after=9)
    problem(_create(shop, "once", wish), 503, "supplier_unavailable")
    assert _create(shop, "once", wish).status_code == 201


def test_a_changed_quote_is_not_frozen(shop: Shop) -> None:
    checkout = shop.checkout()
    shop.clock.advance(minutes=31)
    problem(_complete(shop, checkout, "once"), 409, "quote_changed")
    assert _complete(shop, checkout, "once").status_code == 201


def test_a_definite_refusal_is_frozen(shop: Shop) -> None:
    checkout = shop.checkout()
    shop.goody.fail(kind="status", status=400, method="POST", path=ORDERS, count=1)
    first = _complete(shop, checkout, "once")
    problem(first, 422, "rejected_by_supplier")
    _assert_replays(first, _complete(shop, checkout, "once"))
    assert shop.goody.posts() == 1


def test_a_created_checkout_replays_with_its_secret(shop: Shop) -> None:
    wish = shop.wish()
    first = _create(shop, "once", wish, key=shop.pk)
    _assert_replays(first, _create(shop, "once", wish, key=shop.pk))
    problem(_create(shop, "once", {**wish, "from_name": "Bo"}, key=shop.pk), 422, "idempotency_key_reused")
    without = [shop.call("POST", "/v1/checkouts", wish).get_json()["id"] for _ in range(2)]
    assert len({first.get_json()["id"], *without}) == 3


def test_a_key_is_the_callers_own(shop: Shop) -> None:
    """Nobody is given another caller's result, least of all its client secret."""
    wish = shop.wish()
    other = second_app(shop)
    one, two = shop.checkout(key=shop.pk), shop.checkout(key=shop.pk)
    sent = {"Authorization": f"Bearer {shop.pk}", "Idempotency-Key": "once"}
    answers = [
        _create(shop, "once", wish),
        _create(shop, "once", wish, key=other.secret_key),
        _create(shop, "once", wish, key=other.publishable_key),
        _create(shop, "once", wish, key=shop.pk),
        _create(shop, "once", wish, key=shop.pk, secret=one["client_secret"]),
        _create(shop, "once", wish, key=shop.pk, secret=two["client_secret"]),
        shop.client.post("/v1/checkouts", json=wish, headers=sent, environ_base={"REMOTE_ADDR": "192.0.2.7"}),
    ]
    assert [answer.status_code for answer in answers] == [201] * len(answers)
    assert all(REPLAYED not in answer.headers for answer in answers)
    assert len({answer.get_json()["client_secret"] for answer in answers}) == len(answers)


def test_all_secret_keys_of_an_app_are_one_caller(shop: Shop) -> None:
    """A partner that rotates its key in the middle of a retry makes no second gift."""
    wish = shop.wish()
    first = _create(shop, "once", wish)
    rotated = shop.services.apps.create_key(SLUG, KeyKind.SECRET)
    _assert_replays(first, _create(shop, "once", wish, key=rotated))


def test_a_result_is_kept_for_a_day(shop: Shop) -> None:
    wish = shop.wish()
    first = _create(shop, "once", wish)
    shop.clock.advance(hours=23, minutes=59)
    _assert_replays(first, _create(shop, "once", wish))
    assert shop.services.idempotency.purge() == 0
    shop.clock.advance(minutes=2)
    anew = _create(shop, "once", wish)
    assert REPLAYED not in anew.headers
    assert anew.get_json()["id"] != first.get_json()["id"]
    shop.clock.advance(hours=25)
    assert shop.services.idempotency.purge() == 1
    assert _keys(shop) == 0


def test_what_is_kept_is_encrypted(shop: Shop) -> None:
    first = _create(shop, "once", shop.wish(from_name="Anastasia"))
    with shop.services.sessions.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM idempotency_keys").all()
    assert len(rows) == 1
    told = str(rows)
    for hidden in ("Anastasia", first.get_json()["client_secret"], "client_secret", "once"):
        assert hidden not in told


@pytest.mark.parametrize("status", [401, 403])
def test_a_caller_that_is_not_let_in_claims_nothing(shop: Shop, status: int) -> None:
    checkout = shop.checkout()
    key = {401: "sk_garbage", 403: shop.pk}[status]
    headers = {"Idempotency-Key": "once"}
    assert (
        shop.call("POST", f"/v1/checkouts/{checkout['id']}/complete", BODY, key=key, headers=headers).status_code
        == status
    )
    assert _keys(shop) == 0


def _keys(shop: Shop) -> int:
    with shop.services.sessions.engine.connect() as connection:
        found: int = connection.exec_driver_sql("SELECT count(*) FROM idempotency_keys").scalar_one()
    return found


def test_who_comes_late_does_not_disturb_whoever_took_the_key_over(shop: Shop) -> None:
    keys = shop.services.idempotency
    late = keys.claim("scope", b"request")
    shop.clock.advance(seconds=31)
    present = keys.claim("scope", b"request")
    assert isinstance(late, Held)
    assert isinstance(present, Held)
    keys.release(late)
    keys.store(late, Stored(201, {}, b"late"))
    with pytest.raises(StillInFlightError):
        keys.claim("scope", b"request")
    keys.store(present, Stored(201, {}, b"present"))
    assert keys.claim("scope", b"request") == Stored(201, {}, b"present")


def test_of_many_who_claim_a_key_at_once_one_gets_it(shop: Shop) -> None:
    def claim(_number: int) -> object:
        try:
            return shop.services.idempotency.claim("scope", b"request")
        except StillInFlightError:
            return None

    with ThreadPoolExecutor(8) as pool:
        assert sum(isinstance(each, Held) for each in pool.map(claim, range(16))) == 1
