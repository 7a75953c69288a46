"""Look at what was sent and how that went, send it again, and send what never should be sent."""

import msgspec
from flask import Blueprint, Response, request

from goody_emulator.caller import answer, emulator
from goody_emulator.control.scope import limited_to_id
from goody_emulator.errors import RefusedError
from goody_emulator.inputs import read_body
from goody_emulator.state.store import Row
from goody_emulator.webhooks.forgery import Kind
from goody_emulator.webhooks.log import FILTERS

_BODY_SHOWN = 4000


class Resending(msgspec.Struct, forbid_unknown_fields=True):
    """Where to send a message again; to all its endpoints when left out."""

    endpoint_id: str | None = None


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """A forgery to send, and where to; to the first endpoint when left out."""

    kind: Kind
    endpoint_id: str | None = None


def add_routes(blueprint: Blueprint) -> None:
    """Add the routes of this room."""
    blueprint.get("/deliveries")(deliveries)
    blueprint.get("/deliveries/<svix_id>")(delivery)
    blueprint.post("/deliveries/<svix_id>/resend")(resend)
    blueprint.post("/deliveries/forge")(forge)


def deliveries() -> Response:
    """List the latest deliveries, oldest first: a message has one for each endpoint."""
    unknown = set(request.args) - set(FILTERS)
    if unknown:
        raise RefusedError(f"There is no filter {', '.join(sorted(unknown))}; there are {', '.join(FILTERS)}.")
    return answer({"data": emulator().webhooks.log.deliveries(limited_to_id(), request.args)})


def delivery(svix_id: str) -> Response:
    """Show a message: its body as it was sent, and every attempt."""
    return answer(emulator().webhooks.log.message(svix_id, limited_to_id()))


def resend(svix_id: str) -> Response:
    """Send a message again at once, also one that was delivered."""
    endpoint_id = read_body(request.get_data() or b"{}", Resending).endpoint_id
    emulator().webhooks.log.resend(svix_id, limited_to_id(), endpoint_id)
    return answer(emulator().webhooks.log.message(svix_id, limited_to_id()), 202)


def forge() -> Response:
    """Send a forgery and tell what its receiver did with it; the answer comes once the receiver's has."""
    wanted = read_body(request.get_data(), Wanted)
    forged = emulator().webhooks.forgery.send(wanted.kind, limited_to_id(), _endpoint(wanted.endpoint_id))
    reception = forged.reception
    return answer(
        {
            "kind": wanted.kind,
            "endpoint_id": forged.endpoint_id,
            "svix_id": forged.svix_id,
            "headers": forged.headers,
            "body": forged.body[:_BODY_SHOWN],
            "status": reception.status,
            "error": reception.error,
            "milliseconds": reception.milliseconds,
            "response": reception.response,
        }
    )


def _endpoint(endpoint_id: str | None) -> Row:
    endpoints = emulator().webhooks.endpoints
    if endpoint_id is not None:
        return endpoints.find(endpoint_id, limited_to_id())
    for row in endpoints.of_app(limited_to_id()):
        return row
    raise RefusedError("There is no endpoint to send to: POST /_emulator/webhooks makes one.")
