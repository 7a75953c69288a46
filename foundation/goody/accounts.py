"""One Goody client per partner app, made when first needed and kept: connections are reused."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from foundation.apps import Apps, PartnerApp
from foundation.goody.client import GoodyClient, connect
from foundation.goody.resources import Me
from foundation.http import TimeOuts, Transport

RETIRED_SECONDS: Final = 600.0
"""After so long nobody uses a client any more that has been replaced."""


@dataclass(frozen=True, slots=True)
class _Account:
    access: tuple[str, str, str | None]
    """Address, encrypted key, and the Goody app that it must be of."""
    client: GoodyClient


class GoodyAccounts:
    """The clients of all apps. Each holds its app's own key, and no other."""

    def __init__(
        self,
        apps: Apps,
        time_outs: TimeOuts,
        transport: Transport | None = None,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._apps = apps
        self._time_outs = time_outs
        self._transport = transport
        self._elapsed = elapsed
        self._accounts: dict[str, _Account] = {}
        self._retired: list[tuple[float, GoodyClient]] = []
        self._lock = threading.Lock()

    def client(self, app_id: str) -> GoodyClient:
        """The client of this app, with the key and the address that it has now. NotFoundError if there is none such."""
        app = self._apps.get(app_id)
        with self._lock:
            account = self._accounts.get(app_id)
            if account is None or account.access != _access(app):
                account = self._open(app)
                self._replace(app_id, account)
            return account.client

    def owner(self, app: PartnerApp, *, goody_api_key: str | None = None, base_url: str | None = None) -> Me:
        """Whose the app's key is at Goody, or another key, or the key elsewhere; whatever the app is pinned to."""
        key = goody_api_key or self._apps.goody_api_key(app)
        where = base_url or app.goody_base_url
        with connect(where, key, time_outs=self._time_outs, transport=self._transport) as client:
            return client.me()

    def close(self) -> None:
        """Close every pooled connection."""
        with self._lock:
            for client in [account.client for account in self._accounts.values()] + [old for _, old in self._retired]:
                client.close()
            self._accounts.clear()
            self._retired.clear()

    def _open(self, app: PartnerApp) -> _Account:
        key = self._apps.goody_api_key(app)
        client = connect(
            app.goody_base_url,
            key,
            time_outs=self._time_outs,
            transport=self._transport,
            public_app_id=app.public_app_id,
        )
        return _Account(_access(app), client)

    def _replace(self, app_id: str, account: _Account) -> None:
        """Let requests under way end with the client that they began with."""
        now = self._elapsed()
        replaced = self._accounts.get(app_id)
        self._accounts[app_id] = account
        for since, client in self._retired:
            if now - since >= RETIRED_SECONDS:
                client.close()
        self._retired = [(since, client) for since, client in self._retired if now - since < RETIRED_SECONDS]
        if replaced is not None:
            self._retired.append((now, replaced.client))


def _access(app: PartnerApp) -> tuple[str, str, str | None]:
    return app.goody_base_url, app.goody_api_key, app.public_app_id
