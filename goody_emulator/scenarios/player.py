"""The thread that plays scenarios: it takes each step when that is due on the emulator's clock."""

import threading
from typing import Final

import msgspec

from goody_emulator.errors import AcceptanceError, NotFoundError, RefusedError, StepRefusedError
from goody_emulator.scenarios.cast import Cast
from goody_emulator.scenarios.runs import DONE, FAILED, REFUSED, Runs
from goody_emulator.scenarios.script import Step
from goody_emulator.state.store import Row, Store

_AT_ONCE: Final = 200


class Player(threading.Thread):
    """Sleeps until the next step is due, or until something has been written."""

    def __init__(self, store: Store, runs: Runs, cast: Cast) -> None:
        super().__init__(name="player", daemon=True)
        self._store = store
        self._runs = runs
        self._cast = cast

    def run(self) -> None:
        """Work until the process ends."""
        while True:
            seen = self._store.commits
            for step in self._store.rows(
                "SELECT seq FROM scenario_steps WHERE due_at <= ? ORDER BY due_at, seq LIMIT ?",
                self._store.clock.now(),
                _AT_ONCE,
            ):
                self._take(step["seq"])
            self._store.wait(seen, self.next_due())

    def next_due(self) -> int | None:
        """Return when the next step is due."""
        row = self._store.row("SELECT min(due_at) AS due_at FROM scenario_steps WHERE due_at IS NOT NULL")
        due: int | None = None if row is None else row["due_at"]
        return due

    def is_busy(self) -> bool:
        """Tell whether something is being done: a step is over in no time, and as long it is due."""
        return False

    def _take(self, seq: int) -> None:
        with self._store.transaction():
            step = self._store.row(
                "SELECT * FROM scenario_steps WHERE seq = ? AND due_at <= ?", seq, self._store.clock.now()
            )
            if step is not None:  # Else it was forgotten, or put back by a snapshot, since it was found.
                self._runs.finish_step(step, *self._outcome(step))

    def _outcome(self, step: Row) -> tuple[str, str | None]:
        order_id = self._runs.find(step["run_id"])["order_id"]
        try:
            self._cast.perform(order_id, msgspec.json.decode(step["body"], type=Step))
        except (RefusedError, StepRefusedError, AcceptanceError, NotFoundError) as error:
            return REFUSED, str(error)
        except Exception as error:  # noqa: BLE001 - no step may end the thread that all scenarios need
            return FAILED, f"{type(error).__name__}: {error}"
        return DONE, None
