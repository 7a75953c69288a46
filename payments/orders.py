"""What Goody tells of an order, taken in: rows are written and events appended in the caller's transaction.

A message is a hint. A status only moves forward; details that come with an older status are not taken; a repeat is a
no-op. So webhooks, activities and reads may tell the same thing in any order, any number of times.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from foundation import events
from foundation.database import Session, table_of
from foundation.goody.resources import Order as GoodyOrder
from foundation.goody.resources import OrderBatch as GoodyBatch
from foundation.logs import get_logger
from payments import timeline
from payments.lifecycle import SAID_BY_EVENT, Status, furthest, is_behind, passed, read_status
from payments.order_extras import take_link, take_note, take_refund
from payments.settlement import captured_part
from payments.tables import Order, OrderBatch
from payments.timeline import HINTS, REFETCH, Source, Step

log = get_logger(__name__)

EVENTS: Final = {
    Status.CREATED: "order.created",
    Status.OPENED: "order.opened",
    Status.ACCEPTED: "order.accepted",
    Status.PAID: "order.paid",
    Status.SHIPPED: "order.shipped",
    Status.DELIVERED: "order.delivered",
    Status.CANCELED: "order.canceled",
}

SENT: Final = "complete"
"""A batch's `send_status` once Goody is done with it."""
NEVER_SENT: Final = ("failed", "canceled")
"""Where a batch's `send_status` ends without orders."""
NOT_SENT_YET: Final = "pending"
"""A batch's `send_status` before Goody has made its orders."""
IDS_AT_ONCE: Final = 500
"""So many as a database takes in one question."""


@dataclass(frozen=True, slots=True)
class _Occasion:
    """When something was told, by whom, and as a webhook of which type (None: by a read)."""

    now: datetime
    source: Source
    event_type: str | None = None


def absorb(
    session: Session,
    batch: OrderBatch,
    told: GoodyOrder,
    now: datetime,
    *,
    event_type: str | None = None,
    source: Source = REFETCH,
) -> None:
    """Take in one order of this batch, as told by a webhook of this type, or by a read (None)."""
    occasion = _Occasion(now, source, event_type)
    order = _locked(session, [told.id]).get(told.id)
    if order is None:
        _make(session, batch, [told], _stored(session, batch), occasion)
    elif _is_of(batch, order):
        _take(session, order, told, occasion)


def absorb_batch(
    session: Session,
    batch: OrderBatch,
    told: GoodyBatch,
    now: datetime,
    source: Source = REFETCH,
    *,
    is_first: bool = False,
) -> list[Order]:
    """Take in what Goody tells of this batch, with the orders that come along; returns those, as they are stored then.

    `is_first`: none of its orders can be stored yet.
    """
    occasion = _Occasion(now, source)
    orders = {order.id: order for order in told.orders_preview}
    known = _locked(session, orders)
    before = 0 if is_first else _stored(session, batch)
    made = _make(session, batch, [each for each in orders.values() if each.id not in known], before, occasion)
    kept = [order for order in known.values() if _is_of(batch, order)]
    for order in kept:
        _take(session, order, orders[order.id], occasion)
    # An answer or a message from before the batch was sent may arrive after one from after.
    if batch.send_status is None or told.send_status != NOT_SENT_YET:
        batch.send_status = told.send_status
    complete_when_whole(session, batch, now, before + len(made))
    return [*kept, *made]


def _locked(session: Session, order_ids: Iterable[str]) -> dict[str, Order]:
    """Those of the orders that are stored, by id, held until the transaction ends."""
    ids, found = list(order_ids), dict[str, Order]()
    with session.no_autoflush:
        for start in range(0, len(ids), IDS_AT_ONCE):
            part = session.scalars(_LOCKED, {"ids": ids[start : start + IDS_AT_ONCE]})
            found |= {order.id: order for order in part}
    return found


def _stored(session: Session, batch: OrderBatch) -> int:
    """How many of the batch's orders are stored."""
    return session.scalar(_STORED, {"batch_id": batch.id}) or 0


def _is_of(batch: OrderBatch, order: Order) -> bool:
    """Whether the order is the batch's: whoever can sign messages for one app must not reach another's with them."""
    if order.order_batch_id == batch.id:
        return True
    log.error("a message names an order of another batch; it is left alone", order=order.id, order_batch=batch.id)
    return False


def _make(
    session: Session, batch: OrderBatch, told: Sequence[GoodyOrder], stored: int, occasion: _Occasion
) -> list[Order]:
    """Store orders that are new, all at once; `stored` is how many the batch has already."""
    if not told:
        return []
    made = [_new_order(batch, each, stored + number, occasion) for number, each in enumerate(told)]
    session.add_all(made)
    session.flush()
    for order, each in zip(made, told, strict=True):
        _tell(session, order, each, None, occasion)
    return made


def _take(session: Session, order: Order, told: GoodyOrder, occasion: _Occasion) -> None:
    """Move on an order that is stored."""
    before = Status(order.status)
    said_by_payload, said_by_type = _evidence(told, occasion)
    after = furthest(before, said_by_payload, said_by_type) or before
    is_doubtful = False
    if not is_behind(before, said_by_payload):
        order.status = after
        _note_changes(session, order, told, occasion.source, occasion.now)
        _take_details(order, told)
        is_doubtful = _may_be_late(session, order, told, occasion, is_same=after is before)
    order.status = after
    _tell(session, order, told, before, occasion, is_doubtful=is_doubtful)


def _evidence(told: GoodyOrder, occasion: _Occasion) -> tuple[Status | None, Status | None]:
    """Which statuses are told, by the order itself and by the type of the message; None where none that we know."""
    payload_status = read_status(told.status, has_payment_link=told.payment_link is not None)
    return payload_status, SAID_BY_EVENT.get(occasion.event_type or "")


def _tell(
    session: Session,
    order: Order,
    told: GoodyOrder,
    before: Status | None,
    occasion: _Occasion,
    *,
    is_doubtful: bool = False,
) -> None:
    """Put what has become of the order into the event log and into its timeline."""
    source, now = occasion.source, occasion.now
    said = {status for status in _evidence(told, occasion) if status is not None}
    times = timeline.times_of(told.event_times, source)
    moves = _move(session, order, before, {*said, source.status}, source, times, now)
    take_link(session, order, told, source, now)
    take_note(session, order, told, source, now)
    if occasion.event_type == "order.refunded":
        take_refund(session, order, source, now)
    if session.is_modified(order):
        order.updated_at = now
        order.next_look_at = None
    if is_doubtful:
        order.next_look_at = now
    # Last, since these ask the database, which writes the order down before: then it counts as modified no more.
    _note_late(session, order, said.difference(moves), source, now)
    timeline.note_times(session, order.id, {status: at for status, at in times.items() if status not in moves})


def _move(
    session: Session,
    order: Order,
    before: Status | None,
    told: set[Status | None],
    source: Source,
    times: dict[Status, datetime],
    now: datetime,
) -> list[Status]:
    """Tell of the statuses that the order has passed, in the event log and in its timeline; returns them."""
    after = Status(order.status)
    moves = passed(before, after)
    for status in moves:
        if status in EVENTS:
            events.append(session, order.app_id, EVENTS[status], order.id, now, {"status": after})
    timeline.record_moves(session, order, moves, told, source, times, now)
    return moves


def _note_late(session: Session, order: Order, said: set[Status], source: Source, now: datetime) -> None:
    """Put what lies behind the order's status into its timeline, as late."""
    for status in said:
        if is_behind(Status(order.status), status):
            timeline.record_late(session, order, status, source, now)


def _may_be_late(session: Session, order: Order, told: GoodyOrder, occasion: _Occasion, *, is_same: bool) -> bool:
    """Whether another expiry than ours, or other details of the same status, may be of before: a look settles it."""
    if occasion.source.kind in HINTS and occasion.event_type is None:
        return False
    return told.expires_at != order.expires_at or (
        occasion.event_type is not None and is_same and session.is_modified(order)
    )


def _note_changes(session: Session, order: Order, told: GoodyOrder, source: Source, now: datetime) -> None:
    """Take over another expiry, and tell of it and of a swap.

    Webhooks and activities say how the order was then, perhaps days ago, and a read may have begun before the last
    change was known: they don't take back a later expiry.
    """
    if told.is_swapped and not order.is_swapped:
        timeline.record(session, order, Step.SWAPPED, source, now)
    if told.expires_at == order.expires_at or source.kind in HINTS:
        return
    if not timeline.is_overtaken(session, order, Step.EXPIRATION_CHANGED, source):
        moments = {"from": _written(order.expires_at), "to": _written(told.expires_at)}
        timeline.record(session, order, Step.EXPIRATION_CHANGED, source, now, **moments)
        order.expires_at = told.expires_at


def complete_when_whole(session: Session, batch: OrderBatch, now: datetime, stored: int | None = None) -> None:
    """Note, once, that Goody is done sending the batch and every one of its orders is stored here.

    `stored` is how many are, if that is known already.
    """
    if batch.completed_at is not None or batch.send_status != SENT:
        return
    number = _stored(session, batch) if stored is None else stored
    if number == batch.recipients_count:
        batch.completed_at = now
        events.append(session, batch.app_id, "order_batch.completed", batch.id, now, {"orders": number})


def _new_order(batch: OrderBatch, told: GoodyOrder, position: int, occasion: _Occasion) -> Order:
    now = occasion.now
    order = Order(
        id=told.id,
        app_id=batch.app_id,
        order_batch_id=batch.id,
        customer_id=batch.customer_id,
        payment_mode=batch.payment_mode,
        captured=captured_part(batch.payment_amount, batch.recipients_count, position),
        status=furthest(None, *_evidence(told, occasion)) or Status.CREATED,
        payment_link=None,
        payment_link_at=None,
        payment_lapsed_at=None,
        thank_you_note=None,
        # What a later answer of Goody's brings of an erased customer has no names either.
        recipient_first_name="",
        individual_gift_link="",
        shipments=[],
        erased_at=batch.erased_at,
        expires_at=told.expires_at,
        expiring_told=None,
        refunded_at=None,
        refund_amount=None,
        cancellation=None,
        expiration_change=None,
        created_at=now,
        updated_at=now,
        next_look_at=None,
    )
    _take_details(order, told)
    return order


def _take_details(order: Order, told: GoodyOrder) -> None:
    order.supplier_status = told.status
    order.reference_id = told.reference_id or ""
    if order.erased_at is None:
        _take_personal_details(order, told)
    order.cart = _plain(told.cart)
    order.original_cart = None if told.original_cart is None else _plain(told.original_cart)
    order.amounts = _plain(told.amounts)
    order.original_amounts = None if told.original_amounts is None else _plain(told.original_amounts)
    order.is_swapped = told.is_swapped


def _take_personal_details(order: Order, told: GoodyOrder) -> None:
    order.recipient_first_name = told.recipient_first_name
    order.recipient_last_name = told.recipient_last_name
    order.recipient_email = told.recipient_email
    order.individual_gift_link = told.individual_gift_link or ""
    order.shipments = [_plain(shipment) for shipment in told.shipments]


_ORDERS: Final = table_of(Order)
_LOCKED: Final = (
    sa.select(Order).where(Order.id.in_(sa.bindparam("ids", expanding=True))).order_by(Order.id).with_for_update()
)
_STORED: Final = (
    sa.select(sa.func.count()).select_from(_ORDERS).where(_ORDERS.c.order_batch_id == sa.bindparam("batch_id"))
)


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _plain(value: object) -> dict[str, Any]:
    """As JSON gives it back, under Goody's own names: lists and not tuples, or a repeat would look like a change."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(value))
    return plain
