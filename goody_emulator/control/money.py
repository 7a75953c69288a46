"""Look into the accounts, and move money in and out of them."""

from http import HTTPStatus

from flask import Blueprint, Response, request

from goody_emulator.caller import answer, caller, emulator
from goody_emulator.control.scope import limited_to
from goody_emulator.errors import RefusedError
from goody_emulator.inputs import Deposit, read_body
from goody_emulator.state.timestamps import shown

_LARGEST_DEPOSIT = 100_000_000_000


def add_routes(blueprint: Blueprint) -> None:
    """Add the routes of this room."""
    blueprint.get("/stored_value")(stored_value)
    blueprint.post("/stored_value/deposits")(deposit)
    blueprint.post("/stored_value/withdrawals")(withdraw)


def stored_value() -> Response:
    """Show what an app has left, and every transaction, oldest first; without a key, those of all apps together."""
    app = limited_to()
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
