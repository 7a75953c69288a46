"""Who the key belongs to, where its orders are kept, and what it can pay with."""

from flask import Blueprint, Response

from goody_emulator.api.paging import listed
from goody_emulator.apps import WORKSPACE_NAME
from goody_emulator.caller import answer, caller, emulator


def add_routes(blueprint: Blueprint) -> None:
    """Add the operations of this room."""
    blueprint.get("/me")(me)
    blueprint.get("/workspaces")(workspaces)
    blueprint.get("/payment_methods")(payment_methods)


def me() -> Response:
    """Show the commerce app of the key."""
    return answer({"email": None, "public_app_id": caller().id})


def workspaces() -> Response:
    """List the one workspace of the app."""
    return listed([{"id": caller().workspace_id, "name": WORKSPACE_NAME}], 1)


def payment_methods() -> Response:
    """List the stored value with what is left of it, in cents."""
    methods = emulator().treasury.payment_methods.listed(caller())
    return listed(methods, len(methods))
