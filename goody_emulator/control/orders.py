"""Look at batches and orders; play the recipient, the shopper, the carrier and Goody's own sending."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, Response, request

from goody_emulator.api.paging import asked_page, listed
from goody_emulator.caller import answer, base_url, emulator
from goody_emulator.control.order_steps import STEPS, take_step
from goody_emulator.control.scope import limited_to
from goody_emulator.errors import RefusedError
from goody_emulator.orders import batches as order_batches
from goody_emulator.orders.lifecycle import STATUSES, Progress, has_expired
from goody_emulator.orders.listings import Filter
from goody_emulator.problems import problem
from goody_emulator.state.store import Row
from goody_emulator.state.timestamps import shown_or_none

_SHOWN_AT_MOST: Final = 1000


def add_routes(blueprint: Blueprint) -> None:
    """Add the routes of this room."""
    blueprint.get("/order_batches")(batches)
    blueprint.post("/order_batches/<batch_id>/<step>")(step_of_batch)
    blueprint.get("/orders")(orders)
    blueprint.post("/orders/<order_id>/<step>")(step_of_order)


def batches() -> Response:
    """List batches as stored, newest first, each with the id of its app."""
    rows = emulator().batches.of_app(limited_to(), _SHOWN_AT_MOST)
    return answer({"data": _batches(rows)})


def orders() -> Response:
    """List orders as stored, newest first, each with the steps that are possible; `status` and `batch_id` filter."""
    page, app = asked_page(), limited_to()
    status = request.args.get("status")
    if status is not None and status not in STATUSES:
        raise RefusedError(f"There is no status {status}. The statuses are {', '.join(STATUSES)}.")
    wanted = Filter(None if app is None else app.id, status, request.args.get("batch_id"))
    rows, total = emulator().listings.stored_orders(wanted, page.size, page.start)
    shown = emulator().orders.shown_all(rows, base_url())
    progress = emulator().orders.progress_of(rows)
    return listed(
        [
            {**order, **_behind(row), "possible_steps": _possible(row, progress[row["id"]])}
            for order, row in zip(shown, rows, strict=True)
        ],
        total,
    )


def step_of_order(order_id: str, step: str) -> Response:
    """Take a step with an order and show what became of it."""
    if step not in STEPS:
        return _unknown(step, STEPS)
    taken = take_step(emulator().steps, order_id, step, request.get_data(), limited_to())
    return answer(emulator().orders.shown_in_full(taken, base_url()))


def step_of_batch(batch_id: str, step: str) -> Response:
    """Complete a pending batch now, let it fail, or cancel it."""
    if step not in order_batches.STEPS:
        return _unknown(step, order_batches.STEPS)
    return answer(_batches([emulator().batches.take(batch_id, step, limited_to())])[0])


def _unknown(step: str, steps: tuple[str, ...]) -> Response:
    detail = f"There is no step {step}. The steps are {', '.join(steps)}."
    return problem(HTTPStatus.NOT_FOUND, detail, allowed=steps)


def _batches(rows: Sequence[Row]) -> list[dict[str, Any]]:
    shown = emulator().batches.shown_all(rows, base_url())
    return [
        {
            **batch,
            "app": row["app_id"],
            "payment_method_id": row["payment_method_id"],
            "commerce_end_user_id": row["commerce_end_user_id"],
            "possible_steps": order_batches.possible_steps(row["send_status"]),
        }
        for batch, row in zip(shown, rows, strict=True)
    ]


def _possible(row: Row, progress: Progress) -> list[str]:
    is_late = has_expired(row["expires_at"], emulator().store.clock.now())
    return [step for step in progress.steps if not (step == "accept" and is_late)]


def _behind(row: Row) -> dict[str, Any]:
    """Return what Goody does not tell of an order."""
    return {
        "app": row["app_id"],
        "created_at": shown_or_none(row["created_at"]),
        "refunded_at": shown_or_none(row["refunded_at"]),
        "payment_attempts": row["payment_attempts"],
    }
