"""Setting the stage: a folder, the emulator, a database, an app, its catalog, web and worker."""

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foundation.encryption import generate_key
from foundation.http import ExchangeError, HttpClient
from storefront.demo.partner import Partner, World
from storefront.demo.processes import DemoError, Processes, choose_port, program

GOODY_KEY = "goody_token_commerce_demo"
WEBHOOK_SECRET = "whsec_ZGVtby1vbmx5LXNlY3JldC1kZW1vLW9ubHk="  # noqa: S105  of a throw-away emulator


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs."""

    processes: Processes
    app: dict[str, Any]
    sync: dict[str, Any]
    url: str
    emulator_url: str

    @property
    def partner(self) -> Partner:
        """The partner's app and backend."""
        return Partner(self.url, self.app["publishable_key"], self.app["secret_key"])

    @property
    def world(self) -> World:
        """The people around the sale."""
        return World(self.emulator_url, GOODY_KEY)


@contextmanager
def set_stage(port: int, emulator_port: int, *, is_quiet: bool, database_url: str | None = None) -> Iterator[Stage]:
    """Start it all on these ports, in a folder that is gone afterwards. DemoError if something does not start.

    The database is a SQLite file in that folder, unless an empty one is named.
    """
    url, emulator_url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{emulator_port}"
    with tempfile.TemporaryDirectory(prefix="storefront-demo-") as name:
        folder = Path(name)
        with Processes(folder, _environ(database_url or f"sqlite:///{folder / 'storefront.db'}", url)) as processes:
            storefront = program("storefront")
            emulator = [program("goody-emulator"), "serve", "--port", str(emulator_port), "--quiet"]
            hook = ["--webhook-url", f"{url}/webhooks/goody/demo", "--webhook-secret", WEBHOOK_SECRET]
            processes.start("emulator", [*emulator, *hook])
            processes.run([storefront, "init"])
            account = ["--goody-api-key", GOODY_KEY, "--goody-base-url", emulator_url]
            app = json.loads(
                processes.run([storefront, "app", "create", "demo", *account, "--webhook-secret", WEBHOOK_SECRET])
            )
            processes.wait_until("The emulator's start", lambda: _answers(f"{emulator_url}/_emulator/health"))
            sync = _sync(processes, storefront, is_quiet=is_quiet)
            processes.start("web", [storefront, "serve", "--bind", f"127.0.0.1:{port}"])
            processes.start("worker", [storefront, "worker"])
            processes.wait_until("The web process's start", lambda: _answers(f"{url}/readyz"))
            yield Stage(processes, app, sync, url, emulator_url)


def pick_ports(port: int | None, emulator_port: int | None, *, is_brief: bool) -> tuple[int, int]:
    """The ports asked for; else the usual ones, or for a brief run any that are free."""
    storefront = choose_port(port, None if is_brief else 8000, emulator_port)
    return storefront, choose_port(emulator_port, None if is_brief else 8400, storefront)


def _sync(processes: Processes, storefront: str, *, is_quiet: bool) -> dict[str, Any]:
    shows_progress = not is_quiet and sys.stderr.isatty()
    printed = processes.run([storefront, "sync", "--app", "demo", "--json"], shows_progress=shows_progress)
    result: dict[str, Any] = json.loads(printed)
    if result["status"] != "succeeded":
        raise DemoError(f"The sync {result['status']}: {result['error']}")
    return result


def _environ(database_url: str, url: str) -> dict[str, str]:
    return {
        "STOREFRONT_DATABASE_URL": database_url,
        "STOREFRONT_ENCRYPTION_KEYS": generate_key(),
        "STOREFRONT_PUBLIC_URL": url,
        "STOREFRONT_LOG_LEVEL": "INFO",
        "STOREFRONT_LOG_FORMAT": "console",
        "STOREFRONT_ACTIVITY_INTERVAL_SECONDS": "1",
        # It looks for events every 20 ms, as no backend would.
        "STOREFRONT_LIMIT_SECRET_PER_MINUTE": "0",
        "STOREFRONT_ALLOW_LOCAL_ENDPOINTS": "true",
    }


def _answers(url: str) -> bool:
    try:
        with HttpClient() as http:
            return http.get(url, retry=False).status == 200  # noqa: PLR2004  OK
    except ExchangeError:
        return False
