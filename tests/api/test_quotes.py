"""Quotes: what a gift costs is what Goody says it costs, and nobody orders at another price than the one shown."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from foundation.goody.payloads import CartInput, CartItemInput, PriceInput, RecipientInput
from storefront.services import Services
from tests.api.answers import faults, problem
from tests.api.pages import variable_product
from tests.shop import Shop


def _reprice(shop: Shop, product_id: str, price: int) -> None:
    """Publish another price of a product, as a later sync would."""
    shop.rewrite_document(product_id, price=price)
    shop.execute("UPDATE listings SET price = :price WHERE id = :id", price=price, id=product_id)


def _withdraw(shop: Shop, product_id: str) -> None:
    """Let a product leave the catalog."""
    shop.execute("DELETE FROM listings WHERE id = :id", id=product_id)


def _patch(shop: Shop, checkout: dict[str, Any], **change: object) -> dict[str, Any]:
    response = shop.call("PATCH", f"/v1/checkouts/{checkout['id']}", change)
    assert response.status_code == 200, response.text
    changed: dict[str, Any] = response.get_json()
    return changed


def _changed_quote(response: TestResponse) -> dict[str, Any]:
    told: dict[str, Any] = problem(response, 409, "quote_changed")["quote"]
    return told


def _ask_goody(services: Services, app_id: str, items: tuple[CartItemInput, ...], recipients: int) -> dict[str, Any]:
    people = tuple(RecipientInput(first_name=f"R{i}") for i in range(recipients))
    asked = PriceInput(recipients=people, cart=CartInput(items=items), send_method="link_multiple_custom_list")
    price = services.accounts.client(app_id).price(asked)
    each = price.per_recipient
    return {
        "product": each.product,
        "shipping": each.shipping,
        "processing_fee": each.processing_fee,
        "pre_tax": each.pre_tax,
        "tax_low": each.tax_low,
        "tax_high": each.tax_high,
        "total_low": each.total_low,
        "total_high": each.total_high,
    }


@pytest.mark.parametrize("recipients", [1, 3])
def test_a_quote_is_goodys_price(shop: Shop, recipients: int) -> None:
    fixed, variable = shop.product(), variable_product(shop)
    chosen = variable["price_min"]
    checkout = shop.checkout(
        items=[
            {"product_id": fixed["id"], "quantity": 2},
            {"product_id": variable["id"], "variable_price": chosen},
        ],
        recipients=[{"first_name": f"R{i}"} for i in range(recipients)],
    )
    quote = checkout["quote"]
    items = (CartItemInput(fixed["id"], 2), CartItemInput(variable["id"], 1, chosen))
    each = quote["per_recipient"]
    assert each == _ask_goody(shop.services, shop.app_id, items, recipients)
    assert each["product"] == 2 * fixed["price"] + chosen
    assert each["pre_tax"] == each["product"] + each["shipping"] + each["processing_fee"]
    assert each["total_low"] == each["pre_tax"] + each["tax_low"]
    assert each["total_high"] == each["pre_tax"] + each["tax_high"]
    assert quote["total"] == {
        "recipients": recipients,
        "tax": None,
        "total": None,
        "total_low": each["total_low"] * recipients,
        "total_high": each["total_high"] * recipients,
    }
    assert quote["currency"] == "USD"
    assert not quote["is_exact"]
    assert quote["id"].startswith("quo_")


def test_a_problem_beside_the_cart_does_not_hide_the_price(shop: Shop) -> None:
    assert shop.checkout(message="Hi")["quote"] is not None
    assert shop.checkout(items=[])["quote"] is None


def test_the_client_names_no_price(shop: Shop) -> None:
    product_id = shop.product()["id"]
    for body, pointer in (
        (shop.wish(items=[{"product_id": product_id, "price": 1}]), "/items/0/price"),
        (shop.wish(quote={"total": 1}), "/quote"),
        (shop.wish(price=1), "/price"),
    ):
        assert faults(shop.call("POST", "/v1/checkouts", body)) == [(pointer, "unknown_field")]
    checkout = shop.checkout()
    response = shop.call("PATCH", f"/v1/checkouts/{checkout['id']}", {"quote": checkout["quote"]})
    assert faults(response) == [("/quote", "unknown_field")]
    assert faults(shop.complete(checkout, total=1)) == [("/total", "unknown_field")]


def test_any_change_makes_a_new_quote(shop: Shop) -> None:
    checkout = shop.checkout()
    renamed = _patch(shop, checkout, from_name="Bo")
    doubled = _patch(shop, checkout, items=[{**checkout["items"][0], "quantity": 2}])
    assert len({each["quote"]["id"] for each in (checkout, renamed, doubled)}) == 3
    product = renamed["quote"]["per_recipient"]["product"]
    assert doubled["quote"]["per_recipient"]["product"] == 2 * product
    assert doubled["from_name"] == "Bo"
    assert [each["version"] for each in (checkout, renamed, doubled)] == [1, 2, 3]


def test_a_quote_that_was_agreed_to_is_what_is_ordered(shop: Shop) -> None:
    checkout = shop.checkout()
    response = shop.complete(checkout, quote_id=checkout["quote"]["id"])
    assert response.status_code == 201
    assert response.get_json()["quote"] == checkout["quote"]


def test_a_superseded_quote_is_a_conflict_that_carries_the_new_one(shop: Shop) -> None:
    checkout = shop.checkout()
    changed = _patch(shop, checkout, items=[{**checkout["items"][0], "quantity": 2}])
    assert _changed_quote(shop.complete(checkout, quote_id=checkout["quote"]["id"])) == changed["quote"]
    assert shop.goody.batches == []
    assert shop.complete(checkout, quote_id=changed["quote"]["id"]).status_code == 201


def test_an_expired_quote_is_renewed(shop: Shop) -> None:
    checkout = shop.checkout()
    shop.clock.advance(minutes=30)
    renewed = _changed_quote(shop.complete(checkout, quote_id=checkout["quote"]["id"]))
    assert renewed["id"] != checkout["quote"]["id"]
    assert shop.goody.batches == []
    assert shop.call("GET", f"/v1/checkouts/{checkout['id']}").get_json()["quote"] == renewed
    assert shop.complete(checkout, quote_id=renewed["id"]).status_code == 201


def test_a_total_above_what_was_accepted_is_a_conflict(shop: Shop) -> None:
    checkout = shop.checkout()
    high = checkout["quote"]["total"]["total_high"]
    assert _changed_quote(shop.complete(checkout, accept_total_high=high - 1)) == checkout["quote"]
    assert shop.goody.batches == []
    assert shop.complete(checkout, accept_total_high=high).status_code == 201


def test_a_price_that_changed_since_is_a_conflict(shop: Shop) -> None:
    checkout = shop.checkout()
    _reprice(shop, checkout["items"][0]["product_id"], 9_999)
    renewed = _changed_quote(shop.complete(checkout, quote_id=checkout["quote"]["id"]))
    assert renewed["id"] != checkout["quote"]["id"]
    assert shop.goody.batches == []
    assert shop.complete(checkout, quote_id=renewed["id"]).get_json()["lines"][0]["price"] == 9_999


def test_a_product_that_left_the_catalog_is_unavailable(shop: Shop) -> None:
    checkout = shop.checkout()
    _withdraw(shop, checkout["items"][0]["product_id"])
    response = shop.complete(checkout)
    assert faults(response, 409, "product_unavailable") == [("/items/0/product_id", "product_unavailable")]
    assert shop.goody.batches == []


def test_without_a_price_nothing_is_stored(shop: Shop) -> None:
    """Goody is down when the checkout is made: 503, and no half of a checkout stays behind."""
    wish = shop.wish()
    shop.goody.fail(kind="status", status=503, path="/v1/order_batches/price", count=1, retry_after=7)
    response = shop.call("POST", "/v1/checkouts", wish)
    problem(response, 503, "supplier_unavailable")
    assert response.headers["Retry-After"] == "7"
    with shop.services.sessions.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM checkouts").scalar() == 0
    assert shop.call("POST", "/v1/checkouts", wish).status_code == 201


def test_a_change_whose_price_can_not_be_asked_leaves_all_as_it_was(shop: Shop) -> None:
    checkout = shop.checkout()
    shop.goody.fail(kind="status", status=503, path="/v1/order_batches/price", count=1, retry_after=7)
    problem(shop.call("PATCH", f"/v1/checkouts/{checkout['id']}", {"from_name": "Bo"}), 503, "supplier_unavailable")
    now = shop.call("GET", f"/v1/checkouts/{checkout['id']}").get_json()
    assert now == {name: value for name, value in checkout.items() if name != "client_secret"}
