"""Saved cards of customers."""

from http import HTTPStatus
from typing import Any, Final

from foundation.errors import Fault, InvalidInputError
from foundation.goody.payloads import BillingAddress
from storefront.api.access import allow, caller
from storefront.api.idempotent import HEADER, idempotent
from storefront.api.schemas.payment_methods import (
    CustomerQuery,
    NewPaymentMethodSchema,
    PaymentMethodSchema,
    PaymentMethodsSchema,
)
from storefront.api.smorest import Blueprint
from storefront.api.wiring import services
from storefront.callers import CallerKind
from storefront.presenters import present_card

blueprint = Blueprint(
    "payment_methods", __name__, url_prefix="/v1/payment_methods", description="Cards that customers have saved"
)

KNOWN: Final = frozenset({CallerKind.CUSTOMER, CallerKind.SECRET})
"""Cards are a known customer's: a guest has none."""


@blueprint.route("", methods=["POST"])
@idempotent()
@blueprint.arguments(NewPaymentMethodSchema)
@blueprint.response(201, PaymentMethodSchema)
@blueprint.header(HEADER, "a new one for each card, the same one for its retries")
@allow(KNOWN)
def save_card(data: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Save a card for later completions in card mode. 504 if it is not known whether it was: then save it anew."""
    customer_id = _customer(data["customer_id"])
    card = services().cards.save(
        caller().app_id,
        customer_id,
        data["interim_card_key"],
        data["cardholder_name"],
        BillingAddress(**data["billing_address"]),
    )
    return present_card(card), HTTPStatus.CREATED


@blueprint.route("")
@blueprint.arguments(CustomerQuery, location="query")
@blueprint.response(200, PaymentMethodsSchema)
@allow(KNOWN)
def list_cards(query: dict[str, Any]) -> dict[str, Any]:
    """The customer's saved cards, newest first."""
    cards = services().cards.of_customer(caller().app_id, _customer(query["customer_id"]))
    return {"data": [present_card(card) for card in cards]}


@blueprint.route("/<string:card_id>", methods=["DELETE"])
@blueprint.arguments(CustomerQuery, location="query")
@blueprint.no_content()
@allow(KNOWN)
def forget_card(query: dict[str, Any], card_id: str) -> None:
    """Forget a card: it can't complete checkouts any more. The supplier keeps its own record, which no API deletes."""
    services().cards.forget(caller().app_id, _customer(query["customer_id"]), card_id)


def _customer(named: str | None) -> str:
    """Whose cards: the token's customer's; the secret key has to say."""
    mine = caller().customer_id
    if named is not None and not caller().is_secret:
        fault = Fault("/customer_id", "not_allowed", "Only the secret key may say whose cards these are.")
        raise InvalidInputError("The customer can't be named here.", [fault])
    if mine is None and named is None:
        raise InvalidInputError("Say whose cards.", [Fault("/customer_id", "required", "Name the customer.")])
    return mine or named or ""
