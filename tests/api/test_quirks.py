"""A sale while Goody behaves otherwise than is assumed: the same comes of it.

Each quirk of the emulator turns one assumption of docs/assumptions.md round. Every one goes through two whole sales,
the first with its answer lost on the way, heard of by webhooks and by polling as a deployment would.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from goody_emulator.quirks import Quirk
from tests.databases import Databases
from tests.emulator.program import running
from tests.living import live_until, living, pass_time
from tests.shop import Shop

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)

NOT_SURVIVED: Final = frozenset({Quirk.REFERENCE_NOT_UNIQUE})
"""What the storefront stands on: see the last test."""
SURVIVED: Final = [quirk for quirk in Quirk if quirk not in NOT_SURVIVED]


@pytest.fixture(scope="module")
def quirky_url() -> Iterator[str]:
    """A Goody whose clock the tests of this module may move: it sells what the others sell."""
    with running("--products", "200") as base_url:
        yield base_url


@pytest.fixture
def quirky(databases: Databases, stocked_template: str, quirky_url: str) -> Iterator[Shop]:
    with living(databases, stocked_template, quirky_url) as shop:
        yield shop


def test_nothing_is_turned_round_here(quirky: Shop) -> None:
    assert [each for each in quirky.goody.control("GET", "quirks")["quirks"] if each["active"]] == []
    assert sell_both(quirky) == USUAL


@pytest.mark.parametrize("quirk", SURVIVED, ids=str)
def test_a_sale_survives(quirky: Shop, quirk: Quirk) -> None:
    quirky.goody.control("PUT", "quirks", {"quirks": [quirk]})
    assert sell_both(quirky) == EXPECTED.get(quirk, USUAL)


def test_without_unique_references_a_lost_answer_doubles_a_gift(quirky: Shop) -> None:
    """The one thing that nothing here can make good, so it is said: references have to be unique at Goody."""
    quirky.goody.control("PUT", "quirks", {"quirks": [Quirk.REFERENCE_NOT_UNIQUE]})
    # Where webhooks get through, they tell of the first batch before a second is sent.
    quirky.goody.control("POST", "webhooks/chaos", {"rules": [{"kind": "drop", "probability": 1.0, "seed": 1}]})
    order_with_lost_answer(quirky)
    assert len(quirky.goody.batches) == 2


USUAL: Final = {
    "hosted": {"batches": 1, "status": "delivered", "refunded": True, "had_link": True, "has_link": False},
    "stored": {"batches": 1, "status": "delivered", "refunded": True, "had_link": False, "has_link": False},
}
EXPECTED: Final[dict[Quirk, dict[str, dict[str, Any]]]] = {}


def sell_both(shop: Shop) -> dict[str, dict[str, Any]]:
    """A hosted sale whose first answer is lost, and one by stored value; what is known of each in the end."""
    return {"hosted": live(shop, order_with_lost_answer(shop)), "stored": live(shop, order_by_stored_value(shop))}


def order_with_lost_answer(shop: Shop) -> dict[str, Any]:
    shop.goody.fail(kind="lost_answer", method="POST", path="/v1/order_batches")
    made = shop.checkout()
    answered = shop.complete(made)
    assert answered.status_code == 202, answered.text

    live_until(shop, lambda: find_batch(shop, made)["submission_status"] == "submitted", step=45)
    return find_batch(shop, made)


def order_by_stored_value(shop: Shop) -> dict[str, Any]:
    expires_at = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    made = shop.checkout(payment_mode="stored_value", expires_at=expires_at)
    answered = shop.complete(made)
    assert answered.status_code == 201, answered.text
    batch: dict[str, Any] = answered.get_json()
    return batch


def find_batch(shop: Shop, checkout: dict[str, Any]) -> dict[str, Any]:
    shown = shop.call("GET", f"/v1/checkouts/{checkout['id']}").get_json()
    batch: dict[str, Any] = shop.call("GET", f"/v1/order_batches/{shown['order_batch_id']}").get_json()
    return batch


def live(shop: Shop, batch: dict[str, Any]) -> dict[str, Any]:
    """Take the batch's only order through its whole life, and tell what the storefront knows of it."""
    pass_time(shop, 60)
    batch = shop.call("GET", f"/v1/order_batches/{batch['id']}").get_json()
    (order,) = batch["orders"]

    def known() -> dict[str, Any]:
        shown: dict[str, Any] = shop.call("GET", f"/v1/orders/{order['id']}").get_json()
        return shown

    def is_in(*statuses: str) -> Callable[[], bool]:
        return lambda: known()["status"] in statuses

    shop.goody.step(order["id"], "accept")
    live_until(shop, is_in("pending_payment", "paid", "ordered"))
    had_link = known()["payment_link"] is not None
    if had_link:
        shop.goody.step(order["id"], "pay")
        live_until(shop, lambda: known()["payment_link"] is None)
    for step, status in (("ship", "shipped"), ("deliver", "delivered")):
        shop.goody.step(order["id"], step)
        live_until(shop, is_in(status))
    shop.goody.step(order["id"], "refund")
    live_until(shop, lambda: known()["refunded_at"] is not None)
    told = known()
    return {
        "batches": sum(each["customer_reference_id"] == batch["id"] for each in shop.goody.batches),
        "status": told["status"],
        "refunded": told["refunded_at"] is not None,
        "had_link": had_link,
        "has_link": told["payment_link"] is not None,
    }
