"""The changes that were made to the catalog, kept in their order."""

from typing import Final

import msgspec

from goody_emulator.catalog.changes import Change, Entry
from goody_emulator.catalog.model import Product
from goody_emulator.state.store import Row, Store

EVERYBODY: Final = ""
"""Stands for the app of a change that concerns all apps."""

Stamp = tuple[str | None, str | None]
"""The last changes that concern an app: everybody's, and its own."""


class History:
    """Reads and writes changes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def stamp(self, app_id: str) -> Stamp:
        """Return what tells one state of an app's catalog from every other one, also after a snapshot was restored."""
        return self._last(EVERYBODY), None if app_id == EVERYBODY else self._last(app_id)

    def of(self, app_id: str) -> list[Entry]:
        """Return the changes that concern an app, oldest first."""
        query = "SELECT * FROM catalog_changes WHERE app_id IN (?, ?) ORDER BY seq"
        return [_entry(row) for row in self._store.rows(query, EVERYBODY, app_id)]

    def everything(self) -> list[Entry]:
        """Return all changes, oldest first."""
        return [_entry(row) for row in self._store.rows("SELECT * FROM catalog_changes ORDER BY seq")]

    def count_added(self, app_id: str) -> int:
        """Return how many products an app added, or everybody's changes did."""
        return self._store.count("SELECT count(*) FROM catalog_changes WHERE app_id = ? AND added IS NOT NULL", app_id)

    def added(self, product_id: str) -> Product | None:
        """Return a product that was added, whoever did."""
        query = "SELECT added FROM catalog_changes WHERE product_id = ? AND added IS NOT NULL"
        row = self._store.row(query, product_id)
        return None if row is None else msgspec.json.decode(row["added"], type=Product)

    def append(self, entry: Entry) -> None:
        """Keep a change."""
        self._store.insert(
            "catalog_changes",
            {
                "id": entry.id,
                "app_id": entry.app_id,
                "change": msgspec.json.encode(entry.change).decode(),
                "product_id": entry.change.product_id if entry.added is None else entry.added.id,
                "added": None if entry.added is None else msgspec.json.encode(entry.added).decode(),
                "by_drift": entry.by_drift,
                "made_at": entry.made_at,
            },
        )

    def undo(self, app_id: str | None) -> None:
        """Take back an app's own changes, or all changes."""
        self._store.execute("DELETE FROM catalog_changes WHERE app_id = coalesce(?, app_id)", app_id)

    def _last(self, app_id: str) -> str | None:
        row = self._store.row("SELECT id FROM catalog_changes WHERE app_id = ? ORDER BY seq DESC LIMIT 1", app_id)
        return None if row is None else row["id"]


def _entry(row: Row) -> Entry:
    return Entry(
        id=row["id"],
        app_id=row["app_id"],
        change=msgspec.json.decode(row["change"], type=Change),
        added=row["added"] and msgspec.json.decode(row["added"], type=Product),
        by_drift=bool(row["by_drift"]),
        made_at=row["made_at"],
    )
