"""Full text search of listings: FTS5 on SQLite, `tsvector` on PostgreSQL, the same answer from both.

A listing is found if every word of the question begins one of its words, or has the same stem as one. Where the words
stand decides the tier: all of them in the name comes before name and brand, then the subtitle, then the rest.

Rows of several apps and generations lie side by side. Each word is stored behind a short key of its app, so that a
question only meets words of its own app; rows of other generations are for the reader to leave out, by `docid`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final, TypeAlias

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalog_sync.bulk import insert_in_sqlite
from catalog_sync.words import asked_words, stem, written_words
from foundation.database import Base, Session, fetch, insert

TABLE: Final = "listing_texts"
"""Its columns differ from one database to the other, so it is none of Base's tables: migrations make it."""

COLUMNS: Final = ("name", "brand", "subtitle", "body")
"""By tier. A word stands in the first column that has it."""

MOST_WORDS: Final = 16
"""How many words of a question count."""

LONGEST_TEXT: Final = 50_000
"""Characters of each text that are read; no real description comes near."""

_WEIGHTS: Final = "ABCD"
"""What PostgreSQL calls the columns."""
_POSTGRESQL_INSERT: Final = (
    f"INSERT INTO {TABLE} (docid, words) SELECT docid, words::tsvector"  # noqa: S608  our own constant
    " FROM unnest(CAST(%s AS bigint[]), CAST(%s AS text[])) AS written (docid, words)"
)

WrittenText: TypeAlias = tuple[Any, ...]
"""A listing's row in the full text index: its number and its words."""


class DocumentNumber(Base):
    """The next number for a listing's row in the full text index; one row for all apps."""

    __tablename__ = "document_numbers"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    next: Mapped[int]


@dataclass(frozen=True, slots=True)
class SearchText:
    """The texts of one listing's row, without HTML. `body` is everything else worth finding it by."""

    docid: int
    app_id: str
    name: str
    brand: str
    subtitle: str
    body: str


def next_docids(session: Session, count: int) -> range:
    """So many numbers that nobody else gets, even if this transaction is rolled back and another one commits.

    On PostgreSQL the counter is locked until the transaction ends: let it be a short one.
    """
    counter = insert(session, DocumentNumber).values(id=1, next=1 + count)
    raised = counter.on_conflict_do_update(
        index_elements=[DocumentNumber.id], set_={"next": DocumentNumber.next + count}
    )
    end = session.execute(raised.returning(DocumentNumber.next)).scalar_one()
    return range(end - count, end)


def cut(texts: Sequence[SearchText], *, is_sqlite: bool) -> list[WrittenText]:
    """The texts as that database keeps them: most of the work of writing them, and none that needs a transaction."""
    as_row = _sqlite_row if is_sqlite else _postgresql_row
    return [as_row(text) for text in texts]


def write(session: Session, rows: Sequence[WrittenText]) -> None:
    """Let these listings be found. Their numbers must be new ones."""
    if not rows:
        return
    connection = session.connection()
    if is_sqlite(session):
        insert_in_sqlite(connection, TABLE, ("rowid", *COLUMNS), rows)
        return
    docids, words = zip(*rows, strict=True)
    connection.exec_driver_sql(_POSTGRESQL_INSERT, (list(docids), list(words)))


def forget(session: Session, docids: Iterable[int]) -> None:
    """Let the listings with these numbers no longer be found; unknown numbers are passed over."""
    number = "rowid" if is_sqlite(session) else "docid"
    doomed = [{"number": docid} for docid in docids]
    if doomed:
        session.execute(sa.text(f"DELETE FROM {TABLE} WHERE {number} = :number"), doomed)  # noqa: S608  our own words


def match(session: Session, app_id: str, query: str) -> list[tuple[int, int]]:
    """(docid, tier) of every row of the app that has all words of the query, of any generation, in no order.

    A query without a single letter or digit finds nothing. Of very long ones the first MOST_WORDS words count.
    """
    return match_words(session.connection(), app_id, asked_words(query[:LONGEST_TEXT], MOST_WORDS))


def match_words(connection: sa.Connection, app_id: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """The same for a question that has been cut into words by `catalog_sync.words.asked_words`."""
    if not words:
        return []
    if connection.dialect.name == "sqlite":
        return _match_sqlite(connection, app_key(app_id), words)
    return _match_postgresql(connection, app_key(app_id), words)


@lru_cache(maxsize=1024)
def app_key(app_id: str) -> str:
    """What the app's words begin with, always of one length. Two apps that share one only read more than they need."""
    return blake2b(app_id.encode(), digest_size=3).hexdigest()


def is_internal(table: str) -> bool:
    """Whether the table is one of those that the full text index consists of."""
    return table == TABLE or table.startswith(f"{TABLE}_")


def is_sqlite(session: Session) -> bool:
    """Which of the two databases it is."""
    return session.get_bind().dialect.name == "sqlite"


def _columns(row: SearchText) -> Iterator[list[str]]:
    """The row's words by column, each in the first one that has it."""
    seen: dict[str, None] = {}
    for text in (row.name, row.brand, row.subtitle, row.body):
        before = len(seen)
        seen.update(written_words(text[:LONGEST_TEXT]))
        yield list(seen)[before:]


def _sqlite_row(row: SearchText) -> WrittenText:
    key = app_key(row.app_id)
    between = f" {key}"
    return row.docid, *[key + between.join(words) if words else "" for words in _columns(row)]


def _postgresql_row(row: SearchText) -> WrittenText:
    """A `tsvector` as text. Words are letters and digits alone: nothing in them needs escaping."""
    key = app_key(row.app_id)
    weighted = zip(_WEIGHTS, _columns(row), strict=True)
    return row.docid, " ".join([f"'{key}{word}':1{weight}" for weight, words in weighted for word in words])


def _match_sqlite(connection: sa.Connection, key: str, words: Sequence[str]) -> list[tuple[int, int]]:
    asked = " AND ".join(_sqlite_word(key, word) for word in words)
    ((anywhere,),) = fetch(connection, _SQLITE_ANYWHERE, (asked,))
    found = dict.fromkeys(_read_docids(anywhere), len(_NARROWER))
    if found:
        # One question for each tier, since FTS5 does not say which column a word was found in.
        narrower = [f"{{{' '.join(columns)}}} : ({asked})" for columns in _NARROWER]
        for docids, tier in fetch(connection, _SQLITE_NARROWER, narrower):
            found.update(dict.fromkeys(_read_docids(docids), tier))
    return list(found.items())


def _sqlite_word(key: str, word: str) -> str:
    root = stem(word)
    return f'"{key}{word}" *' if root == word else f'("{key}{word}" * OR "{key}{root}")'


_NARROWER: Final = (COLUMNS[:3], COLUMNS[:2], COLUMNS[:1])
"""The best tier comes last: it overwrites the others."""
_read_docids: Final = msgspec.json.Decoder(list[int]).decode
# Numbers come as one text: at each row the driver gives up Python's lock, and waits for it beside a busy thread.
_SQLITE_ANYWHERE: Final = f"SELECT json_group_array(rowid) FROM {TABLE} WHERE {TABLE} MATCH ?"  # noqa: S608  our own
_SQLITE_NARROWER: Final = " UNION ALL ".join(
    f"SELECT json_group_array(rowid), {len(columns) - 1} FROM {TABLE} WHERE {TABLE} MATCH ?"  # noqa: S608  our own constants
    for columns in _NARROWER
)


def _match_postgresql(connection: sa.Connection, key: str, words: Sequence[str]) -> list[tuple[int, int]]:
    questions = [
        " & ".join(_postgresql_word(key, word, _WEIGHTS[:tier]) for word in words) for tier in range(1, len(COLUMNS))
    ]
    everywhere = " & ".join(_postgresql_word(key, word, "") for word in words)
    return [(docid, tier) for docid, tier in fetch(connection, _POSTGRESQL, (*questions, everywhere))]


def _postgresql_word(key: str, word: str, weights: str) -> str:
    root, only = stem(word), weights and f":{weights}"
    begins = f"'{key}{word}':*{weights}"
    return begins if root == word else f"({begins} | '{key}{root}'{only})"


_POSTGRESQL: Final = (
    "SELECT docid, CASE WHEN words @@ CAST(%s AS tsquery) THEN 0 WHEN words @@ CAST(%s AS tsquery) THEN 1"
    " WHEN words @@ CAST(%s AS tsquery) THEN 2 ELSE 3 END FROM listing_texts WHERE words @@ CAST(%s AS tsquery)"
)
