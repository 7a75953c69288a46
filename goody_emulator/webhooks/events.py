"""Webhook events: written beside the change they tell of, so that neither exists without the other."""

import uuid
from collections.abc import Mapping
from typing import Any

import msgspec

from goody_emulator.dialect import spell
from goody_emulator.quirks import Quirks
from goody_emulator.state.store import Store
from goody_emulator.webhooks.endpoints import Endpoints
from goody_emulator.webhooks.event_types import is_about_batch
from goody_emulator.webhooks.fates import Fates
from goody_emulator.webhooks.legacy import older_data, older_name


class Events:
    """Queues events for the endpoints that hear of them; where there is none, nobody is told."""

    def __init__(self, store: Store, quirks: Quirks, endpoints: Endpoints, fates: Fates) -> None:
        self._store = store
        self._quirks = quirks
        self._endpoints = endpoints
        self._fates = fates

    def record(self, app_id: str, event_type: str, data: Mapping[str, Any]) -> None:
        """Queue one event; call inside the transaction of what it tells of."""
        hearing = self._endpoints.hearing(app_id, event_type)
        if not hearing:
            return
        event_id, moment, subject = str(uuid.uuid4()), self._store.clock.now(), _subject(event_type, data)
        rules = self._fates.drawn(app_id, event_type, subject["order_id"])
        is_old = any(rule["kind"] == "legacy" for rule in rules)
        svix_id = f"msg_{event_id.replace('-', '')}"
        message = {
            "svix_id": svix_id,
            "app_id": app_id,
            "event_type": event_type,
            **subject,
            "body": self._body(app_id, event_type, event_id, data, is_old=is_old),
            "created_at": moment,
        }
        self._store.insert("messages", message)
        number = self._store.count("SELECT last_insert_rowid()")
        delivery = {"message": number, "app_id": app_id, **self._fates.columns(rules, moment)}
        for endpoint_id in hearing:
            self._store.insert("deliveries", {**delivery, "endpoint_id": endpoint_id})
        self._fates.seal(rules, svix_id)

    def _body(self, app_id: str, event_type: str, event_id: str, data: Mapping[str, Any], *, is_old: bool) -> str:
        spoken = spell(self._quirks.of_app(app_id), {"event_type": event_type, "id": event_id, "data": dict(data)})
        if is_old:
            spoken |= {"event_type": older_name(event_type), "data": older_data(spoken["data"])}
        return msgspec.json.encode(spoken).decode()


def _subject(event_type: str, data: Mapping[str, Any]) -> dict[str, Any]:
    if is_about_batch(event_type):
        return {"order_id": None, "order_batch_id": data.get("id")}
    return {"order_id": data.get("id"), "order_batch_id": data.get("order_batch_id")}
