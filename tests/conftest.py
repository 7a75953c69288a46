"""What every test may ask for: a database of either kind, a Goody of its own, and a shop in front of it."""

from collections.abc import Iterator
from typing import Final

import pytest

from tests.databases import KINDS, Databases, open_databases
from tests.emulator.program import running
from tests.logging_state import LoggingState
from tests.shop import Shop, open_shop, stock_template

DOUBLED: Final = (
    "test_idempotency",
    "test_first_sale",
    "test_events",
    "test_stored_value",
    "test_goody_webhooks",
    "test_erasure",
)
"""Tests of the API that run on PostgreSQL each time; the others do with `--every-database` (`make test-all`)."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Know the option that runs everything on both databases."""
    parser.addoption("--every-database", action="store_true", help="run the API's tests on PostgreSQL too, all of them")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what tests the API once more on the other database, to keep the usual run short."""
    if config.getoption("--every-database"):
        return
    once_more = [item for item in items if _is_once_more(item.nodeid)]
    config.hook.pytest_deselected(items=once_more)
    items[:] = [item for item in items if not _is_once_more(item.nodeid)]


def _is_once_more(nodeid: str) -> bool:
    is_api = nodeid.startswith("tests/api/") and "postgresql" in nodeid
    return is_api and not any(f"/{module}.py" in nodeid for module in DOUBLED)


@pytest.fixture(autouse=True)
def logging_is_left_alone() -> Iterator[None]:
    """Fail a test that leaves the process logging otherwise: what the next ones see must not depend on the order."""
    before = LoggingState.now()
    yield
    changed = before.differences(LoggingState.now())
    before.restore()
    assert changed == []


@pytest.fixture(scope="session", params=KINDS)
def databases(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """SQLite, then PostgreSQL: whatever touches data runs on both."""
    with open_databases(request.param) as databases:
        yield databases


@pytest.fixture(scope="session")
def sqlite_databases() -> Iterator[Databases]:
    """SQLite alone, for what is about the command line or about SQLite itself."""
    with open_databases("sqlite") as databases:
        yield databases


@pytest.fixture(scope="session")
def goody_url() -> Iterator[str]:
    """An emulated Goody for all tests of this process, with every kind of product (gift cards come past the 168th).

    Each test calls it with a key, so an app, of its own.
    """
    with running("--products", "200") as base_url:
        yield base_url


@pytest.fixture(scope="session")
def stocked_template(databases: Databases, goody_url: str) -> str:
    """The URL of a database with one app and its catalog, synced once: tests get copies."""
    url = databases.new()
    stock_template(url, goody_url)
    return url


@pytest.fixture
def shop(databases: Databases, stocked_template: str, goody_url: str) -> Iterator[Shop]:
    """A storefront with one stocked app, in front of a Goody that has no orders of it yet."""
    url = databases.copy(stocked_template)
    with open_shop(url, goody_url) as shop:
        yield shop
    databases.drop(url)
