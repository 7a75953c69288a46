"""`/metrics`: who may read them, and that they tell the truth."""

import re
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import TestResponse

from foundation.apps import Apps
from foundation.database import Sessions
from foundation.encryption import Vault
from foundation.errors import StorefrontError
from storefront.metrics.exposition import metrics_port, registry_of, render
from storefront.metrics.state import State
from tests.api.answers import problem
from tests.databases import Databases
from tests.end_to_end.conftest import find_port
from tests.shop import SLUG, VAULT_KEY, Shop, open_shop, settings_for

TOKEN: Final = "token-of-the-metrics"

Found = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def watched(databases: Databases, stocked_template: str, goody_url: str) -> Iterator[Shop]:
    """A shop that shows its metrics to whoever has the token."""
    url = databases.copy(stocked_template)
    with open_shop(url, goody_url) as shop:
        shop.services = replace(shop.services, settings=replace(settings_for(url), metrics_token=TOKEN))
        yield shop
    databases.drop(url)


def _ask(shop: Shop, token: str = TOKEN) -> TestResponse:
    return shop.client.get("/metrics", headers={"Authorization": f"Bearer {token}"})


def _read(text: str) -> Found:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def _value(found: Found, name: str, **labels: str) -> float | None:
    return found.get((name, frozenset(labels.items())))


def test_without_a_token_set_there_is_nothing(shop: Shop) -> None:
    problem(_ask(shop), 404, "not_found")
    problem(shop.client.get("/metrics"), 404, "not_found")


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", "é" * 20])
def test_the_token_is_needed_and_no_other_key_will_do(watched: Shop, token: str) -> None:
    problem(_ask(watched, token), 401, "unauthenticated")
    problem(_ask(watched, watched.sk), 401, "unauthenticated")
    problem(watched.client.get("/metrics"), 401, "unauthenticated")


def test_they_tell_what_was_asked_and_how_things_stand(watched: Shop) -> None:
    watched.order()
    for path in ("/v1/products", "/v1/products", "/v1/nope", "/v1/products?limit=0"):
        watched.call("GET", path)
    response = _ask(watched)
    assert response.headers["Content-Type"].startswith("text/plain; version=")
    assert response.headers["Cache-Control"] == "no-store"
    found = _read(response.text)
    requests = "storefront_http_requests_total"
    # Two here, and one that looked for a product to order.
    assert _value(found, requests, route="/v1/products", method="GET", status="200") == 3
    assert _value(found, requests, route="/v1/products", method="GET", status="422") == 1
    assert _value(found, requests, route="none", method="GET", status="404") == 1
    assert _value(found, requests, route="/v1/checkouts", method="POST", status="201") == 1
    assert _value(found, "storefront_http_request_seconds_count", route="/v1/products") == 4
    assert _value(found, "storefront_response_cache_total", outcome="hit") == 1
    assert _value(found, "storefront_database_up") == 1
    assert _value(found, "storefront_catalog_generation", app=SLUG) == 1
    assert 0 <= (_value(found, "storefront_catalog_age_seconds", app=SLUG) or -1) < 3600
    assert 0 <= (_value(found, "storefront_catalog_published_age_seconds", app=SLUG) or -1) < 3600
    assert _value(found, "storefront_last_sync_run", app=SLUG, status="succeeded") == 1
    assert _value(found, "storefront_sync_runs", app=SLUG, status="succeeded") == 1
    assert _value(found, "storefront_submissions", app=SLUG, status="submitted") == 1


def test_they_name_no_key_no_id_and_no_stranger(watched: Shop) -> None:
    order_id = watched.order()["id"]
    watched.call("GET", f"/v1/orders/{order_id}")
    watched.client.open("/v1/products", method="BREW", headers={"Authorization": f"Bearer {watched.pk}"})
    text = _ask(watched).text
    assert order_id not in text
    assert "BREW" not in text
    assert not re.search(r"[sp]k_\w{20}", text)
    assert 'route="/v1/orders/<uuid:order_id>"' in text


def test_a_database_that_is_away_is_told_too() -> None:
    away = Sessions("sqlite:////no/such/folder/shop.db")
    registry = CollectorRegistry()
    registry.register(State(away, Apps(away, Vault([VAULT_KEY]))))
    assert registry.get_sample_value("storefront_database_up") == 0
    assert b"storefront_submissions" not in render(registry)


def test_figures_are_read_once_in_a_while(watched: Shop) -> None:
    state = State(watched.services.sessions, watched.services.apps, watched.clock)
    before = [family.samples for family in state.collect() if family.name == "storefront_submissions"]
    watched.order()
    assert [family.samples for family in state.collect() if family.name == "storefront_submissions"] == before


def test_a_port_of_their_own(watched: Shop) -> None:
    port = find_port()
    registry = registry_of(watched.services, None)
    bind = f"127.0.0.1:{port}"
    with metrics_port(bind, registry):
        with urllib.request.urlopen(f"http://{bind}/metrics", timeout=10) as answer:
            found = _read(answer.read().decode())
        assert _value(found, "storefront_database_up") == 1
        with pytest.raises(StorefrontError, match="STOREFRONT_METRICS_BIND"), metrics_port(bind, registry):
            pass
    with metrics_port(bind, registry):
        pass
