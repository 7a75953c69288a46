"""One Goody client per partner app, made when first needed and kept: connections are reused."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from foundation.apps import Apps, GoodyAccount, PartnerApp
from foundation.goody.client import GoodyClient, connect
from foundation.goody.resources import Me
from foundation.http import TimeOuts, Transport

RETIRED_SECONDS: Final = 600.0
"""After so long nobody uses a client any more that has been replaced."""


@dataclass(frozen=True, slots=True)
class _Open:
    account: GoodyAccount
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
        self._open: dict[str, _Open] = {}
        self._retired: list[tuple[float, GoodyClient]] = []
        self._lock = threading.Lock()

    def client(self, app_id: str) -> GoodyClient:
        """The client of this app, with the key and the address that it has now. NotFoundError if there is none such."""
        account = self._apps.account(app_id)
        with self._lock:
            opened = self._open.get(app_id)
            if opened is None or opened.account != account:
                opened = _Open(account, self._connect(account))
                self._replace(app_id, opened)
            return opened.client

    def owner(self, app: PartnerApp, *, goody_api_key: str | None = None, base_url: str | None = None) -> Me:
        """Whose the app's key is at Goody, or another key, or the key elsewhere; whatever the app is pinned to."""
        key = goody_api_key or self._apps.goody_api_key(self._apps.account(app.id))
        where = base_url or app.goody_base_url
        with connect(where, key, time_outs=self._time_outs, transport=self._transport) as client:
            return client.me()

    def close(self) -> None:
        """Close every pooled connection."""
        with self._lock:
            for client in [opened.client for opened in self._open.values()] + [old for _, old in self._retired]:
                client.close()
            self._open.clear()
            self._retired.clear()

    def _connect(self, account: GoodyAccount) -> GoodyClient:
        return connect(
            account.base_url,
            self._apps.goody_api_key(account),
            time_outs=self._time_outs,
            transport=self._transport,
            public_app_id=account.public_app_id,
        )

    def _replace(self, app_id: str, opened: _Open) -> None:
        """Let requests under way end with the client that they began with."""
        now = self._elapsed()
        replaced = self._open.get(app_id)
        self._open[app_id] = opened
        for since, client in self._retired:
            if now - since >= RETIRED_SECONDS:
                client.close()
        self._retired = [(since, client) for since, client in self._retired if now - since < RETIRED_SECONDS]
        if replaced is not None:
            self._retired.append((now, replaced.client))
