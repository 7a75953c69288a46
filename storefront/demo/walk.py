"""The walk through one sale: each step is done by REST, as a partner's app would, and shown as it really went."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from foundation.ids import new_token
from foundation.money import show
from storefront.demo.partner import Partner, World
from storefront.demo.processes import DemoError, Processes

Say = Callable[[str], None]


@dataclass(slots=True)
class Sale:
    """What came of a sale."""

    checkout_id: str = ""
    order_batch_id: str = ""
    order_id: str = ""
    individual_gift_link: str = ""
    payment_link: str = ""
    statuses: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    amounts: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


class Walk:
    """One hosted-payment sale, from browsing to the delivered gift."""

    def __init__(self, partner: Partner, world: World, processes: Processes, say: Say) -> None:
        self._partner = partner
        self._world = world
        self._processes = processes
        self._say = say
        self._sale = Sale()

    def sell(self) -> Sale:
        """Walk through all of it. DemoError at the first step that does not happen."""
        started = time.monotonic()
        product = self._browse()
        self._buy(product)
        self._give()
        self._relay()
        self._pay()
        self._carry("ship", "shipped")
        self._carry("deliver", "delivered")
        self._close()
        self._sale.seconds["total"] = round(time.monotonic() - started, 3)
        return self._sale

    def _browse(self) -> dict[str, Any]:
        answer = self._partner.shop.get("/v1/products", {"sort": "price", "price_min": "2500", "include": "total"})
        product: dict[str, Any] = next(p for p in answer["data"] if not p["price_is_variable"])
        self._say(
            f"browse     {answer['total_count']} products from $25; the shopper picks “{product['name']}” "
            f"of {product['brand']['name']} for {show(product['price'])}, "
            f"{show(product['price_with_shipping'])} with shipping"
        )
        return product

    def _buy(self, product: dict[str, Any]) -> None:
        sale, shop = self._sale, self._partner.shop
        card = shop.get("/v1/cards", {"limit": "1"})["data"][0]
        wish = {
            "from_name": "Ana",
            "items": [{"product_id": product["id"], "quantity": 1}],
            "recipients": [{"first_name": "Li", "last_name": "Wei"}],
            "card_id": card["id"],
            "message": "Happy birthday!",
        }
        checkout = shop.post("/v1/checkouts", wish)
        sale.checkout_id = checkout["id"]
        if checkout["status"] != "ready":
            raise DemoError(f"The checkout is not ready: {checkout['problems']}")
        total = checkout["quote"]["total"]
        self._say(
            f"checkout   {checkout['id']} is ready; quote {show(total['total_low'])} to {show(total['total_high'])}, "
            "by the tax of where it will go"
        )
        shopper = self._partner.shopper(checkout["client_secret"])
        consent = {"payment_mode": "hosted_payment", "quote_id": checkout["quote"]["id"]}
        key = {"Idempotency-Key": new_token()}
        path = f"/v1/checkouts/{checkout['id']}/complete"
        began = time.monotonic()
        batch = shopper.post(path, consent, key)
        sale.seconds["complete"] = round(time.monotonic() - began, 3)
        again = shopper.post(path, consent, key)
        sale.order_batch_id = batch["id"]
        held = self._world.batches(batch["id"])
        if again["id"] != batch["id"] or held != 1:
            raise DemoError(f"Completing twice made {held} batches at Goody instead of one.")
        order = batch["orders"][0]
        sale.order_id, sale.individual_gift_link = order["id"], order["individual_gift_link"]
        self._say(f"order      {batch['id']} {batch['submission_status']}; completed twice, Goody holds {held} batch")
        self._say(f"gift link  {sale.individual_gift_link}  (the shopper sends it to Li)")
        self._note_status()

    def _give(self) -> None:
        order_id = self._sale.order_id
        self._timed("opened", lambda: self._world.step(order_id, "open"), "order.opened")
        self._say(f"opened     by Li, told by webhook {self._sale.seconds['opened']:.2f} s later")

    def _relay(self) -> None:
        order_id = self._sale.order_id
        event = self._timed("payment_link", lambda: self._world.accept(order_id), "order.payment_link_ready")
        self._sale.payment_link = event["data"]["payment_link"]
        self._say("accepted   by Li, with an address in New York: tax and total are final now")
        self._say(
            f"pay link   {self._sale.payment_link}  (event order.payment_link_ready reached the partner "
            f"{self._sale.seconds['payment_link']:.2f} s after acceptance)"
        )

    def _pay(self) -> None:
        self._timed("paid", lambda: self._world.step(self._sale.order_id, "pay"), "order.paid")
        seconds = self._sale.seconds["paid"]
        self._say(f"paid       by Ana; no webhook says so: learnt from Goody's order activities in {seconds:.2f} s")

    def _carry(self, step: str, status: str) -> None:
        self._timed(status, lambda: self._world.step(self._sale.order_id, step), f"order.{status}")
        self._say(f"{status:<10} told by Goody's webhook {self._sale.seconds[status]:.2f} s after it happened")

    def _close(self) -> None:
        order = self._partner.backend.get(f"/v1/orders/{self._sale.order_id}")
        amounts = self._sale.amounts = order["amounts"]
        if order["payment_link"] is not None:
            raise DemoError("The payment link is still shown after it was paid.")
        self._sale.events = [event["type"] for event in self._events()]
        self._say(
            f"amounts    product {show(amounts['amount_product'])} + shipping {show(amounts['amount_shipping'])} "
            f"+ fee {show(amounts['amount_processing_fee'])} + tax {show(amounts['amount_tax'])} "
            f"= {show(amounts['amount_total'])}"
        )
        self._say(f"events     {' → '.join(self._sale.events)}")

    def _timed(self, name: str, act: Callable[[], None], event_type: str) -> dict[str, Any]:
        """Let something happen, and wait until the partner's event log tells of it."""
        began = time.monotonic()
        act()
        found: list[dict[str, Any]] = []

        def is_told() -> bool:
            found[:] = [event for event in self._events() if event["type"] == event_type]
            return bool(found)

        self._processes.wait_until(f"The event {event_type}", is_told)
        self._sale.seconds[name] = round(time.monotonic() - began, 3)
        self._note_status()
        return found[0]

    def _events(self) -> list[dict[str, Any]]:
        ours = {self._sale.order_id, self._sale.order_batch_id}
        return [event for event in self._partner.events() if event["data"].get("id") in ours]

    def _note_status(self) -> None:
        order = self._partner.backend.get(f"/v1/orders/{self._sale.order_id}")
        self._sale.statuses.append(order["status"])
