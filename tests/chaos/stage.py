"""What a chaos run is about: two web processes and two workers over one database, in front of one emulated Goody."""

import json
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from tests.databases import open_databases
from tests.end_to_end.conftest import find_port
from tests.end_to_end.deployment import Program, run_program, until
from tests.shop import VAULT_KEY, WEBHOOK_SECRET

SETTINGS: Final = {
    "SUBMISSION_LEASE_SECONDS": "4",
    "GOODY_CONNECT_SECONDS": "1",
    "GOODY_READ_SECONDS": "2",
    "SWEEP_INTERVAL_SECONDS": "0.5",
    "INBOX_INTERVAL_SECONDS": "0.2",
    "ACTIVITY_INTERVAL_SECONDS": "1",
    "QUIET_ORDER_SECONDS": "4",
    "QUIET_ORDER_INTERVAL_SECONDS": "2",
    "QUIET_ORDER_SHARE": "200",
    "SYNC_INTERVAL_SECONDS": "86400",
    "LOG_LEVEL": "INFO",
}
"""Impatient, so that a run takes minutes where life takes hours."""


@dataclass
class App:
    """One partner's app, and its account at Goody."""

    slug: str
    goody_key: str
    keys: dict[str, str] = field(default_factory=dict)


@dataclass
class Stage:
    """The programs, and what is said to them."""

    folder: Path
    database_url: str
    apps: list[App]
    goody_port: int
    web_ports: list[int]
    kills: int = 0

    def __post_init__(self) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("STOREFRONT_")}
        given = {**SETTINGS, "DATABASE_URL": self.database_url, "ENCRYPTION_KEYS": VAULT_KEY}
        self.environ = {**kept, **{f"STOREFRONT_{name}": value for name, value in given.items()}}
        emulator = ("goody-emulator", "serve", "--port", str(self.goody_port), "--products", "60", "--quiet")
        self.goody = Program((*emulator, "--state", str(self.folder / "goody.db")), self.folder, self.environ)
        self.webs = [
            Program(("storefront", "serve", "--bind", f"127.0.0.1:{port}"), self.folder, self.environ, f"web-{port}")
            for port in self.web_ports
        ]
        self.workers = [
            Program(("storefront", "worker"), self.folder, self.environ, f"worker-{number}") for number in (1, 2)
        ]
        self._http = httpx.Client(trust_env=False, verify=False, timeout=300)  # noqa: S501  nothing here speaks TLS

    @property
    def goody_url(self) -> str:
        """Where Goody is."""
        return f"http://127.0.0.1:{self.goody_port}"

    def set_up(self) -> None:
        """Database, apps, catalogs; Goody sends each app's webhooks to both web processes."""
        self.goody.start()
        until(lambda: self._is_up(f"{self.goody_url}/_emulator/health"))
        self.command("init")
        for app in self.apps:
            account = ("--goody-api-key", app.goody_key, "--goody-base-url", self.goody_url)
            made = self.command("app", "create", app.slug, *account, "--webhook-secret", WEBHOOK_SECRET)
            app.keys = json.loads(made)
            for port in self.web_ports:
                url = f"http://127.0.0.1:{port}/webhooks/goody/{app.slug}"
                self.control("POST", "webhooks", {"url": url, "secret": WEBHOOK_SECRET}, app)
        self.command("sync")

    def start(self) -> None:
        """Start web processes and workers, and wait until the web answers."""
        for program in (*self.webs, *self.workers):
            program.start()
        for port in self.web_ports:
            until(lambda port=port: self._is_up(f"http://127.0.0.1:{port}/readyz"))  # type: ignore[misc]

    def command(self, *arguments: str) -> str:
        """Run a storefront command to its end; returns what it printed."""
        return run_program(("storefront", *arguments), self.folder, self.environ)

    def control(self, method: str, path: str, body: object = None, app: App | None = None) -> Any:
        """Ask something of Goody's control API, for an app or for all."""
        headers = {} if app is None else {"Authorization": f"Bearer {app.goody_key}"}
        answer = self._http.request(method, f"{self.goody_url}/_emulator/{path}", json=body, headers=headers)
        assert answer.is_success, (method, path, answer.text)
        return answer.json() if answer.content else None

    def read(self, path: str, app: App) -> Any:
        """What Goody's API answers to this app."""
        headers = {"Authorization": f"Bearer {app.goody_key}"}
        answer = self._http.get(f"{self.goody_url}{path}", headers=headers)
        assert answer.is_success, (path, answer.text)
        return answer.json()

    def kill_at_random(self, chance: random.Random, stop: threading.Event, pause: float) -> None:
        """Kill one program after another with SIGKILL, and start it again a moment later, until told to stop."""
        while not stop.wait(pause * chance.uniform(0.5, 1.5)):
            victim = chance.choice([*self.webs, *self.workers])
            victim.end(signal.SIGKILL)
            self.kills += 1
            time.sleep(chance.uniform(0, 1))
            victim.start()

    def close(self) -> None:
        """Leave nothing running."""
        for program in (*self.workers, *self.webs, self.goody):
            program.kill()
        self._http.close()

    def _is_up(self, url: str) -> bool:
        try:
            return self._http.get(url, timeout=5).is_success
        except httpx.TransportError:
            return False


@contextmanager
def staged(kind: str, folder: Path, apps: int = 2) -> Iterator[Stage]:
    """A stage over a new database of this kind, set up and not started; nothing of it is left afterwards."""
    with open_databases(kind) as databases:
        partners = [App(f"shop-{number}", f"goody_token_commerce_chaos{number}") for number in range(1, apps + 1)]
        stage = Stage(folder, databases.new(), partners, find_port(), [find_port(), find_port()])
        try:
            stage.set_up()
            yield stage
        finally:
            stage.close()
            databases.drop(stage.database_url)
