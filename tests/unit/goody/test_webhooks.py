"""Webhook messages under one name, and what is no such message."""

import msgspec
import pytest

from foundation.errors import GoodyUnreadableError
from foundation.goody.resources import Order, OrderBatch
from foundation.goody.webhooks import BATCH_EVENTS, ORDER_EVENTS, parse_webhook

AMOUNTS = {"amount_product": 1000, "amount_shipping": 500, "amount_pre_tax_total": 1500}
ORDER = {"id": "o1", "status": "accepted", "cart": {"items": []}, "amounts": AMOUNTS, "gift_batch_id": "b1"}
BATCH = {"id": "b1", "send_status": "complete", "gifts_count": 1, "gifts_preview": [ORDER]}


def message(event_type: object, data: object) -> bytes:
    return msgspec.json.encode({"event_type": event_type, "id": "m1", "data": data, "new": 1})


def test_ten_events_are_known() -> None:
    assert len(BATCH_EVENTS | ORDER_EVENTS) == 10


def test_both_names_of_the_acceptance_are_one() -> None:
    for name in ("order.accepted", "order.gift_accepted"):
        read = parse_webhook(message(name, ORDER))

        assert (read.event_type, read.id) == ("order.gift_accepted", "m1")
        assert isinstance(read.data, Order)
        assert read.data.order_batch_id == "b1"


def test_both_names_of_a_batch_are_one() -> None:
    for name in ("gift_batch.completed", "order_batch.completed"):
        read = parse_webhook(message(name, BATCH))

        assert read.event_type == "order_batch.completed"
        assert isinstance(read.data, OrderBatch)
        assert [order.order_batch_id for order in read.data.orders_preview] == ["b1"]


@pytest.mark.parametrize("data", [{"id": "o1"}, None, 3, [], "text"])
def test_an_unknown_event_is_kept_as_it_came(data: object) -> None:
    read = parse_webhook(message("order.teleported", data))

    assert (read.event_type, read.data, read.raw) == ("order.teleported", None, msgspec.json.encode(data))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        b'{"event_type": "order.created", "id": "m1"}',
        b'{"event_type": "order.created", "data": {}}',
        message(7, ORDER),
        message("order.created", {"id": "o1"}),
        message("order.created", None),
        message("gift_batch.created", ORDER),
    ],
)
def test_what_is_no_message_is_unreadable(body: bytes) -> None:
    with pytest.raises(GoodyUnreadableError):
        parse_webhook(body)


def test_its_repr_holds_no_personal_data() -> None:
    read = parse_webhook(message("order.created", ORDER | {"recipient_email": "bo@example.com"}))

    assert "example.com" not in repr(read)
