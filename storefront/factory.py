"""The application factory: REST API, problem documents, access, headers."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flask import Flask, Response, g, request

from storefront.api import (
    catalog,
    checkouts,
    collections,
    curation,
    curation_versions,
    deliveries,
    events,
    ledger,
    operations,
    orders,
    overrides,
    payment_methods,
    periods,
    reconciliation,
    revenue_share,
    statements,
    stored_value,
    streams,
    sync_runs,
    webhook_endpoints,
    webhooks,
)
from storefront.api.access import register_access
from storefront.api.problems import register_problems
from storefront.api.product_lists import ProductLists
from storefront.api.smorest import Api
from storefront.api.wiring import EXTENSION, GATE, KEYS, METRICS
from storefront.edge.edge import ROUTE, Edge
from storefront.edge.responses import ResponseCache
from storefront.gate.bodies import LARGEST_BODY
from storefront.gate.gate import VERDICT, limit_headers
from storefront.gate.origins import Preflights
from storefront.metrics.exposition import registry_of, traffic_of
from storefront.request_ids import REQUEST_ID, begin_request
from storefront.security_headers import SecurityHeaders, security_headers
from storefront.services import Services

if TYPE_CHECKING:
    from storefront.gate.buckets import Verdict

REST: Final = (
    catalog.blueprint,
    checkouts.blueprint,
    orders.blueprint,
    payment_methods.blueprint,
    stored_value.blueprint,
    statements.blueprint,
    reconciliation.blueprint,
    revenue_share.blueprint,
    ledger.blueprint,
    periods.blueprint,
    events.blueprint,
    webhook_endpoints.blueprint,
    deliveries.blueprint,
    streams.blueprint,
    curation.blueprint,
    curation_versions.blueprint,
    collections.blueprint,
    overrides.blueprint,
    sync_runs.blueprint,
)
OTHERS: Final = (webhooks.blueprint, operations.blueprint)
DESCRIPTION: Final = """Sell gifts in your own app. Money is in US cents, times are RFC 3339 in UTC.

Callers: a publishable key (`pk_…`), the same with a checkout's `X-Checkout-Secret`, or a secret key (`sk_…`)."""


def create_app(services: Services) -> Flask:
    """The WSGI application over these services: Flask, behind the layer that answers repeated questions."""
    app = Flask(__name__)
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        API_TITLE="Storefront",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS=_spec_options(services.settings.public_url),
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions[EXTENSION] = services
    _register_request_ids(app)
    register_problems(app)
    register_access(app)
    api = Api(app)
    for blueprint in REST:
        api.register_blueprint(blueprint)
    for plain in OTHERS:
        app.register_blueprint(plain)
    _register_headers(app, security_headers(services.settings.public_url))
    _put_edge_before(app, services)
    return app


def _put_edge_before(app: Flask, services: Services) -> None:
    traffic = traffic_of(services.settings)
    app.extensions[METRICS] = registry_of(services, traffic)
    responses = ResponseCache(services.settings.response_cache_megabytes * 1024 * 1024)
    keys, gate = app.extensions[KEYS], app.extensions[GATE]
    lists = ProductLists(services.catalog, security_headers(services.settings.public_url).api)
    preflights = Preflights(services.keys.origins)
    app.wsgi_app = Edge(  # type: ignore[method-assign]
        app.wsgi_app, keys, services.generations.of, responses, traffic, lists, gate, preflights
    )


def _spec_options(public_url: str) -> dict[str, Any]:
    schemes = {
        "key": {"type": "http", "scheme": "bearer", "description": "`pk_…` or `sk_…`"},
        "customer_token": {"type": "apiKey", "in": "header", "name": "X-Customer-Token"},
        "checkout_secret": {"type": "apiKey", "in": "header", "name": "X-Checkout-Secret"},
    }
    return {
        "info": {"description": DESCRIPTION},
        "servers": [{"url": public_url}],
        "components": {"securitySchemes": schemes},
        "security": [{"key": []}, {"key": [], "checkout_secret": []}, {"key": [], "customer_token": []}],
    }


def _register_request_ids(app: Flask) -> None:
    @app.before_request
    def begin() -> None:
        g.request_id = begin_request(request.headers.get(REQUEST_ID, ""))


def _register_headers(app: Flask, security: SecurityHeaders) -> None:
    @app.after_request
    def finish(response: Response) -> Response:
        if request.url_rule is not None:
            request.environ[ROUTE] = request.url_rule.rule
        headers = response.headers
        # Nobody else sets these: looking for earlier ones would take longer than all the rest here.
        headers.add(REQUEST_ID, g.get("request_id", ""))
        for name, value in security.page if request.path == "/docs" else security.api:
            headers.add(name, value)
        if response.status_code != HTTPStatus.NOT_MODIFIED:
            headers.setdefault("Cache-Control", "no-store")
        verdict: Verdict | None = request.environ.get(VERDICT)
        if verdict is not None and "public" not in headers.get("Cache-Control", "public"):
            for name, value in limit_headers(verdict):
                headers.add(name, value)
        return response
