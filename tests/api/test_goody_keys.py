"""Apps and their keys at Goody: seen once, a key stays of the same Goody app, and of its environment."""

from dataclasses import replace

import httpx
import pytest

from foundation.errors import ConflictError, GoodyUnauthorizedError
from foundation.goody.client import PRODUCTION, SANDBOX
from foundation.ids import new_token
from storefront.factory import create_app
from storefront.goody_keys import check_key, must_fit, repin
from storefront.services import Services, build_services
from tests.api.answers import problem
from tests.api.neighbours import second_app
from tests.shop import SLUG, Shop


def other_key() -> str:
    return f"goody_token_commerce_{new_token()}"


def pinned(shop: Shop) -> str:
    """The Goody app that the doctor has seen the shop's key to be of."""
    assert check_key(shop.services, shop.services.apps.by_slug(SLUG)).is_ok
    seen = shop.services.apps.by_slug(SLUG).public_app_id
    assert seen is not None
    return seen


def test_the_doctor_pins_what_it_sees_first(shop: Shop) -> None:
    assert shop.services.apps.by_slug(SLUG).public_app_id is None
    seen = pinned(shop)
    found = check_key(shop.services, shop.services.apps.by_slug(SLUG))
    assert (found.is_ok, found.detail) == (True, f"valid, of commerce app {seen}")


def test_a_key_of_another_goody_app_is_not_used_for_anything(shop: Shop) -> None:
    pinned(shop)
    checkout = shop.checkout()
    wrong = other_key()
    shop.services.app_settings.change(SLUG, goody_api_key=wrong)
    with pytest.raises(GoodyUnauthorizedError):
        shop.services.accounts.client(shop.app_id).payment_methods()
    made = shop.complete(checkout)
    assert made.status_code == 202
    assert made.get_json()["submission_status"] == "pending"
    stuck = [event["data"] for event in shop.events() if event["type"] == "order_batch.stuck"]
    assert [told["stuck_reason"] for told in stuck] == ["key_refused"]
    wrong_goody = replace(shop.goody, key=wrong)
    assert [asked["path"] for asked in wrong_goody.requests] == ["/v1/me"], "nothing else was asked with it"
    wrong_goody.close()
    found = check_key(shop.services, shop.services.apps.by_slug(SLUG))
    assert not found.is_ok
    assert f"{SLUG} is pinned to" in found.detail

    shop.services.app_settings.change(SLUG, goody_api_key=shop.goody.key)
    shop.clock.advance(minutes=10)
    shop.services.submissions.sweep()
    assert len(shop.goody.batches) == 1


def test_the_wrong_key_is_refused_when_it_is_set(shop: Shop) -> None:
    pinned(shop)
    app = shop.services.apps.by_slug(SLUG)
    with pytest.raises(ConflictError, match="--other-goody-app"):
        must_fit(shop.services, app, other_key(), None)
    must_fit(shop.services, app, shop.goody.key, None)
    must_fit(shop.services, app, other_key(), "http://127.0.0.1:9")  # Looked at when it is used.


def test_another_goody_app_can_be_meant(shop: Shop) -> None:
    seen = pinned(shop)
    shop.services.app_settings.change(SLUG, goody_api_key=other_key())
    assert repin(shop.services, SLUG) != seen
    assert shop.call("POST", "/v1/checkouts", shop.wish()).status_code == 201


def test_while_goody_can_not_say_whose_the_key_is_nothing_is_sent(shop: Shop) -> None:
    pinned(shop)
    checkout = shop.checkout()
    shop.goody.fail(kind="status", status=503, method="GET", path="/v1/me", count=20)
    fresh = build_services(shop.services.settings, clock=shop.clock)
    try:
        strict = Shop(fresh, shop.goody, shop.clock, shop.app_id, shop.pk, shop.sk)
        answer = strict.complete(checkout)
        assert answer.status_code == 202
        assert shop.goody.posts() == 0
    finally:
        fresh.close()


def test_two_apps_at_one_goody_app_are_told(shop: Shop) -> None:
    pinned(shop)
    second_app(shop)
    shop.services.app_settings.change("other", goody_api_key=shop.goody.key)
    found = check_key(shop.services, shop.services.apps.by_slug("other"))
    assert not found.is_ok
    assert f"as {SLUG} is" in found.detail


def environments(shop: Shop, key_of: str) -> Services:
    """The same deployment, where Goody's two environments are played, each with keys of its own."""

    def answer(request: httpx.Request) -> httpx.Response:
        is_known = str(request.url).startswith(key_of)
        return httpx.Response(200, json={"public_app_id": "app_x"}) if is_known else httpx.Response(401, json={})

    return build_services(shop.services.settings, clock=shop.clock, transport=httpx.MockTransport(answer))


@pytest.mark.parametrize(
    ("at", "key_of", "name"), [(SANDBOX, PRODUCTION, "production"), (PRODUCTION, SANDBOX, "sandbox")]
)
def test_a_key_of_the_other_environment_is_told_as_such(shop: Shop, at: str, key_of: str, name: str) -> None:
    shop.services.app_settings.change(SLUG, goody_base_url=at)
    services = environments(shop, key_of)
    found = check_key(services, services.apps.by_slug(SLUG))
    assert not found.is_ok
    assert f"a key of {name}" in found.detail
    assert f"--environment {name}" in found.detail
    shop.services.app_settings.change(SLUG, goody_base_url=key_of)
    assert check_key(services, services.apps.by_slug(SLUG)).is_ok
    services.close()


def test_callers_learn_nothing_of_it(shop: Shop) -> None:
    pinned(shop)
    shop.services.app_settings.change(SLUG, goody_api_key=other_key())
    refused = (
        create_app(shop.services).test_client().get("/v1/stored_value", headers={"Authorization": f"Bearer {shop.sk}"})
    )
    told = problem(refused, 502, "supplier_unauthorized")
    assert "pinned" not in told["detail"]
