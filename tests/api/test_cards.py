"""Card mode: customers' saved cards, completing with one, and what a shopper sees of a decline."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from foundation.ids import new_token
from tests.api.answers import faults, problem
from tests.api.customers import token_maker
from tests.api.neighbours import second_app
from tests.integration.payments.stage import another_process, batch_row
from tests.integration.payments.wire import Wire, refusal
from tests.shop import Shop

ADDRESS = {"address_1": "1 Main St", "city": "New York", "state": "NY", "postal_code": "10022", "country": "US"}
DECLINED = "Your card was declined."


def _wish(key: str = "key", **changes: Any) -> dict[str, Any]:
    return {"interim_card_key": key, "cardholder_name": "Ana Li", "billing_address": ADDRESS, **changes}


def _save(shop: Shop, token: str | None = None, **changes: Any) -> TestResponse:
    headers = {} if token is None else {"X-Customer-Token": token}
    key = shop.sk if token is None else shop.pk
    return shop.call("POST", "/v1/payment_methods", _wish(**changes), key=key, headers=headers)


def _saved(shop: Shop, customer: str = "c-1", **changes: Any) -> dict[str, Any]:
    answer = _save(shop, customer_id=customer, **changes)
    assert answer.status_code == 201, answer.text
    card: dict[str, Any] = answer.get_json()
    return card


def _card_checkout(shop: Shop, customer: str = "c-1") -> dict[str, Any]:
    made = shop.checkout(payment_mode="card", customer_id=customer)
    assert made["problems"] == []
    return made


def test_a_customer_saves_lists_and_forgets_a_card(shop: Shop) -> None:
    mint = token_maker(shop)
    answer = _save(shop, mint("c-1"))
    assert answer.status_code == 201, answer.text
    card = answer.get_json()
    assert set(card) == {"id", "customer_id", "brand", "last_4", "exp_month", "exp_year", "created_at"}
    assert (card["customer_id"], len(card["last_4"])) == ("c-1", 4)
    sent = next(each for each in shop.goody.requests if each["path"] == "/v1/commerce_user_payment_methods")
    assert '"commerce_end_user_id": "c-1"' in str(sent["body"]).replace("'", '"')

    def listed(token: str | None, query: str = "") -> list[str]:
        headers = {} if token is None else {"X-Customer-Token": token}
        key = shop.sk if token is None else shop.pk
        found = shop.call("GET", f"/v1/payment_methods{query}", key=key, headers=headers)
        return [each["id"] for each in found.get_json()["data"]]

    assert listed(mint("c-1")) == listed(None, "?customer_id=c-1") == [card["id"]]
    assert listed(mint("c-2")) == []
    path, own = f"/v1/payment_methods/{card['id']}", {"X-Customer-Token": mint("c-1")}
    problem(shop.call("DELETE", path, key=shop.pk, headers={"X-Customer-Token": mint("c-2")}), 404, "not_found")
    assert shop.call("DELETE", path, key=shop.pk, headers=own).status_code == 204
    problem(shop.call("DELETE", path, key=shop.pk, headers=own), 404, "not_found")
    assert listed(mint("c-1")) == []


def test_whose_card_it_is_has_to_be_clear(shop: Shop) -> None:
    mint = token_maker(shop)
    assert faults(_save(shop)) == [("/customer_id", "required")]
    assert faults(_save(shop, mint("c-1"), customer_id="c-2")) == [("/customer_id", "not_allowed")]
    problem(shop.call("POST", "/v1/payment_methods", _wish(), key=shop.pk), 403, "forbidden")
    bare = shop.call("POST", "/v1/payment_methods", {"number": "4242424242424242"})
    assert ("/number", "unknown_field") in faults(bare), "no card data is taken in"


def test_a_declined_card_is_told_in_goodys_words_and_nothing_else_is(shop: Shop) -> None:
    declined = problem(_save(shop, customer_id="c-1", key="declined"), 422, "card_declined")
    assert declined["detail"] == DECLINED
    refused = problem(_save(shop, customer_id="c-1", cardholder_name="\u2028"), 422, "invalid_input")
    assert refused["errors"]
    shop.goody.fail(kind="status", method="POST", path="/v1/commerce_user_payment_methods", status=400, count=1)
    problem(_save(shop, customer_id="c-1"), 422, "card_refused")
    shop.goody.fail(kind="status", method="POST", path="/v1/commerce_user_payment_methods", status=401, count=1)
    problem(_save(shop, customer_id="c-1"), 502, "supplier_unauthorized")
    shop.goody.fail(kind="lost_answer", method="POST", path="/v1/commerce_user_payment_methods", count=1)
    unknown = problem(_save(shop, customer_id="c-1"), 504, "card_save_unknown")
    assert "save the card again" in unknown["detail"]
    assert shop.call("GET", "/v1/payment_methods?customer_id=c-1").get_json()["data"] == []


@pytest.mark.parametrize("caller", ["customer", "backend"])
def test_a_checkout_is_completed_with_a_saved_card(shop: Shop, caller: str) -> None:
    token = token_maker(shop)("c-1")
    card, checkout = _saved(shop), _card_checkout(shop)
    key = shop.sk if caller == "backend" else shop.pk
    headers = {"Idempotency-Key": new_token(), **({"X-Customer-Token": token} if caller == "customer" else {})}
    body = {"payment_mode": "card", "payment_method_id": card["id"]}
    answer = shop.call("POST", f"/v1/checkouts/{checkout['id']}/complete", body, key=key, headers=headers)
    assert answer.status_code == 201, answer.text
    batch = answer.get_json()
    payload = batch_row(shop, batch["id"]).payload
    assert f'"payment_method_id":"{card["id"]}"' in payload
    assert '"commerce_end_user_id":"c-1"' in payload
    order_id = batch["orders"][0]["id"]
    shop.hear("order.gift_accepted", shop.goody.step(order_id, "accept"))
    shop.services.activities.poll_due()
    shown = shop.call("GET", f"/v1/orders/{order_id}").get_json()
    assert (shown["status"], shown["payment_link"]) == ("ordered", None)


def test_a_card_that_is_not_the_customers_charges_nobody(shop: Shop) -> None:
    other = second_app(shop)
    foreign = shop.call("POST", "/v1/payment_methods", _wish(customer_id="c-1"), key=other.secret_key).get_json()
    forgotten = _saved(shop)
    shop.call("DELETE", f"/v1/payment_methods/{forgotten['id']}?customer_id=c-1")
    checkout = _card_checkout(shop)
    for card_id in (foreign["id"], _saved(shop, "c-2")["id"], forgotten["id"], "COMMERCE_STORED_VALUE"):
        refused = shop.complete(checkout, payment_method_id=card_id)
        assert faults(refused) == [("/payment_method_id", "unknown_payment_method")]
    assert faults(shop.complete(checkout)) == [("/payment_method_id", "required")]
    hosted = shop.complete(shop.checkout(), payment_method_id=_saved(shop)["id"])
    assert faults(hosted) == [("/payment_method_id", "not_in_this_mode")]
    assert shop.goody.batches == []


def test_a_guest_has_no_card(shop: Shop) -> None:
    guest = shop.checkout(key=shop.pk, payment_mode="card")
    assert [fault["pointer"] for fault in guest["problems"]] == ["/customer_id"]
    checkout, card = _card_checkout(shop), _saved(shop)
    path, body = f"/v1/checkouts/{checkout['id']}/complete", {"payment_mode": "card", "payment_method_id": card["id"]}
    answer = shop.call(
        "POST", path, body, key=shop.pk, secret=checkout["client_secret"], headers={"Idempotency-Key": "g"}
    )
    assert "token" in problem(answer, 403, "forbidden")["detail"]
    shop.services.app_settings.change("shop", capabilities=["hosted_payment"])
    assert faults(shop.complete(checkout, payment_method_id=card["id"])) == [("/payment_mode", "not_enabled")]
    assert shop.goody.batches == []


def test_after_a_decline_a_copy_goes_on_with_another_card(shop: Shop) -> None:
    wire = Wire()
    with another_process(shop, wire) as services:
        wired = Shop(services, shop.goody, shop.clock, shop.app_id, shop.pk, shop.sk)
        bad, good, checkout = _saved(shop, key="one"), _saved(shop, key="two"), _card_checkout(shop)
        problem(shop.call("POST", f"/v1/checkouts/{checkout['id']}/copies"), 409, "checkout_not_over")
        wire.step_in("POST", "/v1/order_batches", refusal(DECLINED))
        declined = wired.complete(checkout, payment_method_id=bad["id"], idempotency_key="k")
        assert problem(declined, 422, "card_declined")["detail"] == DECLINED
        again = wired.complete(checkout, payment_method_id=bad["id"], idempotency_key="k")
        assert again.headers["Idempotent-Replayed"] == "true"
        problem(wired.complete(checkout, payment_method_id=good["id"]), 422, "card_declined")
        assert len(wire.sent_batches()) == 1, "the batch that was refused is not sent again, whatever card is named"
        copied = wired.call("POST", f"/v1/checkouts/{checkout['id']}/copies")
        assert copied.status_code == 201, copied.text
        copy = copied.get_json()
        assert copy["id"] != checkout["id"]
        assert copy["client_secret"] != checkout["client_secret"]
        for name in ("items", "recipients", "from_name", "customer_id", "payment_mode"):
            assert copy[name] == checkout[name]
        assert wired.complete(copy, payment_method_id=good["id"]).status_code == 201
        problem(wired.call("POST", f"/v1/checkouts/{copy['id']}/copies"), 409, "checkout_not_over")
    assert len(shop.goody.batches) == 1


def test_what_may_exist_is_not_copied_and_what_expired_is(shop: Shop) -> None:
    unknown, left = shop.checkout(), shop.checkout()
    shop.goody.fail(kind="reset_after", method="POST", path="/v1/order_batches", count=1)
    assert shop.complete(unknown).status_code == 202
    problem(shop.call("POST", f"/v1/checkouts/{unknown['id']}/copies"), 409, "checkout_not_over")
    shop.clock.advance(days=2)
    problem(shop.complete(left), 409, "checkout_expired")
    assert shop.call("POST", f"/v1/checkouts/{left['id']}/copies").get_json()["status"] == "ready"
