"""What every test may ask for: a Goody of its own (the emulator, run as a process) and a shop in front of it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulator.program import running
from tests.shop import Shop, open_shop, stock_template


@pytest.fixture(scope="session")
def goody_url() -> Iterator[str]:
    """An emulated Goody for all tests of this process; each test calls it with a key, so an app, of its own."""
    with running("--products", "120") as base_url:
        yield base_url


@pytest.fixture(scope="session")
def stocked_template(goody_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with one app and its catalog, synced once: tests get copies."""
    path = tmp_path_factory.mktemp("template") / "storefront.db"
    stock_template(path, goody_url)
    return path


@pytest.fixture
def shop(stocked_template: Path, goody_url: str, tmp_path: Path) -> Iterator[Shop]:
    """A storefront with one stocked app, in front of a Goody that has no orders of it yet."""
    database = tmp_path / "storefront.db"
    shutil.copy(stocked_template, database)
    with open_shop(database, goody_url) as shop:
        yield shop
