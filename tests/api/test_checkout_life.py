"""A checkout from its making to its end: states, changes, and when neither is possible any more."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from foundation.ids import new_token
from tests.api.answers import faults, problem
from tests.shop import Shop


def _get(shop: Shop, checkout: dict[str, Any]) -> dict[str, Any]:
    response = shop.call("GET", f"/v1/checkouts/{checkout['id']}")
    assert response.status_code == 200
    found: dict[str, Any] = response.get_json()
    return found


def test_what_was_sent_is_shown(shop: Shop) -> None:
    card = shop.call("GET", "/v1/cards").get_json()["data"][0]
    wish = shop.wish(
        send_method="email_and_link",
        recipients=[{"first_name": "Li", "last_name": "Wei", "email": "li@example.com", "phone": "+15552347890"}],
        message="Thank you!",
        card_id=card["id"],
        swap="single",
        international_shipping_tier="disabled",
        expires_at="2099-01-01T00:00:00Z",
        metadata={"cart": "42"},
        customer_id="c-1",
        payment_mode="hosted_payment",
    )
    response = shop.call("POST", "/v1/checkouts", wish)
    made = response.get_json()
    assert response.headers["Location"] == f"/v1/checkouts/{made['id']}"
    assert made["id"].startswith("chk_")
    assert {name: made[name] for name in set(wish) - {"items", "recipients", "expires_at"}} == {
        name: wish[name] for name in set(wish) - {"items", "recipients", "expires_at"}
    }
    assert made["recipients"][0].items() >= wish["recipients"][0].items()
    assert made["items"][0].items() >= wish["items"][0].items()
    assert datetime.fromisoformat(made["expires_at"]) == datetime(2099, 1, 1, tzinfo=UTC)
    assert (made["status"], made["problems"], made["order_batch_id"]) == ("ready", [], None)


def test_the_wish_of_the_contract_is_taken_as_it_stands(shop: Shop) -> None:
    """The REST contract's own example, with ids that exist: every field, most of them null."""
    product = shop.product(variants_num_selectable=1)
    recipient = {
        "first_name": "Li",
        "last_name": "Wei",
        "email": "li@example.com",
        "phone": None,
        "mailing_address": None,
    }
    variants = [product["variants"][0]["name"]]
    wish = {
        "from_name": "Ana",
        "send_method": "link_multiple_custom_list",
        "items": [{"product_id": product["id"], "quantity": 1, "variants": variants, "variable_price": None}],
        "recipients": [recipient],
        "message": "Thank you!",
        "card_id": shop.call("GET", "/v1/cards").get_json()["data"][0]["id"],
        "swap": "single",
        "international_shipping_tier": "disabled",
        "notifications_enabled": None,
        "expires_at": None,
        "scheduled_send_on": None,
        "payment_mode": "hosted_payment",
        "metadata": {"cart": "42"},
    }
    for key in (shop.pk, shop.sk):
        made = shop.call("POST", "/v1/checkouts", wish, key=key)
        assert made.status_code == 201
        assert made.get_json()["status"] == "ready"
    assert shop.complete(made.get_json()).status_code == 201


def test_times_are_shown_in_utc_whatever_offset_they_came_in(shop: Shop) -> None:
    made = shop.checkout(expires_at="2099-01-01T01:30:00+02:00")
    assert made["expires_at"] in {"2098-12-31T23:30:00+00:00", "2098-12-31T23:30:00Z"}


def test_a_time_beyond_the_calendar_is_refused(shop: Shop) -> None:
    for moment in ("9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00", "2099-02-30T00:00:00Z", "2099-01-01", 4e9):
        response = shop.call("POST", "/v1/checkouts", shop.wish(expires_at=moment))
        assert faults(response) == [("/expires_at", "invalid")], moment


def test_the_client_secret_is_shown_once(shop: Shop) -> None:
    made = shop.checkout(key=shop.pk)
    secret = made["client_secret"]
    assert secret.startswith(f"{made['id']}_secret_")
    later = [
        shop.call("GET", f"/v1/checkouts/{made['id']}", key=shop.pk, secret=secret),
        shop.call("PATCH", f"/v1/checkouts/{made['id']}", {"from_name": "Bo"}, key=shop.pk, secret=secret),
        shop.complete(made),
        shop.call("GET", "/v1/events"),
    ]
    assert all(response.status_code < 300 and "_secret_" not in response.text for response in later)
    with shop.services.sessions.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM checkouts").all()
    assert secret not in str(rows)


def test_a_field_left_out_stays_and_null_clears(shop: Shop) -> None:
    card = shop.call("GET", "/v1/cards").get_json()["data"][0]["id"]
    made = shop.checkout(message="Hi", card_id=card, swap="multiple", metadata={"cart": "1"})
    path = f"/v1/checkouts/{made['id']}"
    changed = shop.call("PATCH", path, {"message": None, "metadata": {"order": "2"}}).get_json()
    assert changed["message"] is None
    assert changed["metadata"] == {"order": "2"}
    assert (changed["card_id"], changed["swap"], changed["items"]) == (card, "multiple", made["items"])
    for name in ("from_name", "items", "recipients", "send_method", "payment_mode"):
        assert faults(shop.call("PATCH", path, {name: None})) == [(f"/{name}", "invalid")]


@pytest.mark.parametrize(
    ("tag", "status"),
    [
        (None, 200),
        ('"1"', 200),
        ("*", 200),
        ('"7", "1"', 200),
        ('"2"', 412),
        ('W/"1"', 412),
        ('"one"', 412),
        (f'"{"9" * 5000}"', 412),
    ],
)
def test_if_match_guards_a_change(shop: Shop, tag: str | None, status: int) -> None:
    made = shop.checkout()
    path = f"/v1/checkouts/{made['id']}"
    assert shop.call("GET", path).headers["ETag"] == '"1"'
    headers = {} if tag is None else {"If-Match": tag}
    response = shop.call("PATCH", path, {"from_name": "Bo"}, headers=headers)
    assert response.status_code == status
    if status == 412:
        problem(response, 412, "precondition_failed")
        assert _get(shop, made)["from_name"] == "Ana"
    else:
        assert response.headers["ETag"] == '"2"'


def test_completing_needs_the_mode_of_the_checkout(shop: Shop) -> None:
    made = shop.checkout()
    for mode in (None, "cash", "COMMERCE_HOSTED_PAYMENT"):
        assert faults(shop.complete({**made, "payment_mode": mode})) == [("/payment_mode", "invalid")]
    for mode in ("stored_value", "card"):
        problem(shop.complete({**made, "payment_mode": mode}), 409, "payment_mode_mismatch")
    assert shop.goody.batches == []


def test_a_completed_checkout_stays_as_it_is(shop: Shop) -> None:
    made = shop.checkout()
    batch = shop.complete(made).get_json()
    done = _get(shop, made)
    assert (done["status"], done["order_batch_id"]) == ("completed", batch["id"])
    problem(shop.call("PATCH", f"/v1/checkouts/{made['id']}", {"from_name": "Bo"}), 409, "conflict")
    assert _get(shop, made) == done


def test_an_expired_checkout_can_neither_be_changed_nor_completed(shop: Shop) -> None:
    made = shop.checkout()
    shop.clock.advance(hours=24)
    problem(shop.complete(made), 409, "checkout_expired")
    problem(shop.call("PATCH", f"/v1/checkouts/{made['id']}", {"from_name": "Bo"}), 409, "checkout_expired")
    assert shop.goody.batches == []


def test_every_status_is_reached(shop: Shop) -> None:
    incomplete = shop.checkout(items=[])
    ready, unknown, refused = shop.checkout(), shop.checkout(), shop.checkout()
    shop.goody.fail(kind="lost_answer", method="POST", path="/v1/order_batches", count=1)
    assert shop.complete(unknown).status_code == 202
    shop.goody.fail(kind="status", status=400, method="POST", path="/v1/order_batches", count=1)
    problem(shop.complete(refused), 422, "rejected_by_supplier")

    def statuses() -> list[str]:
        return [_get(shop, checkout)["status"] for checkout in (incomplete, ready, unknown, refused)]

    assert statuses() == ["open", "ready", "completing", "failed"]
    problem(shop.call("PATCH", f"/v1/checkouts/{unknown['id']}", {"from_name": "Bo"}), 409, "conflict")

    shop.clock.advance(minutes=1)
    assert shop.services.submissions.sweep() == 1
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=24)):
        assert statuses() == ["expired", "expired", "completed", "failed"]
    assert len(shop.goody.batches) == 1


def test_another_key_on_a_refused_checkout_is_refused_again_without_asking(shop: Shop) -> None:
    made = shop.checkout()
    shop.goody.fail(kind="status", status=400, method="POST", path="/v1/order_batches", count=1)
    problem(shop.complete(made), 422, "rejected_by_supplier")
    problem(shop.complete(made), 422, "rejected_by_supplier")
    assert shop.goody.posts() == 1


def test_an_unknown_outcome_is_202_with_a_place_to_look(shop: Shop) -> None:
    made = shop.checkout()
    shop.goody.fail(kind="lost_answer", method="POST", path="/v1/order_batches", count=1)
    response = shop.complete(made, idempotency_key=new_token())
    batch = response.get_json()
    assert response.status_code == 202
    assert batch["submission_status"] == "unknown"
    assert batch["orders"] == []
    assert response.headers["Location"] == f"/v1/order_batches/{batch['id']}"
    assert shop.call("GET", response.headers["Location"]).get_json() == batch
