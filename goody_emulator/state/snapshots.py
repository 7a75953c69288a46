"""Copies of the whole state under names: orders, money, webhooks, scenarios, and the clock."""

import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from goody_emulator.errors import NotFoundError, RefusedError
from goody_emulator.money.stored_value import StoredValue
from goody_emulator.state import timestamps
from goody_emulator.state.gate import Gate
from goody_emulator.state.store import VERSION, Row, Store, version_of
from goody_emulator.state.timeline import Timeline

_NAME: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}")

Reload = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One copy: its name, when it was taken by the machine's clock (milliseconds), and its size in bytes."""

    name: str
    taken_at: int
    size: int


class Snapshots:
    """The copies beside the state's file. What is only held in memory (faults, quirks, the request log) is in none."""

    def __init__(self, store: Store, timeline: Timeline, gate: Gate, stored_value: StoredValue) -> None:
        self._store = store
        self._timeline = timeline
        self._gate = gate
        self._stored_value = stored_value
        self._folder = Path(f"{store.path}.snapshots")
        self.when_restored: list[Reload] = []
        """Called with the rows in place, while nobody else writes: for what is held in memory beside the rows."""

    def listed(self) -> list[Snapshot]:
        """Return all copies by name."""
        return [_described(path) for path in sorted(self._folder.glob("*.db"))]

    def find(self, name: str) -> Snapshot:
        """Return one copy; NotFoundError when there is none of that name."""
        return _described(self._existing(name))

    def take(self, name: str) -> Snapshot:
        """Copy the state as it is now, in the place of an earlier copy of that name."""
        path = self._path(name)
        self._folder.mkdir(exist_ok=True)
        unfinished = path.with_suffix(f".{os.urandom(4).hex()}")
        try:
            self._store.copy_to(unfinished)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        return _described(path)

    def restore(self, name: str) -> Snapshot:
        """Put a copy in the place of everything. A running clock runs on, as over a restart.

        Apps stay known whatever the copy says, and rows get numbers that never were in use before: so a request or
        a delivery that is under way finds its app, and never the row of another one.
        """
        path = self._existing(name)
        _moment_of(path)  # refuses one that cannot be read before anybody has to wait
        with self._timeline.held(), self._gate.closed(), self._store.alone():
            self._timeline.hold_back(_moment_of(path))
            apps, numbers = self._store.rows("SELECT * FROM apps"), self._numbers()
            self._store.replace_by(path)
            with self._store.transaction():
                self._keep_apps(apps)
                for table, number in numbers.items():
                    self._keep_number(table, number)
            self._timeline.load()
            for act in self.when_restored:
                act()
        self._store.announce()
        return _described(path)

    def remove(self, name: str) -> None:
        """Delete a copy; NotFoundError when there is none of that name."""
        self._existing(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise RefusedError("A snapshot's name is made of up to 64 letters, digits, - and _.")
        return self._folder / f"{name}.db"

    def _existing(self, name: str) -> Path:
        path = self._path(name)
        if not path.is_file():
            there = ", ".join(each.name for each in self.listed()) or "none"
            raise NotFoundError(f"There is no snapshot {name}; there are: {there}.")
        return path

    def _numbers(self) -> dict[str, int]:
        return {row["name"]: row["seq"] for row in self._store.rows("SELECT name, seq FROM sqlite_sequence")}

    def _keep_number(self, table: str, number: int) -> None:
        known = "SELECT 1 FROM sqlite_sequence WHERE name = ?"
        if self._store.row(known, table) is None:
            self._store.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", table, number)
        self._store.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", number, table)

    def _keep_apps(self, apps: list[Row]) -> None:
        for app in apps:
            if self._store.row("SELECT 1 FROM apps WHERE id = ?", app["id"]) is None:
                self._store.insert("apps", app)
                self._stored_value.open(app["id"])


def _described(path: Path) -> Snapshot:
    about = path.stat()
    return Snapshot(path.stem, about.st_mtime_ns // 1_000_000, about.st_size)


def _moment_of(path: Path) -> int:
    """Return what a copy's clock shows now; RefusedError when the copy cannot be read."""
    with closing(sqlite3.connect(path)) as copy:
        version = version_of(copy)
        if version != VERSION:
            raise RefusedError(f"The snapshot is of another version of the emulator ({version}, not {VERSION}).")
        ahead, frozen_at = copy.execute("SELECT ahead, frozen_at FROM clock").fetchone() or (0, None)
    return int(timestamps.machine_time() + ahead if frozen_at is None else frozen_at)
