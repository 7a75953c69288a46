"""Every webhook example of Goody's documentation is read, whichever way it is spelt."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from foundation.goody.resources import Order, OrderBatch
from foundation.goody.webhooks import BATCH_EVENTS, ORDER_EVENTS, parse_webhook

DOCS = Path(__file__).resolve().parents[3].parent / "shared" / "goody" / "docs"
FILES = ("goody-developer-docs-full.txt", "event-order-batch-created.txt")
if not all((DOCS / name).exists() for name in FILES):
    pytest.skip("Goody's documentation is not at hand (../shared/goody/docs)", allow_module_level=True)

START = '{\n"event_type"'


def _messages() -> list[Any]:
    found = []
    for name in FILES:
        text = (DOCS / name).read_text(encoding="utf-8")
        at = text.find(START)
        while at >= 0:
            message, end = json.JSONDecoder().raw_decode(text, at)
            found.append(message)
            at = text.find(START, end)
    return found


MESSAGES = _messages()


def test_none_is_left_out() -> None:
    assert len(MESSAGES) == 11
    assert {parse_webhook(json.dumps(message).encode()).event_type for message in MESSAGES} == {
        "order.canceled",
        "order.created",
        "order.delivered",
        "order.gift_accepted",
        "order.gift_opened",
        "order.refunded",
        "order.shipped",
        "order.thank_you_note_added",
        "order_batch.completed",
        "order_batch.created",
    }


@pytest.mark.parametrize("message", MESSAGES, ids=[message["event_type"] for message in MESSAGES])
def test_what_was_sent_is_read(message: Any, assert_read_as_sent: Callable[[Any, object], None]) -> None:
    read = parse_webhook(json.dumps(message).encode())

    assert read.id == message["id"]
    assert read.event_type == message["event_type"].replace("gift_batch.", "order_batch.")
    assert read.event_type in BATCH_EVENTS | ORDER_EVENTS
    assert type(read.data) is (OrderBatch if "batch" in read.event_type else Order)
    assert json.loads(read.raw) == message["data"]
    assert_read_as_sent(message["data"], read.data)
    orders = read.data.orders_preview if isinstance(read.data, OrderBatch) else (read.data,)
    assert all(isinstance(order, Order) and order.individual_gift_link for order in orders)
