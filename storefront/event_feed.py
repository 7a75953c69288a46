"""The event log as partners read it: what happened, with the resource it is about joined as it is now."""

from datetime import datetime
from typing import Any

from catalog_sync.sync import CatalogSync
from foundation import events
from foundation.database import Sessions
from foundation.errors import NotFoundError
from payments.queries import Orders, Owner
from payments.reconciliation.discrepancies import Discrepancies
from storefront.presenters import present_batch, present_order, present_sync_run
from storefront.statement_presenters import present_discrepancy


class EventFeed:
    """Reads an app's log."""

    def __init__(
        self, sessions: Sessions, orders: Orders, catalog_sync: CatalogSync, discrepancies: Discrepancies
    ) -> None:
        self._sessions = sessions
        self._orders = orders
        self._catalog_sync = catalog_sync
        self._discrepancies = discrepancies

    def after(self, app_id: str, sequence: int, limit: int) -> list[dict[str, Any]]:
        """The app's next events after this sequence number, oldest first, in their public envelope."""
        with self._sessions.read() as session:
            log = events.read_after(session, app_id, sequence, limit)
        return [self._present(event) for event in log]

    def _present(self, event: events.Event) -> dict[str, Any]:
        return {
            "id": event.id,
            "type": event.type,
            "timestamp": event.timestamp,
            "sequence": event.sequence,
            "data": _plain({**event.changes, **self._resource(event)}),
        }

    def _resource(self, event: events.Event) -> dict[str, Any]:
        owner = Owner(event.app_id)
        try:
            if event.type.startswith("order."):
                return present_order(self._orders.order(owner, event.subject))
            if event.type.startswith("order_batch."):
                batch = self._orders.batch(owner, event.subject)
                return present_batch(batch, self._orders.of_batch(owner, batch.id), is_backend=True)
            if event.type.startswith("sync_run."):
                return present_sync_run(self._catalog_sync.get(event.app_id, event.subject))
            if event.type.startswith("discrepancy."):
                return present_discrepancy(self._discrepancies.get(event.app_id, event.subject), event.timestamp)
        except NotFoundError:
            # Erased since; that it happened stays on record.
            return {"id": event.subject}
        return {}


def _plain(value: Any) -> Any:  # noqa: ANN401  any JSON
    """The same with every moment written as the REST API writes it: no schema knows what an event's data holds."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, datetime) else value
