"""The API against its own description: whatever fits the description, or does not, is answered as described.

Each kind of key asks each operation, half of the time about things that are there.
"""

from typing import Any, Final

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from foundation.ids import new_token
from foundation.keys import KeyKind, Restrictions
from tests.api.collections import with_collection
from tests.api.customers import token_maker
from tests.shop import SLUG, Shop

CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    allow_header_conformance,
]
EXAMPLES: Final = 2
"""Of each operation, of each sort of data; each is sent with every kind of key."""
PLAIN: Final = {"Accept-Encoding": "identity"}


class Stock:
    """Things that are there to be asked about, and who asks."""

    def __init__(self, shop: Shop) -> None:
        checkout = shop.checkout(customer_id="cust_7")
        ordered = shop.checkout(customer_id="cust_7")
        batch = shop.complete(ordered).get_json()
        with_collection(shop)
        shop.call("POST", "/v1/curation/publish", {})
        product = shop.product()
        self.there = {
            "checkout_id": checkout["id"],
            "batch_id": batch["id"],
            "order_id": batch["orders"][0]["id"],
            "product_id": product["id"],
            "brand_id": product["brand"]["id"],
            "handle": "tea",
            "run_id": shop.services.catalog_sync.newest(shop.app_id)[0].id,
            "version": 1,
        }
        public = {"Authorization": f"Bearer {shop.pk}"}
        scoped = Restrictions(scopes=["catalog:read", "orders"])
        self.callers: tuple[dict[str, str], ...] = (
            {},
            public,
            {**public, "X-Checkout-Secret": checkout["client_secret"]},
            {**public, "X-Customer-Token": token_maker(shop)("cust_7")},
            {"Authorization": f"Bearer {shop.services.apps.create_key(SLUG, KeyKind.SECRET, scoped)}"},
            {"Authorization": f"Bearer {shop.sk}"},
        )


def test_every_operation_answers_as_described(shop: Shop) -> None:
    stock = Stock(shop)
    description = schemathesis.openapi.from_wsgi("/openapi.json", shop.flask)
    asked, broken = set(), []
    found: Any
    for found in description.get_all_operations():
        operation = found.ok()
        asked.add((operation.method, operation.path))
        for mode in GenerationMode:
            try:
                _ask(operation, mode, stock)
            except FailureGroup as failures:
                broken += [f"{operation.label}: {failure}" for failure in failures.exceptions]
    assert broken == []
    assert len(asked) > 40


def _ask(operation: Any, mode: GenerationMode, stock: Stock) -> None:
    @seed(7)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), is_there=st.booleans())
    def ask(case: Any, is_there: bool) -> None:  # noqa: FBT001  hypothesis passes it by name
        if is_there and case.path_parameters:
            case.path_parameters.update({k: v for k, v in stock.there.items() if k in case.path_parameters})
        for name in ("Authorization", "X-Checkout-Secret", "X-Customer-Token"):
            case.headers.pop(name, None)
        for caller in stock.callers:
            case.call_and_validate(headers={**caller, **PLAIN, "Idempotency-Key": new_token()}, checks=CHECKS)

    ask()
