"""Customer tokens at the door: a customer sees and completes what is theirs, and nothing else."""

import pytest

from foundation.customer_tokens import TokenAlgorithm
from foundation.ids import new_token
from tests.api.answers import problem
from tests.api.customers import Mint, token_maker
from tests.shop import Shop


@pytest.fixture
def mint(shop: Shop) -> Mint:
    return token_maker(shop)


def as_customer(token: str) -> dict[str, str]:
    return {"X-Customer-Token": token}


def buy(shop: Shop, token: str) -> dict[str, object]:
    """A customer's own order."""
    made = shop.call("POST", "/v1/checkouts", shop.wish(), key=shop.pk, headers=as_customer(token)).get_json()
    headers = {**as_customer(token), "Idempotency-Key": new_token()}
    path = f"/v1/checkouts/{made['id']}/complete"
    response = shop.call("POST", path, {"payment_mode": "hosted_payment"}, key=shop.pk, headers=headers)
    assert response.status_code == 201, response.text
    batch: dict[str, object] = response.get_json()
    return batch


def test_a_customer_buys_and_goody_is_told_who(shop: Shop, mint: Mint) -> None:
    batch = buy(shop, mint("cust_7"))
    assert batch["customer_id"] == "cust_7"
    own = shop.call("GET", "/v1/orders", key=shop.pk, headers=as_customer(mint("cust_7"))).get_json()["data"]
    assert [order["customer_id"] for order in own] == ["cust_7"]
    assert shop.call("GET", "/v1/orders", key=shop.pk, headers=as_customer(mint("cust_8"))).get_json()["data"] == []


def test_a_customer_is_no_guest(shop: Shop, mint: Mint) -> None:
    wish = shop.wish(send_method="email_and_link", recipients=[{"first_name": "Li", "email": "li@example.com"}])
    made = shop.call("POST", "/v1/checkouts", wish, key=shop.pk, headers=as_customer(mint("cust_7"))).get_json()
    assert (made["status"], made["problems"]) == ("ready", [])
    as_guest = shop.call("POST", "/v1/checkouts", wish, key=shop.pk).get_json()
    assert [fault["code"] for fault in as_guest["problems"]] == ["not_for_guests"]


def test_a_customer_cannot_spend_the_partners_balance(shop: Shop, mint: Mint) -> None:
    wish = shop.wish(payment_mode="stored_value")
    made = shop.call("POST", "/v1/checkouts", wish, key=shop.pk, headers=as_customer(mint("cust_7"))).get_json()
    headers = {**as_customer(mint("cust_7")), "Idempotency-Key": new_token()}
    body = {"payment_mode": "stored_value", "quote_id": made["quote"]["id"]}
    refused = shop.call("POST", f"/v1/checkouts/{made['id']}/complete", body, key=shop.pk, headers=headers)
    problem(refused, 403, "forbidden")
    assert shop.goody.batches == []


def test_a_customer_cannot_say_that_they_are_another(shop: Shop, mint: Mint) -> None:
    wish = shop.wish(customer_id="cust_8")
    refused = shop.call("POST", "/v1/checkouts", wish, key=shop.pk, headers=as_customer(mint("cust_7")))
    problem(refused, 422, "invalid_input")


def test_a_checkouts_secret_does_not_widen_a_token(shop: Shop, mint: Mint) -> None:
    other = shop.checkout(customer_id="cust_8")
    response = shop.call(
        "GET",
        f"/v1/checkouts/{other['id']}",
        key=shop.pk,
        secret=other["client_secret"],
        headers=as_customer(mint("cust_7")),
    )
    problem(response, 404, "not_found")


@pytest.mark.parametrize("changes", [{"aud": "app_other"}, {"iss": "https://stranger.example"}, {"seconds": 7200}])
def test_a_token_that_is_not_for_here_and_now_is_refused(shop: Shop, mint: Mint, changes: dict[str, object]) -> None:
    token = mint("cust_7", **changes)
    problem(shop.call("GET", "/v1/orders", key=shop.pk, headers=as_customer(token)), 401, "bad_customer_token")


def test_an_app_without_tokens_says_so(shop: Shop) -> None:
    problem(shop.call("GET", "/v1/orders", key=shop.pk, headers=as_customer("a.b.c")), 401, "bad_customer_token")


def test_the_token_secret_is_stored_encrypted(shop: Shop) -> None:

    app, secret = shop.services.app_settings.use_tokens("shop", TokenAlgorithm.HS256, "https://partner.example")
    assert secret is not None
    assert app.token_secret is not None
    assert secret not in app.token_secret
    rules = shop.services.app_settings.token_rules(app)
    assert rules is not None
    assert rules.secret == secret
