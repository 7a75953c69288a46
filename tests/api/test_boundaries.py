"""What a caller can't reach by any road: another app's things, and what a public key must not see or spend."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import uuid4

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from foundation.ids import new_token
from foundation.keys import KeyKind
from tests.api.answers import problem
from tests.api.collections import with_collection
from tests.api.customers import Mint, token_maker
from tests.api.neighbours import second_app
from tests.api.statement_files import WITH_BAD_LINES, reconciled, send
from tests.shop import SLUG, Shop

PUBLIC_ID: Final = {"slug", "filename", "period"}
"""Parts of paths that are no ids of an app's things."""


class Walk:
    """Every route with an id in its path, asked about things of the first app."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        checkout, ordered = shop.checkout(customer_id="cust_7"), shop.checkout(customer_id="cust_7")
        batch = shop.complete(ordered).get_json()
        with_collection(shop)
        assert shop.call("POST", "/v1/curation/publish", {}).status_code == 201
        product = shop.product()
        card = {
            "interim_card_key": "key",
            "cardholder_name": "Ana Li",
            "billing_address": {
                "address_1": "1 Main St",
                "city": "Nome",
                "state": "AK",
                "postal_code": "99762",
                "country": "US",
            },
            "customer_id": "cust_7",
        }
        saved = shop.call("POST", "/v1/payment_methods", card).get_json()
        shop.call("PUT", f"/v1/products/{product['id']}/override", {"hidden": False})
        endpoint = shop.call("POST", "/v1/webhook_endpoints", {"url": "http://127.0.0.1:9/hook"}).get_json()
        self.theirs = {
            "checkout_id": checkout["id"],
            "batch_id": batch["id"],
            "order_id": batch["orders"][0]["id"],
            "product_id": product["id"],
            "brand_id": product["brand"]["id"],
            "handle": "tea",
            "run_id": shop.services.catalog_sync.newest(shop.app_id)[0].id,
            "version": "1",
            "card_id": saved["id"],
            "endpoint_id": endpoint["id"],
            "delivery_id": shop.services.deliveries.test(shop.app_id, endpoint["id"])[0].id,
            "statement_id": send(shop, WITH_BAD_LINES).get_json()["id"],
        }
        self.theirs["reconciliation_id"], self.theirs["discrepancy_id"] = reconciled(shop)
        self.made_up = {
            name: str(uuid4()) if len(text) == 36 else f"{text[:4]}{new_token(8)}" for name, text in self.theirs.items()
        } | {"version": "4711"}

    def routes(self) -> Iterator[tuple[str, str]]:
        for rule in self.shop.flask.url_map.iter_rules():
            names = rule.arguments
            if names and names.isdisjoint(PUBLIC_ID):
                for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                    yield method, rule.rule

    def ask(self, method: str, rule: str, ids: dict[str, str], key: str) -> TestResponse:
        path = rule
        for name, value in ids.items():
            for kind in ("string", "uuid", "int"):
                path = path.replace(f"<{kind}:{name}>", value)
        assert "<" not in path, f"{rule} has a part that this test does not know: add it"
        body = {
            "complete": {"payment_mode": "hosted_payment"},
            "expiration": {"expires_at": "2099-01-01T00:00:00Z"},
            "resolve": {"status": "explained", "note": "Told by phone."},
        }.get(rule.rpartition("/")[2], {})
        queries = {"payment_methods": "?customer_id=cust_7", "/replay": "?since=2026-11-01T00:00:00Z"}
        query = next((each for part, each in queries.items() if part in rule), "")
        headers = {"Idempotency-Key": new_token()}
        sent = None if method in {"GET", "DELETE"} else body
        return self.shop.call(method, path + query, sent, key=key, headers=headers)


@contextmanager
def counted(shop: Shop) -> Iterator[list[str]]:
    """The statements that are sent to the database meanwhile."""
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    engine = shop.services.sessions.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def remembering(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known for a moment stays known: asked anew one time and not the other, it would look like other work."""
    monkeypatch.setattr(shop.services.generations, "_most_seconds", 3600)


@pytest.mark.usefixtures("remembering")
def test_an_id_of_another_app_is_not_there_on_any_route(shop: Shop) -> None:
    """Answer and work are the same as for an id that never was, so that neither words nor time tell them apart."""
    walk, other = Walk(shop), second_app(shop)
    walked = 0
    for method, rule in walk.routes():
        if method == "PUT" and rule.endswith("/override"):
            continue  # An override of a product that is not there yet may be made: it says nothing of others.
        walk.ask(method, rule, walk.made_up, other.secret_key)
        with counted(shop) as for_made_up:
            nowhere = walk.ask(method, rule, walk.made_up, other.secret_key)
        with counted(shop) as for_theirs:
            there = walk.ask(method, rule, walk.theirs, other.secret_key)
        told = problem(there, 404, "not_found")
        assert problem(nowhere, 404, "not_found")["title"] == told["title"]
        assert _without(told, walk.theirs) == _without(nowhere.get_json(), walk.made_up), rule
        assert for_theirs == for_made_up, f"{method} {rule} does other work for what is there"
        walked += 1
    assert walked > 20
    assert shop.call("GET", f"/v1/orders/{walk.theirs['order_id']}").get_json()["status"] == "created"
    assert shop.call("GET", "/v1/payment_methods?customer_id=cust_7").get_json()["data"] != []


def _without(told: dict[str, Any], ids: dict[str, str]) -> str:
    text = told["detail"]
    for value in sorted(ids.values(), key=len, reverse=True):
        text = text.replace(value, "…")
    return str(text)


@pytest.mark.usefixtures("remembering")
def test_a_guessed_and_a_foreign_secret_are_refused_alike(shop: Shop) -> None:
    other = second_app(shop)
    mine, foreign = shop.checkout(), shop.checkout(key=other.publishable_key, items=shop.wish()["items"])
    secrets = (
        foreign["client_secret"],
        f"{mine['id']}_secret_{new_token()}",
        f"{foreign['id']}_secret_{new_token()}",
        f"chk_{new_token()}_secret_{new_token()}",
    )
    answers, work = set(), set()
    for secret in secrets:
        with counted(shop) as statements:
            answer = shop.call("GET", "/v1/orders", key=shop.pk, secret=secret)
        answers.add((answer.status_code, answer.get_json()["detail"]))
        work.add(tuple(statements))
    assert len(answers) == len(work) == 1


SPENDING: Final = ({"payment_mode": "stored_value"}, {"payment_mode": "card", "payment_method_id": "x"})


@pytest.fixture
def mint(shop: Shop) -> Mint:
    return token_maker(shop)


@pytest.mark.parametrize("body", SPENDING, ids=("stored value", "card"))
def test_a_public_key_spends_nothing_by_any_field(shop: Shop, body: dict[str, str], mint: Mint) -> None:
    mode = body["payment_mode"]
    made = shop.call("POST", "/v1/checkouts", shop.wish(payment_mode=mode), key=shop.pk).get_json()
    path = f"/v1/checkouts/{made['id']}/complete"
    secret = {"X-Checkout-Secret": made["client_secret"]}
    for sent in ({**body, "quote_id": made["quote"]["id"]}, {**body, "payment_amount": 1, "payment_reference": "x"}):
        for headers in (secret, {}, {"X-Customer-Token": mint("cust_7")}, {**secret, "X-HTTP-Method-Override": "POST"}):
            headers_sent = {**headers, "Idempotency-Key": new_token()}
            refused = shop.call("POST", path, sent, key=shop.pk, headers=headers_sent)
            assert refused.status_code in {403, 404, 422}, refused.text
    for extra in ("customer_id", "payment_method_id", "commerce_end_user_id", "price", "app_id"):
        refused = shop.call("POST", "/v1/checkouts", shop.wish(**{extra: "cust_7"}), key=shop.pk)
        problem(refused, 422, "invalid_input")
    assert shop.goody.batches == []


def test_a_stored_value_checkout_of_the_backend_is_not_completed_with_its_secret(shop: Shop) -> None:
    made = shop.checkout(payment_mode="stored_value")
    body = {"payment_mode": "stored_value", "quote_id": made["quote"]["id"]}
    refused = shop.call(
        "POST",
        f"/v1/checkouts/{made['id']}/complete",
        body,
        key=shop.pk,
        secret=made["client_secret"],
        headers={"Idempotency-Key": new_token()},
    )
    problem(refused, 403, "forbidden")
    assert shop.goody.batches == []


def test_a_replay_is_given_to_nobody_else(shop: Shop, mint: Mint) -> None:
    other = second_app(shop)
    key, wish = {"Idempotency-Key": "the same for all"}, shop.wish()
    proxied = shop.under(trusted_proxies=("127.0.0.1",))
    callers: tuple[tuple[str, dict[str, str]], ...] = (
        (shop.sk, {}),
        (shop.pk, {"X-Forwarded-For": "203.0.113.1"}),
        (shop.pk, {"X-Forwarded-For": "203.0.113.2"}),
        (shop.services.apps.create_key(SLUG, KeyKind.PUBLISHABLE), {"X-Forwarded-For": "203.0.113.1"}),
        (shop.pk, {"X-Customer-Token": mint("cust_7")}),
        (shop.pk, {"X-Customer-Token": mint("cust_8")}),
        (other.secret_key, {}),
        (other.publishable_key, {"X-Forwarded-For": "203.0.113.1"}),
    )
    answers = [proxied.call("POST", "/v1/checkouts", wish, key=who, headers={**key, **more}) for who, more in callers]
    assert [answer.status_code for answer in answers] == [201] * len(callers)
    assert len({answer.get_json()["client_secret"] for answer in answers}) == len(callers)
    assert not any("Idempotent-Replayed" in answer.headers for answer in answers)


def test_a_replay_of_completing_needs_the_same_right_as_the_first(shop: Shop) -> None:
    made = shop.checkout(payment_mode="stored_value")
    body = {"payment_mode": "stored_value", "quote_id": made["quote"]["id"], "payment_reference": "capture-42"}
    path, key = f"/v1/checkouts/{made['id']}/complete", {"Idempotency-Key": "once"}
    assert shop.call("POST", path, body, headers=key).status_code == 201
    for secret in (None, made["client_secret"]):
        answer = shop.call("POST", path, body, key=shop.pk, secret=secret, headers=key)
        assert "capture-42" not in answer.text
        assert "Idempotent-Replayed" not in answer.headers
