"""Quirks of what a plain sale never meets: the catalog, cancelling, expiring, direct sends, statements."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from goody_emulator.quirks import Quirk
from tests.api.answers import problem
from tests.api.statement_files import ended, send
from tests.api.syncing import change, sync
from tests.databases import Databases
from tests.emulator.program import running
from tests.living import live_until, living, pass_time
from tests.shop import ADDRESS, Shop

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)

Json = dict[str, Any]
DIRECT: Final[Json] = {
    "send_method": "direct_send",
    "recipients": [{"first_name": "Li", "last_name": "Wei", "mailing_address": ADDRESS}],
}
_DAY: Final = 86_400


@pytest.fixture(scope="module")
def moving_url() -> Iterator[str]:
    """A Goody whose clock the tests of this module may move: it sells what the others sell."""
    with running("--products", "200") as base_url:
        yield base_url


@pytest.fixture
def shop(databases: Databases, stocked_template: str, moving_url: str) -> Iterator[Shop]:
    with living(databases, stocked_template, moving_url) as shop:
        shop.execute("UPDATE partner_apps SET capabilities = :all", all=_CAPABILITIES)
        yield shop


_CAPABILITIES: Final = '["hosted_payment", "stored_value", "card", "direct_send"]'


def turn(shop: Shop, *quirks: Quirk) -> None:
    shop.goody.control("PUT", "quirks", {"quirks": list(quirks)})


def shown(shop: Shop, order: Json) -> Json:
    found: Json = shop.call("GET", f"/v1/orders/{order['id']}").get_json()
    return found


def sold(shop: Shop, **changes: Any) -> Json:
    answered = shop.complete(shop.checkout(**changes))
    assert answered.status_code == 201, answered.text
    order: Json = answered.get_json()["orders"][0]
    return order


def until_it_is(shop: Shop, order: Json, *statuses: str) -> None:
    live_until(shop, lambda: shown(shop, order)["status"] in statuses)


def balance(shop: Shop) -> int:
    told: Json = shop.call("GET", "/v1/stored_value").get_json()
    assert told["commitments"] == 0
    return int(told["balance"])


@pytest.mark.parametrize(
    "quirk",
    [
        Quirk.FLOAT_AMOUNTS,
        Quirk.UNKNOWN_FIELDS,
        Quirk.NULLS_LEFT_OUT,
        Quirk.SHARE_FLAG_LEFT_OUT,
        Quirk.EMPTY_PAGE_WITHIN,
    ],
    ids=str,
)
def test_the_catalog_is_read_all_the_same(shop: Shop, quirk: Quirk) -> None:
    turn(shop, quirk)
    change(shop, {"action": "remove", "product_id": shop.product()["id"]})
    run = sync(shop)
    assert run["status"] == "succeeded"
    counts = run["counts"]
    assert (counts["seen"], counts["retired"], counts["repriced"], counts["broken"]) == (199, 1, 0, 0)
    assert sync(shop)["counts"]["changed"] == 0


def test_a_catalog_in_another_order_each_time_retires_nothing(shop: Shop) -> None:
    turn(shop, Quirk.PRODUCTS_UNORDERED)
    gone = shop.product()["id"]
    change(shop, {"action": "remove", "product_id": gone})
    run = sync(shop)
    assert (run["status"], run["counts"]["retired"]) == ("incomplete", 0)
    assert run["error"].startswith("Goody counts 199 products, but")
    assert shop.product()["id"] == gone
    turn(shop)
    assert sync(shop)["counts"]["retired"] == 1


def test_a_cancellation_is_not_taken_back_by_asking_twice(shop: Shop) -> None:
    turn(shop, Quirk.CANCEL_REVIVES)
    order = sold(shop)
    shop.goody.fail(kind="lost_answer", method="POST", path="/v1/orders/*/cancel", count=2)
    assert shop.call("POST", f"/v1/orders/{order['id']}/cancel").status_code in {200, 202}
    until_it_is(shop, order, "canceled")
    pass_time(shop, 3600)
    assert shop.goody.order(order["id"])["status"] == "failed"


def test_an_old_expiration_in_a_webhook_is_not_believed(shop: Shop) -> None:
    turn(shop, Quirk.STALE_EXPIRATION)
    now = datetime.fromisoformat(shop.goody.control("GET", "clock")["now"])
    soon, later = ((now + timedelta(days=days)).isoformat() for days in (20, 40))
    order = sold(shop, expires_at=soon)
    moved = shop.call("POST", f"/v1/orders/{order['id']}/expiration", {"expires_at": later})
    assert moved.status_code == 200, moved.text
    shop.goody.step(order["id"], "open")
    until_it_is(shop, order, "opened")
    told = datetime.fromisoformat(shown(shop, order)["expires_at"])
    assert told == datetime.fromisoformat(later)


def test_an_expiration_that_could_be_moved_is_refused_here(shop: Shop) -> None:
    turn(shop, Quirk.EXPIRATION_ANY_TIME)
    order = sold(shop)
    shop.goody.step(order["id"], "accept")
    until_it_is(shop, order, "pending_payment")
    later = (shop.clock() + timedelta(days=40)).isoformat()
    answer = shop.call("POST", f"/v1/orders/{order['id']}/expiration", {"expires_at": later})
    assert answer.status_code == 409, answer.text


def test_an_order_that_expires_shows_as_canceled(shop: Shop) -> None:
    turn(shop, Quirk.EXPIRED_FAILS)
    now = datetime.fromisoformat(shop.goody.control("GET", "clock")["now"])
    order = sold(shop, payment_mode="stored_value", expires_at=(now + timedelta(days=2)).isoformat())
    pass_time(shop, 3 * _DAY)
    until_it_is(shop, order, "canceled")
    assert balance(shop) == 10_000_000


def test_an_order_that_the_balance_does_not_cover_shows_as_canceled(shop: Shop) -> None:
    turn(shop, Quirk.UNCOVERED_FAILS)
    order = sold(shop, payment_mode="stored_value")
    shop.goody.spend(10_000_000)
    shop.goody.step(order["id"], "accept")
    until_it_is(shop, order, "canceled")
    assert balance(shop) == 0


@pytest.mark.parametrize("quirks", [[], [Quirk.CANCELED_KEEPS_CHARGE]], ids=str)
def test_what_support_cancels_shows_as_canceled(shop: Shop, quirks: list[Quirk]) -> None:
    turn(shop, *quirks)
    order = sold(shop, payment_mode="stored_value")
    shop.goody.step(order["id"], "accept")
    until_it_is(shop, order, "paid", "ordered")
    shop.goody.step(order["id"], "support_cancel")
    until_it_is(shop, order, "canceled")
    assert shown(shop, order)["settlement"]["final"] == 0
    assert (balance(shop) == 10_000_000) == (not quirks)


def test_a_link_that_comes_long_after_the_acceptance_is_found(shop: Shop) -> None:
    """Where an order rests when it is accepted, no webhook tells when it can be paid: only asking does."""
    order = sold(shop)
    shop.goody.step(order["id"], "accept", {"mailing_address": ADDRESS, "rest": True})
    until_it_is(shop, order, "accepted")
    pass_time(shop, _DAY)
    assert shown(shop, order)["payment_link"] is None
    shop.goody.step(order["id"], "charge")
    live_until(shop, lambda: shown(shop, order)["payment_link"] is not None)


@pytest.mark.parametrize("quirk", [Quirk.DIRECT_SEND_ANNOUNCED, Quirk.NESTED_ADDRESS], ids=str)
def test_a_direct_send(shop: Shop, quirk: Quirk) -> None:
    turn(shop, quirk)
    order = sold(shop, **DIRECT)
    live_until(shop, lambda: shown(shop, order)["payment_link"] is not None)
    shop.goody.step(order["id"], "pay")
    until_it_is(shop, order, "paid", "ordered")


def test_a_decline_at_ordering_is_told_in_goodys_words(shop: Shop) -> None:
    turn(shop, Quirk.DECLINED_AT_ORDERING)
    billing = {name: ADDRESS[name] for name in ("address_1", "city", "state", "postal_code", "country")}
    card: Json = shop.call(
        "POST",
        "/v1/payment_methods",
        {
            "interim_card_key": "charge_declined",
            "cardholder_name": "Ana Li",
            "billing_address": billing,
            "customer_id": "c-1",
        },
    ).get_json()
    made = shop.checkout(payment_mode="card", customer_id="c-1", **DIRECT)
    refused = problem(shop.complete(made, payment_method_id=card["id"]), 422, "card_declined")
    assert refused["detail"] == "Your card was declined."
    assert shop.goody.batches == []


def _charged(shop: Shop) -> bytes:
    """A statement with one charge."""
    order = sold(shop, payment_mode="stored_value")
    shop.goody.step(order["id"], "accept")
    until_it_is(shop, order, "paid", "ordered")
    return shop.goody.statement("stored_value", to="2099-01-01")


def test_a_statement_in_other_words_is_refused_until_its_columns_are_named(shop: Shop) -> None:
    turn(shop, Quirk.STATEMENT_OTHER_NAMES)
    content = _charged(shop)
    refused = problem(send(shop, content), 422, "invalid_input")
    assert "Booked on" in str(refused["errors"])
    columns = {"date": "Booked on", "id": "Line no.", "type": "What", "order_id": "Gift", "amount": "USD"}
    named = "".join(f"&column={field}={title}" for field, title in columns.items())
    told = send(shop, content, f"?source=goody-stored-value{named}")
    assert told.status_code == 201, told.text
    assert told.get_json()["rows_by_kind"] == {"charge": 1, "deposit": 1, "revenue_share": 1}


def test_a_statement_with_turned_signs_does_not_add_up(shop: Shop) -> None:
    turn(shop, Quirk.STATEMENT_SIGNS_TURNED)
    told: Json = send(shop, _charged(shop)).get_json()
    assert (told["is_whole"], told["sum_of_rows"]) == (False, -told["closing_balance"])
    period = {"from": told["period_start"][:10], "to": "2099-01-01"}
    ended(shop, shop.call("POST", "/v1/reconciliations", period))
    found = {each["type"] for each in shop.call("GET", "/v1/discrepancies").get_json()["data"]}
    assert found == {"wrong_amount", "unknown_transaction", "balance_mismatch"}
