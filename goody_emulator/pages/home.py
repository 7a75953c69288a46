"""The front page: the latest orders of all apps, to click through a sale by hand."""

from contextlib import suppress
from typing import Final

from flask import Blueprint, Response

from goody_emulator.caller import emulator
from goody_emulator.errors import StepRefusedError
from goody_emulator.orders import wire
from goody_emulator.pages.gifts import Gift
from goody_emulator.pages.rendering import page, see

_LATEST: Final = 20
_BUTTONS: Final = ("ship", "deliver")


def add_routes(blueprint: Blueprint) -> None:
    """Add the views of this room."""
    blueprint.get("/")(show_orders)
    blueprint.post("/orders/<order_id>/<any(ship, deliver):step>")(take_step)


def show_orders() -> Response:
    """List the latest orders with their pages, and the steps a carrier can take."""
    found = emulator()
    orders = found.store.rows("SELECT * FROM orders ORDER BY seq DESC LIMIT ?", _LATEST)
    progress = found.orders.progress_of(orders)
    gifts = [Gift(order, found.orders.batch_of(order)) for order in orders]
    rows = [
        {
            "gift": gift,
            "goods": gift.goods(),
            "payment": wire.payment_link(gift.order, gift.batch, ""),
            "steps": [step for step in _BUTTONS if step in progress[gift.order["id"]].steps],
        }
        for gift in gifts
    ]
    return page("home.html", settings=found.settings, rows=rows)


def take_step(order_id: str, step: str) -> Response:
    """Play the carrier."""
    with suppress(StepRefusedError):
        emulator().steps.take(order_id, step)
    return see("/")
