"""Messages as an attacker or a broken sender would send them, to test that a receiver turns them away."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from goody_emulator.state.store import Row, Store
from goody_emulator.webhooks.endpoints import Endpoints
from goody_emulator.webhooks.postman import Postman, Reception
from goody_emulator.webhooks.signing import new_secret, signed

Kind = Literal[
    "bad_signature",
    "stale_timestamp",
    "unknown_secret",
    "malformed_json",
    "oversized",
    "foreign_order",
    "unknown_event",
    "missing_headers",
]
Body = dict[str, Any]

_OVERSIZE: Final = 8 * 1024 * 1024
"""Bytes of filling; a real message has a few thousand."""
_STALE: Final = timedelta(minutes=10)
"""How old a stale message claims to be. Svix's libraries tolerate five minutes."""


@dataclass(frozen=True, slots=True)
class Forged:
    """A forgery, and what its receiver did with it."""

    endpoint_id: str
    svix_id: str
    headers: dict[str, str]
    body: str
    reception: Reception


class Forgery:
    """Sends forgeries at once, past the queue and the log."""

    def __init__(self, store: Store, endpoints: Endpoints, postman: Postman) -> None:
        self._store = store
        self._endpoints = endpoints
        self._postman = postman

    def send(self, kind: Kind, app_id: str | None, endpoint: Row) -> Forged:
        """Forge a message of this kind, after the newest one about an order if there is any, and send it."""
        svix_id, secret = f"msg_{uuid.uuid4().hex}", endpoint["secret"]
        body = _BODIES.get(kind, _encoded)(self._pattern(app_id))
        signing = new_secret() if kind == "unknown_secret" else secret
        headers = signed(signing, svix_id, body, datetime.now(UTC) - _STALE if kind == "stale_timestamp" else None)
        if kind == "bad_signature":
            headers["svix-signature"] = signed(secret, svix_id, f"{body} ")["svix-signature"]
        if kind == "missing_headers":
            headers = {name: value for name, value in headers.items() if not name.startswith("svix-")}
        reception = self._postman.post(endpoint["url"], headers, body)
        return Forged(endpoint["id"], svix_id, headers, body, reception)

    def _pattern(self, app_id: str | None) -> Body:
        row = self._store.row(
            "SELECT body FROM messages WHERE app_id = coalesce(?, app_id) AND order_id IS NOT NULL"
            " ORDER BY seq DESC LIMIT 1",
            app_id,
        )
        found: Body = _invented() if row is None else json.loads(row["body"])
        return found | {"id": str(uuid.uuid4())}


def _invented() -> Body:
    order: Body = {
        "id": str(uuid.uuid4()),
        "status": "created",
        "individual_gift_link": "https://gifts.goody-emulator.test/gift/forged",
        "recipient_first_name": "Ada",
        "recipient_last_name": None,
        "recipient_email": None,
        "order_batch_id": str(uuid.uuid4()),
        "is_swapped": False,
        "cart": {"id": str(uuid.uuid4()), "items": []},
        "shipments": [],
        "amounts": {
            "amount_product": 1000,
            "amount_shipping": 500,
            "amount_processing_fee": 75,
            "amount_pre_tax_total": 1575,
            "amount_tax": None,
            "amount_total": None,
        },
        "workspace_id": str(uuid.uuid4()),
        "reference_id": "FORGED",
    }
    return {"event_type": "order.created", "data": order}


def _encoded(message: Body) -> str:
    return json.dumps(message)


def _malformed(message: Body) -> str:
    return json.dumps(message)[:-2]


def _oversized(message: Body) -> str:
    return json.dumps(message | {"data": message["data"] | {"message": "x" * _OVERSIZE}})


def _foreign(message: Body) -> str:
    strange = {name: str(uuid.uuid4()) for name in ("id", "order_batch_id", "workspace_id")}
    return json.dumps(message | {"data": message["data"] | strange})


def _unheard_of(message: Body) -> str:
    return json.dumps(message | {"event_type": "order.teleported"})


_BODIES: Final[dict[str, Callable[[Body], str]]] = {
    "malformed_json": _malformed,
    "oversized": _oversized,
    "foreign_order": _foreign,
    "unknown_event": _unheard_of,
}
