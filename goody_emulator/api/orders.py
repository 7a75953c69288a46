"""Orders and what happened to them."""

from flask import Blueprint, Response, request

from goody_emulator.api.paging import asked_page, asked_period, listed
from goody_emulator.caller import answer, base_url, caller, emulator
from goody_emulator.errors import RefusedError, StepRefusedError
from goody_emulator.orders import wire


def add_routes(blueprint: Blueprint) -> None:
    """Add the operations of this room."""
    blueprint.get("/orders")(orders)
    blueprint.get("/orders/<order_id>")(order)
    blueprint.post("/orders/<order_id>/cancel")(cancel)
    blueprint.get("/order_activities")(activities)


def orders() -> Response:
    """List the app's orders, newest first."""
    page, base = asked_page(), base_url()
    first, last = asked_period("created_at[after]", "created_at[before]")
    within = "FROM orders WHERE app_id = ? AND created_at BETWEEN ? AND ?"
    values = (caller().id, first, last)
    store, found = emulator().store, emulator().orders
    rows = store.rows(
        f"SELECT * {within} ORDER BY created_at DESC, seq DESC LIMIT ? OFFSET ?",
        *values,
        page.size,
        page.start,
    )
    total = store.count(f"SELECT count(*) {within}", *values)
    return listed([found.shown(row, base) for row in rows], total)


def order(order_id: str) -> Response:
    """Show one order with its event times."""
    found = emulator().orders.find(order_id, caller())
    return answer(emulator().orders.shown_in_full(found, base_url()))


def cancel(order_id: str) -> Response:
    """Cancel an order that its recipient has not accepted yet."""
    try:
        canceled = emulator().steps.take(order_id, "cancel", caller())
    except StepRefusedError as error:
        raise RefusedError(f"Order can't be canceled when it is {error.status}") from error
    return answer(emulator().orders.shown(canceled, base_url()))


def activities() -> Response:
    """List changes of orders' status, newest first."""
    page, base = asked_page(), base_url()
    first, last = asked_period("after", "before")
    statuses = [status for status in request.args.get("statuses", "").split(",") if status]
    within = "FROM order_activities WHERE app_id = ? AND created_at BETWEEN ? AND ?"
    if statuses:
        within += f" AND order_status IN ({', '.join('?' * len(statuses))})"
    values = (caller().id, first, last, *statuses)
    store, found = emulator().store, emulator().orders
    rows = store.rows(
        f"SELECT * {within} ORDER BY created_at DESC, seq DESC LIMIT ? OFFSET ?",
        *values,
        page.size,
        page.start,
    )
    total = store.count(f"SELECT count(*) {within}", *values)
    return listed([wire.activity(row, found.shown(found.find(row["order_id"]), base)) for row in rows], total)
