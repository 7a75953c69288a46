"""Goody's operations, under /v1."""

from flask import Blueprint

from goody_emulator.api import account, batches, catalog, orders
from goody_emulator.caller import caller


def goody_api() -> Blueprint:
    """Return the blueprint of all operations; every one of them asks for a key first."""
    blueprint = Blueprint("goody", __name__, url_prefix="/v1")
    blueprint.before_request(_ask_for_key)
    for room in (account, catalog, batches, orders):
        room.add_routes(blueprint)
    return blueprint


def _ask_for_key() -> None:
    caller()
