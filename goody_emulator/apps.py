"""Commerce apps: each API key is one, made the first time the key is seen."""

import hashlib
import uuid
from dataclasses import dataclass
from typing import Final

from goody_emulator.errors import UnauthorizedError
from goody_emulator.money.stored_value import StoredValue
from goody_emulator.settings import Settings
from goody_emulator.state.store import Store

WORKSPACE_NAME: Final = "Emulated Workspace"


@dataclass(frozen=True, slots=True)
class App:
    """A commerce app, with what Goody shows of it."""

    id: str
    workspace_id: str

    @property
    def email(self) -> str:
        """The address Goody would name as the sender's."""
        return f"{self.id}@goody-emulator.test"


class Apps:
    """Finds the app of a key. Keys themselves are never stored, only their digests."""

    def __init__(self, store: Store, settings: Settings, stored_value: StoredValue) -> None:
        self._store = store
        self._stored_value = stored_value
        self._settings = settings
        self._known: dict[str, App] = {}
        self._by_id: dict[str, App] = {}

    def of_key(self, key: str) -> App:
        """Return the app of a key; UnauthorizedError when the key is blank or not let in."""
        if not key or (self._settings.api_keys and key not in self._settings.api_keys):
            raise UnauthorizedError
        app = self._known.get(key)
        if app is None:
            app = self._known[key] = self._register(key)
        return app

    def of_id(self, app_id: str) -> App:
        """Return an app that has been seen before."""
        app = self._by_id.get(app_id)
        if app is None:
            row = self._store.row("SELECT id, workspace_id FROM apps WHERE id = ?", app_id)
            if row is None:
                raise LookupError(app_id)
            app = self._by_id[app_id] = App(row["id"], row["workspace_id"])
        return app

    def _register(self, key: str) -> App:
        digest = hashlib.sha256(key.encode()).hexdigest()
        app = App(f"app_{digest[:24]}", str(uuid.uuid5(uuid.NAMESPACE_OID, digest)))
        with self._store.transaction():
            is_new = self._store.execute(
                "INSERT INTO apps (id, key_digest, workspace_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                app.id,
                digest,
                app.workspace_id,
            )
            if is_new:
                self._stored_value.open(app.id)
        return app
