"""The event log as partners read it: what happened, with the resource it is about joined as it is now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog_sync.sync import CatalogSync
from foundation import events
from foundation.database import Sessions
from foundation.errors import NotFoundError
from payments.queries import Found, Orders, Owner
from payments.reconciliation.discrepancies import Discrepancies
from storefront.delivery.endpoints import Endpoints
from storefront.delivery_presenters import present_endpoint
from storefront.presenters import present_batch, present_order, present_sync_run
from storefront.statement_presenters import present_discrepancy


@dataclass(frozen=True, slots=True)
class Joined:
    """An event in its public envelope, and whose sale it is about, if it is about one."""

    id: str
    envelope: dict[str, Any]
    checkout_id: str | None = None
    customer_id: str | None = None


class EventFeed:
    """Reads an app's log."""

    def __init__(
        self,
        sessions: Sessions,
        orders: Orders,
        catalog_sync: CatalogSync,
        discrepancies: Discrepancies,
        endpoints: Endpoints,
    ) -> None:
        self._sessions = sessions
        self._orders = orders
        self._catalog_sync = catalog_sync
        self._discrepancies = discrepancies
        self._endpoints = endpoints

    def after(self, app_id: str, sequence: int, limit: int) -> list[dict[str, Any]]:
        """The app's next events after this sequence number, oldest first, in their public envelope.

        EventsGoneError if the next one is past its retention.
        """
        with self._sessions.read() as session:
            log = events.read_after(session, app_id, sequence, limit)
        return self.envelopes(log)

    def envelopes(self, log: Sequence[events.Event]) -> list[dict[str, Any]]:
        """These events of one app in their public envelope, all joined by a few queries."""
        return [joined.envelope for joined in self.join(log)]

    def join(self, log: Sequence[events.Event], *, is_backend: bool = True) -> list[Joined]:
        """The same with whose they are; without `is_backend` as a shopper sees the resources."""
        if not log:
            return []
        found = self._orders.many(Owner(log[0].app_id), _subjects(log, "order."), _subjects(log, "order_batch."))
        return [self._join(event, found, is_backend=is_backend) for event in log]

    def _join(self, event: events.Event, found: Found, *, is_backend: bool) -> Joined:
        order = found.orders.get(event.subject)
        batch, orders = found.batches.get(event.subject, (None, []))
        if event.type.startswith("order."):
            resource = None if order is None else present_order(order)
        elif event.type.startswith("order_batch."):
            resource = None if batch is None else present_batch(batch, orders, is_backend=is_backend)
        else:
            resource = self._other(event)
        # What was erased since leaves on record that it happened.
        data = _plain({**event.changes, **({"id": event.subject} if resource is None else resource)})
        envelope = {
            "id": event.id,
            "type": event.type,
            "timestamp": event.timestamp,
            "sequence": event.sequence,
            "data": data,
        }
        sale = order or batch
        if sale is None:
            return Joined(event.id, envelope)
        batch_id = event.subject if order is None else order.order_batch_id
        return Joined(event.id, envelope, found.checkouts[batch_id], sale.customer_id)

    def _other(self, event: events.Event) -> dict[str, Any] | None:
        try:
            if event.type.startswith("sync_run."):
                return present_sync_run(self._catalog_sync.get(event.app_id, event.subject))
            if event.type.startswith("discrepancy."):
                return present_discrepancy(self._discrepancies.get(event.app_id, event.subject), event.timestamp)
            if event.type.startswith("webhook_endpoint."):
                return present_endpoint(self._endpoints.get(event.app_id, event.subject))
        except NotFoundError:
            return None
        return {}


def _subjects(log: Sequence[events.Event], kind: str) -> set[str]:
    return {event.subject for event in log if event.type.startswith(kind)}


def _plain(value: Any) -> Any:  # noqa: ANN401  any JSON
    """The same with every moment written as the REST API writes it: no schema knows what an event's data holds."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, datetime) else value
