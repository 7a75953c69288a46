"""Terms, entries and closings as the REST API and the command line show them. Plain values in, plain values out."""

from collections.abc import Mapping
from typing import Any, Final

from foundation.money import CURRENCY
from payments.ledger.queries import WholeEntry
from payments.ledger.tables import LedgerClosing
from payments.revenue_share.explaining import Explanation
from payments.revenue_share.tables import OrderShare
from payments.revenue_share.terms import AgreedTerms

SHARE: Final = ("state", "pending_because", "accepted_at", "lines", "kept", "low", "high", "charged", "refunded")


def present_terms(agreed: AgreedTerms) -> dict[str, Any]:
    """Terms with the moment from which they hold."""
    return {
        "id": agreed.id,
        "holds_from": agreed.holds_from,
        **agreed.terms.write(),
        "entered_at": agreed.entered_at,
        "entered_by": agreed.entered_by,
        "reason": agreed.reason,
    }


def present_entry(whole: WholeEntry) -> dict[str, Any]:
    """An entry with its postings: who caused it, and why."""
    entry = whole.entry
    names = ("number", "kind", "source", "order_id", "payment_mode", "occurred_at", "booked_at", "posted_at")
    because = ("origin", "posted_by", "reason", "reference", "reverses", "details")
    columns = ("account", "amount", "brand_id", "product_id", "base")
    return {
        **{name: getattr(entry, name) for name in (*names, *because)},
        "currency": CURRENCY,
        "postings": [{name: getattr(posting, name) for name in columns} for posting in whole.postings],
    }


def present_closing(closing: LedgerClosing) -> dict[str, Any]:
    """A month that was closed or reopened."""
    names = ("period", "action", "done_at", "done_by", "reason")
    return {**{name: getattr(closing, name) for name in names}, "report": closing.report or None}


def _share(share: OrderShare, told: Explanation) -> dict[str, Any]:
    """Where a share stands; its lines with what their products and brands are called."""
    shown = {name: getattr(share, name) for name in SHARE}
    for part in ("lines", "kept"):
        shown[part] = [{**line, **_names(line, told)} for line in shown[part]]
    return shown


def _names(line: Mapping[str, Any], told: Explanation) -> dict[str, str | None]:
    return {f"{what}_name": told.names.get(line[f"{what}_id"]) for what in ("product", "brand")}


def present_explanation(told: Explanation) -> dict[str, Any]:
    """An order's money, with all that it rests on."""
    order, share = told.order, told.share
    return {
        "order_id": order.id,
        "app_id": order.app_id,
        "payment_mode": order.payment_mode,
        "status": order.status,
        "amounts": order.amounts,
        "refunded_at": order.refunded_at,
        "refund_amount": order.refund_amount,
        "awaiting_payment": told.is_unpaid,
        "share": None if share is None else _share(share, told),
        "terms": None if told.terms is None else {"id": told.terms.id, **told.terms.terms},
        "entries": [present_entry(whole) for whole in told.entries],
        "webhooks": [
            {"svix_id": svix_id, "event_type": message.event_type, "received_at": message.received_at}
            for svix_id, message in told.webhooks.items()
        ],
        "statement_rows": [
            {
                name: getattr(row, name)
                for name in ("id", "statement_id", "line", "kind", "transaction_id", "amount", "moment")
            }
            for row in told.statement_rows.values()
        ],
        "balances": {account.value: amount for account, amount in told.balances.items()},
    }
