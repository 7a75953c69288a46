"""Who may call what: every route against every caller, by a table that is written out by hand."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, Final

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from foundation.ids import new_token
from foundation.keys import KeyKind, Restrictions
from foundation.scopes import SCOPES
from storefront.api.access import register_access
from storefront.api.problems import register_problems
from storefront.api.wiring import EXTENSION
from tests.api.answers import problem
from tests.api.collections import with_collection
from tests.api.customers import token_maker
from tests.api.neighbours import second_app
from tests.api.statement_files import DEPOSIT, PERIOD, WITH_BAD_LINES, reconciled, send
from tests.shop import SLUG, Shop

NOBODY: Final = (
    "no key",
    "garbage key",
    "revoked key",
    "expired key",
    "pk + garbage secret",
    "pk + other app's checkout secret",
    "pk + garbage customer token",
    "pk + expired customer token",
    "pk + other app's customer token",
)
SOMEBODY: Final = (
    "pk",
    "pk + own checkout secret",
    "pk + other checkout's secret",
    "sk",
    "other app's pk",
    "other app's pk + its checkout secret",
    "other app's sk",
    "customer",
    "other customer",
)
CALLERS: Final = (*NOBODY, *SOMEBODY)

ANYBODY_200 = (200,) * len(CALLERS)
ANYBODY_400 = (400,) * len(CALLERS)
ANYBODY_404 = (404,) * len(CALLERS)
CARD: Final = {
    "interim_card_key": "key",
    "cardholder_name": "Ana Li",
    "billing_address": {
        "address_1": "1 Main St",
        "city": "New York",
        "state": "NY",
        "postal_code": "10022",
        "country": "US",
    },
}
NOWHERE: Final = "http://127.0.0.1:9/hooks"
NO_KEY = (401,) * len(NOBODY)

# The columns of a row: what SOMEBODY's callers get, in that order.
TABLE: Final = {
    "GET /v1/products": (*NO_KEY, 200, 200, 200, 200, 200, 200, 200, 200, 200),
    "GET /v1/products/<uuid:product_id>": (*NO_KEY, 200, 200, 200, 200, 404, 404, 404, 200, 200),
    "GET /v1/products/filters": (*NO_KEY, 200, 200, 200, 200, 200, 200, 200, 200, 200),
    "GET /v1/changes": (*NO_KEY, 200, 200, 200, 200, 200, 200, 200, 200, 200),
    "GET /v1/collections": (*NO_KEY, 200, 200, 200, 200, 200, 200, 200, 200, 200),
    "GET /v1/collections/<string:handle>": (*NO_KEY, 200, 200, 200, 200, 404, 404, 404, 200, 200),
    "GET /v1/brands": (*NO_KEY, 200, 200, 200, 200, 200, 200, 200, 200, 200),
    "GET /v1/brands/<uuid:brand_id>": (*NO_KEY, 200, 200, 200, 200, 404, 404, 404, 200, 200),
    "GET /v1/cards": (*NO_KEY, 200, 200, 200, 200, 200, 200, 200, 200, 200),
    "POST /v1/checkouts": (*NO_KEY, 201, 201, 201, 201, 201, 201, 201, 201, 201),
    "GET /v1/checkouts/<string:checkout_id>": (*NO_KEY, 403, 200, 404, 200, 403, 404, 404, 200, 404),
    "PATCH /v1/checkouts/<string:checkout_id>": (*NO_KEY, 403, 200, 404, 200, 403, 404, 404, 200, 404),
    "POST /v1/checkouts/<string:checkout_id>/complete": (*NO_KEY, 403, 201, 404, 201, 403, 404, 404, 201, 404),
    "GET /v1/order_batches/<string:batch_id>": (*NO_KEY, 403, 200, 404, 200, 403, 404, 404, 200, 404),
    "GET /v1/order_batches/<string:batch_id>/orders": (*NO_KEY, 403, 200, 404, 200, 403, 404, 404, 200, 404),
    "GET /v1/orders": (*NO_KEY, 403, 200, 200, 200, 403, 200, 200, 200, 200),
    "GET /v1/orders/<uuid:order_id>": (*NO_KEY, 403, 200, 404, 200, 403, 404, 404, 200, 404),
    "GET /v1/orders/<uuid:order_id>/timeline": (*NO_KEY, 403, 200, 404, 200, 403, 404, 404, 200, 404),
    "POST /v1/orders/<string:order_id>/cancel": (*NO_KEY, 403, 403, 403, 200, 403, 403, 404, 403, 403),
    "POST /v1/orders/<uuid:order_id>/expiration": (*NO_KEY, 403, 403, 403, 200, 403, 403, 404, 403, 403),
    "POST /v1/checkouts/<string:checkout_id>/copies": (*NO_KEY, 403, 409, 404, 409, 403, 404, 404, 409, 404),
    "POST /v1/payment_methods": (*NO_KEY, 403, 403, 403, 422, 403, 403, 422, 201, 201),
    "GET /v1/payment_methods": (*NO_KEY, 403, 403, 403, 422, 403, 403, 422, 200, 200),
    "DELETE /v1/payment_methods/<string:card_id>": (*NO_KEY, 403, 403, 403, 422, 403, 403, 422, 404, 404),
    "GET /v1/events": (*NO_KEY, 403, 403, 403, 200, 403, 403, 200, 403, 403),
    "POST /v1/webhook_endpoints": (*NO_KEY, 403, 403, 403, 201, 403, 403, 201, 403, 403),
    "GET /v1/webhook_endpoints": (*NO_KEY, 403, 403, 403, 200, 403, 403, 200, 403, 403),
    "GET /v1/webhook_endpoints/<string:endpoint_id>": (*NO_KEY, 403, 403, 403, 200, 403, 403, 404, 403, 403),
    "PATCH /v1/webhook_endpoints/<string:endpoint_id>": (*NO_KEY, 403, 403, 403, 200, 403, 403, 404, 403, 403),
    "DELETE /v1/webhook_endpoints/<string:endpoint_id>": (*NO_KEY, 403, 403, 403, 204, 403, 403, 404, 403, 403),
    "POST /v1/webhook_endpoints/<string:endpoint_id>/secret/rotate": (
        *NO_KEY,
        403,
        403,
        403,
        200,
        403,
        403,
        404,
        403,
        403,
    ),
    "POST /v1/webhook_endpoints/<string:endpoint_id>/test": (*NO_KEY, 403, 403, 403, 200, 403, 403, 404, 403, 403),
    "POST /v1/webhook_endpoints/<string:endpoint_id>/replay": (*NO_KEY, 403, 403, 403, 202, 403, 403, 404, 403, 403),
    "GET /v1/webhook_endpoints/<string:endpoint_id>/deliveries": (*NO_KEY, 403, 403, 403, 200, 403, 403, 404, 403, 403),
    "GET /v1/deliveries/<string:delivery_id>": (*NO_KEY, 403, 403, 403, 200, 403, 403, 404, 403, 403),
    "POST /v1/deliveries/<string:delivery_id>/redeliver": (*NO_KEY, 403, 403, 403, 202, 403, 403, 404, 403, 403),
    "POST /v1/orders/<uuid:order_id>/payment_link/resend": (*NO_KEY, 403, 403, 403, 409, 403, 403, 404, 403, 403),
    "POST /v1/stream_tokens": (*NO_KEY, 403, 201, 201, 422, 403, 201, 422, 201, 201),
    # Leads to where the streams are; there they want a key or a token.
    "GET /v1/events/stream": (307,) * len(CALLERS),
    "GET /v1/stored_value": (*NO_KEY, 403, 403, 403, 200, 403, 403, 200, 403, 403),
    "POST /v1/statements": (*NO_KEY, 403, 403, 403, 201, 403, 403, 201, 403, 403),
    "GET /v1/statements/<string:statement_id>": (*NO_KEY, 403, 403, 403, 200, 403, 403, 404, 403, 403),
    "POST /v1/reconciliations": (*NO_KEY, 403, 403, 403, 202, 403, 403, 202, 403, 403),
    "GET /v1/reconciliations/<string:reconciliation_id>": (*NO_KEY, 403, 403, 403, 200, 403, 403, 404, 403, 403),
    "GET /v1/discrepancies": (*NO_KEY, 403, 403, 403, 200, 403, 403, 200, 403, 403),
    "GET /v1/discrepancies/<string:discrepancy_id>": (*NO_KEY, 403, 403, 403, 200, 403, 403, 404, 403, 403),
    "POST /v1/discrepancies/<string:discrepancy_id>/resolve": (*NO_KEY, 403, 403, 403, 200, 403, 403, 404, 403, 403),
    "GET /v1/revenue_share/terms": (*NO_KEY, 403, 403, 403, 200, 403, 403, 200, 403, 403),
    "PUT /v1/revenue_share/terms": (*NO_KEY, 403, 403, 403, 200, 403, 403, 200, 403, 403),
    "GET /v1/revenue_share/report": (*NO_KEY, 403, 403, 403, 422, 403, 403, 422, 403, 403),
    "GET /v1/ledger/balances": (*NO_KEY, 403, 403, 403, 200, 403, 403, 200, 403, 403),
    "GET /v1/ledger/entries": (*NO_KEY, 403, 403, 403, 200, 403, 403, 200, 403, 403),
    "POST /v1/ledger/adjustments": (*NO_KEY, 403, 403, 403, 201, 403, 403, 404, 403, 403),
    "GET /v1/periods": (*NO_KEY, 403, 403, 403, 200, 403, 403, 200, 403, 403),
    "POST /v1/periods/<string:period>/close": (*NO_KEY, 403, 403, 403, 201, 403, 403, 201, 403, 403),
    "POST /v1/collections": (*NO_KEY, 403, 403, 403, 201, 403, 403, 201, 403, 403),
    "PATCH /v1/collections/<string:handle>": (*NO_KEY, 403, 403, 403, 200, 403, 403, 404, 403, 403),
    "DELETE /v1/collections/<string:handle>": (*NO_KEY, 403, 403, 403, 204, 403, 403, 404, 403, 403),
    "GET /v1/curation": (*NO_KEY, 403, 403, 403, 200, 403, 403, 200, 403, 403),
    "PUT /v1/curation": (*NO_KEY, 403, 403, 403, 200, 403, 403, 200, 403, 403),
    "POST /v1/curation/preview": (*NO_KEY, 403, 403, 403, 200, 403, 403, 200, 403, 403),
    "POST /v1/curation/publish": (*NO_KEY, 403, 403, 403, 201, 403, 403, 201, 403, 403),
    "GET /v1/curation/versions": (*NO_KEY, 403, 403, 403, 200, 403, 403, 200, 403, 403),
    "GET /v1/curation/versions/<int:version>": (*NO_KEY, 403, 403, 403, 200, 403, 403, 404, 403, 403),
    "GET /v1/curation/versions/<int:version>/compare": (*NO_KEY, 403, 403, 403, 200, 403, 403, 404, 403, 403),
    "POST /v1/curation/versions/<int:version>/restore": (*NO_KEY, 403, 403, 403, 200, 403, 403, 404, 403, 403),
    "GET /v1/overrides": (*NO_KEY, 403, 403, 403, 200, 403, 403, 200, 403, 403),
    "GET /v1/products/<uuid:product_id>/override": (*NO_KEY, 403, 403, 403, 200, 403, 403, 404, 403, 403),
    "PUT /v1/products/<uuid:product_id>/override": (*NO_KEY, 403, 403, 403, 200, 403, 403, 200, 403, 403),
    "DELETE /v1/products/<uuid:product_id>/override": (*NO_KEY, 403, 403, 403, 204, 403, 403, 404, 403, 403),
    "POST /v1/sync_runs": (*NO_KEY, 403, 403, 403, 202, 403, 403, 202, 403, 403),
    "GET /v1/sync_runs": (*NO_KEY, 403, 403, 403, 200, 403, 403, 200, 403, 403),
    "GET /v1/sync_runs/<string:run_id>": (*NO_KEY, 403, 403, 403, 200, 403, 403, 404, 403, 403),
    "POST /v1/sync_runs/<string:run_id>/approve": (*NO_KEY, 403, 403, 403, 409, 403, 403, 404, 403, 403),
    # Goody brings a signature instead of a key: without one its messages are malformed, whoever sends them.
    "POST /webhooks/goody/<string:slug>": ANYBODY_400,
    "GET /healthz": ANYBODY_200,
    "GET /readyz": ANYBODY_200,
    # Nowhere without a token set; then the token alone opens it.
    "GET /metrics": ANYBODY_404,
    "GET /docs": ANYBODY_200,
    "GET /openapi.json": ANYBODY_200,
    "GET /static/<path:filename>": ANYBODY_200,
}


# What a secret key that may not do everything needs. Those that no key opens need none.
SCOPES_NEEDED: Final = {
    "GET /v1/products": "catalog:read",
    "GET /v1/products/<uuid:product_id>": "catalog:read",
    "GET /v1/products/filters": "catalog:read",
    "GET /v1/changes": "catalog:read",
    "GET /v1/collections": "catalog:read",
    "GET /v1/collections/<string:handle>": "catalog:read",
    "GET /v1/brands": "catalog:read",
    "GET /v1/brands/<uuid:brand_id>": "catalog:read",
    "GET /v1/cards": "catalog:read",
    "POST /v1/checkouts": "orders:write",
    "GET /v1/checkouts/<string:checkout_id>": "orders:read",
    "PATCH /v1/checkouts/<string:checkout_id>": "orders:write",
    "POST /v1/checkouts/<string:checkout_id>/complete": "orders:write",
    "GET /v1/order_batches/<string:batch_id>": "orders:read",
    "GET /v1/order_batches/<string:batch_id>/orders": "orders:read",
    "GET /v1/orders": "orders:read",
    "GET /v1/orders/<uuid:order_id>": "orders:read",
    "GET /v1/orders/<uuid:order_id>/timeline": "orders:read",
    "POST /v1/orders/<string:order_id>/cancel": "orders:write",
    "POST /v1/orders/<uuid:order_id>/expiration": "orders:write",
    "POST /v1/checkouts/<string:checkout_id>/copies": "orders:write",
    "POST /v1/payment_methods": "orders:write",
    "GET /v1/payment_methods": "orders:read",
    "DELETE /v1/payment_methods/<string:card_id>": "orders:write",
    "GET /v1/events": "events:read",
    "GET /v1/stored_value": "revenue_share:read",
    "POST /v1/collections": "curation:write",
    "PATCH /v1/collections/<string:handle>": "curation:write",
    "DELETE /v1/collections/<string:handle>": "curation:write",
    "GET /v1/curation": "curation:read",
    "PUT /v1/curation": "curation:write",
    "POST /v1/curation/preview": "curation:read",
    "POST /v1/curation/publish": "curation:write",
    "GET /v1/curation/versions": "curation:read",
    "GET /v1/curation/versions/<int:version>": "curation:read",
    "GET /v1/curation/versions/<int:version>/compare": "curation:read",
    "POST /v1/curation/versions/<int:version>/restore": "curation:write",
    "GET /v1/overrides": "curation:read",
    "GET /v1/products/<uuid:product_id>/override": "curation:read",
    "PUT /v1/products/<uuid:product_id>/override": "curation:write",
    "DELETE /v1/products/<uuid:product_id>/override": "curation:write",
    "POST /v1/sync_runs": "catalog:write",
    "GET /v1/sync_runs": "catalog:read",
    "GET /v1/sync_runs/<string:run_id>": "catalog:read",
    "POST /v1/sync_runs/<string:run_id>/approve": "catalog:write",
    "DELETE /v1/webhook_endpoints/<string:endpoint_id>": "webhooks:write",
    "GET /v1/deliveries/<string:delivery_id>": "webhooks:read",
    "GET /v1/discrepancies": "revenue_share:read",
    "GET /v1/discrepancies/<string:discrepancy_id>": "revenue_share:read",
    "GET /v1/ledger/balances": "revenue_share:read",
    "GET /v1/ledger/entries": "revenue_share:read",
    "GET /v1/periods": "revenue_share:read",
    "GET /v1/reconciliations/<string:reconciliation_id>": "revenue_share:read",
    "GET /v1/revenue_share/report": "revenue_share:read",
    "GET /v1/revenue_share/terms": "revenue_share:read",
    "GET /v1/statements/<string:statement_id>": "revenue_share:read",
    "GET /v1/webhook_endpoints": "webhooks:read",
    "GET /v1/webhook_endpoints/<string:endpoint_id>": "webhooks:read",
    "GET /v1/webhook_endpoints/<string:endpoint_id>/deliveries": "webhooks:read",
    "PATCH /v1/webhook_endpoints/<string:endpoint_id>": "webhooks:write",
    "POST /v1/deliveries/<string:delivery_id>/redeliver": "webhooks:write",
    "POST /v1/discrepancies/<string:discrepancy_id>/resolve": "revenue_share:write",
    "POST /v1/ledger/adjustments": "revenue_share:write",
    "POST /v1/orders/<uuid:order_id>/payment_link/resend": "orders:write",
    "POST /v1/periods/<string:period>/close": "revenue_share:write",
    "POST /v1/reconciliations": "revenue_share:write",
    "POST /v1/statements": "revenue_share:write",
    "POST /v1/stream_tokens": "events:read",
    "POST /v1/webhook_endpoints": "webhooks:write",
    "POST /v1/webhook_endpoints/<string:endpoint_id>/replay": "webhooks:write",
    "POST /v1/webhook_endpoints/<string:endpoint_id>/secret/rotate": "webhooks:write",
    "POST /v1/webhook_endpoints/<string:endpoint_id>/test": "webhooks:write",
    "PUT /v1/revenue_share/terms": "revenue_share:write",
}


@dataclass
class World:
    """Two apps, with checkouts of each and an order of the first."""

    shop: Shop

    def __post_init__(self) -> None:
        shop = self.shop
        self.wish = shop.wish()
        self.open = shop.checkout(customer_id="cust_7")
        self.ordered = shop.checkout(customer_id="cust_7")
        self.elsewhere = shop.checkout(key=shop.pk)
        self.batch = shop.complete(self.ordered).get_json()
        with_collection(shop)
        assert shop.call("PUT", f"/v1/products/{self.wish['items'][0]['product_id']}/override", {"hidden": False})
        self.endpoint = shop.call("POST", "/v1/webhook_endpoints", {"url": NOWHERE}).get_json()
        self.delivery = shop.services.deliveries.test(shop.app_id, self.endpoint["id"])[0]
        self.run = shop.services.catalog_sync.newest(shop.app_id)[0]
        self.statement = send(shop, WITH_BAD_LINES).get_json()
        self.reconciliation, self.discrepancy = reconciled(shop)
        other = second_app(shop)
        self.other_pk, self.other_sk = other.publishable_key, other.secret_key
        self.mint = token_maker(shop)
        self.mint_elsewhere = token_maker(shop, other.slug)
        self.scoped = ""
        self.foreign = shop.checkout(key=self.other_pk, items=self.wish["items"])

    @cached_property
    def revoked(self) -> str:
        """A secret key of the app that holds no longer."""
        key = self.shop.services.apps.create_key(SLUG, KeyKind.SECRET)
        holder = self.shop.services.apps.authenticate(key)
        assert holder is not None
        self.shop.services.apps.revoke_key(holder.key_id)
        return key

    @cached_property
    def expired(self) -> str:
        """Another that held until a moment ago."""
        services = self.shop.services
        ends = Restrictions(expires_at=self.shop.clock() + timedelta(seconds=1))
        key = services.apps.create_key(SLUG, KeyKind.SECRET, ends)
        assert services.apps.authenticate(key) is not None
        self.shop.clock.advance(seconds=2)
        return key

    def headers(self, caller: str, own: str) -> dict[str, str]:
        """What this caller sends; `own` is the secret of the checkout that is asked about."""
        pk, sk, other_pk = self.shop.pk, self.shop.sk, self.other_pk
        sent: dict[str, tuple[str | None, str | None]] = {
            "no key": (None, None),
            "garbage key": ("sk_" + 40 * "x", None),
            "revoked key": (self.revoked, None),
            "expired key": (self.expired, None),
            "pk + garbage secret": (pk, self.open["id"] + "_secret_" + 24 * "x"),
            "pk + other app's checkout secret": (pk, self.foreign["client_secret"]),
            "pk": (pk, None),
            "pk + own checkout secret": (pk, own),
            "pk + other checkout's secret": (pk, self.elsewhere["client_secret"]),
            "sk": (sk, None),
            "scoped sk": (self.scoped, None),
            "other app's pk": (other_pk, None),
            "other app's pk + its checkout secret": (other_pk, self.foreign["client_secret"]),
            "other app's sk": (self.other_sk, None),
        }
        tokens = {
            "pk + garbage customer token": "a.b.c",
            "pk + expired customer token": self.mint("cust_7", seconds=-120),
            "pk + other app's customer token": self.mint_elsewhere("cust_7"),
            "customer": self.mint("cust_7"),
            "other customer": self.mint("cust_8"),
        }
        key, secret = sent.get(caller, (pk, None))
        return {
            **({} if key is None else {"Authorization": f"Bearer {key}"}),
            **({} if secret is None else {"X-Checkout-Secret": secret}),
            **({"X-Customer-Token": tokens[caller]} if caller in tokens else {}),
        }

    def call(self, route: str, caller: str) -> TestResponse:
        """Call the route about things of the first app, with all that it needs but the right to."""
        method, rule = route.split()
        checkout = self.open if method == "PATCH" else self.ordered
        item = self.wish["items"][0]
        for name, value in {
            "<uuid:product_id>": item["product_id"],
            "<uuid:brand_id>": self.batch["lines"][0]["brand_id"],
            "<string:checkout_id>": checkout["id"],
            "<string:batch_id>": self.batch["id"],
            "<uuid:order_id>": self.batch["orders"][0]["id"],
            "<string:run_id>": self.run.id,
            "<string:endpoint_id>": self.endpoint["id"],
            "<string:delivery_id>": self.delivery.id,
            "<string:order_id>": self.batch["orders"][0]["id"],
            "<string:statement_id>": self.statement["id"],
            "<string:reconciliation_id>": self.reconciliation,
            "<string:discrepancy_id>": self.discrepancy,
            "<string:card_id>": "card",
            "<string:handle>": "tea",
            "<int:version>": "1",
            "<string:period>": "2026-01",
            "<string:slug>": SLUG,
            "<path:filename>": "docs.js",
        }.items():
            rule = rule.replace(name, value)
        bodies: dict[str, dict[str, Any]] = {
            "POST /v1/checkouts": self.wish,
            "POST /v1/sync_runs": {"dry_run": True},
            "POST /v1/collections": {"handle": "new", "title": "New"},
            "PATCH /v1/collections/<string:handle>": {"title": "Teas"},
            "PUT /v1/curation": {"default": "exclude", "rules": [], "collections": []},
            "POST /v1/curation/preview": {},
            "POST /v1/curation/publish": {"note": "For the shop"},
            "POST /v1/curation/versions/<int:version>/restore": {},
            "PUT /v1/products/<uuid:product_id>/override": {"title": "Ours"},
            "PATCH": {"from_name": "Bo"},
            "POST /v1/webhook_endpoints": {"url": NOWHERE},
            "POST /v1/stream_tokens": {},
            "PATCH /v1/webhook_endpoints/<string:endpoint_id>": {"description": "Ours"},
            "POST /v1/webhook_endpoints/<string:endpoint_id>/secret/rotate": {},
            "POST /v1/orders/<uuid:order_id>/expiration": {"expires_at": "2099-01-01T00:00:00Z"},
            "POST /v1/payment_methods": CARD,
            "POST /v1/reconciliations": PERIOD,
            "POST /v1/discrepancies/<string:discrepancy_id>/resolve": {"note": "It is all right."},
            "PUT /v1/revenue_share/terms": {"rate_bps": 1000, "reason": "As agreed."},
            "POST /v1/ledger/adjustments": {
                "kind": "correction",
                "order_id": self.batch["orders"][0]["id"],
                "reason": "Goody's mail of today",
                "postings": [{"account": "adjustments", "amount": -1}, {"account": "share_receivable", "amount": 1}],
            },
        }
        body = bodies.get(route, bodies.get(method, {"payment_mode": "hosted_payment"}))
        headers = self.headers(caller, checkout["client_secret"])
        if method == "POST":
            headers["Idempotency-Key"] = new_token()
        if route == "POST /v1/statements":
            headers["Content-Type"] = "text/csv"
            return self.shop.client.open(rule, method=method, data=DEPOSIT, headers=headers)
        sent = None if method in {"GET", "DELETE"} else body
        rule += "?since=2026-01-01T00:00:00Z" if rule.endswith("/replay") else ""
        return self.shop.client.open(rule, method=method, json=sent, headers=headers, buffered=True)


def _routes(app: Flask) -> set[str]:
    return {f"{method} {rule}" for rule in app.url_map.iter_rules() for method in (rule.methods or set())}


def test_every_route_has_a_row_and_every_row_a_route(shop: Shop) -> None:
    # Flask adds HEAD to every GET, and OPTIONS to everything: see below.
    assert {route for route in _routes(shop.flask) if not route.startswith(("HEAD ", "OPTIONS "))} == set(TABLE)


@pytest.mark.parametrize("route", TABLE)
def test_each_caller_gets_what_the_table_says(shop: Shop, route: str) -> None:
    world = World(shop)
    responses = {caller: world.call(route, caller) for caller in CALLERS}
    assert {caller: response.status_code for caller, response in responses.items()} == dict(
        zip(CALLERS, TABLE[route], strict=True)
    )
    for caller, response in responses.items():
        unknown = "bad_customer_token" if "token" in caller else "unauthenticated"
        codes = {400: "malformed_webhook", 401: unknown, 403: "forbidden", 404: "not_found"}
        if response.status_code in codes:
            problem(response, response.status_code, codes[response.status_code])
        if response.status_code == 401:
            assert response.headers["WWW-Authenticate"] == "Bearer"


def test_every_route_needs_a_scope_or_no_key_at_all() -> None:
    leads_elsewhere = {"GET /v1/events/stream"}
    assert set(SCOPES_NEEDED) == {route for route in TABLE if " /v1/" in route} - leads_elsewhere
    assert set(SCOPES_NEEDED.values()) <= set(SCOPES)


def test_a_key_of_that_scope_may_and_one_of_all_others_may_not(shop: Shop) -> None:
    world = World(shop)
    for route, needed in SCOPES_NEEDED.items():
        others = [scope for scope in SCOPES if scope not in {needed, needed.replace(":read", ":write")}]
        for scopes in (others, []):
            world.scoped = shop.services.apps.create_key(SLUG, KeyKind.SECRET, Restrictions(scopes=scopes))
            refused = world.call(route, "scoped sk")
            assert needed in problem(refused, 403, "forbidden")["detail"], route
        world.scoped = shop.services.apps.create_key(SLUG, KeyKind.SECRET, Restrictions(scopes=[needed]))
        assert world.call(route, "scoped sk").status_code not in {401, 403, 500}, route


def test_head_and_options_tell_a_stranger_nothing(shop: Shop) -> None:
    for route in _routes(shop.flask):
        method, rule = route.split()
        # Anybody is led to where the streams are.
        if method in {"HEAD", "OPTIONS"} and rule.startswith("/v1/") and rule != "/v1/events/stream":
            path = rule.replace("uuid:", "").replace("string:", "").replace("<product_id>", new_token())
            assert shop.client.open(path, method=method).status_code in {401, 404}, route


def test_what_is_anothers_is_not_there(shop: Shop) -> None:
    """Nothing in the answer tells an id of another app from one that never was."""
    world = World(shop)
    order_id, batch_id, checkout_id = world.batch["orders"][0]["id"], world.batch["id"], world.ordered["id"]
    for path, theirs, made_up in (
        ("/v1/orders/{}", order_id, "0" * 8 + order_id[8:]),
        ("/v1/order_batches/{}", batch_id, "ob_" + new_token()),
        ("/v1/checkouts/{}", checkout_id, "chk_" + new_token()),
    ):
        there = shop.call("GET", path.format(theirs), key=world.other_sk).get_json()
        nowhere = shop.call("GET", path.format(made_up), key=world.other_sk).get_json()
        assert there["detail"].replace(theirs, "") == nowhere["detail"].replace(made_up, "")
        assert there["code"] == nowhere["code"] == "not_found"


def test_a_guest_lists_only_the_orders_of_its_checkout(shop: Shop) -> None:
    mine, another = shop.checkout(key=shop.pk), shop.checkout(key=shop.pk)
    own = shop.complete(mine).get_json()["orders"]
    others = shop.complete(another).get_json()

    def listed(query: str, secret: str | None) -> list[str]:
        key = shop.sk if secret is None else shop.pk
        answer = shop.call("GET", f"/v1/orders{query}", key=key, secret=secret).get_json()
        return [order["id"] for order in answer["data"]]

    assert listed("", mine["client_secret"]) == [order["id"] for order in own]
    assert listed(f"?batch={others['id']}", mine["client_secret"]) == []
    assert len(listed("", None)) == 2


def test_the_secret_key_needs_no_checkout_secret_and_is_not_limited_by_one(shop: Shop) -> None:
    mine, another = shop.checkout(key=shop.pk), shop.checkout(key=shop.pk)
    response = shop.call("GET", f"/v1/checkouts/{mine['id']}", secret=another["client_secret"])
    assert response.status_code == 200


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic c2s6", "{sk}", "Token {sk}", "Bearer {sk}x", "Bearer {SK}", "Bearer {sk} {sk}"],
)
def test_what_is_no_bearer_key_is_refused(shop: Shop, header: str) -> None:
    sent = header.replace("{sk}", shop.sk).replace("{SK}", shop.sk.upper())
    response = shop.client.get("/v1/products", headers={"Authorization": sent})
    problem(response, 401, "unauthenticated")
    assert shop.sk not in response.text


def test_the_scheme_is_read_in_any_case(shop: Shop) -> None:
    assert shop.client.get("/v1/products", headers={"Authorization": f"bearer {shop.sk}"}).status_code == 200


def test_a_view_that_names_no_callers_is_closed_to_all(shop: Shop) -> None:
    scratch = Flask("scratch")
    scratch.extensions[EXTENSION] = shop.services
    register_problems(scratch)
    register_access(scratch)
    scratch.add_url_rule("/forgotten", "forgotten", lambda: "secrets")
    for headers, status in (
        ({}, 401),
        ({"Authorization": f"Bearer {shop.pk}"}, 403),
        ({"Authorization": f"Bearer {shop.sk}"}, 403),
    ):
        response = scratch.test_client().get("/forgotten", headers=headers)
        assert response.status_code == status
        assert "secrets" not in response.text
