"""The form a gift is accepted with: read, judged field by field, made into an acceptance."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from goody_emulator.inputs import Acceptance, Address, SwapItem
from goody_emulator.pages.gifts import Good
from goody_emulator.pages.states import STATES

LONGEST: Final = 120
"""Characters a field takes."""
_HOME: Final = "US"
_POSTAL_CODE: Final = re.compile(r"[0-9]{5}(-[0-9]{4})?")


@dataclass(frozen=True, slots=True)
class Field:
    """One line of the address."""

    name: str
    label: str
    autocomplete: str
    is_required: bool = True


FIELDS: Final = (
    Field("first_name", "First name", "given-name"),
    Field("last_name", "Last name", "family-name", is_required=False),
    Field("address_1", "Street address", "address-line1"),
    Field("address_2", "Apartment, suite", "address-line2", is_required=False),
    Field("city", "City", "address-level2"),
    Field("state", "State", "address-level1"),
    Field("postal_code", "ZIP code", "postal-code"),
)


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed, and what is wrong with it, by field."""

    values: Mapping[str, str]
    errors: dict[str, str] = field(default_factory=dict)


def read_form(typed: Mapping[str, str], goods: Sequence[Good], countries: Collection[str]) -> Form:
    """Return the form as typed, with an error for every field that cannot be taken."""
    choices = [choice.field for good in goods for choice in good.choices]
    names = (*choices, *(each.name for each in FIELDS))
    form = Form({"country": typed.get("country", _HOME), **{name: typed.get(name, "").strip() for name in names}})
    _judge_choices(form, goods)
    if form.values["country"] not in countries:
        form.errors["country"] = "Choose a country of the list."
    for each in FIELDS:
        if each.is_required and not form.values[each.name] and not (each.name == "state" and _is_abroad(form)):
            form.errors[each.name] = f"{each.label} is needed."
        elif len(form.values[each.name]) > LONGEST:
            form.errors[each.name] = f"{each.label} can have {LONGEST} characters at most."
    if not _is_abroad(form):
        _judge_home(form, goods)
    return form


def _is_abroad(form: Form) -> bool:
    return form.values["country"] != _HOME


def _judge_home(form: Form, goods: Sequence[Good]) -> None:
    if "postal_code" not in form.errors and not _POSTAL_CODE.fullmatch(form.values["postal_code"]):
        form.errors["postal_code"] = "A ZIP code is five digits, like 10022."
    if "state" not in form.errors:
        _judge_state(form, goods)


def acceptance_of(form: Form, goods: Sequence[Good], swap: Sequence[SwapItem]) -> Acceptance:
    """Return what an error-free form says; `swap` is what the goods were asked for with, empty for the gift itself."""
    names = [[form.values[choice.field] for choice in good.choices] for good in goods]
    typed = {each.name: form.values[each.name] for each in FIELDS}
    address = msgspec.convert({**typed, "country": form.values["country"]}, Address)
    if not swap:
        variants = {good.item_id: chosen for good, chosen in zip(goods, names, strict=True)}
        return Acceptance(mailing_address=address, variants=variants)
    items = [
        SwapItem(item.product_id, item.quantity, chosen) for item, chosen in zip(swap, names, strict=True)
    ]  # fmt: skip
    return Acceptance(mailing_address=address, swap=items)


def _judge_choices(form: Form, goods: Sequence[Good]) -> None:
    for good in goods:
        offered = {variant.name for variant in good.product.variants} if good.product else set()
        for choice in good.choices:
            if form.values[choice.field] not in offered:
                form.errors[choice.field] = f"Please choose: {choice.label}."


def _judge_state(form: Form, goods: Sequence[Good]) -> None:
    state = form.values["state"]
    if state not in STATES:
        form.errors["state"] = "Choose a state of the list."
        return
    closed = [good.name for good in goods if good.product and state in good.product.restricted_states]
    if closed:
        form.errors["state"] = f"{' and '.join(closed)} can't be shipped to {STATES[state]}."
