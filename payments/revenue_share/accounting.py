"""Orders brought into the books: each change of an order is posted once, in one transaction with where it stands.

The order's row says that it changed (`is_unbooked`), in the transaction that changed it. This looks for such rows, so
whatever told of the change, and whoever was killed in between, what is posted follows from the order as it is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import sqlalchemy as sa

from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.errors import GoodyError
from foundation.lanes import Lanes
from foundation.logs import get_logger
from payments.ledger.entries import Because, Kind, NewEntry, Origin
from payments.ledger.journal import Ledger
from payments.revenue_share.concluding import Outcome, conclude
from payments.revenue_share.facts import ProductFact, ProductFacts
from payments.revenue_share.positions import Movement, movements
from payments.revenue_share.seeing import SYSTEM, Seen, items_of, see
from payments.revenue_share.share_states import MOVES, Missing, ShareState
from payments.revenue_share.tables import OrderShare
from payments.revenue_share.terms_book import agreed_terms
from payments.tables import Order

log = get_logger(__name__)

SHARE: Final = 200
"""Orders of one app that are booked in one turn."""
SHORTEST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(hours=6)


class Accountant:
    """Books what becomes of orders."""

    def __init__(self, sessions: Sessions, ledger: Ledger, facts: ProductFacts, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._ledger = ledger
        self._facts = facts
        self._clock = clock
        self._lanes = Lanes("accounting")

    def book_due(self, patience: float | None = None) -> int:
        """Book every order that changed, and try what was pending again, all apps at once; returns how many.

        An app whose Goody hangs holds up itself alone; nobody waits for it longer than `patience` seconds.
        """
        now = self._clock()
        unbooked = sa.select(Order.app_id).where(Order.is_unbooked)
        pending = sa.select(OrderShare.app_id).where(*_is_pending(now))
        with self._sessions.read() as session:
            app_ids = session.scalars(sa.union(unbooked, pending)).all()
        work: dict[str, Callable[[], int]] = {app_id: partial(self.book_app, app_id) for app_id in app_ids}
        return self._lanes.run(work, patience)

    def book_app(self, app_id: str) -> int:
        """Book what is due of one app; returns how many."""
        now = self._clock()
        unbooked = sa.select(Order.id).where(Order.app_id == app_id, Order.is_unbooked).order_by(Order.updated_at)
        pending = sa.select(OrderShare.order_id).where(OrderShare.app_id == app_id, *_is_pending(now))
        with self._sessions.read() as session:
            order_ids = [*session.scalars(unbooked.limit(SHARE)), *session.scalars(pending.limit(SHARE))]
        for order_id in dict.fromkeys(order_ids):
            if self._lanes.is_closing:
                break
            try:
                self.book(order_id)
            except Exception:
                # One order that can't be booked must not keep the others from being.
                log.exception("an order could not be booked; it is tried again", order=order_id)
                self._postpone(app_id, order_id)
        return len(order_ids)

    def close(self) -> None:
        """Wait for what is under way."""
        self._lanes.close()

    def book(self, order_id: str) -> None:
        """Bring the books to where the order is. Nothing is posted that is posted already."""
        facts: dict[str, ProductFact] = {}
        with self._sessions.read() as session:
            seen = see(session, order_id)
        if seen.is_accepted:
            _, unknown = items_of(seen, facts)
            facts = self._ask(seen, unknown)
        with self._sessions.begin() as session:
            self._book(session, see(session, order_id, is_locked=True), facts)

    def _ask(self, seen: Seen, product_ids: Sequence[str]) -> dict[str, ProductFact]:
        """What the products cost at acceptance, and whether they were excluded when the gift was ordered."""
        facts = {}
        accepted_at = seen.accepted_at(self._clock())
        for product_id in product_ids:
            try:
                then = self._facts(seen.order.app_id, product_id, accepted_at)
                ordered = self._facts(seen.order.app_id, product_id, seen.batch.created_at)
            except GoodyError as error:
                log.warning(
                    "a product can't be asked after; its share is pending", product=product_id, why=error.detail
                )
                continue
            if then is not None and ordered is not None:
                facts[product_id] = ProductFact(product_id, then.brand_id, then.price, ordered.is_excluded)
        return facts

    def _book(self, session: Session, seen: Seen, facts: Mapping[str, ProductFact]) -> None:
        now = self._clock()
        outcome = conclude(seen, agreed_terms(session, seen.order.app_id), facts, now)
        share = seen.share or _new_share(seen.order)
        for movement in movements(seen.before, outcome.position):
            share.revision += 1
            self._ledger.post(session, _entry(seen, outcome, movement, share.revision, now))
        _record(share, seen, outcome, now)
        session.add(share)
        session.flush()
        # Not through the object: that would mark it as changed once more.
        session.execute(sa.update(Order).where(Order.id == seen.order.id).values(is_unbooked=False))

    def _postpone(self, app_id: str, order_id: str) -> None:
        now = self._clock()
        with self._sessions.begin() as session:
            order = session.get_one(Order, order_id, with_for_update=True)
            share = session.get(OrderShare, order_id) or _new_share(order)
            share.app_id = app_id
            share.state, share.pending_because = ShareState.PENDING, Missing.FAILED
            _try_later(share, now)
            session.add(share)
            session.flush()
            session.execute(sa.update(Order).where(Order.id == order_id).values(is_unbooked=False))


def _is_pending(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return OrderShare.state == ShareState.PENDING, OrderShare.next_try_at <= now


def _new_share(order: Order) -> OrderShare:
    return OrderShare(
        order_id=order.id,
        app_id=order.app_id,
        items=[],
        lines=[],
        kept=[],
        charged=0,
        refunded=0,
        revision=0,
        tries=0,
        updated_at=order.updated_at,
    )


def _record(share: OrderShare, seen: Seen, outcome: Outcome, now: datetime) -> None:
    position = outcome.position
    if share.state not in {None, outcome.state} and outcome.state not in MOVES[ShareState(share.state)]:
        raise AssertionError(f"the share of {share.order_id} can't move from {share.state} to {outcome.state}")
    share.state, share.pending_because = outcome.state, outcome.missing
    if seen.is_accepted:
        share.accepted_at = seen.accepted_at(now)
    if outcome.terms is not None and position.lines:
        share.terms_id = outcome.terms.id
    share.items = [asdict(item) for item in outcome.items]
    share.lines, share.kept = ([line.write() for line in lines] for lines in (position.lines, position.kept))
    share.charged, share.refunded = position.charged, position.refunded
    share.low, share.high = outcome.low, outcome.high
    share.updated_at = now
    if outcome.state is ShareState.PENDING:
        _try_later(share, now)
    else:
        share.tries, share.next_try_at = 0, None


def _try_later(share: OrderShare, now: datetime) -> None:
    """Terms wake those that wait for them; the final amounts come with a change of the order."""
    share.tries += 1
    pause = min(SHORTEST_PAUSE * (1 << min(share.tries, 12)), LONGEST_PAUSE)
    share.next_try_at = now + (pause if share.pending_because in {Missing.PRODUCT, Missing.FAILED} else LONGEST_PAUSE)
    share.updated_at = now


def _entry(seen: Seen, outcome: Outcome, movement: Movement, revision: int, now: datetime) -> NewEntry:
    kind = movement.kind
    because = seen.because(kind, movement.reason)
    if not movement.is_first and {seen.costs.refund_amount, seen.costs.share_taken} != {None}:
        because = Because(Origin.IMPORT, SYSTEM, movement.reason)
    return NewEntry(
        app_id=seen.order.app_id,
        kind=kind,
        source=f"order:{seen.order.id}:{revision}",
        occurred_at=seen.moment_of(kind, now) if movement.is_first else now,
        postings=movement.postings,
        because=because,
        order_id=seen.order.id,
        payment_mode=seen.order.payment_mode,
        details=_details(seen, outcome, kind),
    )


def _details(seen: Seen, outcome: Outcome, kind: Kind) -> dict[str, object]:
    """How the entry came about: what Goody told of the order's money, or the lines of its share."""
    if kind in {Kind.ORDER_CHARGED, Kind.ORDER_REFUNDED}:
        amounts = {name: seen.order.amounts.get(name) for name in ("amount_total", "amount_credit_applied")}
        return {**amounts, "refund_amount": seen.order.refund_amount}
    lines = outcome.position.kept if kind is Kind.SHARE_REVERSED else outcome.position.lines
    terms_id = None if outcome.terms is None else outcome.terms.id
    return {"terms_id": terms_id, "lines": [line.write() for line in lines]}
