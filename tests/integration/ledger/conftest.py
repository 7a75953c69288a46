"""A migrated database with one app in it, and entries to post."""

from collections.abc import Iterator

import pytest

from foundation.apps import Apps
from foundation.database import Sessions
from foundation.encryption import Vault
from payments.ledger.journal import Ledger
from storefront.migrating import migrate
from tests.databases import Databases
from tests.integration.ledger.stage import Books
from tests.shop import VAULT_KEY, MovingClock


@pytest.fixture(scope="session")
def books_template(databases: Databases) -> str:
    """The URL of a database with one app: tests get copies."""
    url = databases.new()
    sessions = Sessions(url)
    migrate(sessions)
    new_app(sessions, "first")
    sessions.dispose()
    return url


@pytest.fixture
def books(databases: Databases, books_template: str) -> Iterator[Books]:
    """The ledger of an app in which nothing is posted yet."""
    url = databases.copy(books_template)
    sessions = Sessions(url)
    clock = MovingClock()
    app_id = Apps(sessions, Vault([VAULT_KEY]), clock).by_slug("first").id
    yield Books(sessions, Ledger(clock), clock, app_id)
    sessions.dispose()
    databases.drop(url)


def new_app(sessions: Sessions, slug: str, webhook_secret: str | None = None) -> str:
    """An app; its id."""
    apps = Apps(sessions, Vault([VAULT_KEY]))
    return apps.create(
        slug,
        goody_api_key="goody_token_commerce_x",
        goody_base_url="http://127.0.0.1:9",
        webhook_secret=webhook_secret,
        default_mode="hosted_payment",
    ).app_id
