"""Payment modes: who charges the shopper, and what Goody is told.

Goody's constants are derived from the mode alone; no text of a client ever reaches `payment_method_id`. A card is named
by the id that Goody gave when it was saved for this app and this customer.
"""

from enum import StrEnum
from typing import Final, Protocol


class PaymentMode(StrEnum):
    """How an order batch is paid."""

    HOSTED_PAYMENT = "hosted_payment"
    STORED_VALUE = "stored_value"
    CARD = "card"


class ModeRules(Protocol):
    """What a payment mode decides. Later modes implement the same."""

    @property
    def payment_method_id(self) -> str | None:
        """What Goody is told to charge; None where that is a saved card of the customer's."""

    @property
    def completed_by_guest(self) -> bool:
        """Whether whoever holds the checkout's secret may complete it."""

    @property
    def completed_by_customer(self) -> bool:
        """Whether a customer, known by its token, may; the partner's secret key always may."""

    @property
    def spends_balance(self) -> bool:
        """Whether it is paid from the partner's balance at Goody: then a gift has to expire, and open ones commit."""


class HostedPayment:
    """Goody charges the shopper on its own page, behind the payment link, after the recipient accepted."""

    payment_method_id = "COMMERCE_HOSTED_PAYMENT"
    completed_by_guest = True
    completed_by_customer = True
    spends_balance = False


class StoredValue:
    """The partner charges its customer by itself; Goody deducts from the prefunded balance at acceptance."""

    payment_method_id = "COMMERCE_STORED_VALUE"
    completed_by_guest = False
    completed_by_customer = False
    spends_balance = True


class Card:
    """Goody charges a saved card of the customer's at acceptance."""

    payment_method_id = None
    completed_by_guest = False
    completed_by_customer = True
    spends_balance = False


RULES: Final[dict[PaymentMode, ModeRules]] = {
    PaymentMode.HOSTED_PAYMENT: HostedPayment(),
    PaymentMode.STORED_VALUE: StoredValue(),
    PaymentMode.CARD: Card(),
}
