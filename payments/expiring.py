"""Letting gifts expire at another moment, on the partner's request."""

from datetime import datetime

from foundation.apps import PartnerApp
from foundation.clock import Clock, utc_now
from foundation.database import Session
from foundation.errors import Fault, InvalidInputError
from payments.modes import RULES, PaymentMode
from payments.order_change_states import ChangeState
from payments.order_changes import OrderChanges
from payments.order_wishes import Expiration
from payments.queries import Orders, Owner
from payments.stored_value import EXPIRY_GRACE, StoredValueAccounts, must_cover
from payments.tables import Order, OrderBatch


class Expirations:
    """Moves the expiry of orders of every app."""

    def __init__(
        self, orders: Orders, changes: OrderChanges, stored_value: StoredValueAccounts, clock: Clock = utc_now
    ) -> None:
        self._orders = orders
        self._changes = changes
        self._stored_value = stored_value
        self._clock = clock

    def change(self, owner: Owner, order_id: str, expires_at: datetime) -> tuple[Order, ChangeState]:
        """Let the order expire then; see OrderChanges.request. InvalidInputError unless it is in the future.

        An expired stored value gift speaks for the balance again: InsufficientStoredValueError if that does not cover
        it, unless the app lets such gifts go out.
        """
        now, moment = self._clock(), expires_at.replace(microsecond=0)
        order = self._orders.order(owner, order_id)
        if moment <= now:
            raise InvalidInputError(
                "The expiry can't be changed so.", [Fault("/expires_at", "in_the_past", "Choose a time in the future.")]
            )
        if not _is_revived(order, now):
            return self._changes.request(owner, order_id, Expiration(moment))
        asked_at, balance = now, self._stored_value.balance(owner.app_id)

        def must_be_covered(session: Session) -> None:
            app = session.get_one(PartnerApp, owner.app_id)
            if not app.is_overdraft_allowed:
                amount = session.get_one(OrderBatch, order.order_batch_id).expected_high
                must_cover(session, app.id, balance, asked_at, amount, self._clock())

        return self._changes.request(owner, order_id, Expiration(moment), must_be_covered)


def _is_revived(order: Order, now: datetime) -> bool:
    """Whether the gift speaks for nothing just now, and would again."""
    is_over = order.expires_at is not None and order.expires_at <= now - EXPIRY_GRACE
    return RULES[PaymentMode(order.payment_mode)].spends_balance and is_over
