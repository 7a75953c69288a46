"""The parts of one running emulator, put together."""

from typing import Final

from goody_emulator.apps import Apps
from goody_emulator.catalog import Catalog
from goody_emulator.catalog import tables as catalog
from goody_emulator.catalog.drift import Drift
from goody_emulator.faults.faults import Faults
from goody_emulator.money import tables as money
from goody_emulator.money.treasury import Treasury
from goody_emulator.orders import tables as orders
from goody_emulator.orders.batches import Batches
from goody_emulator.orders.expirations import Expirations
from goody_emulator.orders.listings import Listings
from goody_emulator.orders.orders import Orders
from goody_emulator.orders.schedule import Schedule
from goody_emulator.orders.steps import Steps
from goody_emulator.orders.telling import Telling
from goody_emulator.quirks import Quirks, named
from goody_emulator.requests.log import RequestLog
from goody_emulator.scenarios import tables as scenarios
from goody_emulator.scenarios.cast import Cast
from goody_emulator.scenarios.discretion import DiscreetEvents
from goody_emulator.scenarios.history import Histories
from goody_emulator.scenarios.stage import Stage
from goody_emulator.scenarios.staging import Staging
from goody_emulator.settings import Settings
from goody_emulator.state import tables as state
from goody_emulator.state.gate import Gate
from goody_emulator.state.snapshots import Snapshots
from goody_emulator.state.store import Store
from goody_emulator.state.timeline import Timeline, Worker
from goody_emulator.webhooks import tables as webhooks
from goody_emulator.webhooks.room import Webhooks

_TABLES: Final = (state.TABLES, orders.TABLES, money.TABLES, webhooks.TABLES, catalog.TABLES, scenarios.TABLES)
_FORGETTING: Final = (
    *scenarios.FORGETTING,
    *webhooks.FORGETTING,
    *money.FORGETTING,
    *orders.FORGETTING,
    *catalog.FORGETTING,
)


class Emulator:
    """Everything that answers requests or works in the background."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings.state, _TABLES)
        self.catalog = Catalog(settings.seed, settings.products, self.store)
        self.drift = Drift(self.store, self.catalog)
        self.quirks = Quirks(named(settings.quirks))
        self.treasury = Treasury(self.store, settings, self.quirks)
        self.stored_value = self.treasury.stored_value
        self.apps = Apps(self.store, settings, self.stored_value)
        self.faults = Faults()
        self.requests = RequestLog()
        self.webhooks = Webhooks(self.store, settings, self.quirks)
        self.orders = Orders(self.store, self.apps)
        charging = self.treasury.charging
        events = DiscreetEvents(self.webhooks.events, self.store.clock)
        telling = Telling(events, self.orders, self.quirks, settings.base_url)
        self.listings = Listings(self.store, self.quirks)
        self.expirations = Expirations(self.store, self.orders, self.quirks)
        self.steps = Steps(
            self.store, self.catalog, self.orders, self.stored_value, charging, telling, self.quirks
        )  # fmt: skip
        methods = self.treasury.payment_methods
        self.batches = Batches(self.store, self.catalog, self.apps, methods, self.orders, telling, self.quirks)
        self.batches.when_created.append(charging.when_created)
        self._schedule = Schedule(self.store, self.batches, self.steps, self.expirations)
        cast = Cast(self.apps, self.catalog, self.orders, self.steps, self.stored_value)
        self.histories = Histories(self.store, self.catalog, self.batches, self.steps, cast, self.stored_value)
        staging = Staging(self.faults, self.webhooks.chaos, self.quirks)
        self.stage = Stage(self.store, settings.scenarios, cast, staging)
        self.batches.when_created.append(self.stage.runs.when_created)
        workers: list[Worker] = [self._schedule, self.webhooks.courier, self.stage.player]
        self.timeline = Timeline(self.store, workers)
        self.gate = Gate()
        self.snapshots = Snapshots(self.store, self.timeline, self.gate, self.stored_value)
        self.snapshots.when_restored.append(self.webhooks.endpoints.put_default)

    def start(self) -> None:
        """Start the threads that work in the background."""
        self._schedule.start()
        self.webhooks.courier.start()
        self.stage.player.start()

    def forget(self, app_id: str | None) -> None:
        """Forget all orders of an app, or of every app, and fill up the balance again."""
        with self.store.transaction():
            for statement in _FORGETTING:
                self.store.execute(statement, app_id)
            for app in self.store.rows("SELECT id FROM apps WHERE id = coalesce(?, id)", app_id):
                self.stored_value.open(app["id"])
