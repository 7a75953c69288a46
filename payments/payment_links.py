"""The payment link of an order: how far it has got, and telling of it once more. Only hosted payment has one."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from foundation import events
from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.errors import ConflictError, NotFoundError
from payments.lifecycle import PAYABLE, ROAD, Status
from payments.modes import PaymentMode
from payments.queries import Owner, owned_orders
from payments.tables import Order


class LinkStatus(StrEnum):
    """How far a payment link has got."""

    NOT_YET = "not_yet"
    """The recipient has not accepted, or Goody has not told the link."""
    READY = "ready"
    DELIVERED = "delivered"
    """A webhook endpoint of the partner has taken it."""
    PAID = "paid"
    LAPSED = "lapsed"
    """Nobody paid within the time that is set, or the order is cancelled. What lapsed by time may still be paid."""


class LinkNotPayableError(ConflictError):
    """There is no link that could be paid just now."""

    code = "payment_link_not_payable"


def link_status(order: Order) -> LinkStatus | None:
    """How far the order's link has got; None for an order that is not paid by link."""
    if order.payment_mode != PaymentMode.HOSTED_PAYMENT:
        return None
    status = Status(order.status)
    if status is Status.CANCELED:
        return LinkStatus.LAPSED
    if status not in PAYABLE:
        is_before = ROAD.index(status) < ROAD.index(Status.ACCEPTED)
        return LinkStatus.NOT_YET if is_before else LinkStatus.PAID
    if order.payment_link is None:
        return LinkStatus.NOT_YET
    if order.payment_lapsed_at is not None:
        return LinkStatus.LAPSED
    return LinkStatus.READY if order.payment_link_delivered_at is None else LinkStatus.DELIVERED


def note_delivered(session: Session, app_id: str, order_id: str, link: str, now: datetime) -> None:
    """Note that the partner has this link; nothing if the order has another one by now."""
    session.execute(
        sa.update(Order)
        .where(
            Order.app_id == app_id,
            Order.id == order_id,
            Order.payment_link == link,
            Order.payment_link_delivered_at.is_(None),
        )
        .values(payment_link_delivered_at=now)
        .execution_options(synchronize_session=False)
    )


class PaymentLinks:
    """Tells of payment links again."""

    def __init__(self, sessions: Sessions, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._clock = clock

    def resend(self, owner: Owner, order_id: str) -> Order:
        """Append `order.payment_link_ready` once more, to every follower of the log. Nothing is ordered anew.

        NotFoundError; LinkNotPayableError if there is no link, or none that can still be paid.
        """
        with self._sessions.begin() as session:
            order = session.scalar(owned_orders(owner).where(Order.id == order_id).with_for_update())
            if order is None:
                raise NotFoundError(f"There is no order {order_id}.")
            if order.payment_link is None or Status(order.status) not in PAYABLE:
                raise LinkNotPayableError(
                    f"Order {order_id} has no link to pay: it is {order.status}. A link appears when the recipient "
                    "accepts, and goes when it is paid."
                )
            changes = {"is_resent": True}
            events.append(session, order.app_id, "order.payment_link_ready", order.id, self._clock(), changes)
        return order
