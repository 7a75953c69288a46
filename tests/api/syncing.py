"""Catalog runs over REST: begun, followed to their end, and a supplier that changes in between."""

from collections.abc import Iterator
from typing import Any

from werkzeug.test import TestResponse

from tests.api.pages import flat, walk
from tests.patience import until
from tests.shop import Shop

Json = dict[str, Any]


def shown(shop: Shop, run_id: str, query: str = "") -> Json:
    response = shop.call("GET", f"/v1/sync_runs/{run_id}{query}")
    assert response.status_code == 200, response.text
    run: Json = response.get_json()
    return run


def ended(shop: Shop, begun: TestResponse) -> Json:
    """What became of a run that was accepted."""
    assert begun.status_code == 202, begun.text
    assert begun.headers["Location"] == f"/v1/sync_runs/{begun.get_json()['id']}"
    until(lambda: shown(shop, begun.get_json()["id"])["status"] != "running", seconds=30)
    return shown(shop, begun.get_json()["id"])


def sync(shop: Shop, body: Json | None = None) -> Json:
    shop.clock.advance(seconds=1)
    return ended(shop, shop.call("POST", "/v1/sync_runs", body))


def change(shop: Shop, *changes: Json) -> None:
    """Change Goody's catalog for this app."""
    shop.goody.control("POST", "catalog/changes", {"changes": list(changes)})


def empty_half_of_it(shop: Shop) -> None:
    listed = flat(walk(shop, "/v1/products?limit=100"))
    gone = [each["id"] for each in listed if each["gift_collection"] is None][:60]
    change(shop, *({"action": "remove", "product_id": product_id} for product_id in gone))


def sync_answers(shop: Shop) -> Iterator[tuple[str, str, TestResponse]]:
    """A sample for the description: method, path, answer."""
    one = "/v1/sync_runs/{run_id}"
    empty_half_of_it(shop)
    shop.clock.advance(seconds=1)
    begun = shop.call("POST", "/v1/sync_runs")
    yield "post", "/v1/sync_runs", begun
    run_id = ended(shop, begun)["id"]
    yield "get", "/v1/sync_runs", shop.call("GET", "/v1/sync_runs")
    yield "get", one, shop.call("GET", f"/v1/sync_runs/{run_id}")
    yield "get", one, shop.call("GET", "/v1/sync_runs/run_none")
    yield "post", one + "/approve", shop.call("POST", f"/v1/sync_runs/{run_id}/approve")
    until(lambda: shown(shop, run_id)["status"] == "succeeded", seconds=30)
    yield "post", one + "/approve", shop.call("POST", f"/v1/sync_runs/{run_id}/approve")
