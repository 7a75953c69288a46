"""What an app allows itself at once and in a day."""

from datetime import timedelta
from typing import Any

import pytest

from foundation.errors import InvalidInputError
from tests.api.answers import problem
from tests.api.pages import variable_product
from tests.shop import SLUG, Shop


def cap(shop: Shop, **caps: int | None) -> None:
    shop.services.app_settings.change(SLUG, caps=dict(caps))


def faults(shop: Shop, **changes: Any) -> list[tuple[str, str]]:
    return [(fault["pointer"], fault["code"]) for fault in shop.checkout(**changes)["problems"]]


TWO = [{"first_name": "Li"}, {"first_name": "Mo"}]


def test_recipients_and_pieces_of_one_checkout(shop: Shop) -> None:
    item = {**shop.wish()["items"][0], "quantity": 3}
    assert faults(shop, recipients=TWO, items=[item]) == []
    cap(shop, recipients=1, quantity=5)
    assert faults(shop, recipients=TWO, items=[item]) == [
        ("/recipients", "too_many_recipients"),
        ("/items", "too_many_pieces"),
    ]


def test_the_total_of_one_checkout(shop: Shop) -> None:
    high = shop.checkout()["quote"]["total"]["total_high"]
    cap(shop, total=high)
    assert faults(shop) == []
    cap(shop, total=high - 1)
    made = shop.checkout()
    assert [fault["code"] for fault in made["problems"]] == ["total_too_high"]
    problem(shop.complete(made), 422, "invalid_input")
    assert shop.goody.batches == []


def test_a_cap_that_was_raised_or_lowered_since_the_quote_binds_as_it_is_now(shop: Shop) -> None:
    high = shop.checkout()["quote"]["total"]["total_high"]
    cap(shop, total=high - 1)
    made = shop.checkout()
    cap(shop, total=high)
    assert shop.complete(made).status_code == 201
    made = shop.checkout()
    cap(shop, total=high - 1)
    told = problem(shop.complete(made), 422, "invalid_input")
    assert [fault["code"] for fault in told["errors"]] == ["total_too_high"]
    assert len(shop.goody.batches) == 1


def test_the_price_that_a_sender_chooses(shop: Shop) -> None:
    product = variable_product(shop)
    item = {"product_id": product["id"], "variable_price": product["price_min"] + 100}
    cap(shop, variable_price=product["price_min"] + 99)
    assert faults(shop, items=[item]) == [("/items/0/variable_price", "price_too_high")]
    cap(shop, variable_price=product["price_min"] + 100)
    assert faults(shop, items=[item]) == []


def test_gifts_of_a_day_and_the_next(shop: Shop) -> None:
    cap(shop, sends_per_day=2)
    assert shop.complete(shop.checkout(recipients=TWO)).status_code == 201
    refused = shop.complete(shop.checkout())
    problem(refused, 409, "daily_cap_reached")
    wait = int(refused.headers["Retry-After"])
    assert 0 < wait <= 86_400
    assert len(shop.goody.batches) == 1
    shop.clock.advance(seconds=wait + 1)
    assert shop.complete(shop.checkout()).status_code == 201


def test_stored_value_of_a_day_leaves_hosted_payment_alone(shop: Shop) -> None:
    high = shop.checkout()["quote"]["total"]["total_high"]
    cap(shop, stored_value_per_day=2 * high - 1)
    assert shop.complete(shop.checkout(payment_mode="stored_value")).status_code == 201
    problem(shop.complete(shop.checkout(payment_mode="stored_value")), 409, "daily_cap_reached")
    assert shop.complete(shop.checkout()).status_code == 201


def test_a_rejected_order_does_not_count(shop: Shop) -> None:
    cap(shop, sends_per_day=1)
    shop.goody.fail(kind="status", method="POST", path="/v1/order_batches", status=400)
    problem(shop.complete(shop.checkout()), 422, "rejected_by_supplier")
    assert shop.complete(shop.checkout()).status_code == 201


def test_capabilities_are_the_apps(shop: Shop) -> None:
    shop.services.app_settings.change(SLUG, capabilities=["hosted_payment"])
    assert faults(shop, payment_mode="stored_value") == [("/payment_mode", "not_enabled")]
    assert faults(shop, payment_mode="hosted_payment") == []
    with pytest.raises(InvalidInputError):  # its default mode would be left out
        shop.services.app_settings.change(SLUG, capabilities=["stored_value"])


@pytest.mark.parametrize("days", [0, -1, 5000])
def test_an_absurd_setting_is_refused(shop: Shop, days: int) -> None:

    with pytest.raises(InvalidInputError):
        shop.services.app_settings.change(SLUG, default_expiry_days=days)
    assert timedelta(days=shop.services.apps.by_slug(SLUG).default_expiry_days) == timedelta(weeks=10)
