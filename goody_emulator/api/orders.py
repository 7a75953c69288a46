"""Orders and what happened to them."""

from flask import Blueprint, Response, request

from goody_emulator.api.paging import asked_page, asked_period, listed
from goody_emulator.caller import answer, base_url, caller, emulator
from goody_emulator.errors import RefusedError, StepRefusedError
from goody_emulator.inputs import read_body
from goody_emulator.orders.activities import shown_activities
from goody_emulator.orders.expirations import ExpirationInput
from goody_emulator.orders.listings import Period


def add_routes(blueprint: Blueprint) -> None:
    """Add the operations of this room."""
    blueprint.get("/orders")(orders)
    blueprint.get("/orders/<order_id>")(order)
    blueprint.post("/orders/<order_id>/cancel")(cancel)
    blueprint.post("/orders/<order_id>/update_expiration")(update_expiration)
    blueprint.get("/order_activities")(activities)


def orders() -> Response:
    """List the app's orders, newest first."""
    page, period = asked_page(), Period(*asked_period("created_at[after]", "created_at[before]"))
    rows, total = emulator().listings.orders(caller(), period, page.size, page.start)
    return listed(emulator().orders.shown_all(rows, base_url()), total)


def order(order_id: str) -> Response:
    """Show one order with its event times."""
    found = emulator().orders.find(order_id, caller())
    return answer(emulator().orders.shown_in_full(found, base_url()))


def cancel(order_id: str) -> Response:
    """Cancel an order that its recipient has not accepted yet."""
    try:
        canceled = emulator().steps.cancel(order_id, caller())
    except StepRefusedError as error:
        raise RefusedError(f"Order can't be canceled when it is {error.status}") from error
    return answer(emulator().orders.shown(canceled, base_url()))


def update_expiration(order_id: str) -> Response:
    """Let a gift that has not been accepted expire at another moment."""
    app = caller()
    emulator().orders.find(order_id, app)
    updated = emulator().expirations.update(order_id, read_body(request.get_data(), ExpirationInput), app)
    return answer(emulator().orders.shown(updated, base_url()))


def activities() -> Response:
    """List changes of orders' status, newest first; a status that no activity has finds none."""
    page, period = asked_page(), Period(*asked_period("after", "before"))
    statuses = [status.strip() for status in request.args.get("statuses", "").split(",") if status.strip()]
    rows, total = emulator().listings.activities(caller(), period, statuses, page.size, page.start)
    quirks = emulator().quirks.of_app(caller().id)
    return listed(shown_activities(rows, emulator().orders, quirks, base_url()), total)
