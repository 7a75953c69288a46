"""A deployment set up by the command line, as the README tells; each test runs its programs over a copy."""

import json
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.shop import WEBHOOK_SECRET

from .deployment import Deployment, deployed


def find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture
def free_port() -> Callable[[], int]:
    """Finds ports that nobody listens on."""
    return find_port


@pytest.fixture(scope="session")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """Database, key, app and catalog, made by the commands that an operator would type."""
    folder = tmp_path_factory.mktemp("deployment")
    with deployed(folder, find_port(), find_port()) as deployment:
        deployment.start_goody()
        deployment.storefront("init")
        account = ("--goody-api-key", "goody_token_commerce_hand", "--goody-base-url", deployment.goody_url)
        made = deployment.storefront("app", "create", "hand", *account, "--webhook-secret", WEBHOOK_SECRET)
        deployment.app = json.loads(made)
        assert json.loads(deployment.storefront("sync"))["status"] == "succeeded"
    return deployment


@pytest.fixture
def deployment(set_up: Deployment, tmp_path: Path) -> Iterator[Deployment]:
    """A copy of it, with Goody, web and worker running."""
    for name in ("storefront.db", "storefront.db.key"):
        shutil.copy2(set_up.folder / name, tmp_path)
    with deployed(tmp_path, set_up.goody_port, set_up.web_port, set_up.app) as deployment:
        deployment.worker.start()
        deployment.start_goody()
        deployment.start_web()
        yield deployment
