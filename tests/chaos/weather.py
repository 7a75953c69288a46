"""Bad weather: what networks, servers, webhooks and Goody's undocumented habits do while gifts are sold."""

import random
from collections.abc import Iterator
from typing import Any, Final

Rule = dict[str, Any]

ACTING: Final = ("lost_answer", "malformed", "truncated", "wrong_type", "reset_after", "empty")
"""Goody did what was asked, and nobody can tell."""
STATUSES: Final = ((429, 1), (500, None), (502, None), (503, 1), (504, None))

QUIRKS: Final = (
    (
        "duplicate-text",
        "batches-unordered",
        "accepted-status",
        "float-amounts",
        "order-link-name",
        "activity-of-its-time",
    ),
    ("duplicate-conflict", "orders-oldest-first", "accepted-name", "price-estimate-names", "unknown-fields"),
    ("duplicate-unprocessable", "batches-oldest-first", "delivered-as-shipped", "shared-link-name", "late-activities"),
    ("duplicate-created", "canceled-status", "refunded-status", "nulls-left-out", "activities-oldest-first"),
    ("late-listing", "user-approval", "share-flag-left-out", "stored-value-renamed", "stored-value-no-expiry"),
    ("stored-value-charged-early", "nested-address", "uncovered-fails", "expired-fails", "direct-send-announced"),
    ("empty-page-within", "batches-unordered", "activity-of-its-time", "float-amounts"),
    ("stale-expiration", "expiration-any-time", "cancel-revives", "canceled-keeps-charge", "products-unordered"),
    ("declined-at-ordering", "webhooks-for-admins", "statement-other-names", "statement-signs-turned"),
)
"""Every quirk in some group, but for `reference-not-unique`: without unique references nobody can promise one gift."""


def faults(seed: int) -> list[Rule]:
    """Every kind of fault, each with a small probability of its own."""
    orders = {"method": "POST", "path": "/v1/order_batches"}
    acting = [{"kind": kind, "probability": 0.05, **orders} for kind in ACTING]
    refused = [{"kind": "status", "status": status, "probability": 0.03, **orders} for status in (400, 401, 403, 422)]
    # An answer about the key from something in between, though Goody acted.
    refused.append({"kind": "lost_answer", "status": 401, "probability": 0.03, **orders})
    busy = [
        {"kind": "status", "status": status, "probability": 0.02, "path": "/v1/*", **_given(retry_after=retry_after)}
        for status, retry_after in STATUSES
    ]
    anywhere = [{"kind": kind, "probability": 0.01, "path": "/v1/*"} for kind in (*ACTING, "reset_before")]
    slow = [
        {"kind": "delay", "seconds": 2.5, "probability": 0.02, "path": "/v1/*"},
        {"kind": "delay", "seconds": 0.3, "probability": 0.05, "path": "/v1/*"},
        {"kind": "slow", "seconds": 1, "probability": 0.02, "path": "/v1/*"},
    ]
    return _seeded([*acting, *refused, *busy, *anywhere, *slow], seed)


def chaos(seed: int) -> list[Rule]:
    """Every kind of webhook chaos. A refund is told by its webhook alone, so that one is never dropped."""
    rules: list[Rule] = [
        {"kind": "duplicate", "probability": 0.2, "times": 2},
        {"kind": "late_duplicate", "probability": 0.1},
        {"kind": "delay", "probability": 0.15, "seconds": 3},
        {"kind": "reorder", "count": 7, "seconds": 3},
        {"kind": "early", "probability": 0.3},
        {"kind": "late", "probability": 0.1, "seconds": 1},
        {"kind": "legacy", "probability": 0.3},
    ]
    dropped = ("order_batch.*", "order.gift_*", "order.created", "order.shipped", "order.delivered", "order.canceled")
    rules += [{"kind": "drop", "probability": 0.25, "event_type": event_type} for event_type in dropped]
    return [rule if rule["kind"] == "reorder" else {**rule, "seed": seed + at} for at, rule in enumerate(rules)]


def quirks(chance: random.Random) -> Iterator[tuple[str, ...]]:
    """One group of quirks after another, without end, in an order of the seed's."""
    while True:
        yield from chance.sample(QUIRKS, len(QUIRKS))


def _seeded(rules: list[Rule], seed: int) -> list[Rule]:
    return [{**rule, "seed": (seed * 100 + at) % 1_000_000} for at, rule in enumerate(rules)]


def _given(**values: int | None) -> Rule:
    return {name: value for name, value in values.items() if value is not None}
