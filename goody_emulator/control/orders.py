"""Play the recipient, the shopper and the carrier."""

from flask import Blueprint, Response, request

from goody_emulator.caller import answer, base_url, emulator
from goody_emulator.control.scope import limited_to
from goody_emulator.inputs import Acceptance, ThankYouNote, read_body

_SHOWN_AT_MOST = 1000


def add_routes(blueprint: Blueprint) -> None:
    """Add the routes of this room."""
    blueprint.get("/order_batches")(batches)
    blueprint.post("/orders/<order_id>/accept")(accept)
    blueprint.post("/orders/<order_id>/thank_you_note")(thank_you_note)
    blueprint.post("/orders/<order_id>/<any(open, pay, ship, deliver, cancel, refund):step>")(take_step)


def batches() -> Response:
    """List batches as stored, newest first, each with the id of its app."""
    rows = emulator().batches.of_app(limited_to(), _SHOWN_AT_MOST)
    base = base_url()
    return answer({"data": [{**emulator().batches.shown(row, base), "app": row["app_id"]} for row in rows]})


def take_step(order_id: str, step: str) -> Response:
    """Take a step with an order and show what became of it."""
    return answer(emulator().orders.shown_in_full(emulator().steps.take(order_id, step), base_url()))


def accept(order_id: str) -> Response:
    """Accept a gift at an address."""
    accepted = emulator().steps.accept(order_id, read_body(request.get_data(), Acceptance))
    return answer(emulator().orders.shown_in_full(accepted, base_url()))


def thank_you_note(order_id: str) -> Response:
    """Add a thank-you note."""
    thanked = emulator().steps.thank(order_id, read_body(request.get_data(), ThankYouNote).note)
    return answer(emulator().orders.shown_in_full(thanked, base_url()))
