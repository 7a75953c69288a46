"""One Goody client per partner app, made when first needed and kept: connections are reused."""

import threading

from foundation.apps import Apps
from foundation.goody.client import GoodyClient, connect
from foundation.http import TimeOuts, Transport


class GoodyAccounts:
    """The clients of all apps. Each holds its app's own key, and no other."""

    def __init__(self, apps: Apps, time_outs: TimeOuts, transport: Transport | None = None) -> None:
        self._apps = apps
        self._time_outs = time_outs
        self._transport = transport
        self._clients: dict[str, GoodyClient] = {}
        self._lock = threading.Lock()

    def client(self, app_id: str) -> GoodyClient:
        """The client of this app. NotFoundError if there is no such app."""
        with self._lock:
            if app_id not in self._clients:
                app = self._apps.get(app_id)
                key = self._apps.goody_api_key(app)
                self._clients[app_id] = connect(
                    app.goody_base_url, key, time_outs=self._time_outs, transport=self._transport
                )
            return self._clients[app_id]

    def close(self) -> None:
        """Close every pooled connection."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()
