"""Order batches: priced, created, found."""

from flask import Blueprint, Response, request

from goody_emulator.api.paging import asked_page, listed
from goody_emulator.caller import answer, base_url, caller, emulator
from goody_emulator.inputs import BatchInput, PriceInput, read_body
from goody_emulator.orders import wire
from goody_emulator.orders.duplicates import DuplicateReferenceError
from goody_emulator.orders.estimates import estimate
from goody_emulator.orders.validation import check_price


def add_routes(blueprint: Blueprint) -> None:
    """Add the operations of this room."""
    blueprint.post("/order_batches/price")(price)
    blueprint.post("/order_batches")(create_batch)
    blueprint.get("/order_batches")(batches)
    blueprint.get("/order_batches/<batch_id>")(batch)
    blueprint.get("/order_batches/<batch_id>/orders")(batch_orders)
    blueprint.get("/order_batches/<batch_id>/recipients")(batch_recipients)


def price() -> Response:
    """Tell what a batch would cost."""
    wanted = read_body(request.get_data(), PriceInput)
    return answer(estimate(wanted, check_price(wanted, emulator().catalog.of(caller().id))))


def create_batch() -> Response:
    """Create a batch."""
    wanted = read_body(request.get_data(), BatchInput)
    try:
        created = emulator().batches.create(caller(), wanted)
    except DuplicateReferenceError as error:
        return answer({"error": str(error)}, error.status)
    return answer(emulator().batches.shown(created, base_url()), 201)


def batches() -> Response:
    """List the app's batches, newest first."""
    page = asked_page()
    rows, total = emulator().listings.batches(caller(), page.size, page.start)
    return listed(emulator().batches.shown_all(rows, base_url()), total)


def batch(batch_id: str) -> Response:
    """Show one batch."""
    found = emulator().batches.find(batch_id, caller())
    return answer(emulator().batches.shown(found, base_url()))


def batch_orders(batch_id: str) -> Response:
    """List the orders of a batch."""
    page = asked_page()
    found = emulator().batches.find(batch_id, caller())
    rows = emulator().batches.orders_of(found, page.size, page.start)
    return listed(emulator().orders.shown_all(rows, base_url()), found["orders_count"])


def batch_recipients(batch_id: str) -> Response:
    """List the recipients of a batch."""
    page = asked_page()
    found = emulator().batches.find(batch_id, caller())
    rows = emulator().batches.recipients_of(found, page.size, page.start)
    return listed([wire.recipient(row) for row in rows], found["recipients_count"])
