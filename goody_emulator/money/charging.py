"""Who pays for an order, and when: each payment method's way."""

from enum import Enum, auto

from goody_emulator.errors import RefusedError
from goody_emulator.money.cards import DECLINED, Cards
from goody_emulator.money.shares import Shares
from goody_emulator.money.stored_value import StoredValue
from goody_emulator.orders.validation import HOSTED_PAYMENT, STORED_VALUE
from goody_emulator.quirks import Quirk, Quirks
from goody_emulator.state.store import Row, Store


class CardDeclinedError(RefusedError):
    """The shopper's card was declined: an attempt to pay that counts."""


class Charge(Enum):
    """What became of a charge."""

    PAID = auto()
    WAITING = auto()
    """Nobody has paid yet: the order stays `pending_payment`."""
    DECLINED = auto()
    """As waiting, and an attempt to pay has failed."""
    FAILED = auto()
    """Nobody ever will: the order fails."""


class Charging:
    """Charges orders, and gives money back. Everything is to be called inside a transaction of the store."""

    def __init__(self, store: Store, stored_value: StoredValue, cards: Cards, shares: Shares, quirks: Quirks) -> None:
        self._store = store
        self._stored_value = stored_value
        self._cards = cards
        self._shares = shares
        self._quirks = quirks

    def when_created(self, order: Row, batch: Row) -> None:
        """Charge a new order what is known of its cost, where the quirk holds and the balance covers it."""
        if batch["payment_method_id"] == STORED_VALUE and self._quirks.has(
            order["app_id"], Quirk.STORED_VALUE_CHARGED_EARLY
        ):
            known = order["amount_product"] + order["amount_shipping"] + order["amount_processing_fee"]
            self._stored_value.charge(order, known)

    def at_acceptance(self, order: Row, batch: Row) -> Charge:
        """Charge an order whose final amounts are known, if its payment method can be charged without its payer."""
        outcome = self._outcome(order, batch)
        if outcome is Charge.PAID:
            self._shares.earn(order, batch)
        return outcome

    def pay(self, order: Row, batch: Row) -> None:
        """Charge an order that waits for payment; RefusedError when that fails, and it goes on waiting."""
        method = batch["payment_method_id"]
        if method == STORED_VALUE:
            if not self._stored_value.charge(order, due(order)):
                raise RefusedError("The balance does not cover this order.")
        elif method != HOSTED_PAYMENT and self._cards.is_declined(method, order):
            raise CardDeclinedError(DECLINED)
        self._shares.earn(order, batch)

    def refund(self, order: Row, amount: int | None = None) -> bool:
        """Give back so many cents of what an order was charged, or all that is left of it, and the share with it.

        True when nothing is left to give back; RefusedError when the amount is not to be had.
        """
        charged = due(order)
        left = charged - self.refunded(order)
        if amount is not None and not 0 < amount <= left:
            raise RefusedError(f"amount must be from 1 to {left} cents, what has not been refunded of the charge.")
        given = left if amount is None else amount
        self._give_back(order, given)
        self._shares.claw_back(order, charged - left + given, charged)
        return given == left

    def refunded(self, order: Row) -> int:
        """Return what has been given back of an order, in cents."""
        return self._store.count("SELECT coalesce(sum(amount), 0) FROM refunds WHERE order_id = ?", order["id"])

    def release(self, order: Row) -> None:
        """Give back what an order was charged that comes to nothing before it was paid."""
        if charged := self._stored_value.charged(order):
            self._stored_value.refund(order, charged)

    def _outcome(self, order: Row, batch: Row) -> Charge:
        method, app_id = batch["payment_method_id"], order["app_id"]
        if method == HOSTED_PAYMENT:
            return Charge.WAITING
        if method != STORED_VALUE:
            return Charge.DECLINED if self._cards.is_declined(method, order) else Charge.PAID
        if self._stored_value.charge(order, due(order)):
            return Charge.PAID
        return Charge.FAILED if self._quirks.has(app_id, Quirk.UNCOVERED_FAILS) else Charge.WAITING

    def _give_back(self, order: Row, amount: int) -> None:
        if self._stored_value.charged(order):
            self._stored_value.refund(order, amount)
        self._store.insert(
            "refunds",
            {
                "app_id": order["app_id"],
                "order_id": order["id"],
                "amount": amount,
                "created_at": self._store.clock.now(),
            },
        )


def due(order: Row) -> int:
    """Return what is charged: the total less the credit, in cents."""
    total: int = order["amount_total"]
    credit: int = order["amount_credit_applied"]
    return total - credit
