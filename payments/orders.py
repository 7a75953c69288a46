"""What Goody tells of an order, taken in: rows are written and events appended in the caller's transaction.

A message is a hint. A status only moves forward; details that come with an older status are not taken; a repeat is a
no-op. So webhooks, activities and reads may tell the same thing in any order, any number of times.
"""

from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from foundation import events
from foundation.database import Session
from foundation.goody.resources import Order as GoodyOrder
from foundation.goody.resources import OrderBatch as GoodyBatch
from foundation.logs import get_logger
from payments import timeline
from payments.lifecycle import PAYABLE, SAID_BY_EVENT, Status, furthest, is_behind, passed, read_status
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
    with session.no_autoflush:
        order = session.get(Order, told.id, with_for_update=True)
    if order is not None and order.order_batch_id != batch.id:
        # Whoever can sign messages for one app must not reach another's orders with them.
        log.error("a message names an order of another batch; it is left alone", order=told.id, order_batch=batch.id)
        return
    before = None if order is None else Status(order.status)
    payload_status = read_status(told.status, has_payment_link=told.payment_link is not None)
    said = SAID_BY_EVENT.get(event_type or "")
    after = furthest(before, payload_status, said) or Status.CREATED
    is_doubtful = False
    if order is None:
        order = _new_order(session, batch, told, after, now)
    elif not is_behind(before, payload_status):
        order.status = after
        _note_changes(session, order, told, source, now)
        _take_details(order, told)
        is_doubtful = event_type is not None and _may_be_late(session, order, told, is_same=after is before)
    order.status = after
    said_of = {status for status in (payload_status, said) if status is not None}
    times = timeline.times_of(told.event_times, source)
    moves = _move(session, order, before, {*said_of, source.status}, source, times, now)
    _take_link(session, order, told, source, now)
    _take_note(session, order, told, source, now)
    if event_type == "order.refunded":
        _take_refund(session, order, source, now)
    if session.is_modified(order):
        order.updated_at = now
        order.next_look_at = None
    if is_doubtful:
        order.next_look_at = now
    # Last, since these ask the database, which writes the order down before: then it counts as modified no more.
    _note_late(session, order, said_of.difference(moves), source, now)
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


def _may_be_late(session: Session, order: Order, told: GoodyOrder, *, is_same: bool) -> bool:
    """Whether a message tells another expiry, or other details of the same status: a look settles which are newer."""
    return told.expires_at != order.expires_at or (is_same and session.is_modified(order))


def _note_changes(session: Session, order: Order, told: GoodyOrder, source: Source, now: datetime) -> None:
    """Take over another expiry, and tell of it and of a swap.

    Webhooks and activities say how the order was then, perhaps days ago: they don't take back a later expiry. Where a
    webhook tells another one, a look at the order settles which it is.
    """
    if told.is_swapped and not order.is_swapped:
        timeline.record(session, order, Step.SWAPPED, source, now)
    if told.expires_at != order.expires_at and source.kind not in HINTS:
        moments = {"from": _written(order.expires_at), "to": _written(told.expires_at)}
        timeline.record(session, order, Step.EXPIRATION_CHANGED, source, now, **moments)
        order.expires_at = told.expires_at


def absorb_batch(
    session: Session, batch: OrderBatch, told: GoodyBatch, now: datetime, source: Source = REFETCH
) -> None:
    """Take in what Goody tells of this batch, with the orders that come along."""
    # An answer or a message from before the batch was sent may arrive after one from after.
    if batch.send_status is None or told.send_status != NOT_SENT_YET:
        batch.send_status = told.send_status
    for order in told.orders_preview:
        absorb(session, batch, order, now, source=source)
    complete_when_whole(session, batch, now)


def complete_when_whole(session: Session, batch: OrderBatch, now: datetime) -> None:
    """Note, once, that Goody is done sending the batch and every one of its orders is stored here."""
    if batch.completed_at is not None or batch.send_status != SENT:
        return
    session.flush()
    stored = session.scalar(sa.select(sa.func.count()).select_from(Order).where(Order.order_batch_id == batch.id))
    if stored == batch.recipients_count:
        batch.completed_at = now
        events.append(session, batch.app_id, "order_batch.completed", batch.id, now, {"orders": stored})


def _new_order(session: Session, batch: OrderBatch, told: GoodyOrder, status: Status, now: datetime) -> Order:
    ours = sa.select(sa.func.count()).select_from(Order).where(Order.order_batch_id == batch.id)
    position = session.scalar(ours) or 0
    order = Order(
        id=told.id,
        app_id=batch.app_id,
        order_batch_id=batch.id,
        customer_id=batch.customer_id,
        payment_mode=batch.payment_mode,
        captured=captured_part(batch.payment_amount, batch.recipients_count, position),
        status=status,
        expires_at=told.expires_at,
        payment_link=None,
        thank_you_note=None,
        created_at=now,
        updated_at=now,
    )
    _take_details(order, told)
    session.add(order)
    session.flush()
    return order


def _take_details(order: Order, told: GoodyOrder) -> None:
    order.supplier_status = told.status
    order.reference_id = told.reference_id or ""
    order.recipient_first_name = told.recipient_first_name
    order.recipient_last_name = told.recipient_last_name
    order.recipient_email = told.recipient_email
    order.individual_gift_link = told.individual_gift_link or ""
    order.cart = _plain(told.cart)
    order.original_cart = None if told.original_cart is None else _plain(told.original_cart)
    order.amounts = _plain(told.amounts)
    order.original_amounts = None if told.original_amounts is None else _plain(told.original_amounts)
    order.shipments = [_plain(shipment) for shipment in told.shipments]
    order.is_swapped = told.is_swapped


def _take_link(session: Session, order: Order, told: GoodyOrder, source: Source, now: datetime) -> None:
    if told.payment_link is None or told.payment_link == order.payment_link or Status(order.status) not in PAYABLE:
        return
    order.payment_link = told.payment_link
    order.payment_link_at = order.payment_link_at or now
    order.payment_link_delivered_at = None
    events.append(session, order.app_id, "order.payment_link_ready", order.id, now)
    timeline.record(session, order, Step.PAYMENT_LINK_READY, source, now)


def _take_note(session: Session, order: Order, told: GoodyOrder, source: Source, now: datetime) -> None:
    if told.thank_you_note and told.thank_you_note != order.thank_you_note:
        order.thank_you_note = told.thank_you_note
        events.append(session, order.app_id, "order.thank_you_note_added", order.id, now)
        timeline.record(session, order, Step.THANK_YOU_NOTE_ADDED, source, now)


def _take_refund(session: Session, order: Order, source: Source, now: datetime) -> None:
    if order.refunded_at is None:
        order.refunded_at = now
        events.append(session, order.app_id, "order.refunded", order.id, now)
        timeline.record(session, order, Step.REFUNDED, source, now)


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _plain(value: object) -> dict[str, Any]:
    """As JSON gives it back, under Goody's own names: lists and not tuples, or a repeat would look like a change."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(value))
    return plain
