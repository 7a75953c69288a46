"""Both spellings of Goody's come out as one."""

from typing import Any

import pytest

from foundation.goody import spellings


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("gift_batch.created", "order_batch.created"),
        ("gift_batch.completed", "order_batch.completed"),
        ("order_batch.created", "order_batch.created"),
        ("order.accepted", "order.gift_accepted"),
        ("order.gift_accepted", "order.gift_accepted"),
        ("order.shipped", "order.shipped"),
        ("gift_batch", "gift_batch"),
        ("something.new", "something.new"),
    ],
)
def test_event_name(sent: str, stored: str) -> None:
    assert spellings.event_name(sent) == stored


@pytest.mark.parametrize("name", ["individual_gift_link", "individual_order_link", "individual_gift_link_shared"])
def test_gift_link_has_three_spellings(name: str) -> None:
    assert spellings.respell_order({"id": "o", name: "https://x"}) == {"id": "o", "individual_gift_link": "https://x"}


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"gift_batch_id": "b"}, {"order_batch_id": "b"}),
        ({"order_batch_id": "b"}, {"order_batch_id": "b"}),
        ({"order_batch_id": "b", "gift_batch_id": "other"}, {"order_batch_id": "b"}),
        ({"order_batch_id": None, "gift_batch_id": "b"}, {"order_batch_id": "b"}),
        ({"order_batch_id": "b", "gift_batch_id": None}, {"order_batch_id": "b"}),
    ],
)
def test_the_stored_spelling_wins_unless_it_is_null(sent: dict[str, Any], stored: dict[str, Any]) -> None:
    assert spellings.respell_order(sent) == stored


def test_a_batch_is_respelt_with_the_orders_in_it() -> None:
    sent = {"id": "b", "gifts_count": 1, "gifts_preview": [{"id": "o", "gift_batch_id": "b"}]}

    assert spellings.respell_order_batch(sent) == {
        "id": "b",
        "orders_count": 1,
        "orders_preview": [{"id": "o", "order_batch_id": "b"}],
    }
    assert sent == {"id": "b", "gifts_count": 1, "gifts_preview": [{"id": "o", "gift_batch_id": "b"}]}


def test_an_activity_is_respelt_with_its_order() -> None:
    sent = {"id": "a", "order": {"gift_batch_id": "b"}}

    assert spellings.respell_order_activity(sent) == {"id": "a", "order": {"order_batch_id": "b"}}


def test_price_has_two_spellings() -> None:
    stored = {"cart_price": {"price_product": 1}, "total_price": {"recipients": 1}}

    assert spellings.respell_price(stored) == stored
    assert (
        spellings.respell_price(
            {"cart_price_estimate": {"price_product": 1}, "total_price_estimate": {"recipients": 1}}
        )
        == stored
    )


@pytest.mark.parametrize("tree", [None, 3, "text", [], {}, {"orders_preview": None}, {"order": None}])
def test_what_is_no_such_thing_passes_unharmed(tree: object) -> None:
    for respell in (
        spellings.respell_order,
        spellings.respell_order_batch,
        spellings.respell_order_activity,
        spellings.respell_price,
    ):
        assert respell(tree) == tree
