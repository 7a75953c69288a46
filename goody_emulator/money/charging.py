"""Who pays for an order, and when: each payment method's way."""

from enum import Enum, auto

from goody_emulator.errors import RefusedError
from goody_emulator.money.stored_value import StoredValue
from goody_emulator.orders.validation import STORED_VALUE
from goody_emulator.state.store import Row


class Charge(Enum):
    """What became of a charge."""

    PAID = auto()
    WAITING = auto()
    """Nobody has paid yet: the order stays `pending_payment`."""
    FAILED = auto()
    """Nobody ever will: the order fails."""


class Charging:
    """Charges orders, and gives money back. Everything is to be called inside a transaction of the store."""

    def __init__(self, stored_value: StoredValue) -> None:
        self._stored_value = stored_value

    def at_acceptance(self, order: Row, batch: Row) -> Charge:
        """Charge an order whose final amounts are known, if its payment method can be charged without its payer."""
        if batch["payment_method_id"] == STORED_VALUE and self._stored_value.charge(order, _due(order)):
            return Charge.PAID
        return Charge.WAITING

    def pay(self, order: Row, batch: Row) -> None:
        """Charge an order that waits for payment; RefusedError when that fails, and it goes on waiting."""
        if batch["payment_method_id"] == STORED_VALUE and not self._stored_value.charge(order, _due(order)):
            raise RefusedError("The balance does not cover this order.")

    def refund(self, order: Row) -> None:
        """Give back what an order was charged, and claw its revenue share back."""
        self._stored_value.refund(order)


def _due(order: Row) -> int:
    """Return what is charged: the total less the credit, in cents."""
    due: int = order["amount_total"] - order["amount_credit_applied"]
    return due
