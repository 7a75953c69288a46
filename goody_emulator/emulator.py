"""The parts of one running emulator, put together."""

from collections import deque
from typing import Any, Final

from goody_emulator.apps import Apps
from goody_emulator.catalog import Catalog
from goody_emulator.faults.rules import Faults
from goody_emulator.money import tables as money
from goody_emulator.money.charging import Charging
from goody_emulator.money.stored_value import StoredValue
from goody_emulator.orders import tables as orders
from goody_emulator.orders.batches import Batches
from goody_emulator.orders.orders import Orders
from goody_emulator.orders.schedule import Schedule
from goody_emulator.orders.steps import Steps
from goody_emulator.quirks import Quirks, named
from goody_emulator.settings import Settings
from goody_emulator.state import tables as state
from goody_emulator.state.store import Store
from goody_emulator.state.timeline import Timeline, Worker
from goody_emulator.webhooks import tables as webhooks
from goody_emulator.webhooks.courier import Courier
from goody_emulator.webhooks.events import Events

REQUESTS_KEPT: Final = 1000

_TABLES: Final = (state.TABLES, orders.TABLES, money.TABLES, webhooks.TABLES)
_FORGETTING: Final = (*webhooks.FORGETTING, *money.FORGETTING, *orders.FORGETTING)


class Emulator:
    """Everything that answers requests or works in the background."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings.state, _TABLES)
        self.catalog = Catalog(settings.seed, settings.products)
        self.stored_value = StoredValue(self.store, settings)
        self.apps = Apps(self.store, settings, self.stored_value)
        self.quirks = Quirks(named(settings.quirks))
        self.faults = Faults()
        self.requests: deque[dict[str, Any]] = deque(maxlen=REQUESTS_KEPT)
        events = Events(self.store, settings)
        base = settings.base_url
        self.orders = Orders(self.store, self.apps)
        charging = Charging(self.stored_value)
        self.steps = Steps(self.store, self.catalog, self.orders, self.stored_value, charging, events, base)
        self.batches = Batches(self.store, self.catalog, self.apps, self.orders, events, base)
        self._schedule = Schedule(self.store, self.batches, self.steps)
        self._courier = Courier(self.store, settings)
        workers: list[Worker] = [self._schedule, self._courier]
        self.timeline = Timeline(self.store, workers)

    def start(self) -> None:
        """Start the threads that work in the background."""
        self._schedule.start()
        self._courier.start()

    def forget(self, app_id: str | None) -> None:
        """Forget all orders of an app, or of every app, and fill up the balance again."""
        with self.store.transaction():
            for statement in _FORGETTING:
                self.store.execute(statement, app_id)
            for app in self.store.rows("SELECT id FROM apps WHERE id = coalesce(?, id)", app_id):
                self.stored_value.open(app["id"])
