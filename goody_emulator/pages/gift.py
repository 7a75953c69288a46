"""The recipient's page: the gift, its acceptance, and what became of it."""

import json
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from flask import Blueprint, Response, request

from goody_emulator.caller import emulator
from goody_emulator.errors import AcceptanceError, RefusedError, StepRefusedError
from goody_emulator.inputs import SwapItem
from goody_emulator.pages.acceptance_form import FIELDS, LONGEST, Form, acceptance_of, read_form
from goody_emulator.pages.gifts import Gift, Good, find_gift, goods_of
from goody_emulator.pages.rendering import page, see
from goody_emulator.pages.states import STATES
from goody_emulator.pages.wishes import item_values, read_items, wished_lines
from goody_emulator.state.store import Row

LONGEST_NOTE: Final = 2000
"""Characters of a thank-you note."""
_HAPPENED: Final = (("Accepted", "accepted_at"), ("Shipped", "shipped_at"), ("Delivered", "delivered_at"))


def add_routes(blueprint: Blueprint) -> None:
    """Add the views of this room."""
    blueprint.get("/gift/<token>")(show_gift)
    blueprint.post("/gift/<token>")(accept_gift)
    blueprint.post("/gift/<token>/thank_you_note")(thank)


def show_gift(token: str) -> Response:
    """Show a gift. The first view counts and opens it; no other GET of the pages changes anything."""
    gift = find_gift(token)
    if gift.state != "open":
        return _told(gift)
    if request.method == "GET":  # not for HEAD, with which programs look whether a link is good
        with suppress(StepRefusedError):
            emulator().steps.take(gift.order["id"], "open")
    items, goods, refusal = _wished(gift)
    return _form_page(gift, items, goods, Form(gift.address), refusal)


def accept_gift(token: str) -> Response:
    """Accept a gift with what was typed, or show the form again with what is wrong."""
    gift = find_gift(token)
    if gift.state != "open":
        return see(gift.path)
    items, goods, refusal = _wished(gift)
    form = read_form(request.form, goods, gift.countries)
    if gift.must_be_swapped and not items:
        refusal = refusal or "Choose something of the collection first."
    if refusal or form.errors:
        return _form_page(gift, items, goods, form, refusal)
    try:
        emulator().steps.accept(gift.order["id"], acceptance_of(form, goods, items))
    except AcceptanceError as error:
        return _form_page(gift, items, goods, form, str(error))
    except StepRefusedError:
        pass  # Somebody was faster: the page tells what happened.
    return see(gift.path)


def thank(token: str) -> Response:
    """Take a thank-you note."""
    gift, note = find_gift(token), request.form.get("note", "").strip()
    if gift.state != "accepted" or gift.order["thank_you_note"] is not None:
        return see(gift.path)
    if not note or len(note) > LONGEST_NOTE:
        wrong = f"A note can have {LONGEST_NOTE} characters at most." if note else "Write a few words first."
        return _told(gift, note, wrong)
    with suppress(StepRefusedError):
        emulator().steps.thank(gift.order["id"], note)
    return see(gift.path)


def _wished(gift: Gift) -> tuple[list[SwapItem], list[Good], str]:
    """Return the items wished for instead (none: the gift itself), the goods, and why a wish was put aside."""
    items = read_items(request.values.getlist("item"))
    if not items:
        return [], gift.goods(), ""
    try:
        return items, goods_of(wished_lines(gift, items)), ""
    except RefusedError as error:
        return [], gift.goods(), f"{error}."


def _form_page(gift: Gift, items: Sequence[SwapItem], goods: list[Good], form: Form, refusal: str) -> Response:
    return page(
        "gift.html",
        gift=gift,
        goods=goods,
        items=item_values(items),
        form=form,
        refusal=refusal,
        fields=FIELDS,
        longest=LONGEST,
        states=STATES,
        countries=gift.countries,
    )


def _told(gift: Gift, note: str = "", wrong: str = "") -> Response:
    sender = gift.batch["from_name"]
    if gift.state == "canceled":
        return page("notice.html", heading="This gift was canceled", text=f"{sender} has taken it back.")
    if gift.state == "expired":
        return page("notice.html", heading="This gift has expired", text=f"{sender}'s gift was not accepted in time.")
    shown = emulator().orders.shown(gift.order, "")
    return page(
        "accepted.html",
        gift=gift,
        goods=list(zip(gift.goods(), _chosen(gift.order), strict=True)),
        shipments=shown["shipments"],
        milestones=_milestones(gift.order),
        note=note,
        wrong=wrong,
        longest_note=LONGEST_NOTE,
    )


def _chosen(order: Row) -> list[str]:
    """Return the variants of each item as people count them."""
    counts = [Counter(name for unit in units for name in unit) for units in json.loads(order["selections"])]
    return [", ".join(f"{count} × {name}" if count > 1 else name for name, count in each.items()) for each in counts]


def _milestones(order: Row) -> list[tuple[str, bool]]:
    return [(label, order[column] is not None) for label, column in _HAPPENED]
