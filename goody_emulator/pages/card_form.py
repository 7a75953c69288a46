"""The card form of the checkout: judged here, kept nowhere."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

PAYS: Final = "4242424242424242"
IS_DECLINED: Final = "4000000000000002"
"""The test cards. No other number is taken, so that nobody enters a real one."""

LONGEST_NAME: Final = 120
_EXPIRY: Final = re.compile(r"([0-9]{1,2}) ?/ ?(?:20)?([0-9]{2})")
_CVC: Final = re.compile(r"[0-9]{3,4}")


@dataclass(frozen=True, slots=True, repr=False)
class CardForm:
    """What was typed, and what is wrong with it, by field. It has no repr that a log could show."""

    values: Mapping[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def is_declined(self) -> bool:
        """Tell whether the card's bank says no."""
        return self.values["number"] == IS_DECLINED

    @property
    def shown_again(self) -> dict[str, str]:
        """What goes back to the browser: neither the number nor the security code."""
        return {name: self.values[name] for name in ("expiry", "name")}


def read_card(typed: Mapping[str, str], today: date) -> CardForm:
    """Return the form, with an error for every field that cannot be taken on this day."""
    form = CardForm(
        {
            "number": re.sub(r"[ -]", "", typed.get("number", "")),
            "expiry": typed.get("expiry", "").strip(),
            "cvc": typed.get("cvc", "").strip(),
            "name": typed.get("name", "").strip(),
        }
    )
    wrong = {
        "number": _wrong_number(form.values["number"]),
        "expiry": _wrong_expiry(form.values["expiry"], today),
        "cvc": None if _CVC.fullmatch(form.values["cvc"]) else "The security code is three or four digits.",
        "name": None if 0 < len(form.values["name"]) <= LONGEST_NAME else "The name on the card is needed.",
    }
    form.errors.update({name: text for name, text in wrong.items() if text})
    return form


def has_luhn_check(number: str) -> bool:
    """Tell whether the last digit of a card number is the check digit of the others (ISO/IEC 7812-1, Luhn)."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0  # noqa: PLR2004 - two digits or one


def _wrong_number(number: str) -> str | None:
    if not number:
        return "The card number is needed."
    if not (number.isascii() and number.isdigit() and has_luhn_check(number)):
        return "That card number is not valid."
    return None if number in {PAYS, IS_DECLINED} else "Only the test cards work here. Never enter a real one."


def _wrong_expiry(text: str, today: date) -> str | None:
    found = _EXPIRY.fullmatch(text)
    if found is None or not 1 <= int(found[1]) <= 12:  # noqa: PLR2004 - months
        return "The expiry date is month and year, like 04/30."
    return "That card has expired." if (2000 + int(found[2]), int(found[1])) < (today.year, today.month) else None
