"""Batches that don't get on by themselves: told to the partner as `order_batch.stuck`, once for each reason."""

from datetime import datetime
from enum import StrEnum

from foundation import events
from foundation.database import Session
from foundation.logs import get_logger
from payments.tables import OrderBatch

log = get_logger(__name__)


class Stuck(StrEnum):
    """Why a batch does not get on."""

    KEY_REFUSED = "key_refused"
    """Goody refuses the app's key. It goes out once the key is right."""
    OUTCOME_UNKNOWN = "outcome_unknown"
    """Too late to be sent again: it is looked up, until it is found or an operator abandons it."""
    ORDERS_MISSING = "orders_missing"
    """Goody calls it complete, and shows fewer orders than it has recipients."""
    NOT_SENT = "not_sent"
    """Goody took it, and then called it failed or canceled: its recipients get nothing."""


def tell_stuck(session: Session, batch: OrderBatch, reason: Stuck, now: datetime) -> None:
    """Note in the caller's transaction why the batch is stuck, and tell it unless that was told already."""
    if batch.stuck_reason == reason:
        return
    batch.stuck_at = batch.stuck_at or now
    batch.stuck_reason = reason
    events.append(session, batch.app_id, "order_batch.stuck", batch.id, now, {"reason": reason})
    log.error("an order batch is stuck; `storefront submission list` tells more", order_batch=batch.id, reason=reason)
