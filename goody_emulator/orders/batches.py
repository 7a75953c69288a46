"""Order batches: taken in, completed at once or later, and found again."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec

from goody_emulator.apps import App, Apps
from goody_emulator.catalog import Catalog
from goody_emulator.errors import BatchStepRefusedError, NotFoundError, RefusedError
from goody_emulator.inputs import BatchInput, unnested
from goody_emulator.money.payment_methods import PaymentMethods
from goody_emulator.orders import wire
from goody_emulator.orders.duplicates import first_batch
from goody_emulator.orders.intake import batch_row, recipient_row
from goody_emulator.orders.orders import Orders
from goody_emulator.orders.telling import Telling
from goody_emulator.orders.validation import check_batch
from goody_emulator.quirks import Quirk, Quirks
from goody_emulator.state.store import Row, Store

_AT_ONCE: Final = 500
STEPS: Final = ("complete", "fail", "cancel")
"""What can be done to a batch that is pending."""
_ENDS: Final = {"fail": "failed", "cancel": "canceled"}


class Batches:
    """The order batches of all apps."""

    def __init__(
        self,
        store: Store,
        catalog: Catalog,
        apps: Apps,
        methods: PaymentMethods,
        orders: Orders,
        telling: Telling,
        quirks: Quirks,
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._apps = apps
        self._methods = methods
        self._orders = orders
        self._telling = telling
        self._quirks = quirks
        self.when_created: list[Callable[[Row, Row], None]] = []
        """Called with every new order and its batch, inside the transaction that made it."""

    def create(self, app: App, wanted: BatchInput) -> Row:
        """Take a batch in; RefusedError when it breaks a rule or its reference has been used before."""
        moment = self._store.clock.now()
        if self._quirks.has(app.id, Quirk.NESTED_ADDRESS):
            wanted = msgspec.structs.replace(wanted, recipients=[unnested(each) for each in wanted.recipients])
        lines = check_batch(wanted, self._catalog.of(app.id), moment)
        if wanted.workspace_id not in {None, app.workspace_id}:
            raise RefusedError("Workspace not found")
        self._methods.check(app, wanted)
        row = batch_row(app, wanted, lines, self._methods.kept_id(app, wanted.payment_method_id), moment)
        with self._store.transaction():
            first = first_batch(self._store, row, self._quirks.of_app(app.id))
            if first is not None:
                return first
            self._store.insert("order_batches", row)
            for place, recipient in enumerate(wanted.recipients):
                self._store.insert("recipients", recipient_row(row["id"], place, recipient))
            if row["due_at"] is None:
                self._complete(row["id"], announced=True)
            else:
                self._tell("order_batch.created", self.find(row["id"]))
        return self.find(row["id"])

    def complete_due(self, batch: Row) -> None:
        """Create the orders of a batch whose time has come, unless that has happened or it is gone."""
        with self._store.transaction():
            current = self._store.row("SELECT due_at FROM order_batches WHERE id = ?", batch["id"])
            if current is not None and current["due_at"] is not None:
                self._complete(batch["id"], announced=False)

    def take(self, batch_id: str, step: str, app: App | None = None) -> Row:
        """Complete a pending batch now, or let it fail or be canceled without orders, of which no webhook tells."""
        with self._store.transaction():
            status = self.find(batch_id, app)["send_status"]
            if status != "pending":
                raise BatchStepRefusedError(step, status, possible_steps(status))
            if step == "complete":
                self._complete(batch_id, announced=False)
            else:
                self._store.update("order_batches", batch_id, {"send_status": _ENDS[step], "due_at": None})
        return self.find(batch_id)

    def find(self, batch_id: str, app: App | None = None) -> Row:
        """Return a batch, of this app when one is given; NotFoundError otherwise."""
        row = self._store.row("SELECT * FROM order_batches WHERE id = ?", batch_id)
        if row is None or (app is not None and row["app_id"] != app.id):
            raise NotFoundError("Order batch not found")
        return row

    def of_app(self, app: App | None, limit: int, offset: int = 0) -> list[Row]:
        """Return batches of one app, or of all apps, newest first."""
        whose, values = ("", ()) if app is None else ("WHERE app_id = ?", (app.id,))
        order = "seq DESC" if app is None else "created_at DESC, seq DESC"
        query = f"SELECT * FROM order_batches {whose} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608 - words of its own
        return self._store.rows(query, *values, limit, offset)

    def orders_of(self, batch: Row, limit: int, offset: int = 0) -> list[Row]:
        """Return orders of a batch in the order of its recipients."""
        return self._store.rows(
            "SELECT * FROM orders WHERE batch_id = ? ORDER BY place LIMIT ? OFFSET ?", batch["id"], limit, offset
        )

    def recipients_of(self, batch: Row, limit: int, offset: int = 0) -> list[Row]:
        """Return recipients of a batch in the order they were given."""
        return self._store.rows(
            "SELECT * FROM recipients WHERE batch_id = ? ORDER BY place LIMIT ? OFFSET ?", batch["id"], limit, offset
        )

    def shown(self, batch: Row, base: str) -> wire.Json:
        """Return a batch in Goody's shape, with its previews."""
        return self.shown_all([batch], base)[0]

    def shown_all(self, batches: Sequence[Row], base: str) -> list[wire.Json]:
        """Return batches in Goody's shape, with few queries for all of them."""
        recipients, orders = self._previewed("recipients", batches), self._previewed("orders", batches)
        in_preview = [order for rows in orders.values() for order in rows]
        shown: defaultdict[str, list[wire.Json]] = defaultdict(list)
        for order in self._orders.shown_all(in_preview, base):
            shown[order["order_batch_id"]].append(order)
        return [
            wire.batch(row, self._apps.of_id(row["app_id"]), shown[row["id"]], recipients[row["id"]]) for row in batches
        ]

    def _previewed(self, table: str, batches: Sequence[Row]) -> defaultdict[str, list[Row]]:
        found: defaultdict[str, list[Row]] = defaultdict(list)
        marks = ", ".join("?" * len(batches))
        query = f"SELECT * FROM {table} WHERE batch_id IN ({marks}) AND place < ? ORDER BY batch_id, place"  # noqa: S608
        for row in self._store.rows(query, *(batch["id"] for batch in batches), wire.PREVIEW) if batches else ():
            found[row["batch_id"]].append(row)
        return found

    def _complete(self, batch_id: str, *, announced: bool) -> None:
        """Create the orders of a batch, some at a time: it may have any number of recipients."""
        batch, moment = self.find(batch_id), self._store.clock.now()
        for recipient in self._in_parts("recipients", batch_id):
            self._orders.create(batch, recipient, moment)
        self._store.execute(
            "UPDATE order_batches SET send_status = 'complete', orders_count = recipients_count, due_at = NULL"
            " WHERE id = ?",
            batch_id,
        )
        complete = self.find(batch_id)
        if announced:
            self._tell("order_batch.created", complete)
        self._tell("order_batch.completed", complete)
        for order in self._in_parts("orders", batch_id):
            self._telling.of_creation(order)
            for act in self.when_created:
                act(order, complete)

    def _in_parts(self, table: str, batch_id: str) -> Iterator[Row]:
        last = -1
        query = f"SELECT * FROM {table} WHERE batch_id = ? AND place > ? ORDER BY place LIMIT ?"  # noqa: S608 - of two
        while rows := self._store.rows(query, batch_id, last, _AT_ONCE):
            yield from rows
            last = rows[-1]["place"]

    def _tell(self, event_type: str, batch: Row) -> None:
        self._telling.of_batch(event_type, batch["app_id"], lambda base: self.shown(batch, base))


def possible_steps(send_status: str) -> tuple[str, ...]:
    """Return what can be done to a batch in a status."""
    return STEPS if send_status == "pending" else ()
