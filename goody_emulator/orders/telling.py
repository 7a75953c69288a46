"""What webhooks tell of an order's steps, and of batches."""

from collections.abc import Callable

from goody_emulator.orders.lifecycle import MOVES
from goody_emulator.orders.orders import Orders
from goody_emulator.orders.validation import DIRECT_SEND
from goody_emulator.orders.wire import Json
from goody_emulator.quirks import Quirk, Quirks
from goody_emulator.state.store import Row
from goody_emulator.state.timestamps import shown_or_none
from goody_emulator.webhooks.events import Events


class Telling:
    """Records the webhooks of orders. Everything is to be called inside a transaction of the store."""

    def __init__(self, events: Events, orders: Orders, quirks: Quirks, base_url: str) -> None:
        self._events = events
        self._orders = orders
        self._quirks = quirks
        self._base_url = base_url

    def of_batch(self, event_type: str, app_id: str, shown: Callable[[str], Json]) -> None:
        """Tell of a batch, as shown with links that begin with a base."""
        self._events.record(app_id, event_type, shown(self._base_url))

    def of_creation(self, order: Row) -> None:
        """Tell of a new order."""
        self._events.record(order["app_id"], "order.created", self._orders.shown(order, self._base_url))

    def of_step(self, order: Row, batch: Row, step: str) -> None:
        """Tell of a step that has been taken, if webhooks tell of such steps."""
        app_id, event = order["app_id"], MOVES[step].event
        if event is None:
            return
        if step == "accept":
            if batch["send_method"] == DIRECT_SEND and not self._quirks.has(app_id, Quirk.DIRECT_SEND_ANNOUNCED):
                return  # A direct send is no gift, so nobody accepts one.
            event = "order.accepted" if self._quirks.has(app_id, Quirk.ACCEPTED_NAME) else event
        shown = self._orders.shown(order, self._base_url)
        shown["status"] = self._status(order, step)
        if self._quirks.has(app_id, Quirk.STALE_EXPIRATION):
            shown["expires_at"] = shown_or_none(batch["expires_at"])
        self._events.record(app_id, event, shown)

    def _status(self, order: Row, step: str) -> str:
        app_id, status = order["app_id"], str(order["status"])
        if step == "accept" and self._quirks.has(app_id, Quirk.ACCEPTED_STATUS):
            return "accepted"
        if step == "deliver" and self._quirks.has(app_id, Quirk.DELIVERED_AS_SHIPPED):
            return "shipped"
        return status
