"""Scenarios under way: which order plays which one, how far it has come, and which orders to come will play."""

import re
import uuid
from collections.abc import Sequence
from typing import Final

import msgspec

from goody_emulator.apps import App
from goody_emulator.errors import NotFoundError
from goody_emulator.scenarios.durations import milliseconds
from goody_emulator.scenarios.library import Library
from goody_emulator.scenarios.script import Scenario, Step
from goody_emulator.scenarios.staging import Staging
from goody_emulator.state.store import Row, Store

_MAGIC: Final = re.compile(r"\[scenario:([^\]]+)\]")
DONE: Final = "done"
REFUSED: Final = "refused"
FAILED: Final = "failed"
"""The emulator itself broke over the step."""


class Runs:
    """The runs of all apps. The steps of one are rows, and only the next of them is due."""

    def __init__(self, store: Store, library: Library, staging: Staging) -> None:
        self._store = store
        self._library = library
        self._staging = staging

    def play(self, order: Row, scenario: Scenario) -> Row:
        """Let an order play a scenario from now on; what it puts in force holds at once."""
        with self._store.transaction():
            run_id = self._start(order, scenario.name, scenario.steps)
            self._make_due(run_id, 0)
        self._staging.put(order, scenario)
        return self.find(run_id)

    def arm(self, app: App, scenario: Scenario, orders: int) -> None:
        """Let the next orders of an app play a scenario, behind those that are armed already."""
        with self._store.transaction():
            body = msgspec.json.encode(scenario).decode()
            row = {"app_id": app.id, "name": scenario.name, "body": body, "orders_left": orders}
            self._store.insert("scenario_armings", row)

    def disarm(self, app_id: str | None) -> None:
        """Let the orders of an app, or of every app, be without a scenario again."""
        with self._store.transaction():
            self._store.execute("DELETE FROM scenario_armings WHERE app_id = coalesce(?, app_id)", app_id)

    def armed(self, app_id: str | None) -> Sequence[Row]:
        """Return what is armed, in the order it will be played."""
        return self._store.rows(
            "SELECT app_id, name, orders_left FROM scenario_armings WHERE app_id = coalesce(?, app_id) ORDER BY seq",
            app_id,
        )

    def when_created(self, order: Row, batch: Row) -> None:
        """Let a new order play what its sender's name says, or else what is armed; orders of a history play nothing."""
        if self._store.clock.is_silent:
            return
        magic = _MAGIC.search(batch["from_name"])
        if magic is not None:
            self._play_named(order, magic[1])
            return
        armed = self._store.row("SELECT * FROM scenario_armings WHERE app_id = ? ORDER BY seq LIMIT 1", order["app_id"])
        if armed is not None:
            left = "UPDATE scenario_armings SET orders_left = orders_left - 1 WHERE seq = ?"
            self._store.execute(left, armed["seq"])
            self._store.execute("DELETE FROM scenario_armings WHERE seq = ? AND orders_left <= 0", armed["seq"])
            self.play(order, msgspec.json.decode(armed["body"], type=Scenario))

    def find(self, run_id: str) -> Row:
        """Return a run; NotFoundError when there is none of that id."""
        row = self._store.row("SELECT * FROM scenario_runs WHERE id = ?", run_id)
        if row is None:
            raise NotFoundError("There is no such run.")
        return row

    def listed(self, app_id: str | None, order_id: str | None, limit: int) -> Sequence[Row]:
        """Return the latest runs of an app and an order, newest first; None stands for all."""
        return self._store.rows(
            "SELECT * FROM scenario_runs WHERE app_id = coalesce(?, app_id) AND order_id = coalesce(?, order_id)"
            " ORDER BY seq DESC LIMIT ?",
            app_id,
            order_id,
            limit,
        )

    def steps_of(self, run_id: str) -> Sequence[Row]:
        """Return the steps of a run, in their order."""
        return self._store.rows("SELECT * FROM scenario_steps WHERE run_id = ? ORDER BY place", run_id)

    def finish_step(self, step: Row, outcome: str, reason: str | None) -> None:
        """Note what came of a step, and let the next one of its run be due in its time."""
        self._store.execute(
            "UPDATE scenario_steps SET due_at = NULL, done_at = ?, outcome = ?, reason = ? WHERE seq = ?",
            self._store.clock.now(),
            outcome,
            reason,
            step["seq"],
        )
        self._make_due(step["run_id"], step["place"] + 1)

    def _play_named(self, order: Row, name: str) -> None:
        try:
            self.play(order, self._library.find(name, order["app_id"]))
        except NotFoundError as error:  # Goody takes any sender's name, so the order stands, and the run tells.
            run_id = self._start(order, name, [Step("wait")])
            self.finish_step(self.steps_of(run_id)[0], REFUSED, str(error))

    def _start(self, order: Row, name: str, steps: Sequence[Step]) -> str:
        run_id = str(uuid.uuid4())
        moment = self._store.clock.now()
        whose = {"id": run_id, "app_id": order["app_id"], "order_id": order["id"]}
        self._store.insert("scenario_runs", {**whose, "name": name, "started_at": moment})
        for place, step in enumerate(steps):
            body = msgspec.json.encode(step).decode()
            self._store.insert("scenario_steps", {"run_id": run_id, "place": place, "body": body})
        return run_id

    def _make_due(self, run_id: str, place: int) -> None:
        step = self._store.row("SELECT * FROM scenario_steps WHERE run_id = ? AND place = ?", run_id, place)
        if step is not None:
            wait = milliseconds(msgspec.json.decode(step["body"], type=Step).after)
            due = "UPDATE scenario_steps SET due_at = ? WHERE seq = ?"
            self._store.execute(due, self._store.clock.now() + wait, step["seq"])
