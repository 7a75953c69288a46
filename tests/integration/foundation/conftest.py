"""A migrated database for each test, copied from one made once."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from foundation.apps import Apps
from foundation.database import Sessions
from foundation.encryption import Vault
from storefront.migrating import migrate
from tests.shop import VAULT_KEY, MovingClock

NewApp = Callable[[str], str]


@pytest.fixture(scope="session")
def empty_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "empty.db"
    sessions = Sessions(f"sqlite:///{path}")
    migrate(sessions)
    sessions.dispose()
    return path


@pytest.fixture
def database(empty_template: Path, tmp_path: Path) -> Path:
    """A file with all tables and nothing in them."""
    return Path(shutil.copy(empty_template, tmp_path / "test.db"))


@pytest.fixture
def sessions(database: Path) -> Iterator[Sessions]:
    sessions = Sessions(f"sqlite:///{database}")
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
