"""Where webhooks are sent to: endpoints of single apps, and of every app."""

import uuid
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from goody_emulator.errors import NotFoundError, RefusedError
from goody_emulator.settings import Settings
from goody_emulator.state.store import Row, Store
from goody_emulator.webhooks.event_types import EVENT_TYPES, documented, is_known
from goody_emulator.webhooks.health import Health
from goody_emulator.webhooks.signing import checked_secret, new_secret

DEFAULT: Final = "default"
"""The id of the endpoint of the command line, which hears of every app."""
_CONCERNED: Final = "SELECT * FROM webhook_endpoints WHERE app_id IS NULL OR app_id = coalesce(?, app_id) ORDER BY seq"


class Endpoints:
    """The endpoints of all apps."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._health = Health(store)
        with store.transaction():
            store.execute("DELETE FROM webhook_endpoints WHERE id = ?", DEFAULT)
            self.put_default()

    def put_default(self) -> None:
        """Let the endpoint of the command line have the URL and the secret it names, or not be."""
        url, secret = self._settings.webhook_url, self._settings.webhook_secret
        with self._store.transaction():
            if url is None:
                self._end(DEFAULT)
                return
            self._store.execute(
                "INSERT INTO webhook_endpoints (id, url, secret, created_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET url = excluded.url, secret = excluded.secret",
                DEFAULT,
                url,
                secret,
                self._store.clock.now(),
            )

    def of_app(self, app_id: str | None) -> list[Row]:
        """Return the endpoints that hear of an app: its own and those of every app; None asks for all there are."""
        return self._store.rows(_CONCERNED, app_id)

    def hearing(self, app_id: str, event_type: str) -> list[str]:
        """Return the ids of the endpoints an app's event of a type goes to."""
        name = documented(event_type)
        return [
            row["id"]
            for row in self.of_app(app_id)
            if not row["disabled"] and (row["events"] is None or name in map(documented, events_of(row) or ()))
        ]

    def find(self, endpoint_id: str, app_id: str | None) -> Row:
        """Return an endpoint; NotFoundError when there is none, or only one of another app or of every app."""
        row = self._store.row("SELECT * FROM webhook_endpoints WHERE id = ?", endpoint_id)
        if row is None or (app_id is not None and row["app_id"] not in {None, app_id}):
            raise NotFoundError(f"There is no webhook endpoint {endpoint_id}; GET /_emulator/webhooks lists them.")
        return row

    def own(self, endpoint_id: str, app_id: str | None) -> Row:
        """Return an endpoint an app may change, which one of every app is not; None asks for any endpoint."""
        row = self.find(endpoint_id, app_id)
        if row["app_id"] != app_id and app_id is not None:
            raise NotFoundError(f"Endpoint {endpoint_id} is of every app: leave the key out to change it.")
        return row

    def add(self, app_id: str | None, url: str, events: Sequence[str] | None, secret: str | None = None) -> Row:
        """Add an endpoint of an app, or of every app; RefusedError when its URL, events or secret make no sense."""
        endpoint_id = str(uuid.uuid4())
        row = {
            "id": endpoint_id,
            "app_id": app_id,
            "url": checked_url(url),
            "events": _encoded(events),
            "secret": new_secret() if secret is None else checked_secret(secret),
            "created_at": self._store.clock.now(),
        }
        with self._store.transaction():
            self._store.insert("webhook_endpoints", row)
            return self.find(endpoint_id, app_id)

    def change(self, endpoint_id: str, changes: dict[str, Any]) -> Row:
        """Change the url, events, secret or disabled of an endpoint; one that is disabled gives up what is pending."""
        checked = {name: _CHECKS[name](value) for name, value in changes.items()}
        with self._store.transaction():
            if checked:
                self._store.update("webhook_endpoints", endpoint_id, checked)
            if checked.get("disabled"):
                self._health.give_up(endpoint_id)
            elif "disabled" in checked:
                self._health.forgive(endpoint_id)
            return self.find(endpoint_id, None)

    def remove(self, endpoint_id: str) -> None:
        """Remove an endpoint; what was to be sent to it still has failed."""
        with self._store.transaction():
            self._end(endpoint_id)

    def _end(self, endpoint_id: str) -> None:
        self._health.give_up(endpoint_id)
        self._store.execute("DELETE FROM webhook_endpoints WHERE id = ?", endpoint_id)


def events_of(endpoint: Row) -> list[str] | None:
    """Return the events an endpoint is limited to, or None when it hears of all."""
    return None if endpoint["events"] is None else msgspec.json.decode(endpoint["events"], type=list[str])


def checked_url(url: str) -> str:
    """Return a URL that can be sent to; RefusedError otherwise."""
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_web = False
    if not is_web or any(character.isspace() for character in url):
        raise RefusedError("Url must be an http or https URL")
    return url


def _encoded(events: Collection[str] | None) -> str | None:
    if not events:
        return None
    unknown = [name for name in events if not is_known(name)]
    if unknown:
        raise RefusedError(f"Unknown event {', '.join(unknown)}; the events are {', '.join(EVENT_TYPES)}")
    return msgspec.json.encode(list(events)).decode()


_CHECKS: Final[dict[str, Callable[[Any], Any]]] = {
    "url": checked_url,
    "events": _encoded,
    "secret": checked_secret,
    "disabled": int,
}
