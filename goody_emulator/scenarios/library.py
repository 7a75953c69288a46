"""The scenarios there are: built in, from a folder, and those put in while the emulator runs."""

from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

import msgspec

from goody_emulator.errors import NotFoundError
from goody_emulator.scenarios.reading import read_file
from goody_emulator.scenarios.script import Scenario
from goody_emulator.state.store import Store

_EVERYBODY: Final = ""
"""Stands for every app in the table of scenarios."""


class Library:
    """Scenarios by name. An app's own go before those put in for all, these before the folder's and the built-in."""

    def __init__(self, store: Store, folder: str | None) -> None:
        self._store = store
        with as_file(files("goody_emulator.scenarios") / "builtin") as builtin:
            self._files = read_folder(builtin)
        if folder is not None:
            self._files |= read_folder(Path(folder))

    def find(self, name: str, app_id: str | None) -> Scenario:
        """Return a scenario as an app sees it; NotFoundError lists those there are."""
        known = self.listed(app_id)
        if name not in known:
            raise NotFoundError(f"There is no scenario {name!r}; there are: {', '.join(known)}.")
        return known[name]

    def listed(self, app_id: str | None) -> Mapping[str, Scenario]:
        """Return every scenario an app sees, by name."""
        rows = self._store.rows(
            "SELECT name, body FROM scenarios WHERE app_id IN (?, ?) ORDER BY app_id", _EVERYBODY, app_id or _EVERYBODY
        )
        put = {row["name"]: msgspec.json.decode(row["body"], type=Scenario) for row in rows}
        return dict(sorted({**self._files, **put}.items()))

    def put(self, app_id: str | None, scenario: Scenario) -> None:
        """Keep a scenario for an app, or for all; one of the same name is replaced."""
        with self._store.transaction():
            self._store.execute(
                "INSERT INTO scenarios (app_id, name, body) VALUES (?, ?, ?)"
                " ON CONFLICT (app_id, name) DO UPDATE SET body = excluded.body",
                app_id or _EVERYBODY,
                scenario.name,
                msgspec.json.encode(scenario).decode(),
            )

    def remove(self, app_id: str | None, name: str) -> None:
        """Forget a scenario that was put in; NotFoundError when there was none."""
        with self._store.transaction():
            statement = "DELETE FROM scenarios WHERE app_id = ? AND name = ?"
            if not self._store.execute(statement, app_id or _EVERYBODY, name):
                raise NotFoundError(f"No scenario {name!r} was put in here.")


def read_folder(folder: Path) -> dict[str, Scenario]:
    """Return the scenarios of a folder's TOML files; ScenarioError names the first file that makes no sense."""
    return {path.stem: read_file(path) for path in sorted(folder.glob("*.toml"))}
