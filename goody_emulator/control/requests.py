"""Look at what clients asked for."""

from flask import Blueprint, Response

from goody_emulator.caller import answer, emulator
from goody_emulator.control.scope import limited_to


def add_routes(blueprint: Blueprint) -> None:
    """Add the routes of this room."""
    blueprint.get("/requests")(requests)


def requests() -> Response:
    """List the latest requests to Goody's operations, oldest first."""
    app = limited_to()
    return answer({"data": [each for each in list(emulator().requests) if app is None or each["app"] == app.id]})
