"""A partner app with a key of its own: what the tests do to the emulator, in the trade's words."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import httpx

Json = dict[str, Any]

ADDRESS: Final = {
    "first_name": "Ada",
    "last_name": "Moss",
    "address_1": "1 Main St",
    "city": "New York",
    "state": "NY",
    "postal_code": "10022",
    "country": "US",
}
HOSTED: Final = "COMMERCE_HOSTED_PAYMENT"
STORED: Final = "COMMERCE_STORED_VALUE"
_PATIENCE: Final = 60


@dataclass
class Partner:
    """A client of the emulator."""

    http: httpx.Client
    key: str

    def get(self, path: str, **params: str | int) -> Json:
        answer = self.http.get(path, params=params)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def refused(self, body: Json, path: str = "/v1/order_batches") -> str:
        answer = self.http.post(path, json=body)
        assert answer.status_code == 400, answer.text
        assert list(answer.json()) == ["error"]
        text: str = answer.json()["error"]
        return text

    def place(self, **changes: Any) -> Json:
        answer = self.http.post("/v1/order_batches", json=self.wish(**changes))
        assert answer.status_code == 201, answer.text
        placed: Json = answer.json()
        return placed

    def place_one(self, **changes: Any) -> str:
        order_id: str = self.place(**changes)["orders_preview"][0]["id"]
        return order_id

    def step(self, order_id: str, step: str, body: Json | None = None) -> Json:
        answer = self.http.post(f"/_emulator/orders/{order_id}/{step}", json=body)
        assert answer.status_code == 200, answer.text
        order: Json = answer.json()
        return order

    def accept(self, order_id: str, **changes: str) -> Json:
        return self.step(order_id, "accept", {"mailing_address": ADDRESS | changes})

    def until(self, path: str, holds: Callable[[Json], bool]) -> Json:
        """Ask again and again until the answer is as wished."""
        deadline = time.monotonic() + _PATIENCE
        while not holds(found := self.get(path)):
            assert time.monotonic() < deadline, found
            time.sleep(0.05)
        return found

    def wish(self, **changes: Any) -> Json:
        """Return a request for one gift that will be accepted, with changes; None takes a field out."""
        body = {
            "from_name": "Bo",
            "send_method": "link_multiple_custom_list",
            "recipients": [{"first_name": "Ada", "last_name": "Moss", "email": "ada@example.test"}],
            "cart": {"items": [{"product_id": self.plain["id"], "quantity": 1}]},
            "payment_method_id": HOSTED,
            "customer_reference_id": str(uuid.uuid4()),
            **changes,
        }
        return {name: value for name, value in body.items() if value is not None}

    def account(self) -> tuple[int, list[Json]]:
        """The balance of the stored value, and its transactions."""
        found = self.get("/_emulator/stored_value")
        return found["balance"], found["transactions"]

    def deposit(self, amount: int) -> Json:
        answer = self.http.post("/_emulator/stored_value/deposits", json={"amount": amount})
        assert answer.status_code == 201, answer.text
        account: Json = answer.json()
        return account

    @cached_property
    def products(self) -> list[Json]:
        found: list[Json] = self.get("/v1/products", per_page=100)["data"]
        return found

    @property
    def plain(self) -> Json:
        """A product without variants, open price or closed states."""
        return self.product(
            lambda each: not (each["variants"] or each["price_is_variable"] or each["restricted_states"])
        )

    def product(self, fits: Callable[[Json], bool]) -> Json:
        return next(each for each in self.products if fits(each))

    @property
    def card_id(self) -> str:
        card_id: str = self.get("/v1/cards")["data"][0]["id"]
        return card_id


@contextmanager
def partner_of(base_url: str, key: str | None = None) -> Iterator[Partner]:
    """Yield a partner with a key of its own, or this one."""
    key = key or f"key-{uuid.uuid4()}"
    headers = {"Authorization": f"Bearer {key}"}
    options: dict[str, Any] = {"trust_env": False, "verify": False, "timeout": 60}
    # Nothing here speaks TLS, and reading the machine's certificates takes longer than most tests.
    with httpx.Client(base_url=base_url, headers=headers, **options) as http:
        yield Partner(http, key)
