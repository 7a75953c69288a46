"""Folders to run commands in: an empty one, one with a database, one with an app whose catalog is synced."""

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Databases, file_of
from tests.logging_state import LoggingState
from tests.shop import VAULT_KEY, stock_template

from .terminal import Terminal


@pytest.fixture(autouse=True)
def logging_put_back(logging_is_left_alone: None) -> Iterator[None]:  # noqa: ARG001  this one ends first
    """A command that is run in this process configures its logs, as it should."""
    before = LoggingState.now()
    yield
    before.restore()


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Nothing in it."""
    return Terminal(tmp_path)


@pytest.fixture(scope="session")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("set-up")
    assert Terminal(folder).run("init").code == 0
    return folder


@pytest.fixture
def initialised(set_up: Path, tmp_path: Path) -> Terminal:
    """What `storefront init` made."""
    for path in set_up.iterdir():
        shutil.copy2(path, tmp_path)
    return Terminal(tmp_path)


@pytest.fixture(scope="session")
def stocked_file(sqlite_databases: Databases, goody_url: str) -> Path:
    """A SQLite database with the app `shop`, synced from the tests' Goody."""
    url = sqlite_databases.new()
    stock_template(url, goody_url)
    return file_of(url)


@pytest.fixture
def stocked(stocked_file: Path, tmp_path: Path) -> Terminal:
    """With that database."""
    shutil.copy(stocked_file, tmp_path / "storefront.db")
    return Terminal(tmp_path, {"STOREFRONT_ENCRYPTION_KEYS": VAULT_KEY})


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]
