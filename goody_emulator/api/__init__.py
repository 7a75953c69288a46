"""Goody's operations, under /v1."""

from flask import Blueprint

from goody_emulator.api import account, batches, cards, catalog, collections, orders, webhooks
from goody_emulator.api.dialect import speak
from goody_emulator.caller import caller


def goody_api() -> Blueprint:
    """Return the blueprint of all operations; every one of them asks for a key first."""
    blueprint = Blueprint("goody", __name__, url_prefix="/v1")
    blueprint.before_request(_ask_for_key)
    blueprint.after_request(speak)
    for room in (account, cards, catalog, collections, batches, orders, webhooks):
        room.add_routes(blueprint)
    return blueprint


def _ask_for_key() -> None:
    caller()
