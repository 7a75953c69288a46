"""Requests are read as Goody's own description has them: what fits it is done, and what does not is refused."""

import copy
from collections.abc import Iterator
from typing import Any, Final

import pytest

from .openapi import PATH, Contract
from .partner import ADDRESS, Json, Partner
from .sales import LATER, card_of, card_wish

pytestmark = pytest.mark.skipif(not PATH.exists(), reason="Goody's openapi.json is not beside this repository")

Place = tuple[str | int, ...]

OTHERS: Final[tuple[Any, ...]] = (7, 1.5, "text", True, [], {}, [7], {"text": 7})
"""One of every kind. Null is not among them: Goody's file allows it in few places, and it is as good as absent."""
_BATCHES: Final = "POST /v1/order_batches"
_PRICE: Final = "POST /v1/order_batches/price"
_CARDS: Final = "POST /v1/commerce_user_payment_methods"
_WEBHOOKS: Final = "POST /v1/webhooks"
_EXPIRATION: Final = "POST /v1/orders/{id}/update_expiration"


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract()


def _whole(partner: Partner, operation: str) -> Json:
    """A request with every field that the description has."""
    item = {"product_id": partner.plain["id"], "product_url": "", "quantity": 2, "variable_price": 0, "variants": []}
    recipient = {
        "first_name": "Ada",
        "last_name": "Moss",
        "email": "ada@example.test",
        "phone": "+12125550123",
        "mailing_address": {**ADDRESS, "address_2": "Flat 2"},
    }
    priced = {"recipients": [recipient], "cart": {"items": [item]}, "send_method": "direct_send"}
    if operation == _BATCHES:
        card = card_of(partner)
        return {
            **priced,
            "from_name": "Bo",
            "message": "Enjoy",
            "card_id": partner.card_id,
            "payment_method_id": card["id"],
            "workspace_id": partner.get("/v1/workspaces")["data"][0]["id"],
            "scheduled_send_on": "2098-01-01T00:00:00Z",
            "expires_at": LATER,
            "swap": "single",
            "international_shipping_tier": "disabled",
            "international_gift_cards_enabled": False,
            "notifications_enabled": True,
            "commerce_end_user_id": "user-1",
            "customer_reference_id": "reference",
            "reserved_options": {},
        }
    if operation == _CARDS:
        wish = card_wish()
        return wish | {"billing_address": wish["billing_address"] | {"address_2": "Flat 2"}}
    others: dict[str, Json] = {
        _PRICE: priced,
        _WEBHOOKS: {"url": "https://example.test/hooks", "events": ["order.created"]},
        _EXPIRATION: {"expiration": LATER},
    }
    return others[operation]


def _places(value: Any, place: Place = ()) -> Iterator[Place]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield (*place, name)
        yield from _places(part, (*place, name))


def _with(body: Json, place: Place, value: Any) -> Json:
    changed = copy.deepcopy(body)
    inner: Any = changed
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    return changed


@pytest.mark.parametrize("operation", [_BATCHES, _PRICE, _CARDS, _WEBHOOKS, _EXPIRATION])
def test_what_fits_is_done_and_what_does_not_is_refused(partner: Partner, contract: Contract, operation: str) -> None:
    body, path = _whole(partner, operation), operation.split()[1]
    assert set(body) == contract.fields(operation)
    assert contract.fits(operation, body)
    if "{id}" in path:
        path = path.replace("{id}", partner.place_one())
    refused = 0
    for place in _places(body):
        for other in OTHERS:
            wrong = _with(body, place, other)
            if contract.fits(operation, wrong):
                continue
            answer = partner.http.post(path, json=wrong)
            assert (answer.status_code, list(answer.json())) == (400, ["error"]), (place, other, answer.text)
            refused += 1
    assert refused > len(body)
    assert partner.http.post(path, json=body).status_code in {200, 201}
