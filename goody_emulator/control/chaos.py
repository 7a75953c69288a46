"""Order chaos among webhooks, and lift it."""

from flask import Blueprint, Response, request

from goody_emulator.caller import answer, emulator
from goody_emulator.control.scope import limited_to_id
from goody_emulator.inputs import read_body
from goody_emulator.webhooks.rules import Rules


def add_routes(blueprint: Blueprint) -> None:
    """Add the routes of this room."""
    blueprint.get("/webhooks/chaos")(chaos)
    blueprint.post("/webhooks/chaos")(add_chaos)
    blueprint.delete("/webhooks/chaos")(lift_chaos)


def chaos() -> Response:
    """List the rules that concern the key's app, or all, with what is left of each and what it struck."""
    return answer({"rules": emulator().webhooks.chaos.listed(limited_to_id())})


def add_chaos() -> Response:
    """Put rules in force for the key's app; without a key, for every app."""
    emulator().webhooks.chaos.add(limited_to_id(), read_body(request.get_data(), Rules).rules)
    return answer({"rules": emulator().webhooks.chaos.listed(limited_to_id())}, 201)


def lift_chaos() -> Response:
    """Lift the rules of the key's app, or all; what they hold back is sent."""
    emulator().webhooks.chaos.lift(limited_to_id())
    return Response(status=204)
