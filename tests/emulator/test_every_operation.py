"""Schemathesis asks every operation of Goody's own description for everything it can think of.

Kept to a minute; `GOODY_EXAMPLES=500 pytest tests/emulator/test_every_operation.py` is a longer run.
"""

import json
import os
from collections.abc import Iterator
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from .openapi import PATH, for_clients
from .partner import ADDRESS, Json, Partner, partner_of

pytestmark = pytest.mark.skipif(not PATH.exists(), reason="Goody's openapi.json is not beside this repository")

EXAMPLES: Final = int(os.environ.get("GOODY_EXAMPLES", "10"))
OPERATIONS: Final = (
    "GET /v1/brands",
    "GET /v1/cards",
    "GET /v1/collections",
    "GET /v1/collections/{id}",
    "POST /v1/commerce_user_payment_methods",
    "GET /v1/me",
    "GET /v1/order_activities",
    "POST /v1/order_batches",
    "GET /v1/order_batches",
    "GET /v1/order_batches/{id}",
    "GET /v1/order_batches/{id}/orders",
    "GET /v1/order_batches/{id}/recipients",
    "POST /v1/order_batches/price",
    "GET /v1/orders",
    "GET /v1/orders/{id}",
    "POST /v1/orders/{id}/cancel",
    "POST /v1/orders/{id}/update_expiration",
    "GET /v1/payment_methods",
    "GET /v1/products",
    "GET /v1/products/{id}",
    "POST /v1/webhooks",
    "DELETE /v1/webhooks/{id}",
    "GET /v1/workspaces",
)
_CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
_DONE: Final = {200, 201, 204}


@pytest.fixture(scope="module")
def asking(emulator_url: str) -> Iterator[Partner]:
    with partner_of(emulator_url) as partner:
        yield partner


@pytest.fixture(scope="module")
def described(asking: Partner) -> schemathesis.BaseSchema:
    """Goody's description, with what there is to be found written into it: random ids would find nothing."""
    order_ids, others = ([asking.place_one() for _ in range(4)] for _ in range(2))
    batch_ids = [batch["id"] for batch in asking.get("/v1/order_batches")["data"]]
    asking.step(order_ids[0], "accept", {"mailing_address": ADDRESS})
    products = [product["id"] for product in asking.products if _is_plain(product)][:20]
    made = [asking.http.post("/v1/webhooks", json={"url": f"https://example.test/{n}"}).json()["id"] for n in range(20)]
    ids = {
        "/v1/products/{id}": products,
        "/v1/collections/{id}": [each["id"] for each in asking.get("/v1/collections")["data"]],
        "/v1/webhooks/{id}": made,
        **dict.fromkeys(("/v1/orders/{id}", "/v1/orders/{id}/cancel"), order_ids),
        "/v1/orders/{id}/update_expiration": others,
        **{f"/v1/order_batches/{{id}}{rest}": batch_ids for rest in ("", "/orders", "/recipients")},
    }
    return schemathesis.openapi.from_dict(for_clients(ids, products=products, cards=[asking.card_id]))


def _is_plain(product: Json) -> bool:
    return not (product["variants"] or product["price_is_variable"] or product["restricted_states"])


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_answer_is_as_described(operation: str, asking: Partner, described: schemathesis.BaseSchema) -> None:
    seen = _ask(operation, asking, described, GenerationMode.POSITIVE)
    assert seen & _DONE, f"never done, only answered with {seen}"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_nonsense_is_refused(operation: str, asking: Partner, described: schemathesis.BaseSchema) -> None:
    assert _ask(operation, asking, described, GenerationMode.NEGATIVE)


def test_those_are_all_operations() -> None:
    paths = json.loads(PATH.read_text())["paths"]
    described = {f"{method.upper()} {path}" for path, operations in paths.items() for method in operations}
    assert set(OPERATIONS) == {each for each in described if not each.startswith("PARAMETERS")}


def _ask(operation: str, asking: Partner, described: schemathesis.BaseSchema, mode: GenerationMode) -> set[int]:
    """Ask many times, and return the statuses answered; every answer is judged."""
    method, path = operation.split()
    headers, base_url = {"Authorization": f"Bearer {asking.key}"}, str(asking.http.base_url)
    seen: set[int] = set()

    @given(case=described[path][method].as_strategy(mode))
    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def ask(case: schemathesis.Case[Any]) -> None:
        seen.add(case.call_and_validate(base_url=base_url, headers=headers, checks=_CHECKS).status_code)

    ask()
    return seen
