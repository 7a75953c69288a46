"""A migrated database for each test, copied from one made once."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from foundation.apps import Apps
from foundation.database import Sessions
from foundation.encryption import Vault
from storefront.migrating import migrate
from tests.databases import Databases, file_of
from tests.shop import VAULT_KEY, MovingClock

NewApp = Callable[[str], str]


@pytest.fixture(scope="session")
def empty_template(databases: Databases) -> str:
    url = databases.new()
    sessions = Sessions(url)
    migrate(sessions)
    sessions.dispose()
    return url


@pytest.fixture
def database_url(databases: Databases, empty_template: str) -> Iterator[str]:
    """A database with all tables and nothing in them."""
    url = databases.copy(empty_template)
    yield url
    databases.drop(url)


@pytest.fixture
def sqlite_file(database_url: str) -> Path:
    """The file of that database, for tests of what only SQLite has."""
    if not database_url.startswith("sqlite"):
        pytest.skip("about SQLite's own file")
    return file_of(database_url)


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    sessions = Sessions(database_url)
    yield sessions
    sessions.dispose()


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def apps(sessions: Sessions, clock: MovingClock) -> Apps:
    return Apps(sessions, Vault([VAULT_KEY]), clock)


@pytest.fixture
def new_app(apps: Apps) -> NewApp:
    """Makes an app of a slug and gives its id."""

    def make(slug: str) -> str:
        made = apps.create(
            slug,
            goody_api_key="goody_token_commerce_x",
            goody_base_url="http://127.0.0.1:9",
            webhook_secret=None,
            default_mode="hosted_payment",
        )
        return made.app_id

    return make
