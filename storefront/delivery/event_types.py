"""The types of events that partners may ask for, and the filters that name them. Pure."""

from collections.abc import Sequence
from typing import Final

from foundation.errors import Fault

EVENT_TYPES: Final = (
    "order_batch.submitted",
    "order_batch.completed",
    "order_batch.rejected",
    "order_batch.stuck",
    "order.created",
    "order.opened",
    "order.accepted",
    "order.payment_link_ready",
    "order.payment_reminder",
    "order.payment_lapsed",
    "order.paid",
    "order.shipped",
    "order.delivered",
    "order.canceled",
    "order.refunded",
    "order.expiring",
    "order.thank_you_note_added",
    "catalog.published",
    "sync_run.quarantined",
    "discrepancy.opened",
    "balance.low",
    "webhook_endpoint.disabled",
)
TEST: Final = "webhook_endpoint.test"
"""Sent to try an endpoint, whatever its filter; never in the log."""
EVERYTHING: Final = "*"


def fits(event_type: str, patterns: Sequence[str]) -> bool:
    """Whether one of the filters names this type: `*`, the type itself, or its beginning as in `order.*`."""
    return any(
        pattern in {EVERYTHING, event_type}
        or (pattern.endswith(".*") and event_type.startswith(pattern.removesuffix("*")))
        for pattern in patterns
    )


def filter_faults(patterns: Sequence[str]) -> list[Fault]:
    """What is wrong with the filters: one that names no event is misspelt."""
    known = "order.paid, order.* or *; every type is in the description of webhook endpoints"
    return [
        Fault(f"/event_types/{position}", "unknown_event_type", f"names no event. Use something like {known}.")
        for position, pattern in enumerate(patterns)
        if not any(fits(event_type, [pattern]) for event_type in EVENT_TYPES)
    ]
