"""The parts of one running emulator, put together."""

from collections import deque
from typing import Any, Final

from goody_emulator.apps import Apps
from goody_emulator.batches import Batches
from goody_emulator.catalog import Catalog
from goody_emulator.events import Events
from goody_emulator.faults import Faults
from goody_emulator.orders import Orders
from goody_emulator.schedule import Schedule
from goody_emulator.settings import Settings
from goody_emulator.steps import Steps
from goody_emulator.store import Store
from goody_emulator.stored_value import StoredValue
from goody_emulator.webhooks import Courier

REQUESTS_KEPT: Final = 1000

_FORGETTING: Final = (
    "DELETE FROM deliveries WHERE app_id = coalesce(?, app_id)",
    "DELETE FROM order_activities WHERE app_id = coalesce(?, app_id)",
    "DELETE FROM stored_value_transactions WHERE app_id = coalesce(?, app_id)",
    "DELETE FROM orders WHERE app_id = coalesce(?, app_id)",
    "DELETE FROM recipients WHERE batch_id IN (SELECT id FROM order_batches WHERE app_id = coalesce(?, app_id))",
    "DELETE FROM order_batches WHERE app_id = coalesce(?, app_id)",
)


class Emulator:
    """Everything that answers requests or works in the background."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings.state)
        self.catalog = Catalog(settings.seed, settings.products)
        self.stored_value = StoredValue(self.store, settings)
        self.apps = Apps(self.store, settings, self.stored_value)
        self.faults = Faults()
        self.requests: deque[dict[str, Any]] = deque(maxlen=REQUESTS_KEPT)
        events = Events(self.store, settings)
        base = settings.base_url
        self.orders = Orders(self.store, self.apps)
        self.steps = Steps(self.store, self.catalog, self.orders, self.stored_value, events, base)
        self.batches = Batches(self.store, self.catalog, self.apps, self.orders, events, base)

    def start(self) -> None:
        """Start the threads that work in the background."""
        Schedule(self.store, self.batches, self.steps).start()
        if self.settings.webhook_url is not None:
            Courier(self.store, self.settings).start()

    def forget(self, app_id: str | None) -> None:
        """Forget all orders of an app, or of every app, and fill up the balance again."""
        with self.store.transaction():
            for statement in _FORGETTING:
                self.store.execute(statement, app_id)
            for app in self.store.rows("SELECT id FROM apps WHERE id = coalesce(?, id)", app_id):
                self.stored_value.open(app["id"])
