"""Questions about batches and orders. Every one takes whose they are: what is another's is not there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from foundation.database import Sessions
from foundation.errors import NotFoundError
from payments.lifecycle import Status
from payments.tables import Order, OrderBatch, OrderStep

FIRST: Final = 10
"""Orders that are shown with their batch."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose orders may be seen: an app's, or of those only a checkout's or a customer's."""

    app_id: str
    checkout_id: str | None = None
    customer_id: str | None = None


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders, newest first. `before` is the (created_at, id) of the last one seen."""

    status: Status | None = None
    customer_id: str | None = None
    batch_id: str | None = None
    before: tuple[datetime, str] | None = None
    limit: int = 24


@dataclass(frozen=True, slots=True)
class Found:
    """Orders by id, batches by id with their first orders, and which checkout made each batch of either."""

    orders: dict[str, Order]
    batches: dict[str, tuple[OrderBatch, list[Order]]]
    checkouts: dict[str, str]


class Orders:
    """Reads batches and orders."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def batch(self, owner: Owner, batch_id: str) -> OrderBatch:
        """The batch of this id, `ob_…`. NotFoundError if there is none for this owner."""
        with self._sessions.read() as session:
            batch = session.scalar(_batches(owner).where(OrderBatch.id == batch_id))
        if batch is None:
            raise NotFoundError(f"There is no order batch {batch_id}.")
        return batch

    def whole_batch(self, owner: Owner, batch_id: str) -> tuple[OrderBatch, list[Order]]:
        """The batch of this id with its first orders, as of one moment. NotFoundError if there is none."""
        with self._sessions.read() as session:
            batch = session.scalar(_batches(owner).where(OrderBatch.id == batch_id))
            if batch is None:
                raise NotFoundError(f"There is no order batch {batch_id}.")
            return batch, list(session.scalars(_first_orders(owner, batch_id)))

    def batch_of_checkout(self, owner: Owner, checkout_id: str) -> OrderBatch | None:
        """The batch that this checkout made, if it got that far."""
        with self._sessions.read() as session:
            return session.scalar(_batches(owner).where(OrderBatch.checkout_id == checkout_id))

    def order(self, owner: Owner, order_id: str) -> Order:
        """The order of this id, Goody's UUID. NotFoundError if there is none for this owner."""
        with self._sessions.read() as session:
            order = session.scalar(owned_orders(owner).where(Order.id == order_id))
        if order is None:
            raise NotFoundError(f"There is no order {order_id}.")
        return order

    def timeline(self, owner: Owner, order_id: str) -> list[OrderStep]:
        """The order's steps, as they were learnt. NotFoundError if there is no such order for this owner."""
        order = self.order(owner, order_id)
        steps = sa.select(OrderStep).where(OrderStep.app_id == owner.app_id, OrderStep.order_id == order.id)
        with self._sessions.read() as session:
            return list(session.scalars(steps.order_by(OrderStep.id)))

    def find(self, owner: Owner, wanted: OrderFilter) -> list[Order]:
        """The owner's orders that fit, newest first, one more than the limit if there are more."""
        query = owned_orders(owner)
        if wanted.status is not None:
            query = query.where(Order.status == wanted.status)
        if wanted.customer_id is not None:
            query = query.where(Order.customer_id == wanted.customer_id)
        if wanted.batch_id is not None:
            query = query.where(Order.order_batch_id == wanted.batch_id)
        if wanted.before is not None:
            query = query.where(sa.tuple_(Order.created_at, Order.id) < sa.tuple_(*map(sa.literal, wanted.before)))
        query = query.order_by(Order.created_at.desc(), Order.id.desc()).limit(wanted.limit + 1)
        with self._sessions.read() as session:
            return list(session.scalars(query))

    def many(self, owner: Owner, order_ids: Collection[str], batch_ids: Collection[str]) -> "Found":
        """Those of these orders and batches that are the owner's, all as of one moment, in four queries at most."""
        with self._sessions.read() as session:
            orders = session.scalars(owned_orders(owner).where(Order.id.in_(order_ids))).all() if order_ids else ()
            batches = session.scalars(_batches(owner).where(OrderBatch.id.in_(batch_ids))).all() if batch_ids else ()
            first: dict[str, list[Order]] = {batch.id: [] for batch in batches}
            for order in session.scalars(_first_of_each(owner, list(first))) if first else ():
                first[order.order_batch_id].append(order)
            theirs = sa.select(OrderBatch.id, OrderBatch.checkout_id).where(
                OrderBatch.id.in_({order.order_batch_id for order in orders})
            )
            checkouts = dict(session.execute(theirs).all()) if orders else {}
        return Found(
            {order.id: order for order in orders},
            {batch.id: (batch, first[batch.id]) for batch in batches},
            checkouts | {batch.id: batch.checkout_id for batch in batches},
        )

    def of_batch(self, owner: Owner, batch_id: str) -> list[Order]:
        """The first orders of a batch."""
        with self._sessions.glance() as session:
            return list(session.scalars(_first_orders(owner, batch_id)))


def first_of(orders: Sequence[Order]) -> list[Order]:
    """The first of a batch's orders, of which all are given."""
    return sorted(orders, key=lambda order: (order.created_at, order.id))[:FIRST]


def _batches(owner: Owner) -> sa.Select[OrderBatch]:
    query = sa.select(OrderBatch).where(OrderBatch.app_id == owner.app_id)
    if owner.checkout_id is not None:
        query = query.where(OrderBatch.checkout_id == owner.checkout_id)
    if owner.customer_id is not None:
        query = query.where(OrderBatch.customer_id == owner.customer_id)
    return query


def _first_orders(owner: Owner, batch_id: str) -> sa.Select[Order]:
    mine = owned_orders(owner).where(Order.order_batch_id == batch_id)
    return mine.order_by(Order.created_at, Order.id).limit(FIRST)


def _first_of_each(owner: Owner, batch_ids: Collection[str], limit: int = 10) -> sa.Select[Order]:
    """The first orders of each of these batches."""
    place = sa.func.row_number().over(partition_by=Order.order_batch_id, order_by=(Order.created_at, Order.id))
    placed = (
        sa.select(Order.id, place.label("place"))
        .where(Order.app_id == owner.app_id, Order.order_batch_id.in_(batch_ids))
        .subquery()
    )
    first = sa.select(placed.c.id).where(placed.c.place <= limit)
    return owned_orders(owner).where(Order.id.in_(first)).order_by(Order.created_at, Order.id)


def owned_orders(owner: Owner) -> sa.Select[Order]:
    """The owner's orders."""
    query = sa.select(Order).where(Order.app_id == owner.app_id)
    if owner.checkout_id is not None:
        ours = sa.select(OrderBatch.id).where(OrderBatch.checkout_id == owner.checkout_id)
        query = query.where(Order.order_batch_id.in_(ours))
    if owner.customer_id is not None:
        query = query.where(Order.customer_id == owner.customer_id)
    return query
