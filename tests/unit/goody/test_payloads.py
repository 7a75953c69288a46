"""What we send: only what was meant, and the same bytes every time."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from foundation.goody.payloads import (
    CartInput,
    CartItemInput,
    MailingAddress,
    OrderBatchInput,
    PriceInput,
    RecipientInput,
    encode,
)

CART = CartInput(items=(CartItemInput(product_id="p1", quantity=2),))


def small_batch(scheduled_send_on: datetime | None = None) -> OrderBatchInput:
    return OrderBatchInput(
        from_name="Ann",
        send_method="link_multiple_custom_list",
        recipients=(RecipientInput(first_name="Bo"),),
        cart=CART,
        customer_reference_id="ref-1",
        scheduled_send_on=scheduled_send_on,
    )


def test_what_is_none_is_left_out() -> None:
    assert encode(small_batch()) == (
        b'{"from_name":"Ann","send_method":"link_multiple_custom_list","recipients":[{"first_name":"Bo"}],'
        b'"cart":{"items":[{"product_id":"p1","quantity":2}]},"customer_reference_id":"ref-1"}'
    )


def test_every_field_goes_out_under_goodys_name() -> None:
    address = MailingAddress(
        address_1="1 Main St",
        address_2="Apt 2",
        city="New York",
        state="NY",
        postal_code="10022",
        country="US",
        first_name="Bo",
        last_name="Li",
    )
    batch = OrderBatchInput(
        from_name="Ann",
        send_method="direct_send",
        recipients=(RecipientInput("Bo", "Li", "bo@example.com", "+12125550123", address),),
        cart=CartInput((CartItemInput("p1", 2, variable_price=2500, variants=("Red", "Red")),)),
        message="Thanks",
        card_id="c1",
        payment_method_id="COMMERCE_STORED_VALUE",
        scheduled_send_on=datetime(2026, 6, 10, 12, tzinfo=UTC),
        expires_at=datetime(2026, 7, 1, 12, tzinfo=UTC),
        swap="disabled",
        international_shipping_tier="disabled",
        international_gift_cards_enabled=False,
        notifications_enabled=False,
        commerce_end_user_id="u1",
        customer_reference_id="ref-1",
    )

    assert msgspec.json.decode(encode(batch)) == {
        "from_name": "Ann",
        "send_method": "direct_send",
        "recipients": [
            {
                "first_name": "Bo",
                "last_name": "Li",
                "email": "bo@example.com",
                "phone": "+12125550123",
                "mailing_address": {
                    "address_1": "1 Main St",
                    "address_2": "Apt 2",
                    "city": "New York",
                    "state": "NY",
                    "postal_code": "10022",
                    "country": "US",
                    "first_name": "Bo",
                    "last_name": "Li",
                },
            }
        ],
        "cart": {"items": [{"product_id": "p1", "quantity": 2, "variable_price": 2500, "variants": ["Red", "Red"]}]},
        "message": "Thanks",
        "card_id": "c1",
        "payment_method_id": "COMMERCE_STORED_VALUE",
        "scheduled_send_on": "2026-06-10T12:00:00Z",
        "expires_at": "2026-07-01T12:00:00Z",
        "swap": "disabled",
        "international_shipping_tier": "disabled",
        "international_gift_cards_enabled": False,
        "notifications_enabled": False,
        "commerce_end_user_id": "u1",
        "customer_reference_id": "ref-1",
    }


def test_one_moment_is_written_in_one_way() -> None:
    new_york = timezone(timedelta(hours=-4))
    here, there = datetime(2026, 6, 10, 12, tzinfo=UTC), datetime(2026, 6, 10, 8, tzinfo=new_york)

    assert encode(small_batch(here)) == encode(small_batch(there)) == encode(small_batch(here))


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        small_batch(datetime(2026, 6, 10, 12))  # noqa: DTZ001 - the naive one is what is tested


def test_price_asks_with_what_goody_requires() -> None:
    assert encode(PriceInput((RecipientInput("Bo"),), CART, "email_and_link")) == (
        b'{"recipients":[{"first_name":"Bo"}],"cart":{"items":[{"product_id":"p1","quantity":2}]},'
        b'"send_method":"email_and_link"}'
    )


def test_personal_data_is_in_no_repr() -> None:
    address = MailingAddress("1 Main St", "New York", "NY", "10022", "US")
    recipient = RecipientInput("Bo", "Li", "bo@example.com", "+12125550123", address)
    batch = OrderBatchInput("Ann", "direct_send", (recipient,), CART, message="Thanks", customer_reference_id="ref-1")

    shown = f"{batch!r} {recipient!r} {address!r} {PriceInput((recipient,), CART, 'direct_send')!r}"

    for personal in ("Ann", "Bo", "Li", "example.com", "555", "Main", "Thanks"):
        assert personal not in shown
    assert "ref-1" in shown
