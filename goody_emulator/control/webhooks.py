"""Webhook endpoints as Goody's dashboard shows them, secrets included."""

from typing import Any

import msgspec
from flask import Blueprint, Response, request

from goody_emulator.caller import answer, emulator
from goody_emulator.control.scope import limited_to_id
from goody_emulator.inputs import read_body
from goody_emulator.state.store import Row
from goody_emulator.state.timestamps import shown, shown_or_none
from goody_emulator.webhooks.endpoints import events_of


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """An endpoint to make; a secret left out is made up."""

    url: str
    events: list[str] | None = None
    secret: str | None = None


class Changes(msgspec.Struct, forbid_unknown_fields=True):
    """What to change about an endpoint; what is left out stays."""

    url: str | msgspec.UnsetType = msgspec.UNSET
    events: list[str] | msgspec.UnsetType | None = msgspec.UNSET
    secret: str | msgspec.UnsetType = msgspec.UNSET
    disabled: bool | msgspec.UnsetType = msgspec.UNSET

    @property
    def made(self) -> dict[str, Any]:
        """The changes, by name."""
        return {name: value for name, value in msgspec.structs.asdict(self).items() if value is not msgspec.UNSET}


def add_routes(blueprint: Blueprint) -> None:
    """Add the routes of this room."""
    blueprint.get("/webhooks")(endpoints)
    blueprint.post("/webhooks")(add_endpoint)
    blueprint.patch("/webhooks/<endpoint_id>")(change_endpoint)
    blueprint.delete("/webhooks/<endpoint_id>")(remove_endpoint)


def endpoints() -> Response:
    """List the endpoints that hear of the key's app; without a key, all."""
    rows = emulator().webhooks.endpoints.of_app(limited_to_id())
    return answer({"data": [_shown(row) for row in rows]})


def add_endpoint() -> Response:
    """Make an endpoint of the key's app; without a key, one that hears of every app."""
    wanted = read_body(request.get_data(), Wanted)
    made = emulator().webhooks.endpoints.add(limited_to_id(), wanted.url, wanted.events, wanted.secret)
    return answer(_shown(made), 201)


def change_endpoint(endpoint_id: str) -> Response:
    """Change an endpoint."""
    own = emulator().webhooks.endpoints.own(endpoint_id, limited_to_id())
    changes = read_body(request.get_data(), Changes).made
    return answer(_shown(emulator().webhooks.endpoints.change(own["id"], changes)))


def remove_endpoint(endpoint_id: str) -> Response:
    """Remove an endpoint."""
    own = emulator().webhooks.endpoints.own(endpoint_id, limited_to_id())
    emulator().webhooks.endpoints.remove(own["id"])
    return Response(status=204)


def _shown(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "url": row["url"],
        "events": events_of(row),
        "secret": row["secret"],
        "app": row["app_id"],
        "disabled": bool(row["disabled"]),
        "failing_since": shown_or_none(row["failing_since"]),
        "created_at": shown(row["created_at"]),
    }
