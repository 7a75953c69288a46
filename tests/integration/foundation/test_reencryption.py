"""Rotation of the encryption keys: everything is read by the new key alone afterwards, wherever it was stopped."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

import storefront.services  # noqa: F401  all tables are registered
from foundation.app_settings import AppSettings
from foundation.apps import Apps, NewApp, PartnerApp
from foundation.customer_tokens import TokenAlgorithm
from foundation.database import Base, Sessions
from foundation.encryption import Vault, generate_key
from foundation.reencryption import Reencryption, Tally, secret_columns
from storefront.delivery.endpoint_secrets import EndpointSecrets
from storefront.delivery.endpoints import Endpoints, Wish
from storefront.delivery.tables import EndpointSecret
from storefront.idempotency import Held, IdempotencyKeys, Stored
from tests.integration.foundation.test_apps import GOODY_KEY, create
from tests.shop import VAULT_KEY, WEBHOOK_SECRET

NEW = generate_key()
BOTH = Vault([NEW, VAULT_KEY])
NEW_ALONE = Vault([NEW])


@pytest.fixture
def app(sessions: Sessions, apps: Apps) -> NewApp:
    """An app with a secret of each kind, and some answers kept for repetitions."""
    made = create(apps)
    settings = AppSettings(sessions, Vault([VAULT_KEY]))
    secrets = EndpointSecrets(Vault([VAULT_KEY]))
    Endpoints(sessions, secrets, is_local_allowed=False).create(made.app_id, Wish(url="https://partner.example/hook"))
    settings.use_tokens("shop", TokenAlgorithm.HS256, "https://partner.example")
    keep(sessions, *(f"scope {number:04}" for number in range(230)))
    return made


def keep(sessions: Sessions, *scopes: str) -> None:
    kept = IdempotencyKeys(sessions, Vault([VAULT_KEY]))
    held = kept.claim("first", b"{}")
    assert isinstance(held, Held)
    kept.store(held, Stored(201, {}, b'{"client_secret": "s"}'))
    columns = "request_hash, lease_until, status, headers, body, created_at"
    with sessions.begin() as session:
        for scope in scopes:
            copied = f"INSERT INTO idempotency_keys (scope, {columns}) SELECT :scope, {columns} FROM idempotency_keys"  # noqa: S608
            session.execute(sa.text(f"{copied} WHERE scope = 'first'"), {"scope": scope})
        session.execute(sa.text("DELETE FROM idempotency_keys WHERE scope = 'first'"))


def rotate(sessions: Sessions, told: Callable[[Tally], None] = lambda _: None, **options: bool) -> dict[str, Tally]:
    return {tally.column: tally for tally in Reencryption(sessions, BOTH).run(told, **options)}


def test_afterwards_the_old_key_is_not_needed(sessions: Sessions, app: NewApp) -> None:
    tallies = rotate(sessions)
    assert {name: tally.renewed for name, tally in tallies.items()} == {
        "idempotency_keys.body": 230,
        "partner_apps.goody_api_key": 1,
        "partner_apps.token_secret": 1,
        "webhook_endpoint_secrets.secret": 1,
        "webhook_secrets.secret": 1,
    }
    with sessions.read() as session:
        (kept,) = session.scalars(sa.select(EndpointSecret.secret))
    assert NEW_ALONE.decrypt(kept).startswith("whsec_")
    fresh = Apps(sessions, NEW_ALONE)
    found = fresh.get(app.app_id)
    assert fresh.goody_api_key(fresh.account(app.app_id)) == GOODY_KEY
    assert fresh.webhook_secrets(app.app_id) == [WEBHOOK_SECRET]
    rules = AppSettings(sessions, NEW_ALONE).token_rules(found)
    assert rules is not None
    assert rules.secret is not None
    stored = IdempotencyKeys(sessions, NEW_ALONE).claim("scope 0007", b"{}")
    assert isinstance(stored, Stored)
    assert stored.body == b'{"client_secret": "s"}'


@pytest.mark.usefixtures("app")
def test_it_goes_on_where_it_was_stopped(sessions: Sessions) -> None:
    class StoppedError(Exception):
        """Somebody pressed Ctrl-C."""

    def stop(tally: Tally) -> None:
        if tally.renewed == 200:
            raise StoppedError

    with pytest.raises(StoppedError):
        rotate(sessions, stop)
    again = rotate(sessions)
    body = again["idempotency_keys.body"]
    assert (body.current, body.renewed) == (230, 30)
    assert {tally.renewed for tally in rotate(sessions).values()} == {0}


@pytest.mark.usefixtures("app")
def test_a_dry_run_counts_and_changes_nothing(sessions: Sessions) -> None:
    for _ in range(2):
        counted = rotate(sessions, is_dry_run=True)
        assert counted["idempotency_keys.body"].remaining == 230
        assert counted["partner_apps.goody_api_key"].remaining == 1
    rotate(sessions)
    assert {tally.remaining for tally in rotate(sessions, is_dry_run=True).values()} == {0}


def test_what_no_key_reads_is_counted_and_left(sessions: Sessions, app: NewApp) -> None:
    lost = Vault([generate_key()]).encrypt("x")
    with sessions.begin() as session:
        session.get_one(PartnerApp, app.app_id).token_secret = lost
    assert rotate(sessions)["partner_apps.token_secret"].unreadable == 1
    with sessions.read() as session:
        assert session.get_one(PartnerApp, app.app_id).token_secret == lost


def test_a_secret_that_is_replaced_meanwhile_is_left_alone(sessions: Sessions, app: NewApp) -> None:
    newer = BOTH.encrypt("goody_token_commerce_newer")

    def replace(tally: Tally) -> None:
        if tally.column == "idempotency_keys.body":
            with sessions.begin() as session:
                session.get_one(PartnerApp, app.app_id).goody_api_key = newer

    rotate(sessions, replace)
    with sessions.read() as session:
        assert session.get_one(PartnerApp, app.app_id).goody_api_key == newer


def test_every_column_that_is_called_encrypted_is_gone_through() -> None:
    """The tables' own words for it."""
    listed = {f"{column.table.name}.{column.name}" for column in secret_columns()}
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, sa.Text) and "secret" in column.name:
                assert f"{table.name}.{column.name}" in listed
