"""Browsers: from which pages a publishable key may be used, and that a secret key has no place in any."""

import pytest
from werkzeug.test import TestResponse

from foundation.keys import KeyKind, Restrictions
from tests.api.answers import problem
from tests.shop import SLUG, Shop

PAGE = "https://shop.example.com"
STRANGE = "https://stranger.example"
PATHS = ("/v1/products", "/v1/changes", "/v1/nothing")


def ask(shop: Shop, path: str, key: str | None, origin: str | None) -> TestResponse:
    sent = {} if origin is None else {"Origin": origin}
    return shop.client.get(path, headers=sent if key is None else {**sent, "Authorization": f"Bearer {key}"})


def preflight(shop: Shop, origin: str, path: str = "/v1/checkouts") -> TestResponse:
    sent = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    return shop.client.open(path, method="OPTIONS", headers=sent)


def bound(shop: Shop) -> str:
    """A publishable key for one page alone."""
    return shop.services.apps.create_key(SLUG, KeyKind.PUBLISHABLE, Restrictions(origins=[PAGE]))


def close_the_others(shop: Shop) -> None:
    """Bind every other publishable key to a page too."""
    for key in shop.services.apps.keys(SLUG):
        if key.kind == KeyKind.PUBLISHABLE and key.origins is None:
            shop.services.keys.restrict(key.id, Restrictions(origins=["https://other.example.com"]))


@pytest.mark.parametrize("path", PATHS[:2])
def test_a_key_without_pages_may_be_used_from_all(shop: Shop, path: str) -> None:
    for origin in (PAGE, STRANGE, None):
        for _ in range(2):  # The second time from the cache.
            answer = ask(shop, path, shop.pk, origin)
            assert answer.status_code == 200
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("path", PATHS[:2])
def test_a_key_with_pages_may_be_used_from_those_alone(shop: Shop, path: str) -> None:
    key = bound(shop)
    for _ in range(2):
        there = ask(shop, path, key, PAGE)
        assert there.status_code == 200
        assert there.headers["Access-Control-Allow-Origin"] == PAGE
        assert "Origin" in there.headers.getlist("Vary")
        nowhere = ask(shop, path, key, None)
        assert nowhere.status_code == 200
        assert "Access-Control-Allow-Origin" not in nowhere.headers
        assert "Origin" in nowhere.headers.getlist("Vary")
        for origin in (STRANGE, "null", f"{PAGE}.stranger.example", PAGE.upper()):
            refused = ask(shop, path, key, origin)
            problem(refused, 403, "origin_not_allowed")
            assert "Access-Control-Allow-Origin" not in refused.headers


@pytest.mark.parametrize("path", PATHS[:2])
def test_no_page_reads_what_a_secret_key_is_answered(shop: Shop, path: str) -> None:
    for _ in range(2):
        answer = ask(shop, path, shop.sk, PAGE)
        assert answer.status_code == 200
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


def test_a_page_reads_why_its_key_is_refused(shop: Shop) -> None:
    for key in (None, "pk_nonsense"):
        refused = ask(shop, "/v1/products", key, PAGE)
        problem(refused, 401, "unauthenticated")
        assert refused.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", ["/v1/checkouts", "/v1/products", "/v1/nothing"])
def test_browsers_ask_first_and_are_told_what_any_key_allows(shop: Shop, path: str) -> None:
    bound(shop)
    for origin in (PAGE, STRANGE):
        answer = preflight(shop, origin, path)
        assert (answer.status_code, answer.data) == (204, b"")
        assert answer.headers["Access-Control-Allow-Origin"] == origin
    close_the_others(shop)
    strict = shop.under()
    allowed, refused = preflight(strict, PAGE, path), preflight(strict, STRANGE, path)
    assert allowed.headers["Access-Control-Allow-Origin"] == PAGE
    assert {"Authorization", "X-Customer-Token", "Idempotency-Key"} < set(
        allowed.headers["Access-Control-Allow-Headers"].split(", ")
    )
    assert "POST" in allowed.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Origin" not in refused.headers
    assert refused.headers["Vary"] == allowed.headers["Vary"] == "Origin"


def test_goodys_webhooks_and_the_probes_are_for_no_page(shop: Shop) -> None:
    for path in ("/healthz", "/webhooks/goody/shop", "/docs"):
        assert "Access-Control-Allow-Origin" not in ask(shop, path, None, PAGE).headers
        assert "Access-Control-Allow-Origin" not in preflight(shop, PAGE, path).headers
