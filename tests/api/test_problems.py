"""Refusals: whole problem documents, every fault at once, and nothing in them that is no business of the caller's."""

import json
from typing import Any, Final

import pytest
from werkzeug.test import TestResponse

from tests.api.answers import faults, problem
from tests.databases import Databases
from tests.shop import Shop

SURROGATE: Final = "\ud800"


def _post(shop: Shop, body: bytes, content_type: str | None = "application/json") -> TestResponse:
    headers = {"Authorization": f"Bearer {shop.sk}"}
    return shop.client.post("/v1/checkouts", data=body, content_type=content_type, headers=headers)


def _checkouts(shop: Shop) -> int:
    with shop.services.sessions.engine.connect() as connection:
        found: int = connection.exec_driver_sql("SELECT count(*) FROM checkouts").scalar_one()
    return found


def test_every_fault_of_a_body_is_named_at_once(shop: Shop) -> None:
    body = {
        "from_name": 7,
        "bogus": 1,
        "a/b~c": 1,
        "send_method": "pigeon",
        "items": [
            {"product_id": "X", "quantity": "2", "price": 5},
            {"product_id": shop.product()["id"], "variants": [1, ""], "variable_price": -1},
            "two shirts",
        ],
        "recipients": [{"last_name": "Wei", "email": "at home", "phone": "5552347890", "mailing_address": {}}],
        "metadata": {"ok": "yes", "cart": 42},
        "expires_at": "tomorrow",
        "scheduled_send_on": "2027-01-01T10:00:00",
        "notifications_enabled": "yes",
        "payment_mode": "barter",
        "swap": "twice",
        "card_id": "birthday",
    }
    assert faults(shop.call("POST", "/v1/checkouts", body)) == [
        ("/a~1b~0c", "unknown_field"),
        ("/bogus", "unknown_field"),
        ("/card_id", "invalid"),
        ("/expires_at", "invalid"),
        ("/from_name", "invalid"),
        ("/items/0/price", "unknown_field"),
        ("/items/0/product_id", "invalid"),
        ("/items/0/quantity", "invalid"),
        ("/items/1/variable_price", "invalid"),
        ("/items/1/variants/0", "invalid"),
        ("/items/1/variants/1", "invalid"),
        ("/items/2", "invalid"),
        ("/metadata/cart", "invalid"),
        ("/notifications_enabled", "invalid"),
        ("/payment_mode", "invalid"),
        ("/recipients/0/email", "invalid"),
        ("/recipients/0/first_name", "required"),
        ("/recipients/0/mailing_address/address_1", "required"),
        ("/recipients/0/mailing_address/city", "required"),
        ("/recipients/0/mailing_address/postal_code", "required"),
        ("/recipients/0/mailing_address/state", "required"),
        ("/recipients/0/phone", "invalid"),
        ("/scheduled_send_on", "invalid"),
        ("/send_method", "invalid"),
        ("/swap", "invalid"),
    ]
    assert _checkouts(shop) == 0


@pytest.mark.parametrize("amount", [10.5, 10.0, "10", True, -1, 100_000_001, 10**30, [], {}, float("nan")])
def test_money_is_a_whole_number_of_cents(shop: Shop, amount: object) -> None:
    item = {"product_id": shop.product()["id"], "variable_price": amount}
    response = shop.call("POST", "/v1/checkouts", shop.wish(items=[item]))
    assert faults(response) == [("/items/0/variable_price", "invalid")]
    checkout = shop.checkout()
    response = shop.complete(checkout, accept_total_high=amount)
    assert faults(response) == [("/accept_total_high", "invalid")]
    assert shop.goody.batches == []


@pytest.mark.parametrize(
    ("quantity", "is_fine"),
    [(1, True), (1000, True), (0, False), (1001, False), (-1, False), (1.0, False), (True, False), (None, False)],
)
def test_quantities_are_whole_numbers_within_goodys_bounds(shop: Shop, quantity: object, *, is_fine: bool) -> None:
    wish = shop.wish(items=[{"product_id": shop.product()["id"], "quantity": quantity}])
    response = shop.call("POST", "/v1/checkouts", wish)
    if is_fine:
        assert response.status_code == 201
    else:
        assert faults(response) == [("/items/0/quantity", "invalid")]


@pytest.mark.parametrize(
    "body",
    [
        b"{nope",
        b'{"from_name": "\xff"}',
        b'{"from_name": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"\x00",
        b'{"from_name": "Ana"',
        b'{"from_name": "Ana"} trailing',
    ],
    ids=["not JSON", "not UTF-8", "a huge number", "deep lists", "deep objects", "NUL", "cut off", "trailing"],
)
def test_what_is_no_json_is_a_bad_request(shop: Shop, body: bytes) -> None:
    assert faults(_post(shop, body), 400) == [("", "invalid")]


@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"7", b"true"])
def test_json_that_is_no_object_is_pointed_at_as_a_whole(shop: Shop, body: bytes) -> None:
    assert faults(_post(shop, body)) == [("", "invalid")]


def test_an_empty_body_lacks_what_is_required(shop: Shop) -> None:
    expected = [("/from_name", "required"), ("/items", "required"), ("/recipients", "required")]
    assert faults(_post(shop, b"")) == expected
    assert faults(_post(shop, b"", None)) == expected
    assert faults(_post(shop, b"{}")) == expected


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_a_body_of_another_type_is_415(shop: Shop, content_type: str | None) -> None:
    problem(_post(shop, json.dumps(shop.wish()).encode(), content_type), 415, "unsupported_media_type")


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "application/vnd.shop+json"])
def test_a_body_of_a_json_type_is_read(shop: Shop, content_type: str) -> None:
    assert _post(shop, json.dumps(shop.wish()).encode(), content_type).status_code == 201


def test_a_body_of_more_than_a_mebibyte_is_413(shop: Shop) -> None:
    padded = json.dumps(shop.wish()).encode().ljust(1024 * 1024)
    assert _post(shop, padded).status_code == 201
    problem(_post(shop, padded + b" "), 413, "body_too_large")


@pytest.mark.parametrize("name", ["from_name", "message", "first_name", "email", "variant", "metadata", "customer_id"])
@pytest.mark.parametrize("text", ["a\0b", f"a{SURROGATE}b"], ids=["NUL", "half a surrogate pair"])
def test_text_that_no_database_or_supplier_takes_is_refused(shop: Shop, name: str, text: str) -> None:
    """Such text is legal JSON; PostgreSQL refuses the one, UTF-8 the other."""
    item = {"product_id": shop.product()["id"]}
    changes: dict[str, tuple[str, dict[str, Any]]] = {
        "from_name": ("/from_name", {"from_name": text}),
        "message": ("/message", {"message": text}),
        "first_name": ("/recipients/0/first_name", {"recipients": [{"first_name": text}]}),
        "email": ("/recipients/0/email", {"recipients": [{"first_name": "Li", "email": text + "@example.com"}]}),
        "variant": ("/items/0/variants/0", {"items": [{**item, "variants": [text]}]}),
        "metadata": ("/metadata/cart", {"metadata": {"cart": text}}),
        "customer_id": ("/customer_id", {"customer_id": text}),
    }
    pointer, change = changes[name]
    assert faults(shop.call("POST", "/v1/checkouts", shop.wish(**change))) == [(pointer, "invalid")]


def test_blank_and_overlong_text_is_refused(shop: Shop) -> None:
    wish = shop.wish(from_name=" \t\n", message="x" * 2001, metadata={"x" * 41: "", "ok": "x" * 501})
    assert faults(shop.call("POST", "/v1/checkouts", wish)) == [
        ("/from_name", "invalid"),
        ("/message", "invalid"),
        ("/metadata/ok", "invalid"),
        ("/metadata/" + "x" * 41, "invalid"),
    ]


def test_a_wrong_method_is_405_and_says_which_are_right(shop: Shop) -> None:
    for method, path, allowed in (
        ("DELETE", "/v1/products", {"GET", "HEAD", "OPTIONS"}),
        ("GET", "/v1/checkouts", {"POST", "OPTIONS"}),
        ("PUT", "/v1/checkouts/chk_x", {"GET", "HEAD", "OPTIONS", "PATCH"}),
        ("GET", "/webhooks/goody/shop", {"POST", "OPTIONS"}),
        ("POST", "/healthz", {"GET", "HEAD", "OPTIONS"}),
    ):
        response = shop.call(method, path)
        problem(response, 405, "method_not_allowed")
        assert set(response.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/nope", "/v1/products/", "/v1/products/abc", "/v1/orders/1", "/static/x"]
)
def test_an_unknown_path_is_404(shop: Shop, path: str) -> None:
    problem(shop.call("GET", path), 404, "not_found")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (
            "/v1/products?limit=0&sort=size&price_min=1.5&price_max=-1&include=all&cursor=&colour=red",
            [
                ("/colour", "unknown_field"),
                ("/cursor", "invalid"),
                ("/include", "invalid"),
                ("/limit", "invalid"),
                ("/price_max", "invalid"),
                ("/price_min", "invalid"),
                ("/sort", "invalid"),
            ],
        ),
        ("/v1/products?limit=101", [("/limit", "invalid")]),
        ("/v1/products?limit=" + "9" * 5000, [("/limit", "invalid")]),
        ("/v1/brands?brand=x", [("/brand", "unknown_field")]),
        ("/v1/cards?occasion=", [("/occasion", "invalid")]),
        ("/v1/cards?occasion=%00", [("/occasion", "invalid")]),
        (
            "/v1/orders?status=failed&customer=&batch=%00",
            [("/batch", "invalid"), ("/customer", "invalid"), ("/status", "invalid")],
        ),
        ("/v1/orders?page=2", [("/page", "unknown_field")]),
        (
            "/v1/events?after=-1&limit=x&type=y",
            [("/after", "invalid"), ("/limit", "invalid"), ("/type", "unknown_field")],
        ),
        ("/v1/events?after=9223372036854775808", [("/after", "invalid")]),
    ],
)
def test_bad_query_parameters_are_pointed_at(shop: Shop, path: str, expected: list[tuple[str, str]]) -> None:
    assert faults(shop.call("GET", path)) == expected


def test_a_suppliers_words_are_never_shown(shop: Shop) -> None:
    """Goody refuses with a text of its own, at pricing and at ordering; the caller gets ours."""
    checkout = shop.checkout()
    shop.goody.fail(kind="status", status=400, method="POST", path="/v1/order_batches")
    refused = shop.complete(checkout)
    problem(refused, 422, "rejected_by_supplier")

    shop.goody.fail(kind="status", status=400, method="POST", path="/v1/order_batches/price")
    unpriced = shop.call("POST", "/v1/checkouts", shop.wish())
    assert [fault["code"] for fault in unpriced.get_json()["problems"]] == ["not_priced"]

    shop.goody.fail(kind="status", status=503, method="POST", path="/v1/order_batches/price", count=3)
    down = shop.call("POST", "/v1/checkouts", shop.wish())
    problem(down, 503, "supplier_unavailable")

    shop.goody.fail(kind="status", status=302, method="POST", path="/v1/order_batches/price", count=3)
    strange = shop.call("POST", "/v1/checkouts", shop.wish())
    problem(strange, 502, "supplier_unreadable")
    for response in (refused, unpriced, down, strange):
        assert "Fault on order" not in response.text
        assert "Goody answered" not in response.text
        assert shop.goody.base_url not in response.text


def test_goody_names_its_reason_to_the_operator_alone(shop: Shop) -> None:
    """The emulator's own refusal, of a product that it has not, names that product."""
    item, gone = shop.wish()["items"][0], "11111111-2222-4333-8444-555555555555"
    shop.rewrite_document(item["product_id"], id=gone)
    shop.execute("UPDATE listings SET id = :gone WHERE id = :id", gone=gone, id=item["product_id"])
    response = shop.call("POST", "/v1/checkouts", shop.wish(items=[{"product_id": gone}]))
    assert [fault["code"] for fault in response.get_json()["problems"]] == ["not_priced"]
    assert "Product not found" not in response.text


def test_an_internal_error_tells_nothing(shop: Shop) -> None:
    with shop.services.sessions.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE partner_apps SET goody_api_key = 'swordfish'")
    response = shop.call("POST", "/v1/checkouts", shop.wish())
    told = problem(response, 500, "internal_error")
    assert told["detail"] == "Something went wrong here. The operator's log has it under this request_id."
    assert "swordfish" not in response.text
    assert "ENCRYPTION" not in response.text


def test_a_broken_database_tells_nothing(shop: Shop, databases: Databases) -> None:
    if databases.kind == "postgresql":
        databases.drop(shop.services.settings.database_url)
    else:
        shop.execute("ALTER TABLE orders RENAME TO elsewhere")
    response = shop.call("GET", "/v1/orders")
    problem(response, 503, "database_unavailable")
    assert response.headers["Retry-After"] == "1"
    assert "no such table" not in response.text
    assert "does not exist" not in response.text


def test_a_broken_row_is_an_internal_error(shop: Shop) -> None:
    order = shop.order()
    with shop.services.sessions.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE orders SET status = 'lost at sea'")
    response = shop.call("GET", f"/v1/orders/{order['id']}")
    told = problem(response, 500, "internal_error")
    assert told["detail"] == "Something went wrong here. The operator's log has it under this request_id."
    assert "lost at sea" not in response.text


@pytest.mark.parametrize("given", ["req-42", "x" * 128, "a b/c?d="])
def test_a_request_id_is_taken_and_returned(shop: Shop, given: str) -> None:
    response = shop.call("GET", "/v1/nope", headers={"X-Request-Id": given})
    assert problem(response, 404, "not_found")["request_id"] == given


@pytest.mark.parametrize("given", ["", "x" * 129, "é", "tab\tbed"])
def test_an_unusable_request_id_is_replaced(shop: Shop, given: str) -> None:
    first = shop.call("GET", "/v1/products", headers={"X-Request-Id": given}).headers["X-Request-Id"]
    second = shop.call("GET", "/v1/products", headers={"X-Request-Id": given}).headers["X-Request-Id"]
    assert first.startswith("req_")
    assert first != second
