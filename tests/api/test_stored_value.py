"""Selling by stored value: the secret key alone, the quote rule, the balance, what a sale settles at."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from foundation.ids import new_token
from payments.stored_value import commitments
from tests.api.answers import problem
from tests.shop import Shop

OPENING = 10_000_000


def checkout(shop: Shop, **changes: Any) -> dict[str, Any]:
    return shop.checkout(payment_mode="stored_value", **changes)


def funds(shop: Shop) -> tuple[int, int, int]:
    told = shop.call("GET", "/v1/stored_value").get_json()
    return told["balance"], told["commitments"], told["available"]


def high(made: dict[str, Any]) -> int:
    total: int = made["quote"]["total"]["total_high"]
    return total


def sell(shop: Shop, **agreement: Any) -> dict[str, Any]:
    """A batch, ordered."""
    response = shop.complete(checkout(shop), **agreement)
    assert response.status_code == 201, response.text
    batch: dict[str, Any] = response.get_json()
    return batch


def accept(shop: Shop, order_id: str) -> dict[str, Any]:
    """The recipient accepts; the order as it is shown once that is known."""
    shop.hear("order.gift_accepted", shop.goody.step(order_id, "accept"))
    shop.services.activities.poll_due()
    order: dict[str, Any] = shop.call("GET", f"/v1/orders/{order_id}").get_json()
    return order


def test_the_balance_falls_by_the_total_and_open_gifts_are_committed(shop: Shop) -> None:
    assert funds(shop) == (OPENING, 0, OPENING)
    made = checkout(shop)
    batch = shop.complete(made, payment_reference="ch_1", payment_amount=high(made)).get_json()
    assert (batch["payment_reference"], batch["payment_amount"]) == ("ch_1", high(made))
    assert funds(shop) == (OPENING, high(made), OPENING - high(made))

    order = accept(shop, batch["orders"][0]["id"])
    cost = order["amounts"]["amount_total"]
    assert order["payment_link"] is None
    assert order["settlement"] == {
        "captured": high(made),
        "final": cost,
        "release": high(made) - cost,
        "shortfall": 0,
    }
    balance, commitments, _ = funds(shop)
    share = sum(each["amount"] for each in shop.goody.transactions if each["kind"] == "revenue_share")
    assert (balance, commitments) == (OPENING - cost + share, 0)
    assert "order.paid" in shop.event_types()


def test_a_captured_amount_too_small_is_told_as_a_shortfall(shop: Shop) -> None:
    order = accept(shop, sell(shop, payment_amount=100)["orders"][0]["id"])
    assert order["settlement"]["shortfall"] == order["amounts"]["amount_total"] - 100


def test_several_recipients_share_what_was_captured(shop: Shop) -> None:
    three = [{"first_name": name} for name in ("Li", "Mo", "Na")]
    batch = shop.complete(checkout(shop, recipients=three), payment_amount=10_000).get_json()
    assert sorted(order["settlement"]["captured"] for order in batch["orders"]) == [3333, 3333, 3334]


def test_a_cancelled_gift_is_no_longer_committed(shop: Shop) -> None:
    order = sell(shop)["orders"][0]
    shop.hear("order.canceled", shop.goody.step(order["id"], "cancel"))
    assert funds(shop) == (OPENING, 0, OPENING)


def test_a_gift_that_expired_is_no_longer_committed(shop: Shop) -> None:
    made = checkout(shop)
    shop.complete(made)
    shop.clock.advance(days=70)
    assert funds(shop)[1] == high(made)
    shop.clock.advance(hours=2)
    assert funds(shop)[1] == 0


@pytest.mark.parametrize("caller", ["guest", "sk"])
def test_only_the_secret_key_completes(shop: Shop, caller: str) -> None:
    made = shop.checkout(key=shop.pk, payment_mode="stored_value")
    body = {"payment_mode": "stored_value", "quote_id": made["quote"]["id"]}
    key, secret = (shop.pk, made["client_secret"]) if caller == "guest" else (shop.sk, None)
    headers = {"Idempotency-Key": new_token()}
    path = f"/v1/checkouts/{made['id']}/complete"
    response = shop.call("POST", path, body, key=key, secret=secret, headers=headers)
    if caller == "guest":
        problem(response, 403, "forbidden")
    else:
        assert response.status_code == 201
    assert len(shop.goody.batches) == (caller == "sk")


def test_what_a_shopper_put_together_needs_the_quote_agreed_to(shop: Shop) -> None:
    made = shop.checkout(key=shop.pk, payment_mode="stored_value")
    problem(shop.complete(made), 428, "quote_required")
    assert shop.goody.batches == []
    assert shop.complete(made, quote_id=made["quote"]["id"]).status_code == 201


def test_a_shopper_who_changes_the_backends_checkout_makes_the_quote_needed(shop: Shop) -> None:
    made = checkout(shop)
    changed = shop.call(
        "PATCH", f"/v1/checkouts/{made['id']}", {"from_name": "Eve"}, key=shop.pk, secret=made["client_secret"]
    ).get_json()
    problem(shop.complete(made), 428, "quote_required")
    problem(shop.complete(made, quote_id=made["quote"]["id"]), 409, "quote_changed")
    assert shop.complete(made, quote_id=changed["quote"]["id"]).status_code == 201


def test_what_the_backend_put_together_needs_no_quote(shop: Shop) -> None:
    assert shop.complete(checkout(shop)).status_code == 201


def test_a_captured_amount_has_no_place_in_hosted_payment(shop: Shop) -> None:
    refused = shop.complete(shop.checkout(), payment_amount=100)
    faults = problem(refused, 422, "invalid_input")["errors"]
    assert [(fault["pointer"], fault["code"]) for fault in faults] == [("/payment_amount", "not_in_this_mode")]
    assert shop.goody.batches == []


def test_a_gift_that_names_no_expiry_gets_the_apps_default(shop: Shop) -> None:
    expires_at = datetime.fromisoformat(checkout(shop)["expires_at"])
    assert abs(expires_at - shop.clock() - timedelta(weeks=10)) < timedelta(minutes=1)
    shop.services.app_settings.change("shop", default_expiry_days=5)
    expires_at = datetime.fromisoformat(checkout(shop)["expires_at"])
    assert abs(expires_at - shop.clock() - timedelta(days=5)) < timedelta(minutes=1)
    assert shop.checkout()["expires_at"] is None


def test_a_named_expiry_is_kept(shop: Shop) -> None:
    named = (shop.clock() + timedelta(days=3)).replace(microsecond=0)
    made = checkout(shop, expires_at=named.isoformat())
    assert datetime.fromisoformat(made["expires_at"]) == named


def leave(shop: Shop, available: int) -> None:
    """Let gifts speak for all of the balance but this much."""
    balance = funds(shop)[0]
    shop.goody.spend(balance - available)


def test_a_balance_that_open_gifts_speak_for_is_insufficient(shop: Shop) -> None:
    made = checkout(shop)
    leave(shop, 2 * high(made) - 1)
    assert shop.complete(made).status_code == 201
    problem(shop.complete(checkout(shop)), 409, "insufficient_stored_value")
    assert len(shop.goody.batches) == 1


def test_an_app_may_choose_a_warning_instead(shop: Shop) -> None:
    made = checkout(shop)
    leave(shop, high(made) - 1)
    shop.services.app_settings.change("shop", is_overdraft_allowed=True)
    response = shop.complete(made)
    assert (response.status_code, response.get_json()["warnings"]) == (201, ["insufficient_stored_value"])


def test_two_at_once_cannot_both_take_the_last_of_it(shop: Shop) -> None:
    made = [checkout(shop) for _ in range(6)]
    leave(shop, 2 * high(made[0]))
    shop.flask  # noqa: B018  made before the threads need it
    with ThreadPoolExecutor(6) as pool:
        codes = sorted(response.status_code for response in pool.map(shop.complete, made))
    assert codes == [201, 201, 409, 409, 409, 409]
    assert len(shop.goody.batches) == 2


def test_an_order_of_unknown_outcome_is_committed(shop: Shop) -> None:
    shop.goody.fail(kind="lost_answer", method="POST", path="/v1/order_batches")
    made = checkout(shop)
    assert shop.complete(made).status_code == 202
    assert funds(shop)[1] == high(made)


def test_a_rejected_order_is_not(shop: Shop) -> None:
    shop.goody.fail(kind="status", method="POST", path="/v1/order_batches", status=400)
    problem(shop.complete(checkout(shop)), 422, "rejected_by_supplier")
    assert funds(shop) == (OPENING, 0, OPENING)


def test_when_the_balance_cannot_be_asked_nothing_is_sent(shop: Shop) -> None:
    made = checkout(shop)
    shop.goody.fail(kind="status", method="GET", path="/v1/payment_methods", status=503, count=10)
    problem(shop.complete(made), 503, "supplier_unavailable")
    assert shop.goody.posts() == 0
    problem(shop.call("GET", "/v1/stored_value"), 503, "supplier_unavailable")


def test_a_checkout_completed_twice_at_once_is_ordered_once_and_told_so_twice(shop: Shop) -> None:
    """The second must not meet the first one's commitment and say that nothing was ordered."""
    made = checkout(shop)
    leave(shop, high(made))
    shop.goody.fail(kind="delay", method="GET", path="/v1/payment_methods", seconds=0.3, count=2)
    shop.flask  # noqa: B018  made before the threads need it
    with ThreadPoolExecutor(2) as pool:
        responses = list(pool.map(lambda _: shop.complete(made), range(2)))
    assert {response.status_code for response in responses} <= {201, 202}
    assert len({response.get_json()["id"] for response in responses}) == 1
    assert len(shop.goody.batches) == 1


def test_what_was_charged_after_the_balance_was_asked_for_still_counts(shop: Shop) -> None:
    """Else the old balance would be held against the new commitments, and be spent twice."""
    order = sell(shop)["orders"][0]
    asked_at = shop.clock()
    accept(shop, order["id"])
    with shop.services.sessions.read() as session:
        assert commitments(session, shop.app_id, shop.clock(), asked_at) > 0
        assert commitments(session, shop.app_id, shop.clock(), shop.clock()) == 0


def test_a_schedule_at_the_end_of_the_calendar_is_a_problem_and_no_crash(shop: Shop) -> None:
    made = checkout(shop, scheduled_send_on="9999-12-31T00:00:00Z")
    assert ("/expires_at", "before_send") in [(fault["pointer"], fault["code"]) for fault in made["problems"]]


def test_a_shopper_is_not_told_what_is_between_partner_and_goody(shop: Shop) -> None:
    made = checkout(shop)
    batch = shop.complete(made, payment_reference="ch_1").get_json()
    assert (batch["payment_reference"], batch["warnings"]) == ("ch_1", [])
    path = f"/v1/order_batches/{batch['id']}"
    shown = shop.call("GET", path, key=shop.pk, secret=made["client_secret"]).get_json()
    assert not {"payment_reference", "warnings"} & set(shown)


def test_the_default_expiry_follows_what_else_is_changed(shop: Shop) -> None:
    made = shop.checkout(payment_mode="stored_value")
    weeks = timedelta(weeks=10)

    def patched(**change: object) -> dict[str, Any]:
        changed: dict[str, Any] = shop.call("PATCH", f"/v1/checkouts/{made['id']}", change).get_json()
        return changed

    later = (shop.clock() + timedelta(days=200)).replace(microsecond=0)
    changed = patched(scheduled_send_on=later.isoformat())
    assert (changed["problems"], datetime.fromisoformat(changed["expires_at"])) == ([], later + weeks)
    assert patched(payment_mode="hosted_payment")["expires_at"] is None
    chosen = (later + timedelta(days=3)).isoformat()
    assert patched(expires_at=chosen, payment_mode="stored_value")["expires_at"] == chosen.replace("+00:00", "Z")
    assert patched(from_name="Bo")["expires_at"] == chosen.replace("+00:00", "Z"), "what was chosen stays"
    assert datetime.fromisoformat(patched(expires_at=None)["expires_at"]) == later + weeks
