"""The control API: play the recipient, the shopper and the carrier, and look behind the scenes."""

from http import HTTPStatus

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from goody_emulator.apps import App
from goody_emulator.caller import answer, base_url, bearer_key, caller, emulator
from goody_emulator.errors import (
    AcceptanceError,
    NotFoundError,
    RefusedError,
    StepRefusedError,
    UnauthorizedError,
)
from goody_emulator.faults import Rules
from goody_emulator.inputs import Acceptance, Deposit, ThankYouNote, read_body
from goody_emulator.problems import problem
from goody_emulator.timestamps import shown, shown_or_none

_SHOWN_AT_MOST = 1000
_LARGEST_DEPOSIT = 100_000_000_000


def control_api() -> Blueprint:
    """Return the blueprint of the control API. A bearer key limits lists and reset to its app."""
    blueprint = Blueprint("control", __name__, url_prefix="/_emulator")
    blueprint.get("/health")(health)
    blueprint.post("/orders/<order_id>/accept")(accept)
    blueprint.post("/orders/<order_id>/thank_you_note")(thank_you_note)
    blueprint.post("/orders/<order_id>/<any(open, pay, ship, deliver, cancel, refund):step>")(take_step)
    blueprint.get("/order_batches")(batches)
    blueprint.get("/stored_value")(stored_value)
    blueprint.post("/stored_value/deposits")(deposit)
    blueprint.post("/stored_value/withdrawals")(withdraw)
    blueprint.get("/requests")(requests)
    blueprint.get("/deliveries")(deliveries)
    blueprint.post("/reset")(reset)
    blueprint.get("/faults")(faults)
    blueprint.post("/faults")(add_faults)
    blueprint.delete("/faults")(clear_faults)
    _answer_errors(blueprint)
    return blueprint


def health() -> Response:
    """Tell that the emulator is up, and over which catalog."""
    settings = emulator().settings
    return answer({"status": "ok", "products": settings.products, "seed": settings.seed})


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


def batches() -> Response:
    """List batches as stored, newest first, each with the id of its app."""
    rows = emulator().batches.of_app(_limited_to(), _SHOWN_AT_MOST)
    base = base_url()
    return answer({"data": [{**emulator().batches.shown(row, base), "app": row["app_id"]} for row in rows]})


def stored_value() -> Response:
    """Show what an app has left, and every transaction, oldest first; without a key, those of all apps together."""
    app = _limited_to()
    return _account(None if app is None else app.id)


def deposit() -> Response:
    """Put money into the account of the key's app, which also pays for what has waited for it."""
    app, amount = caller(), read_body(request.get_data(), Deposit).amount
    if not 0 < amount <= _LARGEST_DEPOSIT:
        raise RefusedError(f"amount must be from 1 to {_LARGEST_DEPOSIT} cents.")
    emulator().steps.deposit(app, amount)
    return _account(app.id, HTTPStatus.CREATED)


def withdraw() -> Response:
    """Take money out of the account of the key's app, down to nothing at most."""
    app, amount = caller(), read_body(request.get_data(), Deposit).amount
    if not 0 < amount <= emulator().stored_value.balance(app.id):
        raise RefusedError("amount must be positive and no more than the balance, in cents.")
    emulator().steps.withdraw(app, amount)
    return _account(app.id, HTTPStatus.CREATED)


def _account(app_id: str | None, status: HTTPStatus = HTTPStatus.OK) -> Response:
    account = emulator().stored_value
    transactions = [
        {
            "id": row["id"],
            "app": row["app_id"],
            "kind": row["kind"],
            "order_id": row["order_id"],
            "amount": row["amount"],
            "balance_after": row["balance_after"],
            "created_at": shown(row["created_at"]),
        }
        for row in account.transactions(app_id)
    ]
    return answer({"balance": account.balance(app_id), "transactions": transactions}, status)


def requests() -> Response:
    """List the latest requests to Goody's operations, oldest first."""
    app = _limited_to()
    return answer({"data": [each for each in list(emulator().requests) if app is None or each["app"] == app.id]})


def deliveries() -> Response:
    """List the latest webhook deliveries, oldest first."""
    app = _limited_to()
    rows = emulator().store.rows(
        "SELECT * FROM deliveries WHERE app_id = coalesce(?, app_id) ORDER BY seq DESC LIMIT ?",
        None if app is None else app.id,
        _SHOWN_AT_MOST,
    )
    data = [
        {
            "svix_id": row["svix_id"],
            "event_type": row["event_type"],
            "app": row["app_id"],
            "status": row["status"],
            "attempts": row["attempts"],
            "last_outcome": row["last_outcome"],
            "created_at": shown(row["created_at"]),
            "next_attempt_at": shown_or_none(row["next_attempt_at"]),
        }
        for row in reversed(rows)
    ]
    return answer({"data": data})


def reset() -> Response:
    """Forget all orders; without a key also the request log and the faults."""
    app = _limited_to()
    emulator().forget(None if app is None else app.id)
    if app is None:
        emulator().requests.clear()
        emulator().faults.clear()
    return Response(status=204)


def faults() -> Response:
    """List the faults in force."""
    return answer({"rules": emulator().faults.listed()})


def add_faults() -> Response:
    """Put faults in force."""
    emulator().faults.add(read_body(request.get_data(), Rules).rules)
    return answer({"rules": emulator().faults.listed()}, 201)


def clear_faults() -> Response:
    """Lift all faults."""
    emulator().faults.clear()
    return Response(status=204)


def _limited_to() -> App | None:
    return caller() if bearer_key() else None


def _answer_errors(blueprint: Blueprint) -> None:
    @blueprint.errorhandler(StepRefusedError)
    def conflict(error: StepRefusedError) -> Response:
        return problem(HTTPStatus.CONFLICT, str(error), order_status=error.status, allowed=error.allowed)

    @blueprint.errorhandler(AcceptanceError)
    def unprocessable(error: AcceptanceError) -> Response:
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))

    @blueprint.errorhandler(RefusedError)
    def bad_request(error: RefusedError) -> Response:
        return problem(HTTPStatus.BAD_REQUEST, str(error))

    @blueprint.errorhandler(NotFoundError)
    def not_found(error: NotFoundError) -> Response:
        return problem(HTTPStatus.NOT_FOUND, str(error))

    @blueprint.errorhandler(UnauthorizedError)
    def unauthorized(_: UnauthorizedError) -> Response:
        return problem(HTTPStatus.UNAUTHORIZED, "A key that is let in is needed here.")

    @blueprint.errorhandler(HTTPException)
    def other(error: HTTPException) -> Response:
        return problem(HTTPStatus(error.code or 500), error.description or error.name)
