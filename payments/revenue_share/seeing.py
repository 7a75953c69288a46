"""An order as its share sees it: rows in, plain values out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from foundation.database import Session
from payments.ledger.entries import Because, Kind, Origin
from payments.lifecycle import ROAD, Status
from payments.modes import RULES, PaymentMode
from payments.revenue_share.computing import Item, Line, OrderAmounts, Without
from payments.revenue_share.facts import ProductFact
from payments.revenue_share.positions import Costs, Position
from payments.revenue_share.tables import OrderShare
from payments.tables import Order, OrderBatch, OrderStep
from payments.timeline import Step

SYSTEM: Final = "system"
SINCE_ACCEPTANCE: Final = ROAD[ROAD.index(Status.ACCEPTED) + 1 :]
TOLD: Final = (Status.ACCEPTED, *SINCE_ACCEPTANCE, Status.CANCELED, Step.REFUNDED)
"""The steps of a timeline that entries rest on, or that tell when they happened."""
RESTS_ON: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.ORDER_CHARGED: (Status.PAID, Status.ACCEPTED),
    Kind.ORDER_REFUNDED: (Step.REFUNDED, Status.CANCELED),
    Kind.SHARE_ACCRUED: (Status.ACCEPTED,),
    Kind.SHARE_REVERSED: (Step.REFUNDED, Status.CANCELED),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """An order with all that its share depends on."""

    order: Order
    batch: OrderBatch
    share: OrderShare | None
    steps: Mapping[str, OrderStep]
    last_step: OrderStep | None

    @property
    def is_accepted(self) -> bool:
        """Whether it has been accepted, as far as its status tells."""
        return _has_reached(self.order, Status.ACCEPTED)

    @property
    def is_canceled(self) -> bool:
        """Whether it ended."""
        return self.order.status == Status.CANCELED

    @property
    def is_swappable(self) -> bool:
        """Whether the recipient may still take something else."""
        wish: str | None = msgspec.json.decode(self.batch.payload).get("swap")
        return wish != "disabled"

    def accepted_at(self, now: datetime) -> datetime:
        """When it was accepted, as well as anybody tells; once accrued it stays so."""
        if self.share is not None and self.share.lines and self.share.accepted_at is not None:
            return self.share.accepted_at
        return self.moment_of(Kind.SHARE_ACCRUED, now)

    def moment_of(self, kind: Kind, now: datetime) -> datetime:
        """When that happened which such an entry tells of."""
        step = self._step(kind)
        if step is None or step.happened_at is not None:
            return now if step is None else step.happened_at or now
        if step.step != Status.ACCEPTED:
            return step.recorded_at
        # Nothing but a read of the order tells when it was accepted: before all that followed, whenever it was learnt.
        since = (self.steps[name].happened_at for name in SINCE_ACCEPTANCE if name in self.steps)
        return min([step.recorded_at, *(moment for moment in since if moment is not None)])

    def because(self, kind: Kind, reason: str) -> Because:
        """Who told of it."""
        step = self._step(kind) or self.last_step
        if step is None:
            return Because(Origin.REFETCH, SYSTEM, reason)
        return Because(Origin(step.source), SYSTEM, reason, step.reference)

    def _step(self, kind: Kind) -> OrderStep | None:
        names = (name for name in RESTS_ON.get(kind, ()) if name in self.steps)
        return next((self.steps[name] for name in names), None)

    @property
    def costs(self) -> Costs:
        """What it costs and what became of that."""
        total = self.order.amounts.get("amount_total")
        return Costs(
            charge=None if total is None else total - (self.order.amounts.get("amount_credit_applied") or 0),
            spends_balance=RULES[PaymentMode(self.order.payment_mode)].spends_balance,
            is_paid=_has_reached(self.order, Status.PAID) or (self.is_canceled and Status.PAID in self.steps),
            is_canceled=self.is_canceled,
            is_refunded=self.order.refunded_at is not None,
            refund_amount=self.order.refund_amount,
            share_taken=None if self.share is None else self.share.taken_back,
        )

    @property
    def amounts(self) -> OrderAmounts:
        """What its share is computed on."""
        told = self.order.amounts
        return OrderAmounts(told["amount_product"], told["amount_shipping"], told.get("amount_credit_applied") or 0)

    @property
    def before(self) -> Position:
        """What the books say of it."""
        if self.share is None:
            return Position()
        return Position(
            self.share.charged, self.share.refunded, read_lines(self.share.lines), read_lines(self.share.kept)
        )


def see(session: Session, order_id: str, *, is_locked: bool = False) -> Seen:
    """The order as stored; locked until the transaction ends, if so wished."""
    order = session.get_one(Order, order_id, with_for_update=is_locked)
    steps = sa.select(OrderStep).where(OrderStep.order_id == order_id).order_by(OrderStep.id)
    rows = list(session.scalars(steps))
    return Seen(
        order=order,
        batch=session.get_one(OrderBatch, order.order_batch_id),
        share=session.get(OrderShare, order_id),
        steps={row.step: row for row in reversed(rows) if row.step in TOLD and not row.is_late},
        last_step=rows[-1] if rows else None,
    )


def items_of(seen: Seen, facts: Mapping[str, ProductFact]) -> tuple[list[Item] | None, list[str]]:
    """The cart's lines with what is known of their products; else None, and which products must be asked about.

    What was frozen when the share was accrued counts first, then what was frozen when the gift was ordered.
    """
    cart = [(each["product"]["id"], each["quantity"]) for each in seen.order.cart["items"]]
    frozen = [] if seen.share is None else [Item(**item) for item in seen.share.items]
    if frozen and [(item.product_id, item.quantity) for item in frozen] == cart:
        return frozen, []
    known = _sold(seen.batch.lines)
    unknown = sorted({product_id for product_id, _ in cart if product_id not in known and product_id not in facts})
    if unknown:
        return None, unknown
    return [_item(product_id, quantity, known.get(product_id, []), facts) for product_id, quantity in cart], []


def read_lines(stored: Sequence[Mapping[str, Any]]) -> list[Line]:
    """Lines as they were stored."""
    return [
        Line(**{**line, "without": None if line["without"] is None else Without(line["without"])}) for line in stored
    ]


def _sold(lines: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    sold: dict[str, list[Mapping[str, Any]]] = {}
    for line in lines:
        sold.setdefault(line["product_id"], []).append(line)
    return sold


def _item(product_id: str, quantity: int, sold: list[Mapping[str, Any]], facts: Mapping[str, ProductFact]) -> Item:
    if not sold:
        fact = facts[product_id]
        return Item(product_id, fact.brand_id, quantity, fact.price, fact.is_excluded)
    # One product may have been sold at several chosen prices: the lines of the cart come in the same order.
    line = sold.pop(0) if len(sold) > 1 else sold[0]
    return Item(product_id, line["brand_id"], quantity, line["price"], line["revshare_excluded"])


def _has_reached(order: Order, status: Status) -> bool:
    return order.status != Status.CANCELED and ROAD.index(Status(order.status)) >= ROAD.index(status)
