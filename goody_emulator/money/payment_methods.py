"""What an app can pay with: its stored value, Goody's checkout, the cards of its end users."""

import uuid
from typing import Any, Final

from goody_emulator.apps import App
from goody_emulator.errors import RefusedError
from goody_emulator.inputs import BatchInput
from goody_emulator.money.cards import DECLINED, Cards
from goody_emulator.money.stored_value import StoredValue
from goody_emulator.orders.validation import DIRECT_SEND, HOSTED_PAYMENT, STORED_VALUE
from goody_emulator.quirks import Quirk, Quirks

_NAME: Final = "Stored Value"


class PaymentMethods:
    """Knows the payment methods of each app."""

    def __init__(self, stored_value: StoredValue, cards: Cards, quirks: Quirks) -> None:
        self._stored_value = stored_value
        self._cards = cards
        self._quirks = quirks

    def listed(self, app: App) -> list[dict[str, Any]]:
        """Return an app's methods in Goody's shape: the stored value with what is left of it, in cents.

        End users' cards are not among them: they are no method of the account.
        """
        is_renamed = self._quirks.has(app.id, Quirk.STORED_VALUE_RENAMED)
        method_id = _renamed(app) if is_renamed else STORED_VALUE
        balance = self._stored_value.balance(app.id)
        return [{"id": method_id, "name": _NAME, "cardholder_name": None, "balance": balance}]

    def check(self, app: App, wanted: BatchInput) -> None:
        """Refuse a batch that names no method of the app, or not what the method needs besides."""
        method = self.kept_id(app, wanted.payment_method_id)
        if method == STORED_VALUE:
            if not wanted.expires_at and not self._quirks.has(app.id, Quirk.STORED_VALUE_NO_EXPIRY):
                raise RefusedError("Expires at can't be blank when paying from a balance")
        elif method != HOSTED_PAYMENT:
            self._check_card(app, wanted, method)

    def kept_id(self, app: App, wanted: str | None) -> str:
        """Return the id a batch keeps its payment method under.

        Left out, it means the first method of the account, and that is the stored value.
        """
        if not wanted or (wanted == _renamed(app) and self._quirks.has(app.id, Quirk.STORED_VALUE_RENAMED)):
            return STORED_VALUE
        return wanted

    def _check_card(self, app: App, wanted: BatchInput, card_id: str) -> None:
        card = self._cards.find(app.id, card_id)
        if card is None:
            raise RefusedError(f"Payment method not found: {card_id}")
        if not wanted.commerce_end_user_id:
            raise RefusedError("Commerce end user ID is required to pay with a user's card")
        if card["commerce_end_user_id"] != wanted.commerce_end_user_id:
            raise RefusedError(f"Payment method not found: {card_id}")
        is_charged_soon = wanted.send_method == DIRECT_SEND and card["declined_charges"]
        if is_charged_soon and self._quirks.has(app.id, Quirk.DECLINED_AT_ORDERING):
            raise RefusedError(DECLINED)


def _renamed(app: App) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{app.id}/stored value"))
