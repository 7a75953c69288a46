"""The payer's page: what the gift costs, and a card form that test cards pay with."""

from contextlib import suppress
from datetime import UTC, datetime

from flask import Blueprint, Response, request

from goody_emulator.caller import emulator
from goody_emulator.errors import NotFoundError, StepRefusedError
from goody_emulator.money.cards import DECLINED
from goody_emulator.orders import lifecycle
from goody_emulator.orders.validation import HOSTED_PAYMENT
from goody_emulator.pages.card_form import CardForm, read_card
from goody_emulator.pages.gifts import Gift
from goody_emulator.pages.rendering import page, see


def add_routes(blueprint: Blueprint) -> None:
    """Add the views of this room."""
    blueprint.get("/checkout")(show_checkout)
    blueprint.post("/checkout")(pay)


def show_checkout() -> Response:
    """Show a shopper what is to be paid, or that nothing is."""
    return _page(_find(), CardForm({"expiry": "", "name": ""}))


def pay() -> Response:
    """Pay with a card, or show the form again with what is wrong. What was typed is neither stored nor logged."""
    gift = _find()
    if gift.order["status"] != "pending_payment":
        return see(_path(gift))
    card = read_card(request.form, datetime.fromtimestamp(emulator().store.clock.now() // 1000, UTC).date())
    if card.errors:
        return _page(gift, card)
    with suppress(StepRefusedError):  # paid by another click: the page says so
        if card.is_declined:
            emulator().steps.decline(gift.order["id"])
            return _page(gift, card, DECLINED)
        emulator().steps.take(gift.order["id"], "pay")
    return see(_path(gift))


def _find() -> Gift:
    order = emulator().store.row("SELECT * FROM orders WHERE checkout_key = ?", request.args.get("key", ""))
    if order is None:
        raise NotFoundError("Checkout not found")
    gift = Gift(order, emulator().orders.batch_of(order))
    if gift.batch["payment_method_id"] != HOSTED_PAYMENT:
        raise NotFoundError("Checkout not found")
    return gift


def _path(gift: Gift) -> str:
    return f"/checkout?key={gift.order['checkout_key']}"


def _page(gift: Gift, card: CardForm, refusal: str = "") -> Response:
    status = gift.order["status"]
    if status == "pending_payment":
        return page("checkout.html", gift=gift, goods=gift.goods(), card=card, refusal=refusal, path=_path(gift))
    if gift.order["refunded_at"] is not None:
        return page("notice.html", heading="This payment was refunded", text="There is nothing left to pay.")
    if status in lifecycle.ACCEPTED:
        return page("paid.html", gift=gift, goods=gift.goods())
    if status in lifecycle.NOT_ACCEPTED:
        text = f"{gift.order['first_name']} has not accepted the gift yet, so its total is not known."
        return page("notice.html", heading="Nothing to pay yet", text=text)
    return page("notice.html", heading="This gift was canceled", text="There is nothing to pay.")
