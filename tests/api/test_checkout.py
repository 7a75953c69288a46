"""What stands in the way of an order: every rule, by the change that breaks it and the problems that follow."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from tests.api.answers import faults, pointed
from tests.api.pages import find_product, variable_product
from tests.shop import ADDRESS, Shop

UNKNOWN: Final = "00000000-0000-4000-8000-000000000000"
LONG_AGO: Final = "2020-01-01T00:00:00Z"
SOON: Final = (datetime.now(UTC) + timedelta(days=2)).isoformat()
LATER: Final = (datetime.now(UTC) + timedelta(days=9)).isoformat()

Change = Callable[[Shop], dict[str, Any]]
Faults = list[tuple[str, str]]


def _item(shop: Shop, fits: dict[str, object] | None = None, **choice: object) -> dict[str, Any]:
    return {"items": [{"product_id": shop.product(**(fits or {}))["id"], **choice}]}


def _variable(shop: Shop, choose: Callable[[dict[str, Any]], int | None]) -> dict[str, Any]:
    product = variable_product(shop)
    return {"items": [{"product_id": product["id"], "variable_price": choose(product)}]}


def _variants(shop: Shop, choose: Callable[[list[str]], list[str]]) -> dict[str, Any]:
    product = shop.product(variants_num_selectable=1)
    names = [variant["name"] for variant in product["variants"]]
    return {"items": [{"product_id": product["id"], "variants": choose(names)}]}


def _choice(shop: Shop, choose: Callable[[list[str], int], list[str]]) -> dict[str, Any]:
    product = find_product(shop, lambda product: (product["variants_num_selectable"] or 0) > 1)
    names = [variant["name"] for variant in product["variants"]]
    return {"items": [{"product_id": product["id"], "variants": choose(names, product["variants_num_selectable"])}]}


def _grouped(shop: Shop, name: Callable[[list[str]], str]) -> dict[str, Any]:
    product = find_product(shop, lambda product: any(" / " in each["name"] for each in product["variants"]))
    options = [group["options"][0]["name"] for group in product["variant_groups"]]
    assert len(options) > 1
    return {"items": [{"product_id": product["id"], "variants": [name(options)]}]}


def _recipient(**more: object) -> dict[str, Any]:
    return {"recipients": [{"first_name": "Li", **more}]}


def _direct(shop: Shop, **address: object) -> dict[str, Any]:
    return {**_item(shop), "send_method": "direct_send", **_recipient(mailing_address={**ADDRESS, **address})}


NOT_APPROVED: Final = ("/send_method", "not_enabled")

# The change to a wish that is ready at once, and every problem that it makes for the secret key.
PROBLEMS: Final[dict[str, tuple[Change, Faults]]] = {
    "nothing to mend": (lambda _: {}, []),
    "no items": (lambda _: {"items": []}, [("/items", "required")]),
    "unknown product": (
        lambda _: {"items": [{"product_id": UNKNOWN}]},
        [("/items/0/product_id", "product_unavailable")],
    ),
    "price chosen that is fixed": (
        lambda shop: _item(shop, variable_price=100),
        [("/items/0/variable_price", "price_not_variable")],
    ),
    "price not chosen": (
        lambda shop: _variable(shop, lambda _: None),
        [("/items/0/variable_price", "required")],
    ),
    "price too low": (
        lambda shop: _variable(shop, lambda product: int(product["price_min"]) - 1),
        [("/items/0/variable_price", "out_of_bounds")],
    ),
    "price too high": (
        lambda shop: _variable(shop, lambda product: int(product["price_max"]) + 1),
        [("/items/0/variable_price", "out_of_bounds")],
    ),
    "lowest price": (lambda shop: _variable(shop, lambda product: int(product["price_min"])), []),
    "highest price": (lambda shop: _variable(shop, lambda product: int(product["price_max"])), []),
    "variant left to the recipient": (lambda shop: _variants(shop, lambda _: []), []),
    "variant chosen": (lambda shop: _variants(shop, lambda names: names[:1]), []),
    "too many variants": (
        lambda shop: _variants(shop, lambda names: [names[0], names[0]]),
        [("/items/0/variants", "wrong_variant_count")],
    ),
    "too few for a link": (lambda shop: _choice(shop, lambda names, wanted: names[: wanted - 1]), []),
    "the same one again": (lambda shop: _choice(shop, lambda names, wanted: names[:1] * wanted), []),
    "one too many": (
        lambda shop: _choice(shop, lambda names, wanted: names[:1] * (wanted + 1)),
        [("/items/0/variants", "wrong_variant_count")],
    ),
    "options of groups": (lambda shop: _grouped(shop, " / ".join), []),
    "options in another order": (
        lambda shop: _grouped(shop, lambda options: " / ".join(reversed(options))),
        [("/items/0/variants/0", "unknown_variant")],
    ),
    "unknown variant": (
        lambda shop: _variants(shop, lambda _: ["Durian"]),
        [("/items/0/variants/0", "unknown_variant")],
    ),
    "variants of what has none": (
        lambda shop: _item(shop, {"variants_num_selectable": 0}, variants=["Red"]),
        [("/items/0/variants", "wrong_variant_count"), ("/items/0/variants/0", "unknown_variant")],
    ),
    "no recipients": (lambda _: {"recipients": []}, [("/recipients", "required")]),
    "mail without an address": (
        lambda _: {"send_method": "email_and_link"},
        [("/recipients/0/email", "required")],
    ),
    "mail": (lambda _: {"send_method": "email_and_link", **_recipient(email="li@example.com")}, []),
    "message without a card": (lambda _: {"message": "Hi"}, [("/card_id", "required")]),
    "unknown card": (lambda _: {"card_id": UNKNOWN}, [("/card_id", "unknown_card")]),
    "expired": (lambda _: {"expires_at": LONG_AGO}, [("/expires_at", "in_the_past")]),
    "sent before": (lambda _: {"scheduled_send_on": LONG_AGO}, [("/scheduled_send_on", "in_the_past")]),
    "expires before it is sent": (
        lambda _: {"scheduled_send_on": LATER, "expires_at": SOON},
        [("/expires_at", "before_send")],
    ),
    "scheduled two years ahead": (
        lambda _: {"scheduled_send_on": (datetime.now(UTC) + timedelta(days=730)).isoformat()},
        [("/scheduled_send_on", "too_far_ahead")],
    ),
    "notifications of a link": (
        lambda _: {"notifications_enabled": True},
        [("/notifications_enabled", "direct_send_only")],
    ),
    "gift cards abroad without the tier": (
        lambda _: {"international_gift_cards_enabled": True, "international_shipping_tier": "full"},
        [("/international_gift_cards_enabled", "needs_standard_tier")],
    ),
    "gift cards abroad": (
        lambda _: {"international_gift_cards_enabled": True, "international_shipping_tier": "standard"},
        [],
    ),
    "an address without approval": (
        lambda _: _recipient(mailing_address=ADDRESS),
        [("/recipients/0/mailing_address", "not_enabled")],
    ),
    "expires after it is sent": (lambda _: {"scheduled_send_on": SOON, "expires_at": LATER}, []),
    "direct send without approval": (_direct, [NOT_APPROVED]),
    "direct send to nowhere": (
        lambda _: {"send_method": "direct_send"},
        [("/recipients/0/mailing_address", "required"), NOT_APPROVED],
    ),
    "direct send abroad": (
        lambda shop: _direct(shop, country="CA"),
        [("/recipients/0/mailing_address/country", "unsupported_country"), NOT_APPROVED],
    ),
    "all at once": (
        lambda _: {
            "items": [{"product_id": UNKNOWN}],
            "recipients": [{"first_name": "Li"}, {"first_name": "Bo", "email": "bo@example.com"}],
            "send_method": "email_and_link",
            "message": "Hi",
            "expires_at": LONG_AGO,
        },
        [
            ("/card_id", "required"),
            ("/expires_at", "in_the_past"),
            ("/items/0/product_id", "product_unavailable"),
            ("/recipients/0/email", "required"),
        ],
    ),
}

# Beside those: what a guest may not. The second list is what the secret key is told of the same wish.
GUESTS: Final[dict[str, tuple[Change, Faults, Faults]]] = {
    "links": (lambda _: {}, [], []),
    "mail": (
        lambda _: {"send_method": "email_and_link", **_recipient(email="li@example.com")},
        [("/send_method", "not_for_guests")],
        [],
    ),
    "direct send": (_direct, [NOT_APPROVED, ("/send_method", "not_for_guests")], [NOT_APPROVED]),
    "ten recipients": (lambda _: {"recipients": [{"first_name": f"R{i}"} for i in range(10)]}, [], []),
    "eleven recipients": (
        lambda _: {"recipients": [{"first_name": f"R{i}"} for i in range(11)]},
        [("/recipients", "too_many_for_guests")],
        [],
    ),
    "a phone": (lambda _: _recipient(phone="+15552347890"), [("/recipients/0/phone", "not_for_guests")], []),
    "a schedule": (lambda _: {"scheduled_send_on": SOON}, [("/scheduled_send_on", "not_for_guests")], []),
}


@pytest.mark.parametrize(("change", "expected"), PROBLEMS.values(), ids=PROBLEMS)
def test_each_problem_is_named_and_keeps_the_order_from_being_placed(
    shop: Shop, change: Change, expected: Faults
) -> None:
    checkout = shop.checkout(**change(shop))
    assert pointed(checkout["problems"]) == expected
    assert checkout["status"] == ("open" if expected else "ready")
    response = shop.complete(checkout)
    if not expected:
        assert response.status_code == 201
    elif ("/items/0/product_id", "product_unavailable") in expected:
        assert faults(response, 409, "product_unavailable") == [("/items/0/product_id", "product_unavailable")]
    else:
        assert faults(response) == expected
    assert len(shop.goody.batches) == (0 if expected else 1)


@pytest.mark.parametrize(("change", "for_guests", "for_backend"), GUESTS.values(), ids=GUESTS)
def test_guests_are_limited(shop: Shop, change: Change, for_guests: Faults, for_backend: Faults) -> None:
    changed = change(shop)
    guest = shop.checkout(key=shop.pk, **changed)
    assert pointed(guest["problems"]) == for_guests
    assert pointed(shop.checkout(**changed)["problems"]) == for_backend
    answer = shop.call(
        "POST",
        f"/v1/checkouts/{guest['id']}/complete",
        {"payment_mode": "hosted_payment"},
        key=shop.pk,
        secret=guest["client_secret"],
        headers={"Idempotency-Key": "guest"},
    )
    assert answer.status_code == (422 if for_guests else 201)
    assert len(shop.goody.batches) == (0 if for_guests else 1)


def test_a_guest_can_not_complete_what_the_backend_alone_may_send(shop: Shop) -> None:
    """The limits are the caller's, not the checkout's: a checkout made by the backend opens nothing for a guest."""
    checkout = shop.checkout(send_method="email_and_link", **_recipient(email="li@example.com"))
    assert checkout["status"] == "ready"
    path, body = f"/v1/checkouts/{checkout['id']}/complete", {"payment_mode": "hosted_payment"}
    headers = {"Idempotency-Key": "guest"}
    response = shop.call("POST", path, body, key=shop.pk, secret=checkout["client_secret"], headers=headers)
    assert faults(response) == [("/send_method", "not_for_guests")]
    assert shop.goody.batches == []


def test_a_guest_names_no_customer(shop: Shop) -> None:
    response = shop.call("POST", "/v1/checkouts", shop.wish(customer_id="c-1"), key=shop.pk)
    assert faults(response) == [("/customer_id", "not_allowed")]
    checkout = shop.checkout(customer_id="c-1")
    assert checkout["customer_id"] == "c-1"
    response = shop.call("PATCH", f"/v1/checkouts/{checkout['id']}", {"customer_id": "c-2"})
    assert faults(response) == [("/customer_id", "unknown_field")]


def test_direct_sends_of_an_approved_app(shop: Shop) -> None:
    with shop.services.sessions.engine.begin() as connection:
        connection.exec_driver_sql('UPDATE partner_apps SET capabilities = \'["hosted_payment", "direct_send"]\'')
    amiss = {"state": "ZZ", "postal_code": "K1A 0B1"}
    at = "/recipients/0/mailing_address"
    assert pointed(shop.checkout(**_direct(shop, **amiss))["problems"]) == [
        (f"{at}/postal_code", "bad_postal_code"),
        (f"{at}/state", "unknown_state"),
    ]
    abroad = _direct(shop, country="CA", state="ON", postal_code="K1A 0B1")
    for tier in ("disabled", "standard", "full"):
        problems = shop.checkout(**abroad, international_shipping_tier=tier)["problems"]
        assert pointed(problems) == [(f"{at}/country", "unsupported_country")]
    several = find_product(shop, lambda product: (product["variants_num_selectable"] or 0) > 1)
    wanted, name = several["variants_num_selectable"], several["variants"][0]["name"]
    for count in (wanted - 1, wanted, wanted + 1):
        chosen = {"items": [{"product_id": several["id"], "variants": [name] * count}]}
        problems = shop.checkout(**{**_direct(shop), **chosen}, notifications_enabled=True)["problems"]
        assert pointed(problems) == ([] if count == wanted else [("/items/0/variants", "wrong_variant_count")])
    product = find_product(shop, lambda product: bool(product["restricted_states"]) and not product["variants"])
    there = {**_direct(shop, state=product["restricted_states"][0]), "items": [{"product_id": product["id"]}]}
    where = ("/recipients/0/mailing_address/state", "restricted_state")
    assert pointed(shop.checkout(**there)["problems"]) == [where]

    chosen = shop.product(variants_num_selectable=1)
    unchosen = {**_direct(shop), "items": [{"product_id": chosen["id"]}]}
    assert pointed(shop.checkout(**unchosen)["problems"]) == [("/items/0/variants", "wrong_variant_count")]

    checkout = shop.checkout(**_direct(shop))
    assert checkout["problems"] == []
    quote = checkout["quote"]
    assert quote["is_exact"]
    assert quote["total"]["total"] == quote["per_recipient"]["pre_tax"] + quote["total"]["tax"]
    assert quote["total"]["total_low"] == quote["total"]["total_high"] == quote["total"]["total"]


def test_a_gift_of_choice_has_to_be_swappable(shop: Shop) -> None:
    product = shop.product()
    shop.rewrite_document(product["id"], gift_collection={"id": UNKNOWN, "title": "Office Welcome"})
    assert pointed(shop.checkout(swap="disabled")["problems"]) == [("/swap", "needed_for_collection")]
    for swap in (None, "single", "multiple"):
        assert shop.checkout(swap=swap)["problems"] == []
    found = pointed(shop.checkout(**_direct(shop))["problems"])
    assert ("/items/0/product_id", "collection_not_direct") in found


def test_a_mode_that_the_app_lost(shop: Shop) -> None:
    checkout = shop.checkout()
    with shop.services.sessions.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE partner_apps SET capabilities = '[]'")
    assert faults(shop.complete(checkout)) == [("/payment_mode", "not_enabled")]
