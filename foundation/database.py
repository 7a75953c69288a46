"""The database: Base, column types, and sessions whose every transaction is one `with` block.

SQLite (WAL, one writer) and PostgreSQL serve the same code. A writer on SQLite begins IMMEDIATE: it waits for its
turn at the start instead of failing at the end.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.exc import DatabaseError, InternalError, InvalidatePoolError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from foundation.errors import StorefrontError

BUSY_SECONDS: Final = 20
SQLITE_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    # A committed order survives a power cut, not only a crash of the process.
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}",
    "PRAGMA cache_size = -8192",
)
_SYNCHRONOUS: Final = "synchronous"
_HINTS: Final = {
    "57014": "Ask for less at once, or raise STOREFRONT_STATEMENT_SECONDS.",
    "55P03": "Somebody else writes the same just now; if it stays so, look for a transaction that hangs.",
    "25P03": "This process hung in a transaction; nothing of it was kept. Try again.",
}
"""What to do, by PostgreSQL's code: statement cut off, lock not granted, transaction idle for too long."""
TRUSTED_SECONDS: Final = 1.0
"""A connection to PostgreSQL that was in use so lately is not asked whether it still stands."""
_USED_AT: Final = "used_at"
KEPT_CONNECTIONS: Final = 20
"""To PostgreSQL, by one process: more than a web process has threads. Ten more may be open for a moment, each at the
price of starting and ending a process of the server's."""
LISTENERS: Final = "listeners"


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """A moment: aware, UTC. A naive one is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive values; SQLite stores the UTC wall clock."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"A naive datetime can't be stored: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give aware UTC values back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Base(orm.DeclarativeBase):
    """Root of all tables. Tables live with their owners; this fixes how plain Python types are stored."""

    type_annotation_map = {  # noqa: RUF012  SQLAlchemy reads it as a class attribute
        datetime: UtcDateTime(),
        int: sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        dict[str, Any]: sa.JSON(none_as_null=True),
        list[Any]: sa.JSON(none_as_null=True),
    }
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Session(orm.Session):
    """The one Session class, so that rooms can hook it without touching SQLAlchemy's own."""


def table_of(model: type[Base]) -> sa.Table:
    """The table behind a class: statements over it alone pass by what objects need, which takes longer than they do."""
    return cast("sa.Table", model.__table__)


def insert(session: Session, table: type[Base] | sa.Table) -> postgresql.Insert:
    """An INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update`, on the session's database."""
    return insert_on(dialect_of(session), table)


def dialect_of(session: Session) -> str:
    """`sqlite` or `postgresql`."""
    return session.get_bind().dialect.name


def insert_on(dialect: str, table: type[Base] | sa.Table) -> postgresql.Insert:
    """The same for a database by its name, so that a statement can be built once and kept."""
    if dialect == "sqlite":
        # The two dialects' statements share these methods but no base class.
        return cast("postgresql.Insert", sqlite.insert(table))
    return postgresql.insert(table)


def fetch(connection: sa.Connection, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows of a query in the driver's own words, for what is asked many times a second.

    It takes a third of the time: nothing is compiled, converted or hooked on the way.
    """
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement, parameters)
        return cast("list[tuple[Any, ...]]", cursor.fetchall())
    finally:
        cursor.close()


def tell(session: Session) -> None:
    """Tell whoever listens in this process that the transaction brought something to do. For after its commit."""
    for listener in session.info.get(LISTENERS, ()):
        listener()


class DatabaseUnavailableError(StorefrontError):
    """The database can't be reached, or has been locked for too long."""

    code = "database_unavailable"


class Sessions:
    """Opens transactions. `begin()` writes, `read()` only looks; both close with the block."""

    def __init__(self, url: str, statement_seconds: float = 0) -> None:
        """On PostgreSQL no statement takes longer than that, if it is not 0; see `_time_outs`."""
        self.url = url
        self.engine = _engine(url, statement_seconds)
        self.listeners: list[Callable[[], None]] = []
        """Called by `tell` after a commit; each returns at once."""
        info = {LISTENERS: self.listeners}
        self._write = orm.sessionmaker(self.engine, class_=Session, expire_on_commit=False, info=info)
        self._derived = orm.sessionmaker(
            self.engine.execution_options(derived=True), class_=Session, expire_on_commit=False, info=info
        )
        # One statement sees one state of the database without a transaction around it.
        single: dict[str, Any] = {"read_only": True, "single": True}
        snapshot: dict[str, Any] = {"read_only": True}
        if self.engine.dialect.name != "sqlite":
            single["isolation_level"] = "AUTOCOMMIT"
            snapshot |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._driver_error = self.engine.dialect.loaded_dbapi.OperationalError
        self._single = self.engine.execution_options(**single)
        self._glance = orm.sessionmaker(self._single, class_=Session, expire_on_commit=False)
        self._read = orm.sessionmaker(self.engine.execution_options(**snapshot), class_=Session, expire_on_commit=False)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A transaction that commits when the block ends and rolls back when it raises."""
        with _explained(), self._write.begin() as session:
            yield session

    @contextmanager
    def begin_derived(self) -> Iterator[Session]:
        """The same for what can be made anew: its commit does not wait for the disk.

        A power cut may undo the last of these transactions, and never one without those after it: the log is one
        sequence, of which the next commit by `begin` brings everything before it to the disk too.
        """
        with _explained(), self._derived.begin() as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A snapshot to read from: all its queries see one state of the database. Nothing is written."""
        with _explained(), self._read() as session:
            yield session

    @contextmanager
    def glance(self) -> Iterator[Session]:
        """A session to read with, where each statement stands alone: one round trip each, no transaction."""
        with _explained(), self._glance() as session:
            yield session

    @contextmanager
    def look(self) -> Iterator[sa.Connection]:
        """The same as a connection, for what makes no objects."""
        with _explained(), self._single.connect() as connection:
            try:
                yield connection
            except self._driver_error as error:  # of `fetch`: SQLAlchemy did not see it
                raise OperationalError(None, None, error) from error

    @contextmanager
    def connect(self) -> Iterator[sa.Connection]:
        """A connection whose transactions are the caller's own business: for migrations."""
        with _explained(), self.engine.connect() as connection:
            yield connection

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        # The plain type is SQLite's for a file that is none of its own, or is damaged.
        if not isinstance(error, OperationalError | InternalError) and type(error) is not DatabaseError:
            raise
        why = " ".join(str(error.orig).split()).rstrip(".")
        hint = _HINTS.get(
            getattr(error.orig, "sqlstate", None) or "",
            "Check STOREFRONT_DATABASE_URL and the disk; `storefront init` creates or migrates it.",
        )
        raise DatabaseUnavailableError(f"The database did not answer: {why}. {hint}", retry_after=1) from error


def _time_outs(seconds: float) -> dict[str, str]:
    """What a connection to PostgreSQL is opened with, so that no request hangs on a lock or a plan gone wrong.

    A transaction may idle four times as long as a statement may take: its process hangs, and its locks hold up others.
    """
    if not seconds:
        return {}
    limits = {"statement_timeout": 1, "lock_timeout": 1, "idle_in_transaction_session_timeout": 4}
    return {"options": " ".join(f"-c {name}={round(seconds * times * 1000)}" for name, times in limits.items())}


def _engine(url: str, statement_seconds: float) -> sa.Engine:
    # Parameters are names, addresses and messages: an error's text, which is logged, must not quote them.
    if sa.make_url(url).get_backend_name() != "sqlite":
        engine = sa.create_engine(
            url,
            pool_size=KEPT_CONNECTIONS,
            max_overflow=10,
            hide_parameters=True,
            connect_args=_time_outs(statement_seconds),
        )
        sa.event.listen(engine, "begin", _begin_postgresql)
        sa.event.listen(engine, "checkin", _note_use)
        sa.event.listen(engine, "checkout", partial(_prove, engine.dialect))
        return engine
    settings = {"check_same_thread": False, "timeout": BUSY_SECONDS}
    engine = sa.create_engine(url, connect_args=settings, hide_parameters=True)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own BEGIN is switched off: it would come only before the first write, too late to queue for it.
    connection.isolation_level = None
    for pragma in SQLITE_PRAGMAS:
        connection.execute(pragma)


def _begin_sqlite(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    if options.get("single", False):
        return
    read_only = options.get("read_only", False)
    if not read_only:
        _wait_for_disk(connection, "NORMAL" if options.get("derived", False) else "FULL")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _wait_for_disk(connection: sa.Connection, synchronous: str) -> None:
    """Set how far this transaction's commit goes, where the connection's last one went another way."""
    if connection.info.get(_SYNCHRONOUS, "FULL") != synchronous:
        connection.exec_driver_sql(f"PRAGMA synchronous = {synchronous}")
        connection.info[_SYNCHRONOUS] = synchronous


def _begin_postgresql(connection: sa.Connection) -> None:
    if connection.get_execution_options().get("derived", False):
        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")


def _note_use(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info[_USED_AT] = time.monotonic()


def _prove(dialect: Dialect, connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
    """See that a pooled connection still stands, unless it was in use a moment ago: asking is a round trip."""
    used_at = record.info.get(_USED_AT)
    if used_at is None or time.monotonic() - used_at < TRUSTED_SECONDS:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        # Whatever ended it has ended the others too: all are opened anew.
        raise InvalidatePoolError from error
