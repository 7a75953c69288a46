"""Which scope of a secret key each route needs, by the first part of its path."""

from types import MappingProxyType
from typing import Final

READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

AREAS: Final = MappingProxyType(
    {
        "products": "catalog",
        "brands": "catalog",
        "cards": "catalog",
        "collections": "catalog",
        "changes": "catalog",
        "sync_runs": "catalog",
        "checkouts": "orders",
        "orders": "orders",
        "order_batches": "orders",
        "payment_methods": "orders",
        "curation": "curation",
        "overrides": "curation",
        "webhook_endpoints": "webhooks",
        "deliveries": "webhooks",
        "events": "events",
        "stream_tokens": "events",
        "stored_value": "revenue_share",
        "revenue_share": "revenue_share",
        "statements": "revenue_share",
        "reconciliations": "revenue_share",
        "discrepancies": "revenue_share",
        "ledger": "revenue_share",
        "periods": "revenue_share",
    }
)
"""A path that begins otherwise is for keys without scopes alone: a new resource has to be entered here."""

MERELY_READS: Final = frozenset({"/v1/curation/preview", "/v1/stream_tokens"})
"""A question that is too long for a query string, and a permission to read on."""


def scope_of(rule: str, method: str) -> tuple[str | None, bool]:
    """The area that a route belongs to, None if it is of none, and whether it writes there."""
    is_write = method not in READS and rule not in MERELY_READS
    if rule.endswith("/override") or (rule.startswith("/v1/collections") and is_write):
        return "curation", is_write
    parts = rule.split("/")
    return (AREAS.get(parts[2]) if rule.startswith("/v1/") else None), is_write
