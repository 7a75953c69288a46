"""Partner apps: keys that work, keys that are refused, and secrets that no copy of the database gives away."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from foundation.apps import Apps, NewApp, WebhookSecret
from foundation.database import Sessions
from foundation.encryption import Vault, generate_key
from foundation.errors import ConflictError, InvalidInputError, NotFoundError, SettingsError
from foundation.keys import KeyKind
from tests.shop import VAULT_KEY, WEBHOOK_SECRET, MovingClock

GOODY_KEY = "goody_token_commerce_neverInTheFile"


def create(apps: Apps, slug: str = "shop", **changes: Any) -> NewApp:
    wanted: dict[str, Any] = {
        "goody_api_key": GOODY_KEY,
        "goody_base_url": "https://api.sandbox.ongoody.com/",
        "webhook_secret": WEBHOOK_SECRET,
        "default_mode": "hosted_payment",
    }
    return apps.create(slug, **{**wanted, **changes})


def test_a_new_app_has_a_key_of_each_kind_that_says_whose_it_is(apps: Apps) -> None:
    made = create(apps)
    for key, kind in ((made.publishable_key, KeyKind.PUBLISHABLE), (made.secret_key, KeyKind.SECRET)):
        holder = apps.authenticate(key)
        assert holder is not None
        assert (holder.app_id, holder.kind) == (made.app_id, kind)
        assert key.startswith(f"{kind}_")
    assert apps.get(made.app_id).slug == apps.by_slug("shop").slug == "shop"
    assert apps.get(made.app_id).goody_base_url == "https://api.sandbox.ongoody.com"


def test_no_secret_is_anywhere_in_the_files(apps: Apps, sqlite_file: Path) -> None:
    made = create(apps)
    later = apps.create_key("shop", KeyKind.SECRET)
    files = [path.read_bytes() for path in sqlite_file.parent.iterdir() if path.name.startswith(sqlite_file.name)]
    assert any(made.app_id.encode() in content for content in files), "the app itself is in there"
    for secret in (made.publishable_key, made.secret_key, later, GOODY_KEY, WEBHOOK_SECRET):
        for text in (secret, secret[3:], secret[8:-4]):
            assert not any(text.encode() in content for content in files)


def test_secrets_are_read_back_by_whoever_has_the_encryption_key(apps: Apps, sessions: Sessions) -> None:
    made = create(apps)
    assert apps.goody_api_key(apps.account(made.app_id)) == GOODY_KEY
    assert apps.webhook_secrets(made.app_id) == [WEBHOOK_SECRET]
    rotated = Apps(sessions, Vault([generate_key(), VAULT_KEY]))
    assert rotated.goody_api_key(rotated.account(made.app_id)) == GOODY_KEY
    stranger = Apps(sessions, Vault([generate_key()]))
    with pytest.raises(SettingsError, match="STOREFRONT_ENCRYPTION_KEYS"):
        stranger.webhook_secrets(made.app_id)


def test_retired_webhook_secrets_are_left_out_and_the_newest_comes_first(apps: Apps, sessions: Sessions) -> None:
    app_id = create(apps).app_id
    vault, now = Vault([VAULT_KEY]), datetime.now(UTC)
    for text, retired_at in (("whsec_b2xk", now), ("whsec_bmV3", None)):
        with sessions.begin() as session:
            secret = vault.encrypt(text)
            session.add(WebhookSecret(app_id=app_id, secret=secret, created_at=now, retired_at=retired_at))
    assert apps.webhook_secrets(app_id) == ["whsec_bmV3", WEBHOOK_SECRET]
    assert apps.webhook_secrets("app_none") == []


def test_a_revoked_key_is_refused_and_the_others_are_not(apps: Apps, clock: MovingClock) -> None:
    made = create(apps)
    second = apps.create_key("shop", KeyKind.SECRET)
    listed = {key.kind + key.hint: key for key in apps.keys("shop")}
    assert len(listed) == 3
    first = listed[f"sk{made.secret_key[:7]}…"]
    apps.revoke_key(first.id)
    assert apps.authenticate(made.secret_key) is None
    assert apps.authenticate(second) is not None
    assert apps.authenticate(made.publishable_key) is not None

    revoked_at = {key.id: key.revoked_at for key in apps.keys("shop")}[first.id]
    clock.advance(hours=1)
    apps.revoke_key(first.id)
    assert {key.id: key.revoked_at for key in apps.keys("shop")}[first.id] == revoked_at


@pytest.mark.parametrize("key", ["", "sk_", "sk_unknown", "pk_" + "a" * 40, "é" * 40, "x" * 10_000])
def test_an_unknown_key_is_nobodys(apps: Apps, key: str) -> None:
    create(apps)
    assert apps.authenticate(key) is None


def test_a_key_can_not_be_asked_for_by_what_is_stored_of_it(apps: Apps) -> None:
    create(apps)
    assert [apps.authenticate(key.fingerprint) for key in apps.keys("shop")] == [None, None]


def test_what_does_not_exist_says_how_to_make_it_or_find_it(apps: Apps) -> None:
    with pytest.raises(NotFoundError, match="storefront app create nobody"):
        apps.by_slug("nobody")
    with pytest.raises(NotFoundError, match="storefront app create nobody"):
        apps.create_key("nobody", KeyKind.SECRET)
    with pytest.raises(NotFoundError, match="storefront key list"):
        apps.revoke_key("key_none")
    with pytest.raises(NotFoundError):
        apps.get("app_none")
    with pytest.raises(NotFoundError):
        apps.account("app_none")


def test_a_slug_is_taken_once(apps: Apps, sessions: Sessions) -> None:
    first = create(apps)
    with pytest.raises(ConflictError, match="'shop' already"):
        create(apps)
    assert [app.id for app in apps.all()] == [first.app_id]
    with sessions.read() as session:
        assert session.scalar(sa.text("SELECT count(*) FROM api_keys")) == 2


@pytest.mark.parametrize("slug", ["a", "7", "my-shop-2", "a" * 48])
def test_good_slugs(apps: Apps, slug: str) -> None:
    assert create(apps, slug).slug == slug


@pytest.mark.parametrize("slug", ["", "-", "-a", "a-", "A", "a_b", "a b", "é", "a\n", "a/b", "a" * 49])
def test_bad_slugs(apps: Apps, slug: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        create(apps, slug)
    assert [fault.pointer for fault in caught.value.faults] == ["/slug"]
    assert apps.all() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("goody_api_key", ""),
        ("goody_api_key", " "),
        ("goody_api_key", "goody_token\n"),
        ("goody_api_key", "goody token"),
        ("goody_api_key", "goody_tokén"),
        ("goody_base_url", ""),
        ("goody_base_url", "api.ongoody.com"),
        ("goody_base_url", "ftp://api.ongoody.com"),
        ("goody_base_url", "https://"),
        ("goody_base_url", "https://user@api.ongoody.com"),
        ("goody_base_url", "https://api.ongoody.com?x=1"),
        ("webhook_secret", ""),
        ("webhook_secret", "whsec_"),
        ("webhook_secret", "whsec_not base64"),
        ("webhook_secret", WEBHOOK_SECRET.removeprefix("whsec_")),
        ("default_mode", "barter"),
    ],
)
def test_what_could_never_work_is_refused_when_the_app_is_made(apps: Apps, field: str, value: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        create(apps, **{field: value})
    assert [fault.pointer for fault in caught.value.faults] == [f"/{field}"]
    assert apps.all() == []


def test_all_faults_are_told_at_once(apps: Apps) -> None:
    bad = {"goody_api_key": "", "goody_base_url": "x", "webhook_secret": "x", "default_mode": "x"}
    with pytest.raises(InvalidInputError) as caught:
        create(apps, "-", **bad)
    assert [fault.pointer for fault in caught.value.faults] == ["/slug", *(f"/{name}" for name in bad)]


def test_a_webhook_secret_can_be_added_and_the_old_one_stays_good(apps: Apps) -> None:
    made = create(apps)
    later = "whsec_" + "bGF0ZXIgc2VjcmV0IG9mIHRoZSB0ZXN0cw=="
    apps.add_webhook_secret("shop", later)
    assert apps.webhook_secrets(made.app_id) == [later, WEBHOOK_SECRET]
    with pytest.raises(InvalidInputError) as refused:
        apps.add_webhook_secret("shop", "whsec_")
    assert [fault.pointer for fault in refused.value.faults] == ["/webhook_secret"]
    assert apps.webhook_secrets(made.app_id) == [later, WEBHOOK_SECRET]
