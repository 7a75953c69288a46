"""The cards of partners' end users: made of a card form's interim key, and charged as the key says."""

import hashlib
import re
import uuid
from typing import Final

import msgspec

from goody_emulator.apps import App
from goody_emulator.errors import RefusedError
from goody_emulator.state.store import Row, Store

DECLINED: Final = "Your card was declined."
"""What Goody says of a card that cannot be charged; the one text of its errors that is meant for shoppers."""
ALWAYS: Final = -1
"""As many declined charges as one likes to try."""

_TIMES: Final = {"charge_declined_once": 1, "charge_declined_twice": 2, "declined_once": 1, "declined_twice": 2}
_BRANDS: Final = ("visa", "mastercard", "amex", "discover")
_COUNTRY: Final = re.compile(r"[A-Za-z]{2}")
_FIRST_YEAR: Final = 2035


class BillingAddress(msgspec.Struct, frozen=True):
    """Where a card's statements go; blank is as good as absent."""

    address_1: str | None = None
    address_2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None


class CardInput(msgspec.Struct, frozen=True):
    """The body that makes a card of an interim key; blank is as good as absent."""

    cardholder_name: str | None = None
    commerce_end_user_id: str | None = None
    payment_method_type: str | None = None
    interim_card_key: str | None = None
    billing_address: BillingAddress | None = None


class Cards:
    """The cards of all apps' end users. No number is ever known here, so none is kept."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create(self, app: App, wanted: CardInput) -> Row:
        """Make a card of a key; RefusedError when a field is missing or the key's card is declined.

        The same calls in the same order make cards of the same ids, so that runs can be compared.
        """
        key, owner = _checked(wanted)
        if declined_charges(key) is None:
            raise RefusedError(DECLINED)
        with self._store.transaction():
            count = self._store.count("SELECT count(*) FROM user_cards WHERE app_id = ?", app.id)
            card_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{app.id}/{owner}/{key}/{count}"))
            row = {**_look(key), "id": card_id, "app_id": app.id, "commerce_end_user_id": owner}
            self._store.insert(
                "user_cards",
                {
                    **row,
                    "cardholder_name": wanted.cardholder_name,
                    "declined_charges": declined_charges(key),
                    "created_at": self._store.clock.now(),
                },
            )
        return self._store.rows("SELECT * FROM user_cards WHERE id = ?", card_id)[0]

    def find(self, app_id: str, card_id: str) -> Row | None:
        """Return a card of an app, or None when it has none of that id."""
        return self._store.row("SELECT * FROM user_cards WHERE app_id = ? AND id = ?", app_id, card_id)

    def is_declined(self, card_id: str, order: Row) -> bool:
        """Tell whether the next charge of an order to this card is declined."""
        card = self.find(order["app_id"], card_id)
        if card is None:
            return True
        times: int = card["declined_charges"]
        attempts: int = order["payment_attempts"]
        return times == ALWAYS or attempts < times


def declined_charges(key: str) -> int | None:
    """Return how many charges of each order a key's card declines; None when not even the card can be saved."""
    for named, times in _TIMES.items():
        if named in key:
            return times
    if "charge_declined" in key:
        return ALWAYS
    return None if "declined" in key else 0


def _checked(wanted: CardInput) -> tuple[str, str]:
    _need(wanted.cardholder_name, "Cardholder name")
    owner = _need(wanted.commerce_end_user_id, "Commerce end user ID")
    if _need(wanted.payment_method_type, "Payment method type") != "card":
        raise RefusedError("Payment method type is not included in the list")
    key = _need(wanted.interim_card_key, "Interim card key")
    if wanted.billing_address is None:
        raise RefusedError("Billing address is required")
    _check_billing(wanted.billing_address)
    return key, owner


def _check_billing(address: BillingAddress) -> None:
    _need(address.address_1, "Billing address line 1")
    _need(address.city, "Billing address city")
    _need(address.state, "Billing address state")
    _need(address.postal_code, "Billing address postal code")
    if _COUNTRY.fullmatch(_need(address.country, "Billing address country")) is None:
        raise RefusedError("Billing address country must be a two-letter country code")


def _need(text: str | None, label: str) -> str:
    if text is None or not text.strip():
        raise RefusedError(f"{label} is required")
    return text


def _look(key: str) -> dict[str, str | int]:
    drawn = int.from_bytes(hashlib.sha256(key.encode()).digest())
    return {
        "brand": _BRANDS[drawn % len(_BRANDS)],
        "last_4": f"{drawn // 10 % 10_000:04}",
        "exp_month": drawn // 100_000 % 12 + 1,
        "exp_year": _FIRST_YEAR + drawn // 10_000_000 % 10,
    }
