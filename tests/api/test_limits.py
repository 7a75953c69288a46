"""Limits at the door: who has to wait, who does not because of them, and what it costs nobody."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from foundation.ids import new_token
from foundation.keys import KeyKind
from tests.api.answers import problem
from tests.api.customers import token_maker
from tests.api.neighbours import second_app
from tests.api.relaying import ENDPOINTS, new_endpoint
from tests.shop import SLUG, WEBHOOK_SECRET, Shop

PUBLIC = {"limit_public_per_minute": 60, "limit_public_burst": 10}
SECRET = {"limit_secret_per_minute": 60, "limit_secret_burst": 100}
FAILED = {"limit_failed_per_minute": 60, "limit_failed_burst": 5}
PROXIED = {"trusted_proxies": ("127.0.0.1",)}


def get(shop: Shop, path: str, *, key: str | None, address: str = "203.0.113.1", **headers: str) -> TestResponse:
    sent = {"X-Forwarded-For": address, **headers}
    if key is not None:
        sent["Authorization"] = f"Bearer {key}"
    return shop.client.get(path, headers=sent)


def statuses(shop: Shop, count: int, path: str, **options: Any) -> list[int]:
    return [get(shop, path, **options).status_code for _ in range(count)]


def test_a_backend_has_room_for_a_hundred_at_once_and_then_waits(shop: Shop) -> None:
    limited = shop.under(**SECRET)
    answers = [get(limited, "/v1/orders", key=shop.sk) for _ in range(102)]
    assert [answer.status_code for answer in answers[:100]] == [200] * 100
    refused = answers[-1]
    problem(refused, 429, "too_many_requests")
    assert refused.headers["Retry-After"] == "1"
    assert refused.headers["RateLimit-Policy"] == answers[0].headers["RateLimit-Policy"] == '"secret";q=100;w=100'
    assert answers[0].headers["RateLimit"] == '"secret";r=99;t=1'
    assert refused.headers["RateLimit"].startswith('"secret";r=0;')
    another = shop.services.apps.create_key(SLUG, KeyKind.SECRET)
    assert get(limited, "/v1/orders", key=another).status_code == 200


@pytest.mark.parametrize("path", ["/v1/products", "/v1/changes", "/v1/products?limit=5"])
def test_one_shopper_does_not_lock_out_the_others(shop: Shop, path: str) -> None:
    limited = shop.under(**PUBLIC, **PROXIED)
    assert statuses(limited, 12, path, key=shop.pk) == [200] * 10 + [429] * 2
    problem(get(limited, path, key=shop.pk), 429, "too_many_requests")
    assert get(limited, path, key=shop.pk, address="203.0.113.2").status_code == 200
    assert get(limited, path, key=shop.sk).status_code == 200


def test_who_is_not_behind_a_proxy_of_ours_has_one_bucket_whatever_they_say(shop: Shop) -> None:
    limited = shop.under(**PUBLIC)
    got = [get(limited, "/v1/products", key=shop.pk, address=f"203.0.113.{n}").status_code for n in range(12)]
    assert got == [200] * 10 + [429] * 2


def test_an_ipv6_subnet_is_one_shopper(shop: Shop) -> None:
    limited = shop.under(**PUBLIC, **PROXIED)
    got = [get(limited, "/v1/products", key=shop.pk, address=f"2001:db8::{n}").status_code for n in range(1, 13)]
    assert got == [200] * 10 + [429] * 2
    assert get(limited, "/v1/products", key=shop.pk, address="2001:db8:0:1::1").status_code == 200


def test_a_write_counts_as_five_for_a_public_key_and_as_one_for_a_backend(shop: Shop) -> None:
    limited = shop.under(**PUBLIC, **SECRET)
    wish = shop.wish()
    assert [limited.call("POST", "/v1/checkouts", wish, key=shop.pk).status_code for _ in range(3)] == [201, 201, 429]
    made = limited.call("POST", "/v1/checkouts", wish, key=shop.sk)
    assert made.headers["RateLimit"].startswith('"secret";r=99;')


def test_answers_that_may_be_cached_say_nothing_of_one_callers_limit(shop: Shop) -> None:
    limited = shop.under(**PUBLIC)
    first = get(limited, "/v1/products", key=shop.pk)
    for answer in (first, get(limited, "/v1/products", key=shop.pk, **{"If-None-Match": first.headers["ETag"]})):
        assert "RateLimit" not in answer.headers
        assert "RateLimit-Policy" not in answer.headers
    assert "RateLimit" not in get(limited, "/healthz", key=None).headers


def test_without_a_limit_nothing_is_said(shop: Shop) -> None:
    assert "RateLimit" not in get(shop, "/v1/orders", key=shop.sk).headers


def test_keys_that_are_guessed_are_looked_up_a_few_times_only(shop: Shop) -> None:
    limited = shop.under(**FAILED, **PROXIED)
    for path in ("/v1/orders", "/v1/products"):
        address = f"203.0.113.{len(path)}"
        got = [get(limited, path, key=f"sk_{new_token(40)}", address=address).status_code for _ in range(7)]
        assert got == [401] * 5 + [429] * 2
        refused = get(limited, path, key=f"pk_{new_token(40)}", address=address)
        problem(refused, 429, "too_many_requests")
        assert int(refused.headers["Retry-After"]) >= 1
        assert get(limited, path, key="sk_x", address="203.0.113.99").status_code == 401


def test_who_is_known_is_not_locked_out_by_a_neighbour_who_guesses(shop: Shop) -> None:
    limited = shop.under(**FAILED)
    assert get(limited, "/v1/orders", key=shop.sk).status_code == 200
    assert 429 in statuses(limited, 7, "/v1/orders", key="sk_guess")
    assert get(limited, "/v1/orders", key=shop.sk).status_code == 200
    assert get(limited, "/v1/products", key=shop.sk).status_code == 200


def test_guessed_secrets_tokens_and_signatures_count_too(shop: Shop) -> None:
    limited = shop.under(**FAILED, **PROXIED, metrics_token="a-token-of-metrics")
    token_maker(shop)
    checkout = shop.checkout()
    for number, headers in enumerate(
        ({"X-Checkout-Secret": f"{checkout['id']}_secret_x"}, {"X-Customer-Token": "a.b.c"})
    ):
        got = statuses(limited, 7, "/v1/orders", key=shop.pk, address=f"203.0.113.{number}", **headers)
        assert got == [401] * 5 + [429] * 2
    assert statuses(limited, 7, "/metrics", key="guess", address="203.0.113.7") == [401] * 5 + [429] * 2
    forged = [limited.deliver(b"{}", secret="whsec_" + "A" * 32).status_code for _ in range(7)]
    assert forged == [401] * 5 + [429] * 2
    assert limited.deliver(b'{"event_type": "x", "id": "y", "data": {}}', secret=WEBHOOK_SECRET).status_code == 204


def test_a_replay_is_for_the_same_address_alone(shop: Shop) -> None:
    proxied = shop.under(**PROXIED)
    key = {"Idempotency-Key": "one"}
    first = proxied.call(
        "POST", "/v1/checkouts", shop.wish(), key=shop.pk, headers={"X-Forwarded-For": "1.1.1.1", **key}
    )
    again = proxied.call(
        "POST", "/v1/checkouts", shop.wish(), key=shop.pk, headers={"X-Forwarded-For": "1.1.1.1", **key}
    )
    other = proxied.call(
        "POST", "/v1/checkouts", shop.wish(), key=shop.pk, headers={"X-Forwarded-For": "2.2.2.2", **key}
    )
    assert again.get_json() == first.get_json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert other.get_json()["id"] != first.get_json()["id"]
    assert "Idempotent-Replayed" not in other.headers


def test_one_app_does_not_use_up_anothers_limit(shop: Shop) -> None:
    limited = shop.under(**PUBLIC)
    other = second_app(shop)
    assert 429 in statuses(limited, 12, "/v1/products", key=shop.pk)
    assert get(limited, "/v1/products", key=other.publishable_key).status_code == 200


def test_a_service_behind_https_says_that_it_is_always_so(shop: Shop) -> None:
    behind = shop.under(public_url="https://shop.example.com")
    for path, key in (("/docs", None), ("/v1/products", shop.pk), ("/v1/orders", shop.sk)):
        assert get(behind, path, key=key).headers["Strict-Transport-Security"] == "max-age=31536000"
        assert "Strict-Transport-Security" not in get(shop, path, key=key).headers


def test_an_app_that_has_webhooks_sent_too_often_waits_whichever_key_asks(shop: Shop) -> None:
    limited = shop.under(limit_sending_per_minute=60, limit_sending_burst=4)
    other_key = shop.services.apps.create_key(SLUG, KeyKind.SECRET)
    one = f"{ENDPOINTS}/{new_endpoint(limited)['id']}"
    once = {"Idempotency-Key": "one"}
    test = limited.call("POST", f"{one}/test", headers=once)
    again = limited.call("POST", f"{one}/test", headers=once)
    assert (test.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    redelivery = f"/v1/deliveries/{test.get_json()['id']}/redeliver"
    assert limited.call("POST", redelivery).status_code == 202
    replay = f"{one}/replay?since=2026-01-01T00:00:00Z"
    assert limited.call("POST", replay).status_code == 202
    assert limited.call("POST", f"{one}/test").status_code == 200
    for path in (f"{one}/test", redelivery, replay):
        refused = limited.call("POST", path, key=other_key)
        problem(refused, 429, "too_many_requests")
        assert refused.headers["Retry-After"] == "1"
        assert refused.headers["RateLimit-Policy"] == '"sending";q=4;w=4'
    listed = limited.call("GET", f"{one}/deliveries")
    assert (listed.status_code, len(listed.get_json()["data"])) == (200, 2), "of those refused nothing was sent"
    other_app = second_app(shop)
    assert limited.call("POST", f"{one}/test", key=other_app.secret_key).status_code == 404
