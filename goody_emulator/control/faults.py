"""Order faults, and lift them."""

from flask import Blueprint, Response, request

from goody_emulator.caller import answer, emulator
from goody_emulator.faults.rules import Rules
from goody_emulator.inputs import read_body


def add_routes(blueprint: Blueprint) -> None:
    """Add the routes of this room."""
    blueprint.get("/faults")(faults)
    blueprint.post("/faults")(add_faults)
    blueprint.delete("/faults")(clear_faults)


def faults() -> Response:
    """List the faults in force."""
    return answer({"rules": emulator().faults.listed()})


def add_faults() -> Response:
    """Put faults in force."""
    emulator().faults.add(read_body(request.get_data(), Rules).rules)
    return answer({"rules": emulator().faults.listed()}, 201)


def clear_faults() -> Response:
    """Lift all faults."""
    emulator().faults.clear()
    return Response(status=204)
