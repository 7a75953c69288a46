"""A shop over a catalog large enough to have every kind of product: gift cards and open prices come past the 168th."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulator.program import running
from tests.shop import Shop, open_shop, stock_template


@pytest.fixture(scope="session")
def varied_goody_url() -> Iterator[str]:
    """An emulated Goody with every kind of product."""
    with running("--products", "200") as base_url:
        yield base_url


@pytest.fixture(scope="session")
def varied_template(varied_goody_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with one app and that catalog."""
    path = tmp_path_factory.mktemp("varied") / "storefront.db"
    stock_template(path, varied_goody_url)
    return path


@pytest.fixture
def varied_shop(varied_template: Path, varied_goody_url: str, tmp_path: Path) -> Iterator[Shop]:
    """A storefront with every kind of product on sale."""
    database = tmp_path / "varied.db"
    shutil.copy(varied_template, database)
    with open_shop(database, varied_goody_url) as shop:
        yield shop
