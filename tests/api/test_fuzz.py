"""Anything at all as path, query, headers and body: no 5xx, every refusal a problem document, no secret in it."""

import json
import re
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.api.customers import token_maker
from tests.shop import Shop

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "X")
NASTY: Final = (
    "",
    " ",
    ".",
    "..",
    "%00",
    "%2e%2e%2f",
    "%ff",
    "%F0%9F%92%A9",
    "%",
    "%0d%0aX-Evil:%201",
    "'%20OR%201=1--",
    "-1",
    "0",
    "1e9",
    "99999999999999999999999",
    "9223372036854775807",
    "9223372036854775808",
    "١٢٣",
    "null",
    "true",
    "00000000-0000-0000-0000-000000000000",
    "chk_x",
    "ob_x",
    "{}",
    "[]",
    "a" * 3000,
    "\ud7ff",
    "é",
    "ﬀ",
)
ODD: Final = tuple(text for text in NASTY if len(text) < 100)[::2]
PARAMETERS: Final = (
    *("limit", "cursor", "after", "q", "brand", "collection", "price_min", "price_max", "price_with_shipping_max"),
    *("ships_to", "brand_value", "sort", "include", "status", "customer", "batch", "occasion", "changes_cursor"),
    *("changes_limit", "customer_id", "with", "colour", "from", "to", "group_by", "at"),
)
HEADERS: Final = (
    "Authorization",
    "X-Checkout-Secret",
    "X-Customer-Token",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Accept",
    "Accept-Encoding",
    "Content-Type",
    "Content-Length",
    "Transfer-Encoding",
    "Origin",
    "Access-Control-Request-Method",
    "X-Forwarded-For",
    "Forwarded",
    "X-Request-Id",
    "Range",
    "Cookie",
    "Host",
    "Expect",
    "X-HTTP-Method-Override",
    "svix-id",
    "svix-timestamp",
    "svix-signature",
)
latin = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=60)
nasty_text = st.one_of(st.sampled_from(NASTY), latin)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=True, allow_infinity=True),
    st.text(max_size=20),
    st.sampled_from(["\x00", "\ud800", "2026-13-45T99:99:99Z", "9999-12-31T23:59:59-23:59", "1e999", "=cmd()"]),
)
FIELDS: Final = (
    *(
        "from_name",
        "send_method",
        "items",
        "recipients",
        "message",
        "card_id",
        "payment_mode",
        "product_id",
        "quantity",
    ),
    *("variants", "variable_price", "first_name", "email", "phone", "mailing_address", "metadata", "expires_at"),
    *("scheduled_send_on", "swap", "quote_id", "payment_amount", "payment_method_id", "accept_total_high", "handle"),
    *("interim_card_key", "billing_address", "title", "rules", "when", "default", "collections", "note", "dry_run"),
    *("hidden", "products", "parent", "url", "events", "customer_id"),
)
names = st.one_of(st.sampled_from(FIELDS), st.text(max_size=5))
trees = st.recursive(
    scalars,
    lambda children: st.one_of(st.lists(children, max_size=4), st.dictionaries(names, children, max_size=4)),
    max_leaves=12,
)
bodies = st.one_of(
    trees.map(lambda tree: json.dumps(tree).encode()),
    st.dictionaries(st.sampled_from(FIELDS), trees, max_size=8).map(lambda tree: json.dumps(tree).encode()),
    st.binary(max_size=80),
    st.sampled_from([b"", b"{", b"[" * 5000, b'{"a":' * 5000, b"1" * 6000, b"\xef\xbb\xbf{}", b'"\\ud800"', b"NaN"]),
)


def rules(shop: Shop) -> list[str]:
    found = {rule.rule for rule in shop.flask.url_map.iter_rules()}
    return sorted({*found, "/", "//", "/v1", "/v1/", "/v2/products", "/v1/products/", "/webhooks/goody/"})


def test_anything_at_all_is_answered(shop: Shop) -> None:
    keys = ["", f"Bearer {shop.pk}", f"Bearer {shop.sk}", f"Bearer {shop.sk}", f"Bearer {shop.sk}"]
    token, checkout = token_maker(shop)("cust_7"), shop.checkout()
    known = {"X-Customer-Token": token, "X-Checkout-Secret": checkout["client_secret"], "Idempotency-Key": "again"}
    paths = rules(shop)
    every = settings(
        max_examples=300,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    @seed(11)
    @every
    @given(data=st.data())
    def ask(data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(paths))
        while "<" in path:
            before, _, rest = path.partition("<")
            filled = data.draw(st.one_of(nasty_text, st.just(checkout["id"])))
            path = before + re.sub("[<?#]", "", filled) + rest.partition(">")[2]
        query = data.draw(st.lists(st.tuples(st.sampled_from(PARAMETERS), nasty_text), max_size=3))
        headers = dict(data.draw(st.lists(st.tuples(st.sampled_from(HEADERS), latin), max_size=3)))
        key = data.draw(st.sampled_from(keys))
        if key and data.draw(st.integers(0, 9)):
            headers["Authorization"] = key
        for name in data.draw(st.lists(st.sampled_from(sorted(known)), max_size=1)):
            headers[name] = known[name]
        if data.draw(st.integers(0, 3)):
            headers["Content-Type"] = "application/json"
        environ = {_variable(name): value for name, value in headers.items()}
        _must_be_sound(
            shop.client.open(
                path,
                method=data.draw(st.sampled_from(METHODS)),
                query_string="&".join(f"{name}={value}" for name, value in query),
                data=data.draw(bodies),
                environ_overrides={k: v for k, v in environ.items() if k != "CONTENT_LENGTH"},
                buffered=True,
            ),
            [shop.sk, token, checkout["client_secret"]],
        )

    ask()


def _variable(header: str) -> str:
    name = header.upper().replace("-", "_")
    return name if name in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{name}"


def _must_be_sound(response: TestResponse, secrets: list[str]) -> None:
    asked = f"{response.request.method} {response.request.path} {response.status} {response.text[:300]}"
    assert response.status_code < 500 or response.status_code in {502, 503, 504}, asked
    assert "Traceback" not in response.text, asked
    if response.status_code >= 400 and response.request.method != "HEAD" and response.text:
        assert response.mimetype == "application/problem+json", asked
        assert not any(secret in response.text for secret in secrets), asked
    for name, value in response.headers:
        assert "\r" not in value, (name, asked)
        assert "\n" not in value, (name, asked)


def test_no_parameter_breaks_any_route(shop: Shop) -> None:
    described = shop.client.get("/openapi.json").get_json()["paths"]
    headers = {"Authorization": f"Bearer {shop.sk}"}
    for path, item in described.items():
        for each in item.get("get", {}).get("parameters", []):
            for value in ODD if each["in"] == "query" and "{" not in path else ():
                answer = shop.client.get(path, query_string=f"{each['name']}={value}", headers=headers)
                assert answer.status_code < 500, f"{path}?{each['name']}={value}: {answer.text}"


@pytest.mark.parametrize("value", [text for text in NASTY if text.strip(" .")])
def test_no_id_breaks_any_route(shop: Shop, value: str) -> None:
    for rule in shop.flask.url_map.iter_rules():
        path = "/".join(value if part.startswith("<") else part for part in rule.rule.split("/"))
        for method in sorted(rule.methods or ()) if "<" in rule.rule else ():
            answer = shop.client.open(path, method=method, json={}, headers={"Authorization": f"Bearer {shop.sk}"})
            assert answer.status_code < 500, f"{method} {path}: {answer.text}"
