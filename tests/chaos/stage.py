"""What a chaos run is about: two web processes and two workers over one database, in front of one emulated Goody."""

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from storefront.migrating import migrate
from storefront.services import build_services
from tests.databases import open_databases
from tests.end_to_end.conftest import find_port
from tests.end_to_end.deployment import Program, until
from tests.shop import VAULT_KEY, WEBHOOK_SECRET, settings_for

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
    "LIMIT_PUBLIC_PER_MINUTE": "0",
    "LIMIT_SECRET_PER_MINUTE": "0",
    "LOG_LEVEL": "INFO",
}
"""Impatient, so that a run takes minutes where life takes hours."""


@dataclass
class App:
    """One partner's app, and its account at Goody."""

    slug: str
    goody_key: str
    secret_key: str = ""


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
        self._clients: list[httpx.Client] = []
        self._own = threading.local()

    @property
    def _http(self) -> httpx.Client:
        """A client for each thread: none loses its connection to another's tidying up."""
        client: httpx.Client | None = getattr(self._own, "client", None)
        if client is None:
            client = httpx.Client(trust_env=False, verify=False, timeout=300)  # noqa: S501  nothing here speaks TLS
            self._own.client = client
            self._clients.append(client)
        return client

    @property
    def goody_url(self) -> str:
        """Where Goody is."""
        return f"http://127.0.0.1:{self.goody_port}"

    def set_up(self) -> None:
        """Goody, database, apps, catalogs."""
        self.goody.start()
        until(lambda: self._is_up(f"{self.goody_url}/_emulator/health"))
        services = build_services(settings_for(self.database_url))
        try:
            migrate(services.sessions)
            for app in self.apps:
                made = services.apps.create(
                    app.slug,
                    goody_api_key=app.goody_key,
                    goody_base_url=self.goody_url,
                    webhook_secret=WEBHOOK_SECRET,
                    default_mode="hosted_payment",
                )
                app.secret_key = made.secret_key
                assert services.catalog_sync.run(made.app_id).status == "succeeded"
                self._register(app)
        finally:
            services.close()

    def _register(self, app: App) -> None:
        """Goody sends the app's webhooks to both web processes."""
        for port in self.web_ports:
            url = f"http://127.0.0.1:{port}/webhooks/goody/{app.slug}"
            self.control("POST", "webhooks", {"url": url, "secret": WEBHOOK_SECRET}, app)

    def start(self) -> None:
        """Start web processes and workers, and wait until they work."""
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(self._start, (*self.webs, *self.workers)))

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
            self._start(victim)

    def _start(self, program: Program) -> None:
        """Start it, and wait until it works: a process that is killed while it starts proves little."""
        began = self._starts(program)
        program.start()
        if program in self.webs:
            url = f"http://127.0.0.1:{self.web_ports[self.webs.index(program)]}/readyz"
            until(lambda: self._is_up(url), 120)
        else:
            until(lambda: self._starts(program) > began, 120)

    def _starts(self, program: Program) -> int:
        log = self.folder / f"{program.name}.log"
        return log.read_text(errors="replace").count("worker started") if log.exists() else 0

    def close(self) -> None:
        """Leave nothing running."""
        for program in (*self.workers, *self.webs, self.goody):
            program.kill()
        for client in self._clients:
            client.close()

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
