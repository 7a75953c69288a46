"""What a discrepancy rests on: the order, who told of it, the terms, the statement's line. No names, no links."""

from typing import Any, Final

import sqlalchemy as sa

from foundation.database import Session
from payments.lifecycle import Status
from payments.reconciliation.values import Finding
from payments.revenue_share.tables import OrderShare
from payments.statements.tables import StatementRow
from payments.tables import Order, OrderStep
from payments.timeline import Step

TOLD: Final = (Status.ACCEPTED, Status.PAID, Status.CANCELED, Step.REFUNDED)
AMOUNTS: Final = (
    "amount_product", "amount_shipping", "amount_processing_fee", "amount_tax", "amount_total",
    "amount_credit_applied",
)  # fmt: skip


def evidence_of(session: Session, app_id: str, finding: Finding) -> dict[str, Any]:
    """All that is known beside the finding itself."""
    gathered: dict[str, Any] = {}
    if finding.order_id is not None:
        gathered.update(_of_order(session, app_id, finding.order_id))
    if finding.line is not None:
        row = session.get_one(StatementRow, finding.line.id)
        gathered["statement_row"] = {
            "statement_id": row.statement_id,
            "line": row.line,
            "transaction_id": row.transaction_id,
            "kind": row.kind,
            "order_id": row.order_id,
            "order_reference": row.order_reference,
            "payout_id": row.payout_id,
            "description": row.description,
            "amount": row.amount,
            "date": row.moment.isoformat(),
        }
    return gathered


def _of_order(session: Session, app_id: str, order_id: str) -> dict[str, Any]:
    order = session.scalar(sa.select(Order).where(Order.app_id == app_id, Order.id == order_id))
    if order is None:
        return {}
    share = session.get(OrderShare, order_id)
    steps = sa.select(OrderStep).where(
        OrderStep.app_id == app_id, OrderStep.order_id == order_id, OrderStep.step.in_(TOLD)
    )
    return {
        "order": {
            "id": order.id,
            "reference_id": order.reference_id,
            "order_batch_id": order.order_batch_id,
            "payment_mode": order.payment_mode,
            "status": order.status,
            "amounts": {name: order.amounts.get(name) for name in AMOUNTS},
            "refunded_at": None if order.refunded_at is None else order.refunded_at.isoformat(),
            "refund_amount": order.refund_amount,
        },
        "told_by": [_step(step) for step in session.scalars(steps.order_by(OrderStep.id))],
        "share": None if share is None else {"terms_id": share.terms_id, "lines": share.lines, "kept": share.kept},
    }


def _step(step: OrderStep) -> dict[str, Any]:
    return {
        "step": step.step,
        "source": step.source,
        "reference": step.reference,
        "happened_at": None if step.happened_at is None else step.happened_at.isoformat(),
    }
