"""Webhook events: written beside the change they tell of, so that neither exists without the other."""

import uuid
from collections.abc import Mapping
from typing import Any

import msgspec

from goody_emulator.settings import Settings
from goody_emulator.state.store import Store


class Events:
    """Queues events for the endpoint of the settings; without one there is nobody to tell."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._heard = settings.webhook_url is not None

    def record(self, app_id: str, event_type: str, data: Mapping[str, Any]) -> None:
        """Queue one event; call inside the transaction of what it tells of."""
        if not self._heard:
            return
        event_id = str(uuid.uuid4())
        moment = self._store.clock.now()
        body = msgspec.json.encode({"event_type": event_type, "id": event_id, "data": data}).decode()
        self._store.insert(
            "deliveries",
            {
                "svix_id": f"msg_{event_id.replace('-', '')}",
                "app_id": app_id,
                "event_type": event_type,
                "body": body,
                "created_at": moment,
                "next_attempt_at": moment,
            },
        )
