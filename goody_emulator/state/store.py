"""The emulator's state on disk: SQLite, one connection per thread, one writer at a time."""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from goody_emulator.state.clock import Clock

# The clock may be set, and the year 9999 is further away than a condition can wait.
_LONGEST_WAIT: Final = 60

VERSION: Final = 4
"""The version of the tables; a file of another one is not opened."""

Row = Mapping[str, Any]
"""A row of a table, by column name."""


_CACHE: Final = 256
"""KiB of the file that each connection keeps in memory: every thread has one, and the system keeps the rest."""


@contextmanager
def _savepoint(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("SAVEPOINT part")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK TO part")
            connection.execute("RELEASE part")
        raise
    connection.execute("RELEASE part")


def version_of(connection: sqlite3.Connection) -> int:
    """Return the version of the tables in a file, 0 when it was not written by an emulator."""
    [version] = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


class StateError(Exception):
    """The file cannot be used as the emulator's state."""


class Store:
    """Rows of one SQLite file."""

    def __init__(self, path: str, tables: Iterable[str]) -> None:
        self.path = path
        self.clock = Clock()
        """The time that rows are written at."""
        self._local = threading.local()
        self._writing = threading.RLock()
        self._news = threading.Condition()
        self.commits = 0
        """How many times something has been written; grows, so that a waiting thread misses nothing."""
        self._prepare(tables)

    def _prepare(self, tables: Iterable[str]) -> None:
        # With a connection that sets nothing: a file of another program is to be left as it was.
        try:
            with closing(sqlite3.connect(self.path)) as plain:
                version = version_of(plain)
                [known] = plain.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.DatabaseError as error:
            raise StateError(f"{self.path} cannot be used to keep the state in: {error}.") from error
        if version == 0 and known:
            raise StateError(f"{self.path} is a database of another program. Name another file with --state.")
        if version not in {0, VERSION}:
            raise StateError(
                f"{self.path} was written by another version of the emulator (its state is of version {version}, "
                f"this one reads {VERSION}). Delete the file, or name another one with --state."
            )
        made = "\n".join(tables)
        self._connection().executescript(f"BEGIN;\n{made}\nPRAGMA user_version = {VERSION};\nCOMMIT;")

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, isolation_level=None, timeout=30)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute(f"PRAGMA cache_size=-{_CACHE}")
            self._local.connection = connection
        return connection

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what is executed inside as one, or none of it; writers take turns.

        Inside another one it is a part of that: undone by itself when it fails, committed with the whole.
        """
        connection = self._connection()
        if connection.in_transaction:
            with _savepoint(connection):
                yield
            return
        with self._writing:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        self.announce()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let all queries inside see the rows as they were at the first of them."""
        connection = self._connection()
        if connection.in_transaction:
            yield
            return
        connection.execute("BEGIN")
        try:
            yield
        finally:
            connection.execute("ROLLBACK")

    def copy_to(self, path: Path) -> None:
        """Write all rows, as they are at one moment, into a new file."""
        with closing(sqlite3.connect(path)) as copy:
            self._connection().backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let no other thread write inside."""
        with self._writing:
            yield

    def replace_by(self, path: Path) -> None:
        """Put the rows of a copy in the place of all rows."""
        with self.alone(), closing(sqlite3.connect(path)) as copy:
            copy.backup(self._connection())
        self.announce()

    def announce(self) -> None:
        """Wake the threads that wait for something to be written."""
        with self._news:
            self.commits += 1
            self._news.notify_all()

    def wait(self, seen: int, until: int | None) -> None:
        """Wait until more has been written than was `seen`, or until a moment; now and then wait for less."""
        seconds = None if until is None else self.clock.seconds_until(until)
        self.wait_for_news(seen, _LONGEST_WAIT if seconds is None else min(_LONGEST_WAIT, seconds))

    def wait_for_news(self, seen: int, seconds: float) -> None:
        """Wait until more has been written than was `seen`, but for so many real seconds at most."""
        with self._news:
            self._news.wait_for(lambda: self.commits != seen, seconds)

    def execute(self, statement: str, *values: object) -> int:
        """Execute a statement and return how many rows it changed."""
        return self._connection().execute(statement, values).rowcount

    def insert(self, table: str, row: Row) -> None:
        """Insert one row; the names of table and columns come from this program, never from a request."""
        columns, marks = ", ".join(row), ", ".join("?" * len(row))
        statement = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 - see above
        self._connection().execute(statement, tuple(row.values()))

    def update(self, table: str, row_id: str, changes: Row) -> None:
        """Change columns of the row of an id; names as for `insert`."""
        columns = ", ".join(f"{name} = ?" for name in changes)
        self._connection().execute(f"UPDATE {table} SET {columns} WHERE id = ?", (*changes.values(), row_id))  # noqa: S608

    def rows(self, query: str, *values: object) -> list[Row]:
        """Return the rows a query finds."""
        cursor = self._connection().execute(query, values)
        names = _names(cursor)
        return [dict(zip(names, found, strict=True)) for found in cursor]

    def row(self, query: str, *values: object) -> Row | None:
        """Return the first row a query finds, or None."""
        cursor = self._connection().execute(query, values)
        found = cursor.fetchone()
        return None if found is None else dict(zip(_names(cursor), found, strict=True))

    def count(self, query: str, *values: object) -> int:
        """Return the number a counting query gives."""
        [number] = self._connection().execute(query, values).fetchone()
        return int(number)


def _names(cursor: sqlite3.Cursor) -> list[str]:
    return [column[0] for column in cursor.description]
