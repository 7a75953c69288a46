"""Stored value: the partner's balance at Goody, and what of it open gifts already speak for.

Goody deducts an order's cost at acceptance. Until then the gift may be accepted at any time, so the most it may cost
is committed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from foundation.apps import PartnerApp
from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.errors import ConflictError
from foundation.goody.client import GoodyClient
from foundation.money import Cents, show
from payments.lifecycle import PAYABLE, Status
from payments.modes import RULES, PaymentMode
from payments.order_change_states import OPEN
from payments.orders import NEVER_SENT
from payments.submission_states import Submission
from payments.tables import Order, OrderBatch, OrderChange

UNCHARGED: Final = (Status.CREATED, Status.NOTIFIED, Status.OPENED, *PAYABLE)
"""Where an order may still be charged. Until `paid` is seen it counts as open: rather too careful than overdrawn."""

EXPIRY_GRACE: Final = timedelta(hours=1)
"""An acceptance in the last minute may be told late, and Goody's clock is not ours."""


class NoStoredValueError(ConflictError):
    """Goody keeps no stored value account for this app."""

    code = "stored_value_not_enabled"


class InsufficientStoredValueError(ConflictError):
    """Open gifts already speak for too much of the balance."""

    code = "insufficient_stored_value"


@dataclass(frozen=True, slots=True)
class Funds:
    """The balance at Goody and what is committed of it, in US cents. `available` may be negative."""

    balance: Cents
    commitments: Cents

    @property
    def available(self) -> Cents:
        """What no open gift speaks for."""
        return self.balance - self.commitments


class StoredValueAccounts:
    """The stored value accounts of all apps."""

    def __init__(self, sessions: Sessions, goody: Callable[[str], GoodyClient], clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._goody = goody
        self._clock = clock

    def balance(self, app_id: str) -> Cents:
        """What Goody says just now. NoStoredValueError, or GoodyError if it can't be asked.

        The account is the method that orders name; else the only one that has a balance, whatever its id.
        """
        wanted = RULES[PaymentMode.STORED_VALUE].payment_method_id
        methods = self._goody(app_id).payment_methods().items
        balances = {method.id: method.balance for method in methods if method.balance is not None}
        if wanted in balances:
            return balances[wanted]
        if len(balances) == 1:
            return next(iter(balances.values()))
        raise NoStoredValueError("Goody shows no stored value account for this app. Ask Goody to set one up.")

    def funds(self, app_id: str) -> Funds:
        """Balance and commitments."""
        asked_at = self._clock()
        balance = self.balance(app_id)
        with self._sessions.read() as session:
            return Funds(balance, commitments(session, app_id, self._clock(), asked_at))


def must_cover(session: Session, app_id: str, balance: Cents, asked_at: datetime, amount: Cents, now: datetime) -> None:
    """InsufficientStoredValueError if the balance as of `asked_at`, less commitments, does not cover the amount.

    Other completions of the app wait until this transaction ends, so that two can't both take the last of it.
    """
    session.execute(sa.select(PartnerApp.id).where(PartnerApp.id == app_id).with_for_update())
    funds = Funds(balance, commitments(session, app_id, now, asked_at))
    if funds.available < amount:
        raise InsufficientStoredValueError(
            f"This gift may cost up to {show(amount)}; of the balance of {show(balance)} open gifts speak for "
            f"{show(funds.commitments)}. Nothing was ordered. Deposit stored value with Goody, then try again."
        )


def commitments(session: Session, app_id: str, now: datetime, asked_at: datetime) -> Cents:
    """What the open stored value gifts may cost at most, in US cents. An expired one can't be accepted any more."""
    can_be_accepted = sa.or_(
        Order.status.in_(PAYABLE),
        Order.expires_at.is_(None),
        Order.expires_at > now - EXPIRY_GRACE,
        # A longer life that may have been granted already.
        Order.id.in_(sa.select(OrderChange.order_id).where(OrderChange.status.in_(OPEN), OrderChange.expires_at > now)),
    )
    mine = (OrderBatch.app_id == app_id, OrderBatch.payment_mode == PaymentMode.STORED_VALUE)
    # What left the open ones since the balance was asked for may have been charged after that: it still counts.
    is_open = sa.or_(sa.and_(Order.status.in_(UNCHARGED), can_be_accepted), Order.updated_at >= asked_at)
    of_orders = (
        sa.select(sa.func.sum(OrderBatch.expected_high))
        .join(Order, Order.order_batch_id == OrderBatch.id)
        .where(*mine, Order.app_id == app_id, is_open)
    )
    stored = sa.select(sa.func.count()).where(Order.order_batch_id == OrderBatch.id).scalar_subquery()
    of_batches_under_way = sa.select(
        sa.func.sum((OrderBatch.recipients_count - stored) * OrderBatch.expected_high)
    ).where(
        *mine,
        OrderBatch.completed_at.is_(None),
        OrderBatch.submission_status != Submission.REJECTED,
        sa.or_(OrderBatch.send_status.is_(None), OrderBatch.send_status.not_in(NEVER_SENT)),
    )
    # Batches first: what becomes orders in between is counted twice rather than not at all.
    return sum(int(session.scalar(part) or 0) for part in (of_batches_under_way, of_orders))
