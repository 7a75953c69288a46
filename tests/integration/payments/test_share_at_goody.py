"""The books beside Goody's own: what an emulated Goody charged and credited is what ours say."""

from datetime import timedelta

import pytest

from payments.ledger.accounts import Account
from payments.ledger.balances import balances
from payments.revenue_share.share_states import ShareState
from payments.revenue_share.tables import OrderShare
from payments.revenue_share.terms import Base, Rounding, Terms
from tests.shop import Shop

OPENING = 10_000_000


def books(shop: Shop) -> dict[Account, int]:
    shop.services.accountant.book_due()
    with shop.services.sessions.read() as session:
        return balances(session, shop.app_id)


@pytest.mark.parametrize("base", Base)
def test_what_goody_took_and_credited_is_what_our_books_say(shop: Shop, base: Base) -> None:
    shop.goody.control("PUT", "revenue_share", {"bps": 1250, "base": base})
    agree(shop, Terms(rate_bps=1250, base=base, rounding=Rounding.HALF_UP))
    listed = shop.call("GET", "/v1/products?limit=100").get_json()["data"]
    plain = [each for each in listed if not each["price_is_variable"]][:3]
    items = [{"product_id": each["id"], "quantity": number} for number, each in enumerate(plain, start=1)]
    batch = shop.complete(shop.checkout(payment_mode="stored_value", items=items)).get_json()
    order_id = batch["orders"][0]["id"]
    address = {"mailing_address": shop_address(), "credit_applied": 500}
    shop.hear("order.gift_accepted", shop.goody.step(order_id, "accept", address))
    shop.services.activities.poll_due()

    ours = books(shop)
    shares = sum(each["amount"] for each in shop.goody.transactions if each["kind"] == "revenue_share")
    assert ours[Account.SHARE_RECEIVABLE] == shares > 0
    balance = shop.call("GET", "/v1/stored_value").get_json()["balance"]
    assert OPENING + ours[Account.STORED_VALUE] + ours[Account.SHARE_RECEIVABLE] == balance

    shop.hear("order.refunded", shop.goody.step(order_id, "refund"))
    ours = books(shop)
    assert {account.value for account, amount in ours.items() if amount} == {"order_cost", "refunds"}
    assert shop.call("GET", "/v1/stored_value").get_json()["balance"] == OPENING


def test_what_a_swap_brought_is_asked_of_goody_where_no_sync_has_seen_it(shop: Shop) -> None:
    agree(shop, Terms(rate_bps=1000))
    order_id = shop.complete(shop.checkout(swap="single")).get_json()["orders"][0]["id"]
    (item,) = shop.goody.order(order_id)["cart"]["items"]
    listed = shop.call("GET", "/v1/products?limit=100&sort=price").get_json()["data"]
    other = next(each for each in listed if each["id"] != item["product"]["id"] and not each["price_is_variable"])
    swap = [{"product_id": other["id"], "quantity": 1}]
    accepted = shop.goody.step(order_id, "accept", {"mailing_address": shop_address(), "swap": swap})
    assert accepted["is_swapped"]
    shop.execute("DELETE FROM product_facts WHERE product_id = :id", id=other["id"])
    shop.hear("order.gift_accepted", accepted)
    books(shop)
    with shop.services.sessions.read() as session:
        share = session.get_one(OrderShare, order_id)
    assert (share.state, share.lines[0]["goods"]) == (ShareState.ACCRUED, accepted["amounts"]["amount_product"])
    assert any(each["path"] == f"/v1/products/{other['id']}" for each in shop.goody.requests)


def agree(shop: Shop, terms: Terms) -> None:
    """Let terms hold since long: Goody's clock may be a little behind ours."""
    shop.services.share_terms.enter(shop.app_id, terms, shop.clock() - timedelta(days=1), "ana", "As agreed.")


def shop_address() -> dict[str, str]:
    return {"address_1": "1 Main St", "city": "New York", "state": "NY", "postal_code": "10022", "country": "US"}
