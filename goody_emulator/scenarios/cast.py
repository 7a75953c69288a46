"""Plays everybody in an order's life: recipient, shopper, carrier, sender, and the partner's purse."""

from collections import Counter
from collections.abc import Callable
from typing import Final

import msgspec

from goody_emulator.apps import Apps
from goody_emulator.catalog import Catalog
from goody_emulator.errors import RefusedError
from goody_emulator.inputs import Acceptance, Address, SwapItem
from goody_emulator.money.stored_value import StoredValue
from goody_emulator.orders.orders import Orders
from goody_emulator.orders.steps import Steps
from goody_emulator.orders.swaps import terms_of
from goody_emulator.scenarios.script import AT_PLACE_OF, Step
from goody_emulator.state.store import Row

Deed = Callable[[Row, Step], object]


class Cast:
    """Does what a step says to an order. What cannot be done raises what the order's own steps raise."""

    def __init__(self, apps: Apps, catalog: Catalog, orders: Orders, steps: Steps, stored_value: StoredValue) -> None:
        self._apps = apps
        self._catalog = catalog
        self._orders = orders
        self._steps = steps
        self._stored_value = stored_value
        self._with_details: Final[dict[str, Deed]] = {
            "accept": self._accept,
            "pay": self._pay,
            "ship": lambda order, step: self._steps.ship(order["id"], step.parcel),
            "deliver": lambda order, step: self._steps.deliver(order["id"], step.parcel),
            "mark": lambda order, step: self._steps.mark(order["id"], step.parcel, step.status or "failed"),
            "refund": self._refund,
            "thank_you_note": lambda order, step: self._steps.thank(order["id"], step.note or "Thank you!"),
            "deposit": self._deposit,
            "withdraw": self._withdraw,
            "wait": lambda _, __: None,
        }

    def perform(self, order_id: str, step: Step) -> None:
        """Do what a step says."""
        order = self._orders.find(order_id)
        if step.do in self._with_details:
            self._with_details[step.do](order, step)
        else:
            self._steps.take(order_id, step.do)

    def _accept(self, order: Row, step: Step) -> None:
        address = step.address or _named_like(order, step.state or AT_PLACE_OF.state)
        swap = [] if step.swap is None else self._swap(order, step.swap, address)
        acceptance = Acceptance(address, swap=swap, credit_applied=step.credit or 0)
        self._steps.accept(order["id"], acceptance, rest=bool(step.rest))

    def _swap(self, order: Row, wanted: str | list[str], address: Address) -> list[SwapItem]:
        if isinstance(wanted, list):
            return [SwapItem(product_id, quantity) for product_id, quantity in Counter(wanted).items()]
        shelf = self._catalog.of(order["app_id"])
        terms = terms_of(self._orders.batch_of(order), shelf)
        left_out = {item["product"]["id"] for item in self._orders.cart_of(order)["items"]} | shelf.gift_collections
        offered = [
            product
            for product in shelf.products.values()
            if terms.offers(product, terms.budget) and product.id not in left_out and not product.price_is_variable
        ]
        offered = [product for product in offered if address.state.upper() not in product.restricted_states]
        if not offered:
            raise RefusedError("The catalog has nothing this gift can be swapped for.")
        return [SwapItem(max(offered, key=lambda product: (product.price, product.id)).id)]

    def _pay(self, order: Row, step: Step) -> None:
        if step.declined:
            self._steps.decline(order["id"])
        else:
            self._steps.pay(order["id"], rest=bool(step.rest))

    def _refund(self, order: Row, step: Step) -> None:
        self._steps.refund(order["id"], step.amount if isinstance(step.amount, int) else None)

    def _deposit(self, order: Row, step: Step) -> None:
        self._steps.deposit(self._apps.of_id(order["app_id"]), _sum(step))

    def _withdraw(self, order: Row, step: Step) -> None:
        balance = self._stored_value.balance(order["app_id"])
        amount = balance if step.amount == "all" else _sum(step)
        if not 0 < amount <= balance:
            raise RefusedError(f"{amount} cents cannot be withdrawn: the balance is {balance}.")
        self._steps.withdraw(self._apps.of_id(order["app_id"]), amount)


def _sum(step: Step) -> int:
    if not isinstance(step.amount, int) or step.amount <= 0:
        raise RefusedError("The amount must be positive, in cents.")
    return step.amount


def _named_like(order: Row, state: str) -> Address:
    return msgspec.structs.replace(
        AT_PLACE_OF, state=state, first_name=order["first_name"], last_name=order["last_name"]
    )
