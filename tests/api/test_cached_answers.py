"""Answers about the catalog with the edge in front: the same as Flask's own, as fresh, and nobody else's."""

import gzip
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from catalog_sync.tables import PublishedCatalog
from foundation.keys import KeyKind
from storefront.api.wiring import METRICS
from storefront.factory import create_app
from tests.api.answers import problem
from tests.api.neighbours import second_app
from tests.patience import until
from tests.shop import SLUG, Shop

PATHS = (
    "/v1/products",
    "/v1/products?sort=-price&limit=3&price_min=2000",
    "/v1/products?include=total&limit=2&q=caf%C3%A9+gift",
    "/v1/products?include=total&limit=2&q=gift",
    "/v1/products?limit=%205",
    "/v1/products/filters",
    "/v1/products/{product}",
    "/v1/brands?include=total",
    "/v1/brands/{brand}",
    "/v1/collections",
    "/v1/cards?limit=2",
)
OWN = {"X-Request-Id", "Date", "Access-Control-Allow-Origin", "Access-Control-Expose-Headers"}
"""Headers of each answer's own, and those that the edge adds to all."""
REFUSED = ("/v1/products?colour=red", "/v1/products/{missing}", "/v1/products?cursor=x", "/v1/products?sort=%FF")


@pytest.fixture
def bare(shop: Shop) -> Flask:
    """The same application without the edge."""
    app = create_app(shop.services)
    app.wsgi_app = app.wsgi_app._flask  # type: ignore[method-assign,attr-defined]  # noqa: SLF001  what it wraps
    return app


def _get(shop: Shop, path: str, key: str = "", **headers: str) -> TestResponse:
    return shop.call("GET", path, key=key or shop.pk, headers=headers)


def _told(response: TestResponse) -> dict[str, Any]:
    headers = {name: value for name, value in response.headers.items() if name not in OWN}
    return {"status": response.status, "headers": headers, "body": response.data}


def _publish_a_change(shop: Shop, product_id: str, **fields: object) -> None:
    """Change a document and flip the generation, as a publish in another process would."""
    shop.rewrite_document(product_id, **fields)
    with shop.services.sessions.begin() as session:
        catalog = session.query(PublishedCatalog).one()
        catalog.generation += 1
    shop.execute(
        "INSERT INTO catalog_generations (app_id, generation, published_at)"
        " SELECT app_id, generation, published_at FROM catalogs"
    )
    shop.execute(
        "INSERT INTO published_indexes (app_id, generation, body)"
        " SELECT app_id, generation + 1, body FROM published_indexes"
    )


def test_hit_miss_and_flask_alone_say_the_same(shop: Shop, bare: Flask) -> None:
    product = shop.product()
    ids = {"product": product["id"], "brand": product["brand"]["id"], "missing": "0" * 8 + product["id"][8:]}
    for path in [path.format(**ids) for path in PATHS + REFUSED]:
        key = {"Authorization": f"Bearer {shop.pk}"}
        alone = _told(bare.test_client().get(path, headers=key))
        if path in PATHS:
            assert alone["status"] == "200 OK", path
        assert alone["headers"]["Content-Length"] == str(len(alone["body"]))
        for _ in ("miss", "hit"):
            found = _told(_get(shop, path))
            if alone["status"] == "200 OK":
                assert found == alone, path
            else:
                assert found["headers"] == alone["headers"]
        etag = alone["headers"].get("ETag", '"x"')
        unmodified = _told(bare.test_client().get(path, headers={**key, "If-None-Match": etag}))
        assert _told(_get(shop, path, **{"If-None-Match": etag}))["headers"] == unmodified["headers"], path


def test_a_list_whose_making_fails_is_left_to_the_view(shop: Shop) -> None:
    shop.execute("ALTER TABLE listings RENAME TO listings_elsewhere")
    problem(_get(shop, "/v1/products?sort=name"), 503, "database_unavailable")
    shop.execute("ALTER TABLE listings_elsewhere RENAME TO listings")
    assert _get(shop, "/v1/products?sort=name").status_code == 200


def test_a_repeated_question_does_not_reach_the_views(shop: Shop) -> None:
    for number in range(1, 4):
        assert _get(shop, "/v1/products?limit=5").status_code == 200
        registry = shop.flask.extensions[METRICS]
        counted = [
            registry.get_sample_value("storefront_response_cache_total", {"outcome": outcome})
            for outcome in ("miss", "hit")
        ]
        assert counted == [1, number - 1]


def test_a_new_generation_is_served_within_a_moment(shop: Shop) -> None:
    product_id = shop.product()["id"]
    path = f"/v1/products/{product_id}"
    before = _get(shop, path)
    _publish_a_change(shop, product_id, name="Another name")
    until(lambda: _get(shop, path).get_json()["name"] == "Another name", seconds=2)
    assert _get(shop, path).headers["ETag"] != before.headers["ETag"]
    assert _get(shop, path, **{"If-None-Match": before.headers["ETag"]}).status_code == 200


def test_what_was_not_there_is_not_remembered(shop: Shop) -> None:
    problem(_get(shop, "/v1/products/" + "0" * 8 + shop.product()["id"][8:]), 404, "not_found")
    for _ in range(2):
        refused = _get(shop, "/v1/products?limit=0")
        problem(refused, 422, "invalid_input")


def test_no_app_sees_anothers_answers(shop: Shop) -> None:
    other = second_app(shop)
    path = f"/v1/products/{shop.product()['id']}"
    assert [_get(shop, path).status_code for _ in range(2)] == [200, 200]
    for key in (other.publishable_key, other.secret_key):
        problem(_get(shop, path, key), 404, "not_found")
    problem(_get(shop, path, "pk_nobody"), 401, "unauthenticated")
    problem(shop.client.get(path), 401, "unauthenticated")


def test_a_revoked_key_is_refused_at_once_where_it_matters(shop: Shop) -> None:
    key = shop.services.apps.create_key(SLUG, KeyKind.SECRET)
    assert _get(shop, "/v1/products", key).status_code == 200
    shop.services.apps.revoke_key(shop.services.apps.keys(SLUG)[-1].id)
    problem(_get(shop, "/v1/orders", key), 401, "unauthenticated")
    problem(_get(shop, "/v1/events", key), 401, "unauthenticated")


def test_gzip_of_the_real_thing(shop: Shop) -> None:
    plain = _get(shop, "/v1/products")
    packed = _get(shop, "/v1/products", **{"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 3
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Authorization, Accept-Encoding"


def test_odd_addresses_are_answered_alike_each_time(shop: Shop) -> None:
    product_id = shop.product()["id"]
    for path in ("/v1/products%2F" + product_id, "/v1/products/%00", f"/v1/products/{product_id}%00", "/v1/productsx"):
        first, again = _get(shop, path), _get(shop, path)
        assert first.status_code == again.status_code
        assert (first.status_code == 200) == (path == "/v1/products%2F" + product_id)
