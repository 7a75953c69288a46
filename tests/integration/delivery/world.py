"""An app whose events are delivered: services over a database that has all tables, without a Goody."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from foundation import events
from storefront.delivery.endpoints import Wish
from storefront.delivery.log import DeliveryFilter, Logged
from storefront.delivery.tables import Delivery, WebhookEndpoint
from storefront.services import Services
from tests.integration.delivery.partner import Partner
from tests.shop import MovingClock


@dataclass
class World:
    """One app, and a partner's backend."""

    services: Services
    clock: MovingClock
    app_id: str
    partner: Partner

    def endpoint(self, path: str = "/hooks", *event_types: str) -> tuple[WebhookEndpoint, str]:
        """A new endpoint at the partner's, and its secret."""
        wish = Wish(url=self.partner.url(path), event_types=event_types or None)
        return self.services.webhook_endpoints.create(self.app_id, wish)

    def happen(self, event_type: str, subject: str, **changes: Any) -> None:
        """Let something happen."""
        with self.services.sessions.begin() as session:
            events.append(session, self.app_id, event_type, subject, self.clock(), changes)

    def deliver(self) -> None:
        """Deliver all that is due now."""
        while self.services.relay.deliver_due():
            pass

    def logged(self, endpoint: WebhookEndpoint) -> list[Logged]:
        """What the delivery log tells of an endpoint, oldest first."""
        found = self.services.deliveries.find(self.app_id, endpoint.id, DeliveryFilter(limit=100))
        return sorted(found, key=lambda logged: logged[0].sequence)

    def statuses(self, endpoint: WebhookEndpoint) -> list[str]:
        return [delivery.status for delivery, _ in self.logged(endpoint)]

    def only(self, endpoint: WebhookEndpoint) -> Delivery:
        ((delivery, _),) = self.logged(endpoint)
        return delivery

    def read(self, endpoint: WebhookEndpoint) -> WebhookEndpoint:
        """The endpoint as it is now."""
        return self.services.webhook_endpoints.get(self.app_id, endpoint.id)

    def event_types(self) -> list[str]:
        return [event["type"] for event in self.services.events.after(self.app_id, 0, 100)]

    def count(self, table: str) -> int:
        with self.services.sessions.engine.connect() as connection:
            found: int = connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608
        return found
