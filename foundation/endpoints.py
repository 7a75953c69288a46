"""The webhook endpoint of each app: who its slug is, and whose signatures count there."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from foundation.apps import Apps
from foundation.signatures import SignatureError, Signed, verify

KEPT_SECONDS: Final = 5.0
"""A secret that was retired is good for so long still; one that was added is good at once."""


@dataclass(frozen=True, slots=True)
class _Endpoint:
    app_id: str
    secrets: Sequence[str]
    read_at: float


class WebhookEndpoints:
    """Verifies messages. What it read of an app is kept for seconds, so that a burst costs one look."""

    def __init__(self, apps: Apps, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._apps = apps
        self._elapsed = elapsed
        self._known: dict[str, _Endpoint] = {}
        self._lock = threading.Lock()

    def verify(self, slug: str, body: bytes, signed: Signed) -> str:
        """The id of the app whose message this is. NotFoundError for an unknown slug, SignatureError otherwise."""
        endpoint = self._kept(slug)
        if endpoint is not None:
            try:
                verify(body, signed, endpoint.secrets)
            except SignatureError:
                # Perhaps a secret that was added just now.
                pass
            else:
                return endpoint.app_id
        endpoint = self._read(slug)
        verify(body, signed, endpoint.secrets)
        return endpoint.app_id

    def _kept(self, slug: str) -> _Endpoint | None:
        with self._lock:
            endpoint = self._known.get(slug)
        return endpoint if endpoint is not None and self._elapsed() - endpoint.read_at < KEPT_SECONDS else None

    def _read(self, slug: str) -> _Endpoint:
        app = self._apps.by_slug(slug)
        endpoint = _Endpoint(app.id, self._apps.webhook_secrets(app.id), self._elapsed())
        with self._lock:
            self._known[slug] = endpoint
        return endpoint
