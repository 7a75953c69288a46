"""One sale, step by step: each is done by REST, as a partner's app would, and shown as it really went."""

import time
from collections.abc import Callable
from typing import Any

from foundation.ids import new_token
from foundation.money import show
from storefront.demo.partner import Partner, Speaker, World
from storefront.demo.processes import DemoError, Processes

Say = Callable[[str], None]


class Sale:
    """What the walks through a sale share. DemoError at the first step that does not happen."""

    def __init__(self, partner: Partner, world: World, processes: Processes, say: Say) -> None:
        self.partner = partner
        self.world = world
        self.say = say
        self._processes = processes
        self.order_id = ""
        self.result: dict[str, Any] = {"statuses": [], "seconds": {}}

    @property
    def seconds(self) -> dict[str, float]:
        """How long each step took."""
        seconds: dict[str, float] = self.result["seconds"]
        return seconds

    def browse(self, **query: str) -> dict[str, Any]:
        """Let the shopper pick a product of fixed price."""
        answer = self.partner.shop.get("/v1/products", {"sort": "price", "include": "total", **query})
        product: dict[str, Any] = next(p for p in answer["data"] if not p["price_is_variable"])
        self.say(
            f"browse     {answer['total_count']} products; the shopper picks “{product['name']}” "
            f"of {product['brand']['name']} for {show(product['price'])}, "
            f"{show(product['price_with_shipping'])} with shipping"
        )
        return product

    def check_out(self, caller: Speaker, product: dict[str, Any], **wish: object) -> dict[str, Any]:
        """Make a checkout that is ready."""
        card = self.partner.shop.get("/v1/cards", {"limit": "1"})["data"][0]
        body = {
            "from_name": "Ana",
            "items": [{"product_id": product["id"], "quantity": 1}],
            "recipients": [{"first_name": "Li", "last_name": "Wei"}],
            "card_id": card["id"],
            "message": "Happy birthday!",
            **wish,
        }
        checkout: dict[str, Any] = caller.post("/v1/checkouts", body)
        self.result["checkout_id"] = checkout["id"]
        if checkout["status"] != "ready":
            raise DemoError(f"The checkout is not ready: {checkout['problems']}")
        total = checkout["quote"]["total"]
        self.say(
            f"checkout   {checkout['id']} is ready; quote {show(total['total_low'])} to {show(total['total_high'])}, "
            "by the tax of where it will go"
        )
        return checkout

    def complete(self, caller: Speaker, checkout: dict[str, Any], **consent: object) -> None:
        """Complete it, twice with one Idempotency-Key: Goody must hold one batch."""
        body = {"payment_mode": checkout["payment_mode"], "quote_id": checkout["quote"]["id"], **consent}
        key = {"Idempotency-Key": new_token()}
        path = f"/v1/checkouts/{checkout['id']}/complete"
        began = time.monotonic()
        batch = caller.post(path, body, key)
        self.seconds["complete"] = round(time.monotonic() - began, 3)
        again = caller.post(path, body, key)
        held = self.world.batches(batch["id"])
        if again["id"] != batch["id"] or held != 1:
            raise DemoError(f"Completing twice made {held} batches at Goody instead of one.")
        order = batch["orders"][0]
        self.order_id = order["id"]
        self.result |= {
            "order_batch_id": batch["id"],
            "order_id": order["id"],
            "individual_gift_link": order["individual_gift_link"],
        }
        self.say(f"order      {batch['id']} {batch['submission_status']}; completed twice, Goody holds {held} batch")
        self.say(f"gift link  {order['individual_gift_link']}  (the shopper sends it to Li)")
        self._note_status()

    def open(self) -> None:
        """Let the recipient open the gift."""
        self.timed("opened", lambda: self.world.step(self.order_id, "open"), "order.opened")
        self.say(f"opened     by Li, told by webhook {self.seconds['opened']:.2f} s later")

    def carry(self) -> None:
        """Let it be shipped and delivered."""
        for step, status in (("ship", "shipped"), ("deliver", "delivered")):
            self._carry(step, status)

    def close(self) -> None:
        """Look at what it came to."""
        order = self.partner.backend.get(f"/v1/orders/{self.order_id}")
        amounts = self.result["amounts"] = order["amounts"]
        if order["payment_link"] is not None:
            raise DemoError("A payment link is shown though nothing is left to pay.")
        self.result["events"] = [event["type"] for event in self._events()]
        self.say(
            f"amounts    product {show(amounts['amount_product'])} + shipping {show(amounts['amount_shipping'])} "
            f"+ fee {show(amounts['amount_processing_fee'])} + tax {show(amounts['amount_tax'])} "
            f"= {show(amounts['amount_total'])}"
        )
        self.say(f"events     {' → '.join(self.result['events'])}")

    def timed(self, name: str, act: Callable[[], None], event_type: str) -> dict[str, Any]:
        """Let something happen, and wait until the partner's event log tells of it. Returns the event."""
        began = time.monotonic()
        act()
        found: list[dict[str, Any]] = []

        def is_told() -> bool:
            found[:] = [event for event in self._events() if event["type"] == event_type]
            return bool(found)

        self._processes.wait_until(f"The event {event_type}", is_told)
        self.seconds[name] = round(time.monotonic() - began, 3)
        self._note_status()
        return found[0]

    def _carry(self, step: str, status: str) -> None:
        self.timed(status, lambda: self.world.step(self.order_id, step), f"order.{status}")
        self.say(f"{status:<10} told by Goody's webhook {self.seconds[status]:.2f} s after it happened")

    def _events(self) -> list[dict[str, Any]]:
        ours = {self.order_id, self.result["order_batch_id"]}
        return [event for event in self.partner.events() if event["data"].get("id") in ours]

    def _note_status(self) -> None:
        status = self.partner.backend.get(f"/v1/orders/{self.order_id}")["status"]
        if self.result["statuses"][-1:] != [status]:
            self.result["statuses"].append(status)
