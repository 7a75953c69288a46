"""What an order gets beside its statuses: a payment link, a thank-you note, a refund. Each is told once."""

from datetime import datetime

from foundation import events
from foundation.database import Session
from foundation.goody.resources import Order as GoodyOrder
from payments import timeline
from payments.lifecycle import PAYABLE, Status
from payments.tables import Order
from payments.timeline import IMPORT, Source, Step


def take_link(session: Session, order: Order, told: GoodyOrder, source: Source, now: datetime) -> None:
    """Take over a payment link that is new, while it can be paid; events tell of it."""
    if told.payment_link is None or told.payment_link == order.payment_link or Status(order.status) not in PAYABLE:
        return
    if order.erased_at is not None:
        return
    order.payment_link = told.payment_link
    order.payment_link_at = order.payment_link_at or now
    order.payment_link_delivered_at = None
    events.append(session, order.app_id, "order.payment_link_ready", order.id, now)
    timeline.record(session, order, Step.PAYMENT_LINK_READY, source, now)


def take_note(session: Session, order: Order, told: GoodyOrder, source: Source, now: datetime) -> None:
    """Take over a thank-you note that is new; events tell of it."""
    if order.erased_at is None and told.thank_you_note and told.thank_you_note != order.thank_you_note:
        order.thank_you_note = told.thank_you_note
        events.append(session, order.app_id, "order.thank_you_note_added", order.id, now)
        timeline.record(session, order, Step.THANK_YOU_NOTE_ADDED, source, now)


def take_refund(session: Session, order: Order, source: Source, now: datetime) -> None:
    """Note, once, that the order was refunded; events tell of it."""
    if order.refunded_at is None:
        order.refunded_at = now
        events.append(session, order.app_id, "order.refunded", order.id, now)
        timeline.record(session, order, Step.REFUNDED, source, now)


def learn_refund(session: Session, order: Order, amount: int, now: datetime) -> None:
    """Take in what a statement tells of an order's refund, in US cents in all; that it was refunded may be news."""
    order.refund_amount = amount
    take_refund(session, order, IMPORT, now)
    order.updated_at = now
