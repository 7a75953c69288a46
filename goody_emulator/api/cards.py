"""Cards of the partner's end users, made of the embedded card form's key."""

from flask import Blueprint, Response, request

from goody_emulator.caller import answer, caller, emulator
from goody_emulator.inputs import read_body
from goody_emulator.money.cards import CardInput
from goody_emulator.state.timestamps import shown


def add_routes(blueprint: Blueprint) -> None:
    """Add the operation of this room."""
    blueprint.post("/commerce_user_payment_methods")(create_card)


def create_card() -> Response:
    """Make a card, whose id then pays for batches of the same end user."""
    card = emulator().treasury.cards.create(caller(), read_body(request.get_data(), CardInput))
    body = {
        "id": card["id"],
        "card_brand": card["brand"],
        "card_last_4": card["last_4"],
        "card_exp_month": card["exp_month"],
        "card_exp_year": card["exp_year"],
        "cardholder_name": card["cardholder_name"],
        "created_at": shown(card["created_at"]),
    }
    return answer(body, 201)
