"""Changing orders at Goody on request: cancellation and expiry, with three outcomes each.

Phases, as in a submission: the wish is committed, then sent with no transaction open, then its outcome is committed.
A time-out is unknown: the order is read. If even that fails the change stays pending, and the worker reads until it
knows; it asks again only after a read has shown that the order is not as wished. Both changes can be repeated without
harm: a cancelled order stays cancelled, and an expiry is a moment and not a step.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import sqlalchemy as sa

from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.goody.client import GoodyClient
from foundation.lanes import Lanes
from foundation.logs import get_logger
from payments import orders, timeline
from payments.lifecycle import Status
from payments.order_change_attempts import Claim, Finding, attempt
from payments.order_change_states import MOVES, OPEN, SHOWN, ChangeState
from payments.order_wishes import ChangeInProgressError, ChangeKind, Wish, wish_of
from payments.queries import Orders, Owner
from payments.submission_states import back_off
from payments.tables import Order, OrderBatch, OrderChange
from payments.timeline import API, REFETCH, Source, answer, refetch

log = get_logger(__name__)

SHARE: Final = 25
"""Changes of one app that are looked after in one turn."""
LEASE_SECONDS: Final = 90.0
"""One attempt may take a request with its time-out, and two reads with theirs."""
GIVE_UP: Final = timedelta(days=1)
"""An older wish is looked up and never sent again: nobody waits for it any more."""
SHOWN_AS: Final = {ChangeKind.CANCELLATION: "cancellation", ChangeKind.EXPIRATION: "expiration_change"}


class OrderChanges:
    """Changes orders of every app."""

    def __init__(
        self,
        sessions: Sessions,
        goody: Callable[[str], GoodyClient],
        orders: Orders,
        clock: Clock = utc_now,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._sessions = sessions
        self._goody = goody
        self._orders = orders
        self._lease = timedelta(seconds=lease_seconds)
        self._clock = clock
        self._lanes = Lanes("order changes")

    def request(
        self, owner: Owner, order_id: str, wish: Wish, must_hold: Callable[[Session], None] | None = None
    ) -> tuple[Order, ChangeState]:
        """Ask for a change; the order as known then, and where the change stands. A repeat is harmless.

        `must_hold` raises, in the transaction that writes the wish, if it may not be asked for.

        AlreadyAcceptedError, OrderCanceledError, ChangeRefusedError or a GoodyError if it is refused; NotFoundError if
        the owner has no such order.
        """
        order_id = self._orders.order(owner, order_id).id
        claim = self._claim_new(order_id, wish, must_hold)
        if isinstance(claim, ChangeState):
            return self._orders.order(owner, order_id), claim
        finding = attempt(claim, self._goody(claim.app_id))
        state = self._record(claim, finding)
        if state is ChangeState.REFUSED and finding.error is not None:
            raise finding.error
        return self._orders.order(owner, order_id), state

    def resolve_due(self, patience: float | None = None) -> int:
        """Find out what became of every change whose turn it is, all apps at once; returns how many.

        An app whose Goody hangs holds up itself alone; nobody waits for it longer than `patience` seconds.
        """
        due = sa.select(OrderChange.app_id).where(*_due(self._clock())).distinct()
        with self._sessions.read() as session:
            app_ids = session.scalars(due).all()
        return self._lanes.run({app_id: partial(self._resolve_of, app_id) for app_id in app_ids}, patience)

    def close(self) -> None:
        """Wait for what is under way."""
        self._lanes.close()

    def _resolve_of(self, app_id: str) -> int:
        mine = sa.select(OrderChange.id, OrderChange.order_id).where(OrderChange.app_id == app_id, *_due(self._clock()))
        with self._sessions.read() as session:
            rows = session.execute(mine.order_by(OrderChange.next_try_at).limit(SHARE)).all()
        for change_id, order_id in rows:
            if self._lanes.is_closing:
                break
            try:
                self._resolve(change_id, order_id)
            except Exception:
                # Its lease ends and its turn comes again; one row must not hold up the others.
                log.exception("a change of an order broke off; it is tried again", order=order_id)
        return len(rows)

    def _resolve(self, change_id: int, order_id: str) -> None:
        claim = self._claim_again(change_id, order_id)
        if claim is not None:
            state = self._record(claim, attempt(claim, self._goody(claim.app_id)))
            log.info("a change of an order was looked after", order=order_id, change=claim.wish.kind, state=state)

    def _claim_new(self, order_id: str, wish: Wish, must_hold: Callable[[Session], None] | None) -> Claim | ChangeState:
        """Commit the wish; or say where it stands, if it is met already or somebody else is at it."""
        now = self._clock()
        with self._sessions.begin() as session:
            order = session.get_one(Order, order_id, with_for_update=True)
            change = session.scalar(
                sa.select(OrderChange)
                .where(OrderChange.order_id == order_id, OrderChange.kind == wish.kind, OrderChange.status.in_(OPEN))
                .with_for_update()
            )
            if change is not None and change.expires_at != wish.expires_at:
                _replace(session, order, change, now)
                change = None
            if wish.is_met(order):
                return _note_met(order, change, now)
            if change is not None and _is_held(change, now):
                return ChangeState.SENDING
            if (error := wish.impossible(Status(order.status))) is not None:
                raise error
            if change is None:
                if must_hold is not None:
                    must_hold(session)
                change = _new_change(session, order, wish, now)
            return _claim(session, order, change, now, self._lease)

    def _claim_again(self, change_id: int, order_id: str) -> Claim | None:
        now = self._clock()
        with self._sessions.begin() as session:
            # The order first, as everybody else takes them.
            order = session.get_one(Order, order_id, with_for_update=True)
            due = sa.select(OrderChange).where(OrderChange.id == change_id, _is_claimable(now))
            change = session.scalar(due.with_for_update())
            if change is None:
                return None
            if wish_of(change).is_met(order):
                _note_met(order, change, now)
                return None
            return _claim(session, order, change, now, self._lease)

    def _record(self, claim: Claim, finding: Finding) -> ChangeState:
        now = self._clock()
        with self._sessions.begin() as session:
            of_order = sa.select(Order.order_batch_id).where(Order.id == claim.order_id).scalar_subquery()
            # The batch before its order, as everybody else takes them.
            batch = session.scalars(sa.select(OrderBatch).where(OrderBatch.id == of_order).with_for_update()).one()
            order = session.get_one(Order, claim.order_id, with_for_update=True)
            if finding.told is not None:
                orders.absorb(session, batch, finding.told, now, source=_source(claim, finding))
            change = session.get_one(OrderChange, claim.change_id, with_for_update=True)
            # Else it is overtaken: whoever holds it now records what became of it.
            if change.status == ChangeState.SENDING and change.attempt == claim.attempt:
                _settle(session, order, change, finding, now)
            return ChangeState(change.status)


def _source(claim: Claim, finding: Finding) -> Source:
    return refetch(claim.claimed_at) if finding.is_read else answer(claim.claimed_at)


def _new_change(session: Session, order: Order, wish: Wish, now: datetime) -> OrderChange:
    change = OrderChange(
        app_id=order.app_id,
        order_id=order.id,
        kind=wish.kind,
        expires_at=wish.expires_at,
        status=ChangeState.SENDING,
        attempt=0,
        next_try_at=now,
        requested_at=now,
    )
    session.add(change)
    timeline.record(session, order, wish.steps.requested, API, now, **wish.wanted)
    return change


def _claim(session: Session, order: Order, change: OrderChange, now: datetime, lease: timedelta) -> Claim:
    change.attempt += 1
    change.lease_until = now + lease
    _move(order, change, ChangeState.SENDING, now)
    session.flush()
    return Claim(
        change_id=change.id,
        app_id=order.app_id,
        order_id=order.id,
        wish=wish_of(change),
        attempt=change.attempt,
        requested_at=change.requested_at,
        claimed_at=now,
        is_past_sending=now - change.requested_at > GIVE_UP,
    )


def _replace(session: Session, order: Order, change: OrderChange, now: datetime) -> None:
    """Let another wish take the place of one whose outcome is not known, unless that is just being sent."""
    if _is_held(change, now):
        raise ChangeInProgressError("Another change of this order is under way. Try again.", retry_after=5)
    _move(order, change, ChangeState.ABANDONED, now)
    change.settled_at = now
    timeline.record(session, order, wish_of(change).steps.abandoned, API, now)
    # Of one kind only one may be open, so this has to be written first.
    session.flush()


def _note_met(order: Order, change: OrderChange | None, now: datetime) -> ChangeState:
    """A webhook or a read told meanwhile: nothing is left to be asked."""
    if change is not None:
        _move(order, change, ChangeState.DONE, now)
        change.settled_at, change.lease_until = now, None
    return ChangeState.DONE


def _settle(session: Session, order: Order, change: OrderChange, finding: Finding, now: datetime) -> None:
    wish = wish_of(change)
    state = ChangeState.DONE if wish.is_met(order) else finding.state
    source = REFETCH if finding.is_read else API
    _move(order, change, state, now)
    change.lease_until = None
    change.last_problem = None if state is ChangeState.DONE else finding.problem
    if state is ChangeState.UNKNOWN:
        change.next_try_at = now + back_off(change.attempt, finding.retry_after)
        if change.attempt == 1:
            timeline.record(session, order, wish.steps.unknown, source, now)
        return
    change.settled_at = now
    if state is ChangeState.REFUSED:
        code = None if finding.error is None else finding.error.code
        timeline.record(session, order, wish.steps.refused, source, now, code=code)
        log.warning("Goody refused a change of an order", order=order.id, change=change.kind, code=code)
    elif state is ChangeState.ABANDONED:
        timeline.record(session, order, wish.steps.abandoned, source, now)
        log.error("a change of an order is given up: it did not take place", order=order.id, change=change.kind)


def _move(order: Order, change: OrderChange, to: ChangeState, now: datetime) -> None:
    """Move the change, and show it on its order."""
    if to not in MOVES[ChangeState(change.status)]:
        raise AssertionError(f"change {change.id} can't move from {change.status} to {to}")
    change.status = to
    shown = {"status": SHOWN[to], "requested_at": change.requested_at.isoformat(), **wish_of(change).wanted}
    setattr(order, SHOWN_AS[ChangeKind(change.kind)], shown)
    order.updated_at = now
    order.next_look_at = None


def _due(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    # The first spelt as the partial indexes are, or SQLite does not use those.
    is_open = OrderChange.status.in_(sa.bindparam("open", OPEN, expanding=True, literal_execute=True))
    return is_open, _is_claimable(now)


def _is_claimable(now: datetime) -> sa.ColumnElement[bool]:
    due_again = sa.and_(OrderChange.status == ChangeState.UNKNOWN, OrderChange.next_try_at <= now)
    orphaned = sa.and_(OrderChange.status == ChangeState.SENDING, OrderChange.lease_until < now)
    return sa.or_(due_again, orphaned)


def _is_held(change: OrderChange, now: datetime) -> bool:
    return change.status == ChangeState.SENDING and change.lease_until is not None and change.lease_until > now
