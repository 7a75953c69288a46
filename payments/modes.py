"""Payment modes: who charges the shopper, and what Goody is told.

Goody's constants are derived from the mode alone; no text of a client ever reaches `payment_method_id`.
"""

from enum import StrEnum
from typing import Final, Protocol


class PaymentMode(StrEnum):
    """How an order batch is paid."""

    HOSTED_PAYMENT = "hosted_payment"
    STORED_VALUE = "stored_value"


class ModeRules(Protocol):
    """What a payment mode decides. Later modes implement the same."""

    @property
    def payment_method_id(self) -> str:
        """What Goody is told to charge."""

    @property
    def completed_by_shopper(self) -> bool:
        """Whether a shopper (checkout secret, customer token) may complete it, or the partner's secret key alone."""

    @property
    def spends_balance(self) -> bool:
        """Whether it is paid from the partner's balance at Goody: then a gift has to expire, and open ones commit."""


class HostedPayment:
    """Goody charges the shopper on its own page, behind the payment link, after the recipient accepted."""

    payment_method_id = "COMMERCE_HOSTED_PAYMENT"
    completed_by_shopper = True
    spends_balance = False


class StoredValue:
    """The partner charges its customer by itself; Goody deducts from the prefunded balance at acceptance."""

    payment_method_id = "COMMERCE_STORED_VALUE"
    completed_by_shopper = False
    spends_balance = True


RULES: Final[dict[PaymentMode, ModeRules]] = {
    PaymentMode.HOSTED_PAYMENT: HostedPayment(),
    PaymentMode.STORED_VALUE: StoredValue(),
}
