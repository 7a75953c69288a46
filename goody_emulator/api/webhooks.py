"""Webhook endpoints, as far as Goody's API lets an app manage them; it never tells their secrets."""

from http import HTTPStatus

import msgspec
from flask import Blueprint, Response, g, request

from goody_emulator.caller import answer, caller, emulator
from goody_emulator.errors import NotFoundError, RefusedError
from goody_emulator.inputs import read_body
from goody_emulator.quirks import Quirk


class WebhookInput(msgspec.Struct, frozen=True):
    """The body that makes an endpoint."""

    url: str = ""
    events: list[str] | None = None


def add_routes(blueprint: Blueprint) -> None:
    """Add the operations of this room, and what may turn round the order of webhooks and answers."""
    blueprint.post("/webhooks")(create_endpoint)
    blueprint.delete("/webhooks/<endpoint_id>")(delete_endpoint)
    blueprint.before_request(_hold_webhooks_back)
    blueprint.after_request(_hold_answer_back)
    blueprint.teardown_request(_let_webhooks_go)


def create_endpoint() -> Response:
    """Make an endpoint of the app, which hears of all events unless some are named."""
    wanted = read_body(request.get_data(), WebhookInput)
    if emulator().quirks.has(caller().id, Quirk.WEBHOOKS_FOR_ADMINS):
        raise RefusedError("Unauthorized. You must be an admin to manage webhooks.")
    made = emulator().webhooks.endpoints.add(caller().id, wanted.url, wanted.events)
    return answer({"id": made["id"]}, 201)


def delete_endpoint(endpoint_id: str) -> Response:
    """Delete an endpoint of the app."""
    endpoints = emulator().webhooks.endpoints
    if emulator().quirks.has(caller().id, Quirk.WEBHOOKS_FOR_ADMINS):
        raise RefusedError("Unauthorized")
    try:
        endpoints.remove(endpoints.own(endpoint_id, caller().id)["id"])
    except NotFoundError as error:
        raise RefusedError("Unauthorized") from error
    return Response(status=204)


def _hold_webhooks_back() -> None:
    if request.method == "POST" and request.path == "/v1/order_batches":
        g.late_rule = emulator().webhooks.answer_order.begin(caller().id)


def _hold_answer_back(response: Response) -> Response:
    if "late_rule" in g and response.status_code == HTTPStatus.CREATED:
        g.made_batch = msgspec.json.decode(response.get_data())["id"]
        if g.late_rule is None:
            emulator().webhooks.answer_order.wait(caller().id, g.made_batch)
    return response


def _let_webhooks_go(_: BaseException | None = None) -> None:
    if g.get("late_rule") is not None:
        emulator().webhooks.answer_order.end(caller().id, g.late_rule, g.get("made_batch"))
