"""What the service says of itself: its OpenAPI description, the page that shows it, its probes, and its headers."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from werkzeug.test import TestResponse

from storefront.factory import create_app
from storefront.services import build_services
from tests.api.collections import with_collection
from tests.api.curation_answers import curation_answers
from tests.api.ledger_answers import ledger_answers
from tests.api.relaying import relay_answers
from tests.api.statement_files import statement_answers
from tests.api.syncing import sync_answers
from tests.shop import Shop, settings_for

METHODS: Final = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
PROBLEM: Final = "application/problem+json"
Json = dict[str, Any]


@pytest.fixture
def described(shop: Shop) -> Json:
    """The OpenAPI description."""
    found: Json = shop.client.get("/openapi.json").get_json()
    return found


def _operations(described: Json) -> Iterator[tuple[str, str, Json]]:
    for path, item in described["paths"].items():
        for method in METHODS & set(item):
            yield (
                method,
                path,
                {**item[method], "parameters": [*item.get("parameters", []), *item[method].get("parameters", [])]},
            )


def _parts(tree: object) -> Iterator[Json]:
    if isinstance(tree, dict):
        yield tree
        for part in tree.values():
            yield from _parts(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from _parts(part)


def _resolve(described: Json, reference: str) -> Json:
    found: Any = described
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def test_it_is_a_sound_openapi_3_1_description(described: Json) -> None:
    assert described["openapi"].startswith("3.1.")
    assert described["info"]["title"]
    assert described["info"]["version"]
    for part in _parts(described):
        if "$ref" in part:
            assert _resolve(described, part["$ref"])
    for schema in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for method, path, operation in _operations(described):
        assert operation["responses"], (method, path)
        assert operation["summary"], (method, path)
        in_path = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
        assert in_path == set(re.findall(r"{(\w+)}", path))
        for parameter in operation["parameters"]:
            Draft202012Validator.check_schema(parameter["schema"])
        for response in operation["responses"].values():
            whole = _resolve(described, response["$ref"]) if "$ref" in response else response
            assert whole["description"]
    schemes = described["components"]["securitySchemes"]
    assert {name for each in described["security"] for name in each} <= set(schemes)


def test_its_patterns_mean_the_same_in_javascript(described: Json) -> None:
    """Client generators take them as ECMA 262, where a backslash and Z is the letter Z."""
    patterns = {part["pattern"] for part in _parts(described) if isinstance(part.get("pattern"), str)}
    assert patterns
    for pattern in patterns:
        assert not re.search(r"\\[AZz]|\(\?[a-zA-Z]|\(\?P", pattern), pattern
        assert pattern.startswith("^")
        assert pattern.endswith("$")


def test_every_route_of_the_api_is_described(shop: Shop, described: Json) -> None:
    served = {
        (method.lower(), re.sub(r"<\w+:(\w+)>", r"{\1}", rule.rule))
        for rule in shop.flask.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/v1/")
    }
    assert {(method, path) for method, path, _ in _operations(described)} == served


def test_headers_that_matter_are_described(described: Json) -> None:
    def headers(method: str, path: str) -> dict[str, bool]:
        operation = next(each for m, p, each in _operations(described) if (m, p) == (method, path))
        return {each["name"]: each["required"] for each in operation["parameters"] if each["in"] == "header"}

    assert headers("post", "/v1/checkouts") == {"Idempotency-Key": False}
    assert headers("post", "/v1/checkouts/{checkout_id}/complete") == {"Idempotency-Key": True}
    assert headers("patch", "/v1/checkouts/{checkout_id}") == {"If-Match": False}


def _answers(shop: Shop) -> Iterator[tuple[str, str, TestResponse]]:
    """A sample: every operation answered well, and refusals of each kind."""
    wish = shop.wish(send_method="email_and_link", recipients=[{"first_name": "Li", "email": "li@example.com"}])
    made = shop.call("POST", "/v1/checkouts", wish)
    checkout = made.get_json()
    one, whole = "/v1/checkouts/{checkout_id}", f"/v1/checkouts/{checkout['id']}"
    yield "post", "/v1/checkouts", made
    yield "post", "/v1/checkouts", shop.call("POST", "/v1/checkouts", shop.wish(items=[], message="Hi"))
    yield "post", "/v1/checkouts", shop.call("POST", "/v1/checkouts", {"from_name": 7})
    many = [{"first_name": f"R{i}"} for i in range(500)]
    costly = [{**wish["items"][0], "quantity": 1000}]
    yield "post", "/v1/checkouts", shop.call("POST", "/v1/checkouts", {**wish, "recipients": many, "items": costly})
    yield "get", one, shop.call("GET", whole)
    yield "get", one, shop.call("GET", whole + "x")
    yield "get", one, shop.call("GET", whole, key="nobody's")
    yield "get", one, shop.call("GET", whole, key=shop.pk)
    yield "patch", one, shop.call("PATCH", whole, {"metadata": {"cart": "42"}})
    yield "patch", one, shop.call("PATCH", whole, {}, headers={"If-Match": '"1"'})
    lost = shop.checkout()
    shop.goody.fail(kind="lost_answer", method="POST", path="/v1/order_batches", count=1)
    yield "post", one + "/complete", shop.complete(lost)
    yield "post", one + "/complete", shop.complete(checkout, quote_id="quo_old")
    completed = shop.complete(checkout)
    yield "post", one + "/complete", completed
    batch = completed.get_json()
    order_id = batch["orders"][0]["id"]
    for step, event in (("open", "gift_opened"), ("accept", "gift_accepted")):
        shop.hear(f"order.{event}", shop.goody.step(order_id, step))
    for path in (f"/v1/order_batches/{batch['id']}", f"/v1/order_batches/{batch['id']}/orders", "/v1/orders"):
        yield "get", path.replace(batch["id"], "{batch_id}"), shop.call("GET", path)
    yield "get", "/v1/orders/{order_id}", shop.call("GET", f"/v1/orders/{order_id}")
    shop.goody.step(order_id, "pay")
    shop.services.activities.poll_due()
    shop.hear("order.shipped", shop.goody.step(order_id, "ship"))
    yield "get", "/v1/orders/{order_id}", shop.call("GET", f"/v1/orders/{order_id}")
    timeline = "/v1/orders/{order_id}/timeline"
    yield "get", timeline, shop.call("GET", timeline.replace("{order_id}", order_id))
    yield from _changes(shop, order_id)
    yield "get", "/v1/events", shop.call("GET", "/v1/events")
    yield "get", "/v1/events", shop.call("GET", "/v1/events?after=x")
    yield "get", "/v1/stored_value", shop.call("GET", "/v1/stored_value")
    product = shop.product()
    yield "get", "/v1/products/{product_id}", shop.call("GET", f"/v1/products/{product['id']}")
    yield "get", "/v1/brands/{brand_id}", shop.call("GET", f"/v1/brands/{product['brand']['id']}")
    with_collection(shop)
    yield "get", "/v1/collections/{handle}", shop.call("GET", "/v1/collections/gifts")
    for path in ("/v1/products/filters", "/v1/collections", "/v1/changes"):
        yield "get", path, shop.call("GET", path)
        yield "get", path, shop.call("GET", f"{path}?colour=red")
    for path in ("/v1/products", "/v1/brands", "/v1/cards"):
        yield "get", path, shop.call("GET", f"{path}?limit=100&include=total")
    for answers in (relay_answers, curation_answers, ledger_answers, sync_answers, statement_answers):
        yield from answers(shop)


def _changes(shop: Shop, shipped: str) -> Iterator[tuple[str, str, TestResponse]]:
    """Cancelling, another expiry, saved cards and copies."""
    order_id = shop.order()["id"]
    cancel, expire = "/v1/orders/{order_id}/cancel", "/v1/orders/{order_id}/expiration"
    body = {"expires_at": "2099-01-01T00:00:00Z"}
    yield "post", expire, shop.call("POST", expire.replace("{order_id}", order_id), body)
    yield "post", cancel, shop.call("POST", cancel.replace("{order_id}", order_id))
    yield "post", cancel, shop.call("POST", cancel.replace("{order_id}", shipped))
    cards, one = "/v1/payment_methods", "/v1/payment_methods/{card_id}"
    address = {"address_1": "1 Main St", "city": "Nome", "state": "AK", "postal_code": "99762", "country": "US"}
    wish = {"interim_card_key": "k", "cardholder_name": "Ana", "billing_address": address, "customer_id": "c-1"}
    saved = shop.call("POST", cards, wish)
    yield "post", cards, saved
    yield "post", cards, shop.call("POST", cards, {**wish, "interim_card_key": "declined"})
    yield "get", cards, shop.call("GET", f"{cards}?customer_id=c-1")
    yield "delete", one, shop.call("DELETE", f"{cards}/{saved.get_json()['id']}?customer_id=c-1")
    copies, left = "/v1/checkouts/{checkout_id}/copies", shop.checkout()
    yield "post", copies, shop.call("POST", copies.replace("{checkout_id}", left["id"]))
    shop.clock.advance(days=2)
    yield "post", copies, shop.call("POST", copies.replace("{checkout_id}", left["id"]))


def test_what_is_sent_is_what_is_described(shop: Shop, described: Json) -> None:
    operations = {(method, path): operation for method, path, operation in _operations(described)}
    answered = set()
    for method, path, response in _answers(shop):
        responses = operations[method, path]["responses"]
        found = responses.get(str(response.status_code), responses["default"])
        whole = _resolve(described, found["$ref"]) if "$ref" in found else found
        if response.status_code in {204, 307}:
            assert (response.data, "content" in whole) == (b"", False)
            answered.add((method, path))
            continue
        schema = {**whole["content"][response.mimetype]["schema"], "components": described["components"]}
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(response.get_json())
        if response.status_code < 300:
            assert str(response.status_code) in responses
            answered.add((method, path))
        else:
            assert response.mimetype == PROBLEM
    assert answered == set(operations)


def test_the_wish_of_a_client_fits_the_description(shop: Shop, described: Json) -> None:
    schemas = described["components"]["schemas"]
    validator = Draft202012Validator({**schemas["NewCheckout"], "components": described["components"]})
    validator.validate(shop.wish(recipients=[{"first_name": "Li", "phone": "+15552347890", "email": None}]))
    assert not validator.is_valid(shop.wish(price=1))
    assert not validator.is_valid(shop.wish(recipients=[{"first_name": "Li", "phone": "+15552347890\n"}]))


class _References(HTMLParser):
    """What a page loads, and whether it holds code or styles of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.found += [value for name in ("src", "href", "data-openapi") if (value := named.get(name)) is not None]
        self.inline += [tag for name in named if name.startswith("on") or name == "style"]
        if tag == "style" or (tag == "script" and "src" not in named):
            self.inline.append(tag)


def test_the_page_loads_from_this_server_alone(shop: Shop) -> None:
    page = shop.client.get("/docs")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "script-src" not in policy
    assert "http" not in policy
    references = _References()
    references.feed(page.text)
    assert references.inline == []
    files = [each for each in references.found if each != "data:,"]
    assert {"/openapi.json", "/static/docs.js"} < set(files)
    for file in files:
        assert file.startswith("/")
        assert not file.startswith("//")
        assert shop.client.get(file, buffered=True).status_code == 200
    script = shop.client.get("/static/docs.js", buffered=True)
    assert script.mimetype == "text/javascript"
    assert "http" not in script.text


def test_every_answer_has_the_security_headers(shop: Shop) -> None:
    tag = shop.call("GET", "/v1/products").headers["ETag"]
    with shop.services.sessions.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE orders RENAME TO elsewhere")
    answers = {
        path: shop.client.get(path, buffered=True)
        for path in ("/healthz", "/readyz", "/docs", "/openapi.json", "/static/docs.js", "/nope", "/v1/products")
    }
    answers["200"] = shop.call("GET", "/v1/products")
    answers["304"] = shop.call("GET", "/v1/products", headers={"If-None-Match": tag})
    answers["405"] = shop.call("POST", "/v1/products")
    answers["503"] = shop.call("GET", "/v1/orders")
    for name, response in answers.items():
        headers = response.headers
        assert headers["X-Content-Type-Options"] == "nosniff", name
        assert headers["Referrer-Policy"] == "no-referrer", name
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], name
        assert headers["X-Request-Id"], name
        assert "Cache-Control" in headers, name
        if name != "/docs":
            assert headers["Content-Security-Policy"].startswith("default-src 'none'"), name
    assert answers["/v1/products"].headers["Cache-Control"] == "no-store"


def test_a_migrated_shop_is_ready(shop: Shop) -> None:
    assert shop.client.get("/healthz").get_json() == {"status": "ok"}
    ready = shop.client.get("/readyz")
    assert ready.status_code == 200
    told = ready.get_json()
    assert (told["status"], told["checks"]["database"], told["checks"]["migrations"]) == ("ready", "ok", "ok")
    assert told["checks"]["catalog"]["apps"] == 1
    assert told["checks"]["catalog"]["apps_without_sync"] == 0
    assert told["checks"]["catalog"]["apps_in_quarantine"] == 0
    age = told["checks"]["catalog"]["oldest_sync_age_seconds"]
    shop.clock.advance(seconds=500)
    later = shop.client.get("/readyz").get_json()["checks"]["catalog"]["oldest_sync_age_seconds"]
    assert 500 <= later - age < 520


@pytest.mark.parametrize(
    ("database", "checks"),
    [
        ("empty.db", {"database": "ok", "migrations": "not applied: run `storefront init`"}),
        ("nowhere/x.db", {"database": "does not answer; the log says why"}),
    ],
)
def test_an_unready_service_says_why(tmp_path: Path, database: str, checks: Json) -> None:
    services = build_services(settings_for(f"sqlite:///{tmp_path / database}"))
    client = create_app(services).test_client()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.get_json() == {"status": "not ready", "checks": checks}
    assert client.get("/healthz").status_code == 200
    services.close()
