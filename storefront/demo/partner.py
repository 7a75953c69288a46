"""A partner's app, and the people around it, each doing what they would do over HTTP."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from foundation.http import Answer, ExchangeError, HttpClient
from storefront.demo.processes import DemoError

ADDRESS: Final = {
    "first_name": "Li",
    "last_name": "Wei",
    "address_1": "1 Main St",
    "city": "New York",
    "state": "NY",
    "postal_code": "10022",
    "country": "US",
}


class Speaker:
    """Somebody who speaks JSON over HTTP to one server; a no is a DemoError that tells what was said."""

    def __init__(self, base_url: str, headers: Mapping[str, str] | None = None) -> None:
        self._http = HttpClient(base_url, headers={"Content-Type": "application/json", **(headers or {})})

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401  JSON
        """What is there."""
        return _read("GET", path, lambda: self._http.get(path, params))

    def post(self, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401
        """What came of it."""
        data = b"" if body is None else json.dumps(body).encode()
        return _read("POST", path, lambda: self._http.post(path, data, headers=headers))


class Partner:
    """The partner's shop app (publishable key) and its backend (secret key)."""

    def __init__(self, base_url: str, publishable_key: str, secret_key: str) -> None:
        self._base_url = base_url
        self._publishable_key = publishable_key
        self.shop = Speaker(base_url, {"Authorization": f"Bearer {publishable_key}"})
        self.backend = Speaker(base_url, {"Authorization": f"Bearer {secret_key}"})

    def shopper(self, client_secret: str) -> Speaker:
        """The shop app, acting for the shopper of one checkout."""
        headers = {"Authorization": f"Bearer {self._publishable_key}", "X-Checkout-Secret": client_secret}
        return Speaker(self._base_url, headers)

    def events(self, after: int = 0) -> list[dict[str, Any]]:
        """The app's events since a sequence number."""
        found: list[dict[str, Any]] = []
        while True:
            answer = self.backend.get("/v1/events", {"after": str(after), "limit": "100"})
            found += answer["data"]
            if answer["next_cursor"] is None:
                return found
            after = int(answer["next_cursor"])


class World:
    """The recipient, the payer and the carrier, played through the emulator's control API."""

    def __init__(self, emulator_url: str, goody_key: str) -> None:
        self._emulator = Speaker(emulator_url, {"Authorization": f"Bearer {goody_key}"})

    def step(self, order_id: str, step: str, body: object = None) -> None:
        """Let somebody take a step with an order: open, accept, pay, ship, deliver."""
        self._emulator.post(f"/_emulator/orders/{order_id}/{step}", body if body is not None else {})

    def accept(self, order_id: str) -> None:
        """Let the recipient accept, at an address in New York."""
        self.step(order_id, "accept", {"mailing_address": ADDRESS})

    def transactions(self) -> list[dict[str, Any]]:
        """What Goody booked on the stored value account, oldest first."""
        booked: list[dict[str, Any]] = self._emulator.get("/_emulator/stored_value")["transactions"]
        return booked

    def batches(self, reference: str) -> int:
        """How many batches Goody holds under our reference."""
        batches = self._emulator.get("/_emulator/order_batches")["data"]
        return sum(batch["customer_reference_id"] == reference for batch in batches)


def _read(method: str, path: str, ask: Callable[[], Answer]) -> Any:  # noqa: ANN401  JSON
    try:
        answer = ask()
    except ExchangeError as error:
        raise DemoError(f"{method} {path} was not answered. {error}") from error
    if not 200 <= answer.status < 300:  # noqa: PLR2004  any 2xx
        raise DemoError(f"{method} {path} was answered with {answer.status}: {answer.body.decode(errors='replace')}")
    return json.loads(answer.body) if answer.body else None
