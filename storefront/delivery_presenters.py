"""Webhook endpoints and deliveries as the REST API shows them. Plain values in, plain values out."""

from collections.abc import Sequence
from typing import Any

from storefront.delivery.tables import Delivery, DeliveryAttempt, WebhookEndpoint


def present_endpoint(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """An endpoint, without its secret."""
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "description": endpoint.description,
        "event_types": endpoint.event_types,
        "status": "enabled" if endpoint.disabled_at is None else "disabled",
        "disabled_reason": endpoint.disabled_reason,
        "disabled_at": endpoint.disabled_at,
        "failing_since": endpoint.failing_since,
        "last_success_at": endpoint.last_success_at,
        "version": endpoint.version,
        "created_at": endpoint.created_at,
        "updated_at": endpoint.updated_at,
    }


def present_delivery(delivery: Delivery, attempts: Sequence[DeliveryAttempt]) -> dict[str, Any]:
    """A delivery with its attempts, oldest first."""
    return {
        "id": delivery.id,
        "webhook_endpoint_id": delivery.endpoint_id,
        "event_id": delivery.event_id,
        "event_type": delivery.event_type,
        "sequence": delivery.sequence or None,
        "subject": delivery.subject,
        "kind": delivery.kind,
        "status": delivery.status,
        "next_attempt_at": delivery.due_at if delivery.status == "pending" else None,
        "created_at": delivery.created_at,
        "settled_at": delivery.settled_at,
        "attempts": [
            {
                "attempted_at": attempt.attempted_at,
                "duration_ms": attempt.duration_ms,
                "status_code": attempt.status_code,
                "error": attempt.error,
                "response_excerpt": attempt.response_excerpt,
            }
            for attempt in attempts
        ],
    }
