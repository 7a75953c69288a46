"""Many rows at once, past what SQLAlchemy does for each: over thousands of them that costs more than the database."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any, Final, TypeAlias, cast

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.dialects import sqlite

from catalog_sync.chunks import chunks
from foundation.database import Base, Session, UtcDateTime

Row: TypeAlias = tuple[Any, ...]

_ROWS_PER_STATEMENT: Final = 400
_COPIED_AS: Final = {bool: "bool", int: "int8", str: "text", bytes: "bytea", datetime: "timestamptz"}


def insert_rows(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns in the same order, and no null in them."""
    if rows:
        insert_values(session, table, tuple(rows[0]), [tuple(row.values()) for row in rows])


def insert_values(session: Session, table: type[Base], columns: Sequence[str], rows: list[Row]) -> None:
    """The same for rows that are tuples of these columns."""
    if not rows:
        return
    if session.connection().dialect.name == "sqlite":
        insert_in_sqlite(session.connection(), table.__tablename__, columns, _with_texts_for_moments(rows))
    else:
        _copy(session, table, columns, rows)


def _with_texts_for_moments(rows: list[Row]) -> list[Row]:
    """The rows as SQLAlchemy stores them in SQLite: a moment is a text there."""
    moments = {place for place, value in enumerate(rows[0]) if isinstance(value, datetime)}
    if not moments:
        return rows
    columns = [
        map(_text, column) if place in moments else column for place, column in enumerate(zip(*rows, strict=True))
    ]
    return list(zip(*columns, strict=True))


@lru_cache(maxsize=8)
def _text(moment: datetime) -> object:
    dialect = sqlite.dialect()
    process = UtcDateTime().dialect_impl(dialect).bind_processor(dialect)
    return moment if process is None else process(moment)


def insert_in_sqlite(connection: sa.Connection, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """The same where the database is SQLite, into any table of it, of values as the driver takes them.

    Many rows go into one statement: the driver gives up Python's lock for each, and waits for it beside a busy thread.
    """
    names, places = ", ".join(columns), f"({', '.join('?' * len(columns))})"
    for some in chunks(rows, _ROWS_PER_STATEMENT):
        statement = f"INSERT INTO {table} ({names}) VALUES {', '.join([places] * len(some))}"  # noqa: S608  names of our own
        connection.exec_driver_sql(statement, tuple(chain.from_iterable(some)))


def _copy(session: Session, table: type[Base], columns: Sequence[str], rows: list[Row]) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(table.__tablename__), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    driver = cast("psycopg.Connection[Any]", session.connection().connection.driver_connection)
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types([_COPIED_AS[type(value)] for value in rows[0]])
        for row in rows:
            copy.write_row(row)
