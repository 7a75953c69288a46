"""Order batches: priced, created, found."""

from flask import Blueprint, Response, request

from goody_emulator.api.paging import asked_page, listed
from goody_emulator.caller import answer, base_url, caller, emulator
from goody_emulator.inputs import BatchInput, PriceInput, read_body
from goody_emulator.orders import wire
from goody_emulator.orders.estimates import estimate
from goody_emulator.orders.validation import check_price


def add_routes(blueprint: Blueprint) -> None:
    """Add the operations of this room."""
    blueprint.post("/order_batches/price")(price)
    blueprint.post("/order_batches")(create)
    blueprint.get("/order_batches")(batches)
    blueprint.get("/order_batches/<batch_id>")(batch)
    blueprint.get("/order_batches/<batch_id>/orders")(batch_orders)
    blueprint.get("/order_batches/<batch_id>/recipients")(batch_recipients)


def price() -> Response:
    """Tell what a batch would cost."""
    wanted = read_body(request.get_data(), PriceInput)
    return answer(estimate(wanted, check_price(wanted, emulator().catalog.products)))


def create() -> Response:
    """Create a batch."""
    created = emulator().batches.create(caller(), read_body(request.get_data(), BatchInput))
    return answer(emulator().batches.shown(created, base_url()), 201)


def batches() -> Response:
    """List the app's batches, newest first."""
    page, mine, base = asked_page(), emulator().batches, base_url()
    rows = mine.of_app(caller(), page.size, page.start)
    return listed([mine.shown(row, base) for row in rows], mine.count(caller()))


def batch(batch_id: str) -> Response:
    """Show one batch."""
    found = emulator().batches.find(batch_id, caller())
    return answer(emulator().batches.shown(found, base_url()))


def batch_orders(batch_id: str) -> Response:
    """List the orders of a batch."""
    page, base = asked_page(), base_url()
    found = emulator().batches.find(batch_id, caller())
    rows = emulator().batches.orders_of(found, page.size, page.start)
    return listed([wire.order(row, found, caller(), base) for row in rows], found["orders_count"])


def batch_recipients(batch_id: str) -> Response:
    """List the recipients of a batch."""
    page = asked_page()
    found = emulator().batches.find(batch_id, caller())
    rows = emulator().batches.recipients_of(found, page.size, page.start)
    return listed([wire.recipient(row) for row in rows], found["recipients_count"])
