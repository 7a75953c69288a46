"""Every example of Goody's OpenAPI file goes through the client, by the operation that it is an example of."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from foundation.errors import GoodyError, GoodyNotFoundError, GoodyRefusedError, GoodyUnauthorizedError
from foundation.goody.client import SANDBOX, GoodyClient, connect
from foundation.goody.outcome import Done, Refused
from foundation.goody.pages import Page, Sent
from foundation.goody.payloads import BillingAddress, CartInput, PriceInput, UserCardInput

OPENAPI = Path(__file__).resolve().parents[3].parent / "shared" / "goody" / "openapi.json"
if not OPENAPI.exists():
    pytest.skip("Goody's OpenAPI file is not at hand (../shared/goody/openapi.json)", allow_module_level=True)

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
CARD = UserCardInput("Ann", "c-1", "key", BillingAddress("1 Main St", "New York", "NY", "10022", "US"))
NO_PRICE = PriceInput(recipients=(), cart=CartInput(items=()), send_method="direct_send")
READS: dict[str, Callable[[GoodyClient], Any]] = {
    "get /v1/brands": lambda goody: goody.brands(),
    "get /v1/cards": lambda goody: goody.cards(),
    "get /v1/collections": lambda goody: goody.collections(),
    "get /v1/me": lambda goody: goody.me(),
    "get /v1/order_activities": lambda goody: goody.order_activities(),
    "get /v1/order_batches": lambda goody: goody.order_batches(),
    "get /v1/order_batches/{id}": lambda goody: goody.order_batch("ID"),
    "get /v1/order_batches/{id}/orders": lambda goody: goody.order_batch_orders("ID"),
    "get /v1/orders": lambda goody: goody.orders(),
    "get /v1/orders/{id}": lambda goody: goody.order("ID"),
    "get /v1/payment_methods": lambda goody: goody.payment_methods(),
    "get /v1/products": lambda goody: goody.products(),
    "get /v1/products/{id}": lambda goody: goody.product("ID"),
    "post /v1/order_batches/price": lambda goody: goody.price(NO_PRICE),
}
CHANGES: dict[str, Callable[[GoodyClient], Any]] = {
    "post /v1/order_batches": lambda goody: goody.create_order_batch(b"{}"),
    "post /v1/orders/{id}/cancel": lambda goody: goody.cancel_order("ID"),
    "post /v1/orders/{id}/update_expiration": lambda goody: goody.update_expiration("ID", NOON),
    "post /v1/commerce_user_payment_methods": lambda goody: goody.save_card(CARD),
}


READ_IN_PART = {"get /v1/collections"}
"""The catalog keeps these as they were sent, and reads no more of them than the product that stands for each."""


class Example(NamedTuple):
    operation: str
    status: int
    name: str
    content: Any


def _examples() -> list[Example]:
    paths = json.loads(OPENAPI.read_text(encoding="utf-8"))["paths"]
    return [
        Example(f"{method} {path}", int(status), name, example["value"])
        for path, operations in paths.items()
        for method, operation in operations.items()
        if f"{method} {path}" in READS | CHANGES
        for status, response in operation["responses"].items()
        for name, example in response.get("content", {}).get("application/json", {}).get("examples", {}).items()
    ]


EXAMPLES = _examples()


def _only(operations: dict[str, Any], *, accepted: bool) -> pytest.MarkDecorator:
    chosen = [e for e in EXAMPLES if e.operation in operations and (e.status < 300) is accepted]
    return pytest.mark.parametrize("example", chosen, ids=[f"{e.operation} {e.status} {e.name}" for e in chosen])


def _answered(example: Example) -> GoodyClient:
    def answer(request: httpx.Request) -> httpx.Response:
        method, path = example.operation.split()
        assert (request.method.lower(), request.url.path) == (method, path.replace("{id}", "ID"))
        return httpx.Response(example.status, json=example.content)

    return connect(SANDBOX, "key", transport=httpx.MockTransport(answer))


def test_none_is_left_out() -> None:
    assert len([e for e in EXAMPLES if e.operation in READS and e.status < 300]) == 15
    assert len([e for e in EXAMPLES if e.operation in READS and e.status >= 400]) == 7
    assert len([e for e in EXAMPLES if e.operation in CHANGES and e.status < 300]) == 8
    assert len([e for e in EXAMPLES if e.operation in CHANGES and e.status >= 400]) == 5
    # Goody gives none for these two.
    assert {*READS, *CHANGES} - {e.operation for e in EXAMPLES} == {"get /v1/brands", "get /v1/me"}


@_only(READS, accepted=True)
def test_what_was_sent_is_read(example: Example, assert_read_as_sent: Callable[[Any, object], None]) -> None:
    value = READS[example.operation](_answered(example))

    if isinstance(value, Page):
        assert value.broken == ()
        assert value.total_count == example.content["list_meta"]["total_count"]
        assert len(value.items) == len(example.content["data"]) > 0
        pairs = list(zip(example.content["data"], value.items, strict=True))
    else:
        pairs = [(example.content, value)]
    for sent, item in pairs:
        if isinstance(item, Sent):
            assert json.loads(item.raw) == sent
        read = item.value if isinstance(item, Sent) else item
        if example.operation in READ_IN_PART:
            assert (read.id, read.title, read.is_published) == (sent["id"], sent["title"], sent["is_published"])
            assert (read.product and read.product.id) == (sent["product"] and sent["product"]["id"])
            continue
        assert_read_as_sent(sent, read)


@_only(READS, accepted=False)
def test_a_read_that_goody_refuses_raises(example: Example) -> None:
    kind = {400: GoodyRefusedError, 401: GoodyUnauthorizedError, 404: GoodyNotFoundError}[example.status]

    with pytest.raises(GoodyError) as caught:
        READS[example.operation](_answered(example))

    assert type(caught.value) is kind
    assert str(example.status) in caught.value.detail
    if example.status == 400:
        assert example.content["error"] in caught.value.detail


@_only(CHANGES, accepted=True)
def test_a_change_that_goody_made_is_done(example: Example, assert_read_as_sent: Callable[[Any, object], None]) -> None:
    outcome = CHANGES[example.operation](_answered(example))

    assert isinstance(outcome, Done)
    assert_read_as_sent(example.content, outcome.value)


@_only(CHANGES, accepted=False)
def test_a_change_that_goody_refuses_is_refused(example: Example) -> None:
    outcome = CHANGES[example.operation](_answered(example))

    assert outcome == Refused(example.status, example.content["error"])


def test_the_two_prices_under_our_names() -> None:
    span, exact = [
        READS[e.operation](_answered(e)) for e in EXAMPLES if e.operation.endswith("price") and e.status == 200
    ]

    assert (span.per_recipient.product, span.per_recipient.shipping, span.per_recipient.processing_fee) == (
        1000,
        1000,
        100,
    )
    assert (span.per_recipient.pre_tax, span.per_recipient.tax_low, span.per_recipient.tax_high) == (2100, 0, 210)
    assert (span.per_recipient.total_low, span.per_recipient.total_high) == (2100, 2310)
    assert (span.total.recipients, span.total.total_low, span.total.total_high) == (2, 4200, 4620)
    assert (span.total.tax, span.total.total) == (None, None)
    assert (exact.total.recipients, exact.total.tax, exact.total.total) == (1, 187, 2287)
    assert (exact.total.total_low, exact.total.total_high) == (None, None)
