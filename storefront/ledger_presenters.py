"""Terms, entries and closings as the REST API and the command line show them. Plain values in, plain values out."""

from typing import Any

from foundation.money import CURRENCY
from payments.ledger.queries import WholeEntry
from payments.ledger.tables import LedgerClosing
from payments.revenue_share.terms import AgreedTerms


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
