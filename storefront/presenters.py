"""Resources as the REST API shows them: to callers, and in events. Plain values in, plain values out."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from catalog_sync.runs import SyncRun
from foundation.money import CURRENCY
from payments.lifecycle import PAYABLE, Status
from payments.payment_links import link_status
from payments.settlement import settlement
from payments.submission_states import Submission
from payments.tables import Order, OrderBatch, OrderStep, SavedCard
from payments.timeline import BUSINESS, SourceKind
from storefront.checkout.tables import Checkout


def present_checkout(checkout: Checkout, batch: OrderBatch | None, now: datetime) -> dict[str, Any]:
    """A checkout; its status follows from its problems and from what became of its order."""
    return {
        **checkout.draft,
        "id": checkout.id,
        "version": checkout.version,
        "customer_id": checkout.customer_id,
        "status": checkout_status(checkout, batch, now),
        "problems": checkout.problems,
        "quote": checkout.quote,
        "order_batch_id": None if batch is None else batch.id,
        "created_at": checkout.created_at,
        "updated_at": checkout.updated_at,
        "checkout_expires_at": checkout.expires_at,
    }


def checkout_status(checkout: Checkout, batch: OrderBatch | None, now: datetime) -> str:
    """`open`, `ready`, `completing`, `completed`, `failed` or `expired`."""
    if batch is not None:
        ends = {Submission.SUBMITTED: "completed", Submission.REJECTED: "failed"}
        return ends.get(Submission(batch.submission_status), "completing")
    if checkout.expires_at <= now:
        return "expired"
    return "open" if checkout.problems or checkout.quote is None else "ready"


def present_batch(batch: OrderBatch, orders: Sequence[Order], *, is_backend: bool) -> dict[str, Any]:
    """An order batch with its first orders. What is between the partner and Goody shows to the backend alone."""
    business = {
        "payment_reference": batch.payment_reference,
        "warnings": batch.warnings,
        "stuck_reason": batch.stuck_reason,
    }
    return {
        **(business if is_backend else {}),
        "id": batch.id,
        "checkout_id": batch.checkout_id,
        "customer_id": batch.customer_id,
        "payment_mode": batch.payment_mode,
        "submission_status": batch.submission_status,
        "send_status": batch.send_status,
        "recipients_count": batch.recipients_count,
        "lines": [_line(line) for line in batch.lines],
        "quote": batch.quote,
        "payment_amount": batch.payment_amount,
        "orders": [present_order(order) for order in orders],
        "created_at": batch.created_at,
        "submitted_at": batch.submitted_at,
        "completed_at": batch.completed_at,
    }


def present_order(order: Order) -> dict[str, Any]:
    """An order. The payment link shows only while it can be paid."""
    return {
        "id": order.id,
        "order_batch_id": order.order_batch_id,
        "customer_id": order.customer_id,
        "payment_mode": order.payment_mode,
        "status": order.status,
        "reference_id": order.reference_id,
        "recipient_first_name": order.recipient_first_name,
        "recipient_last_name": order.recipient_last_name,
        "recipient_email": order.recipient_email,
        "individual_gift_link": order.individual_gift_link,
        "payment_link": order.payment_link if Status(order.status) in PAYABLE else None,
        "payment_link_status": link_status(order),
        "is_swapped": order.is_swapped,
        "cart": order.cart,
        "original_cart": order.original_cart,
        "currency": CURRENCY,
        "amounts": order.amounts,
        "original_amounts": order.original_amounts,
        "settlement": settlement(order),
        "shipments": order.shipments,
        "thank_you_note": order.thank_you_note,
        "expires_at": order.expires_at,
        "refunded_at": order.refunded_at,
        "refund_amount": order.refund_amount,
        "cancellation": _cancellation(order),
        "expiration_change": order.expiration_change,
        "created_at": order.created_at,
        "updated_at": order.updated_at,
    }


def present_sync_run(run: SyncRun) -> dict[str, Any]:
    """A run of the catalog's synchronisation: how far it is, what it did, and why it waits, if it does."""
    counts = asdict(run.counts)
    return {
        "id": run.id,
        "status": run.status.value,
        "trigger": run.trigger.value,
        "is_dry_run": run.is_dry_run,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "phase": counts.pop("phase"),
        "progress": {"pages": counts["pages"], "pages_expected": counts.pop("pages_expected")},
        "seconds": counts.pop("seconds"),
        "is_complete": counts.pop("is_complete"),
        "counts": counts,
        "brakes": [asdict(brake) for brake in run.brakes],
        "error": run.error,
        "approved_at": run.approved_at,
        "approved_by": run.approved_by,
    }


def present_card(card: SavedCard) -> dict[str, Any]:
    """A saved card."""
    return {
        "id": card.id,
        "customer_id": card.customer_id,
        "brand": card.brand,
        "last_4": card.last_4,
        "exp_month": card.exp_month,
        "exp_year": card.exp_year,
        "created_at": card.created_at,
    }


def present_timeline(steps: Sequence[OrderStep], *, is_backend: bool) -> list[dict[str, Any]]:
    """An order's steps. A shopper sees what happened and when; what is between the partner and Goody stays there."""
    return [_step(step, is_backend=is_backend) for step in steps if is_backend or step.step not in BUSINESS]


def _step(step: OrderStep, *, is_backend: bool) -> dict[str, Any]:
    source = {"kind": step.source}
    if is_backend and step.reference is not None:
        source["svix_id" if step.source == SourceKind.WEBHOOK else "activity_id"] = step.reference
    return {
        "step": step.step,
        "status": step.status,
        "is_told": step.is_told,
        "is_late": step.is_late,
        "happened_at": step.happened_at,
        "recorded_at": step.recorded_at,
        "source": source,
        "details": step.details,
    }


def _cancellation(order: Order) -> dict[str, Any] | None:
    """A cancellation asked for; whoever tells first that the order is cancelled, it is done."""
    if order.cancellation is None or order.status != Status.CANCELED:
        return order.cancellation
    return {**order.cancellation, "status": "done"}


def _line(line: dict[str, Any]) -> dict[str, Any]:
    """A line without what is the partner's business matter alone."""
    return {key: value for key, value in line.items() if key != "revshare_excluded"}
