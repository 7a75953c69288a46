"""Goody's webhook messages, read after their signature was verified."""

from dataclasses import dataclass, field
from typing import Final

import msgspec

from foundation.errors import GoodyUnreadableError
from foundation.goody.reading import DECODING_ERRORS, read_order, read_order_batch
from foundation.goody.resources import Order, OrderBatch
from foundation.goody.spellings import event_name

BATCH_EVENTS: Final = frozenset({"order_batch.created", "order_batch.completed"})
ORDER_EVENTS: Final = frozenset(
    {
        "order.canceled",
        "order.created",
        "order.delivered",
        "order.gift_accepted",
        "order.gift_opened",
        "order.refunded",
        "order.shipped",
        "order.thank_you_note_added",
    }
)


class _Envelope(msgspec.Struct):
    event_type: str
    id: str
    data: msgspec.Raw


@dataclass(frozen=True, slots=True)
class WebhookMessage:
    """One message: a hint that something happened, under one name whichever way Goody spelt it.

    `data` is an order or a batch for the ten documented events, None for any other: `raw` holds what came.
    """

    event_type: str
    id: str
    data: Order | OrderBatch | None
    raw: bytes = field(repr=False)


def check_envelope(body: bytes) -> str:
    """The message's type under its one spelling, whatever is in it. Raises GoodyUnreadableError for what is none."""
    envelope = _open(body)
    name = event_name(envelope.event_type)
    is_known = name in BATCH_EVENTS | ORDER_EVENTS
    if is_known and not bytes(envelope.data).startswith(b"{"):
        raise GoodyUnreadableError("This is no webhook message of Goody's: its data is no object.")
    return name


def parse_webhook(body: bytes) -> WebhookMessage:
    """The message in a webhook's body. Raises GoodyUnreadableError for what is no such message."""
    envelope = _open(body)
    raw = bytes(envelope.data)
    name = event_name(envelope.event_type)
    data: Order | OrderBatch | None = None
    if name in BATCH_EVENTS:
        data = read_order_batch(raw)
    elif name in ORDER_EVENTS:
        data = read_order(raw)
    return WebhookMessage(event_type=name, id=envelope.id, data=data, raw=raw)


def _open(body: bytes) -> _Envelope:
    try:
        return msgspec.json.decode(body, type=_Envelope)
    except DECODING_ERRORS as error:
        raise GoodyUnreadableError(f"This is no webhook message of Goody's: {error}") from error
