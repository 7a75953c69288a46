"""What partners, recipients and shoppers do meanwhile: each gift is one life, lived in a thread of its own."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx

from foundation.ids import new_token
from tests.chaos.stage import App, Stage
from tests.chaos.wishes import CANCEL, EXPIRE, STEPS, Wish, ask
from tests.shop import ADDRESS

Json = dict[str, Any]

PATIENCE: Final = 120.0
UNHEARD_OF: Final = 10.0
"""Seconds in which an order that Goody has may not be here yet, before its partner goes on with another."""
LIVES: Final = (
    ("open", "accept", "pay", "ship", "deliver", "thank_you_note"),
    ("open", "accept", "pay", "ship", "deliver", "refund"),
    ("accept", "pay", "refund"),
    ("open", "accept"),
    ("open", EXPIRE, "accept", "pay"),
    ("open", "cancel"),
    (EXPIRE, CANCEL),
    ("open", CANCEL),
    ("cancel",),
    ("open",),
    (),
)
RECIPIENTS: Final = (1, 1, 1, 1, 2, 3, 12)
"""More than ten are made by Goody later, and told page by page."""


@dataclass
class Sale:
    """One checkout, and what came of it as its partner saw it."""

    app: App
    checkout_id: str
    answers: list[tuple[int, str]] = field(default_factory=list)
    """Status and batch id, or problem code, of every answer to `complete`."""
    steps: dict[str, list[str]] = field(default_factory=dict)
    """By order: what its recipient, its shopper, the carrier and the partner did."""
    wishes: list[Wish] = field(default_factory=list)
    """What the partner asked of the orders through this API."""

    @property
    def batch_ids(self) -> set[str]:
        """The batches that the answers named: more than one is a broken promise."""
        return {said for status, said in self.answers if status in {201, 202}}


class Partner:
    """Sells gifts through whichever web process answers."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self._stage = stage
        self._chance = random.Random(seed)  # noqa: S311  a seed repeats it
        self._http = httpx.Client(trust_env=False, verify=False, timeout=12)  # noqa: S501  nothing here speaks TLS

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def sell(self, app: App) -> Sale:
        """One sale, from the catalog to what happens to its orders."""
        sale = Sale(app, self._checkout(app))
        self._complete(sale)
        for batch in self._batches_at_goody(sale):
            for order in batch["orders_preview"]:
                sale.steps[order["id"]] = self._live(sale, order["id"])
        return sale

    def ask(self, app: App, method: str, path: str, body: object = None, key: str | None = None) -> tuple[int, Any]:
        """Call the API with the secret key, of any web process; until one answers."""
        headers = {"Authorization": f"Bearer {app.secret_key}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        end = time.monotonic() + PATIENCE
        while True:
            port = self._chance.choice(self._stage.web_ports)
            try:
                answer = self._http.request(method, f"http://127.0.0.1:{port}{path}", json=body, headers=headers)
                return answer.status_code, answer.json() if answer.content else None
            except httpx.TransportError:
                assert time.monotonic() < end, f"nobody answered {method} {path}"
                time.sleep(0.2)

    def _checkout(self, app: App) -> str:
        wish, key = self._wish(app), new_token()
        end = time.monotonic() + PATIENCE
        while True:
            status, made = self.ask(app, "POST", "/v1/checkouts", wish, key)
            if status == 201 and made["status"] == "ready":
                checkout_id: str = made["id"]
                return checkout_id
            # Goody gave no price just now, or a killed process holds the key for half a minute.
            assert status in {201, 409, 502, 503, 504}, (status, made)
            assert time.monotonic() < end, made
            key = new_token()
            time.sleep(0.3)

    def _wish(self, app: App) -> Json:
        _, listed = self.ask(app, "GET", "/v1/products?limit=100")
        # Whoever accepts a gift of choice has to choose.
        fixed = [each["id"] for each in listed["data"] if not (each["price_is_variable"] or each["gift_collection"])]
        self._mode = self._chance.choice(("hosted_payment", "hosted_payment", "stored_value"))
        recipients = [{"first_name": f"Li {number}"} for number in range(self._chance.choice(RECIPIENTS))]
        return {
            "from_name": "Ana",
            "items": [{"product_id": self._chance.choice(fixed[:20]), "quantity": 1}],
            "recipients": recipients,
            "payment_mode": self._mode,
        }

    def _complete(self, sale: Sale) -> None:
        """Complete it as an impatient backend does: again, at the same time too, now with the same key, now another."""
        key, end = new_token(), time.monotonic() + PATIENCE
        while time.monotonic() < end:
            rivals = [key, self._chance.choice((key, new_token()))][: self._chance.choice((1, 1, 2))]
            with ThreadPoolExecutor(len(rivals)) as pool:
                answers = list(pool.map(lambda rival: self._ask_to_complete(sale, rival), rivals))
            sale.answers += answers
            is_over = any(status == 201 or said == "rejected_by_supplier" for status, said in answers)
            if is_over and self._chance.random() < 0.5:
                return
            if self._chance.random() < 0.3:
                key = new_token()
            time.sleep(self._chance.uniform(0.05, 0.8))

    def _ask_to_complete(self, sale: Sale, key: str) -> tuple[int, str]:
        path = f"/v1/checkouts/{sale.checkout_id}/complete"
        status, said = self.ask(sale.app, "POST", path, {"payment_mode": self._mode}, key)
        return status, said["id"] if status in {201, 202} else said["code"]

    def _batches_at_goody(self, sale: Sale) -> list[Json]:
        found = self._stage.control("GET", "order_batches", app=sale.app)["data"]
        return [each for each in found if each["customer_reference_id"] in sale.batch_ids]

    def _live(self, sale: Sale, order_id: str) -> list[str]:
        """Let an order live one of the lives; returns the steps that were taken."""
        taken = []
        for step in self._chance.choice(LIVES):
            if step == "pay" and self._mode == "stored_value":
                continue
            if step in STEPS:
                if not self._wish_for(sale, order_id, step):
                    continue
            else:
                body: Json = {"mailing_address": ADDRESS} if step == "accept" else {}
                if step == "thank_you_note":
                    body = {"note": "Thank you!"}
                self._stage.control("POST", f"orders/{order_id}/{step}", body, sale.app)
            taken.append(step)
            time.sleep(self._chance.uniform(0, 0.3))
        return taken

    def _wish_for(self, sale: Sale, order_id: str, step: str) -> bool:
        """Ask it of the order through this API; False if that has not heard of the order within some seconds."""
        path = f"/v1/orders/{order_id}"
        end = time.monotonic() + UNHEARD_OF
        while self.ask(sale.app, "GET", path)[0] != 200:
            if time.monotonic() > end:
                return False
            time.sleep(0.3)
        # Beyond what the clock is moved by at the end.
        moment = datetime.now(UTC).replace(microsecond=0) + timedelta(days=self._chance.randrange(40, 60))
        sale.wishes.append(
            ask(lambda end, body: self.ask(sale.app, "POST", f"{path}/{end}", body), order_id, step, moment)
        )
        return True
