"""The storefront through the emulator's scenarios, heard of by webhooks and by polling: what it knows in the end."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.databases import Databases
from tests.emulator.program import running
from tests.living import live_until, living, pass_time
from tests.shop import Shop

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)

HOUR = 3600
PAID = ["order.created", "order.accepted", "order.payment_link_ready", "order.paid", "order.shipped", "order.delivered"]


@pytest.fixture(scope="module")
def patient_url() -> Iterator[str]:
    """A Goody whose clock the tests of this module may move."""
    with running("--products", "200") as base_url:
        yield base_url


@pytest.fixture
def living_shop(databases: Databases, stocked_template: str, patient_url: str) -> Iterator[Shop]:
    with living(databases, stocked_template, patient_url) as shop:
        yield shop


def play(
    shop: Shop, scenario: str, *, days: int = 8, step: int = 6 * HOUR, slowly: int = 0, **changes: Any
) -> dict[str, Any]:
    """Sell a gift that plays the scenario, let the days pass, and return the order as the storefront knows it.

    `slowly`: how many steps of five minutes come first.
    """
    shop.goody.control("POST", f"scenarios/{scenario}/arm", {"orders": 1})
    made = shop.checkout(**changes)
    assert shop.complete(made).status_code == 201
    for seconds in [300] * slowly + [step] * (days * 24 * HOUR // step):
        pass_time(shop, seconds)
    (run,) = shop.goody.control("GET", "scenarios/runs")["data"]
    assert run["scenario"] == scenario
    return only_order(shop, made)


def only_order(shop: Shop, checkout: dict[str, Any]) -> dict[str, Any]:
    batch_id = shop.call("GET", f"/v1/checkouts/{checkout['id']}").get_json()["order_batch_id"]
    (order,) = shop.call("GET", f"/v1/order_batches/{batch_id}").get_json()["orders"]
    shown: dict[str, Any] = shop.call("GET", f"/v1/orders/{order['id']}").get_json()
    return shown


def about_orders(shop: Shop) -> list[str]:
    return [each for each in shop.event_types() if each.startswith("order.")]


def test_happy(living_shop: Shop) -> None:
    assert play(living_shop, "happy")["status"] == "delivered"
    usual = [*PAID[:1], "order.opened", *PAID[1:], "order.thank_you_note_added"]
    assert about_orders(living_shop) == usual


def test_swaps_and_pays_on_the_third_try(living_shop: Shop) -> None:
    order = play(living_shop, "swaps-and-pays-on-the-third-try")
    assert order["status"] == "delivered"
    assert order["original_cart"] != order["cart"]
    assert order["original_amounts"]["original_amount_product"] >= order["amounts"]["amount_product"]
    assert about_orders(living_shop).count("order.payment_link_ready") == 1
    assert about_orders(living_shop).count("order.paid") == 1


def test_never_opens_and_expires(living_shop: Shop) -> None:
    order = play(living_shop, "never-opens-and-expires", days=16, step=24 * HOUR)
    assert order["status"] == "notified"
    assert order["payment_link"] is None
    assert about_orders(living_shop) == ["order.created"]


def test_changes_mind(living_shop: Shop) -> None:
    assert play(living_shop, "changes-mind", days=1)["status"] == "canceled"
    assert about_orders(living_shop) == ["order.created", "order.opened", "order.canceled"]


def test_refunded_after_delivery(living_shop: Shop) -> None:
    order = play(living_shop, "refunded-after-delivery")
    assert (order["status"], order["refunded_at"] is not None) == ("delivered", True)
    assert about_orders(living_shop)[-1] == "order.refunded"


def test_shipped_in_two_parts(living_shop: Shop) -> None:
    listed = living_shop.call("GET", "/v1/products?limit=100").get_json()["data"]
    plain = [each for each in listed if not (each["price_is_variable"] or each["variants_num_selectable"])]
    other = next(each for each in plain if each["brand"]["id"] != plain[0]["brand"]["id"])
    items = [{"product_id": each["id"], "quantity": 1} for each in (plain[0], other)]
    order = play(living_shop, "shipped-in-two-parts", items=items)
    assert order["status"] == "delivered"
    assert [each["status"] for each in order["shipments"]] == ["delivered", "delivered"]
    assert about_orders(living_shop).count("order.shipped") == about_orders(living_shop).count("order.delivered") == 1


def test_stored_value_runs_dry(living_shop: Shop) -> None:
    expires_at = (datetime.now(UTC) + timedelta(days=60)).isoformat()
    order = play(living_shop, "stored-value-runs-dry", payment_mode="stored_value", expires_at=expires_at, days=4)
    assert order["status"] == "shipped"
    assert order["payment_link"] is None
    assert about_orders(living_shop)[-2:] == ["order.paid", "order.shipped"]


def test_webhooks_lost(living_shop: Shop) -> None:
    """Only polling can tell; what no activity shows (a note, say) stays unknown, but the sale does not."""
    assert play(living_shop, "webhooks-lost", days=4, slowly=8)["status"] == "delivered"
    dropped = living_shop.goody.control("GET", "deliveries?status=dropped")["data"]
    assert len(dropped) == 4
    assert [each for each in about_orders(living_shop) if each in PAID] == PAID


def test_webhooks_doubled_and_reordered(living_shop: Shop) -> None:
    assert play(living_shop, "webhooks-doubled-and-reordered", days=1, step=HOUR)["status"] == "delivered"
    told = about_orders(living_shop)
    assert len(told) == len(set(told)), "an event came twice"


def test_a_slow_and_flaky_goody(living_shop: Shop) -> None:
    order = play(living_shop, "slow-and-flaky-goody", days=1, step=HOUR)
    assert order["status"] == "delivered"
    again = living_shop.checkout()
    assert living_shop.complete(again).status_code == 202
    live_until(living_shop, lambda: only_status(living_shop, again) == "submitted", step=30)
    assert len(living_shop.goody.batches) == 2


def only_status(shop: Shop, checkout: dict[str, Any]) -> str:
    batch_id = shop.call("GET", f"/v1/checkouts/{checkout['id']}").get_json()["order_batch_id"]
    status: str = shop.call("GET", f"/v1/order_batches/{batch_id}").get_json()["submission_status"]
    return status
