"""Gifts to other countries: refused unless the batch's tier takes them there, and what that adds to the cost."""

from typing import Any

import pytest

from .browsing import TYPED, read_page
from .partner import ADDRESS, Json, Partner

ABROAD = ADDRESS | {"city": "Paris", "state": "", "postal_code": "75001", "country": "FR"}
FULL = {"international_shipping_tier": "full"}
CARDS = {"international_shipping_tier": "standard", "international_gift_cards_enabled": True}


def _gift_card(partner: Partner) -> Json:
    return partner.product(
        lambda each: each["price_is_variable"] and "Card" in each["name"] and not each["restricted_states"]
    )


def _dear(partner: Partner) -> Json:
    """A plain product that costs more than the least a gift card can be worth."""
    least = _gift_card(partner)["price_min"]
    return partner.product(
        lambda each: (
            not (each["variants"] or each["price_is_variable"] or each["restricted_states"]) and each["price"] > least
        )
    )


def _accept(partner: Partner, order_id: str, **more: Any) -> tuple[int, Json]:
    answer = partner.http.post(f"/_emulator/orders/{order_id}/accept", json={"mailing_address": ABROAD, **more})
    found: Json = answer.json()
    return answer.status_code, found


@pytest.mark.parametrize(
    "tier", [{}, {"international_shipping_tier": "disabled"}, {"international_shipping_tier": "standard"}, CARDS]
)
def test_goods_stay_at_home_without_the_full_tier(partner: Partner, tier: Json) -> None:
    order_id = partner.place_one(**tier)
    status, problem = _accept(partner, order_id)
    assert (status, problem["detail"]) == (422, "Mailing address country must be US")
    assert partner.get(f"/v1/orders/{order_id}")["event_times"]["accepted_at"] is None
    at_home = partner.accept(order_id)
    assert at_home["amounts"]["amount_global_relay_cost"] is None


def test_the_full_tier_goes_abroad_for_freight_and_duties(partner: Partner) -> None:
    status, order = _accept(partner, partner.place_one(**FULL))
    amounts = order["amounts"]
    assert (status, order["status"]) == (200, "pending_payment")
    assert amounts["amount_global_relay_cost"] == 2500 + (amounts["amount_product"] + 5) // 10
    assert amounts["amount_tax"] == (amounts["amount_pre_tax_total"] * 20 + 50) // 100
    assert amounts["amount_total"] == (
        amounts["amount_pre_tax_total"] + amounts["amount_tax"] + amounts["amount_global_relay_cost"]
    )
    assert partner.step(order["id"], "pay")["status"] == "ordered"


def test_the_full_tier_at_home_costs_no_freight(partner: Partner) -> None:
    amounts = partner.accept(partner.place_one(**FULL))["amounts"]
    assert amounts["amount_global_relay_cost"] is None
    assert amounts["amount_total"] == amounts["amount_pre_tax_total"] + amounts["amount_tax"]


@pytest.mark.parametrize("country", ["XX", "fr", "France"])
def test_there_are_countries_out_of_reach(partner: Partner, country: str) -> None:
    order_id = partner.place_one(**FULL)
    status, problem = _accept(partner, order_id, mailing_address=ABROAD | {"country": country})
    assert (status, problem["detail"]) == (422, f"Mailing address country is not one Goody ships to: {country}")


def test_a_direct_send_goes_abroad_in_the_full_tier_only(partner: Partner) -> None:
    wish = {"send_method": "direct_send", "recipients": [{"first_name": "Ada", "mailing_address": ABROAD}]}
    assert partner.refused(partner.wish(**wish)) == "Mailing address country must be US"
    order_id = partner.place_one(**wish, **FULL)
    order = partner.until(f"/v1/orders/{order_id}", lambda order: order["status"] == "pending_payment")
    assert order["amounts"]["amount_global_relay_cost"] is not None


def test_a_gift_card_goes_abroad_by_email(partner: Partner) -> None:
    card, gift = _gift_card(partner), _dear(partner)
    order_id = partner.place_one(cart={"items": [{"product_id": gift["id"], "quantity": 1}]}, **CARDS)
    status, order = _accept(partner, order_id, swap=[{"product_id": card["id"]}])
    amounts = order["amounts"]
    assert (status, order["is_swapped"], amounts["amount_global_relay_cost"]) == (200, True, None)
    assert amounts["amount_product"] == min(gift["price"], card["price_max"])


@pytest.mark.parametrize("tier", [{}, {"international_shipping_tier": "standard"}, {**CARDS, **FULL}])
def test_gift_cards_are_to_be_had_only_where_the_batch_says_so(partner: Partner, tier: Json) -> None:
    card, gift = _gift_card(partner), _dear(partner)
    order_id = partner.place_one(cart={"items": [{"product_id": gift["id"], "quantity": 1}]}, **tier)
    status, answer = _accept(partner, order_id, swap=[{"product_id": card["id"]}], mailing_address=ADDRESS)
    if tier.get("international_gift_cards_enabled"):
        assert (status, answer["is_swapped"]) == (200, True)
    else:
        assert (status, answer["detail"]) == (422, f"This gift can't be swapped for {card['name']}")


def test_the_form_asks_for_a_country_only_where_there_is_a_choice(partner: Partner) -> None:
    at_home, abroad = (partner.place(**tier)["orders_preview"][0] for tier in ({}, FULL))
    assert "country" not in read_page(partner.http.get(at_home["individual_gift_link"]).text).fields
    page = read_page(partner.http.get(abroad["individual_gift_link"]).text)
    assert page.fields["country"] == "US"
    typed = TYPED | {"state": "", "postal_code": "EC1A 1BB", "city": "London"}
    for order, country in ((at_home, "GB"), (abroad, "XX")):
        answer = partner.http.post(order["individual_gift_link"], data=typed | {"country": country})
        assert read_page(answer.text).errors.get("country", "") in {"", "Choose a country of the list."}
        assert partner.get(f"/v1/orders/{order['id']}")["event_times"]["accepted_at"] is None
    answer = partner.http.post(abroad["individual_gift_link"], data=typed | {"country": "GB"})
    assert answer.status_code == 303
    assert partner.get(f"/v1/orders/{abroad['id']}")["amounts"]["amount_global_relay_cost"] is not None
