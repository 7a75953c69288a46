"""Who the key belongs to, and what it can pay with."""

from flask import Blueprint, Response

from goody_emulator.api.paging import listed
from goody_emulator.caller import answer, caller, emulator
from goody_emulator.orders.validation import STORED_VALUE


def add_routes(blueprint: Blueprint) -> None:
    """Add the operations of this room."""
    blueprint.get("/me")(me)
    blueprint.get("/payment_methods")(payment_methods)


def me() -> Response:
    """Show the commerce app of the key."""
    return answer({"email": None, "public_app_id": caller().id})


def payment_methods() -> Response:
    """List the stored value with what is left of it, in cents."""
    balance = emulator().stored_value.balance(caller().id)
    method = {"id": STORED_VALUE, "name": "Stored Value", "cardholder_name": None, "balance": balance}
    return listed([method], 1)
