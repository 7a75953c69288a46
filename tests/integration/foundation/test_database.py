"""Transactions as every room uses them: all or nothing, one snapshot, and writers that wait for their turn."""

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clock import utc_now
from foundation.database import TRUSTED_SECONDS, Base, DatabaseUnavailableError, Sessions, UtcDateTime
from foundation.keys import ApiKey
from foundation.leases import Lease
from foundation.logs import redact

SQLITE = make_url("sqlite://").get_dialect()()
POSTGRESQL = make_url("postgresql://").get_dialect()()
NOON = datetime(2026, 11, 22, 12, 0, 0, 123_456, tzinfo=UTC)
WRITER = """
import sys
import sqlalchemy as sa
from foundation.database import Sessions
from foundation.leases import Lease
sessions = Sessions(sys.argv[1])
for _ in range(25):
    with sessions.begin() as session:
        count = int(session.scalars(sa.select(Lease.holder)).one())
        session.execute(sa.update(Lease).values(holder=str(count + 1)))
"""


def put(sessions: Sessions, name: str, moment: datetime = NOON, holder: str = "0") -> None:
    with sessions.begin() as session:
        session.add(Lease(name=name, holder=holder, held_until=moment))


def names(sessions: Sessions) -> list[str]:
    with sessions.read() as session:
        return list(session.scalars(sa.select(Lease.name).order_by(Lease.name)))


def test_begin_commits_at_the_end(sessions: Sessions) -> None:
    put(sessions, "kept")
    assert names(sessions) == ["kept"]


def test_begin_rolls_back_when_the_block_raises(sessions: Sessions) -> None:
    def fail() -> None:
        with sessions.begin() as session:
            session.add(Lease(name="lost", holder="0", held_until=NOON))
            session.flush()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert names(sessions) == []


def test_what_is_written_in_read_is_not_kept(sessions: Sessions) -> None:
    # PostgreSQL refuses it at once; on SQLite it is rolled back.
    with contextlib.suppress(DatabaseUnavailableError), sessions.read() as session:
        session.add(Lease(name="lost", holder="0", held_until=NOON))
        session.flush()
    assert names(sessions) == []


def test_rows_can_be_used_after_their_transaction(sessions: Sessions) -> None:
    with sessions.begin() as session:
        lease = Lease(name="kept", holder="0", held_until=NOON)
        session.add(lease)
    assert (lease.name, lease.held_until) == ("kept", NOON)


def test_read_sees_one_state_while_another_connection_writes(sessions: Sessions, database_url: str) -> None:
    put(sessions, "first")
    other = Sessions(database_url)
    with sessions.read() as session:
        before = session.scalar(sa.select(sa.func.count()).select_from(Lease))
        put(other, "second")
        assert names(other) == ["first", "second"]
        assert session.scalar(sa.select(sa.func.count()).select_from(Lease)) == before == 1
    other.dispose()
    assert names(sessions) == ["first", "second"]


def test_a_naive_moment_is_refused(sessions: Sessions) -> None:
    with pytest.raises(StatementError, match="naive"):
        put(sessions, "naive", datetime(2026, 11, 22, 12))  # noqa: DTZ001  that is the point
    assert names(sessions) == []


@pytest.mark.parametrize("hours", [-11, -5, 0, 5.75, 14])
def test_a_moment_of_another_zone_comes_back_as_the_same_moment_in_utc(sessions: Sessions, hours: float) -> None:
    put(sessions, "x", NOON.astimezone(timezone(timedelta(hours=hours))))
    with sessions.read() as session:
        read = session.scalars(sa.select(Lease.held_until)).one()
        assert session.scalar(sa.select(Lease.name).where(Lease.held_until == NOON)) == "x"
    assert read == NOON
    assert read.tzinfo is UTC


@given(st.datetimes(timezones=st.timezones(), allow_imaginary=False))
def test_moments_keep_their_order_and_identity_on_both_databases(moment: datetime) -> None:
    kind = UtcDateTime()
    for dialect in (SQLITE, POSTGRESQL):
        try:
            bound, same = kind.process_bind_param(moment, dialect), moment.astimezone(UTC)
        except OverflowError:
            return  # the last hours of the year 9999, in another zone
        assert kind.process_result_value(bound, dialect) == same
    assert kind.process_bind_param(None, SQLITE) is kind.process_result_value(None, SQLITE) is None


@pytest.mark.usefixtures("sqlite_file")
def test_every_connection_is_durable_and_checks_references(sessions: Sessions) -> None:
    def pragmas() -> list[object]:
        with sessions.read() as session:
            wanted = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            time.sleep(0.05)
            return [session.scalar(sa.text(f"PRAGMA {name}")) for name in wanted]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: pragmas(), range(4))) == [["wal", 2, 1, 20_000]] * 4


@pytest.mark.parametrize(
    ("name", "waits", "does_not"), [("synchronous", "2", "1"), ("synchronous_commit", "on", "off")]
)
def test_only_what_is_derived_does_not_wait_for_the_disk(
    sessions: Sessions, name: str, waits: str, does_not: str
) -> None:
    is_sqlite = sessions.engine.dialect.name == "sqlite"
    if is_sqlite != (name == "synchronous"):
        pytest.skip("a setting of the other database")
    asked = sa.text(f"PRAGMA {name}" if is_sqlite else f"SHOW {name}")
    if not is_sqlite:
        # The tests' own server is a hasty one.
        sa.event.listen(sessions.engine, "connect", lambda raw, _record: raw.execute(f"SET {name} = on"))
        sessions.dispose()
    found = []
    for begin in (sessions.begin, sessions.begin_derived) * 2:
        with begin() as session:
            found.append(str(session.scalar(asked)))
    assert found == [waits, does_not] * 2


def test_foreign_keys_are_enforced(sessions: Sessions) -> None:
    orphan = ApiKey(id="key_1", app_id="app_none", kind="pk", fingerprint="f", hint="h", created_at=NOON)
    with pytest.raises(IntegrityError), sessions.begin() as session:
        session.add(orphan)


def test_the_text_of_an_error_does_not_quote_what_was_stored(sessions: Sessions) -> None:
    put(sessions, "Li Wei, 1 Main St")
    with pytest.raises(IntegrityError) as caught:
        put(sessions, "Li Wei, 1 Main St")
    assert "Main St" not in redact(str(caught.value))


@pytest.mark.usefixtures("sqlite_file")
def test_threads_that_read_and_then_write_all_succeed(sessions: Sessions) -> None:
    put(sessions, "counter")

    def count() -> None:
        with sessions.begin() as session:
            seen = int(session.scalars(sa.select(Lease.holder)).one())
            session.execute(sa.update(Lease).values(holder=str(seen + 1)))

    with ThreadPoolExecutor(16) as pool:
        for done in [pool.submit(count) for _ in range(200)]:
            done.result()
    with sessions.read() as session:
        assert session.scalar(sa.select(Lease.holder)) == "200"


def test_processes_that_read_and_then_write_all_succeed(sessions: Sessions, sqlite_file: Path) -> None:
    put(sessions, "counter")
    command = [sys.executable, "-c", WRITER, f"sqlite:///{sqlite_file}"]
    writers = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]  # noqa: S603
    complaints = [writer.communicate(timeout=60)[1] for writer in writers]
    assert complaints == ["", "", ""]
    with sessions.read() as session:
        assert session.scalar(sa.select(Lease.holder)) == "75"


def test_readers_are_not_held_up_by_a_writer(sessions: Sessions) -> None:
    put(sessions, "first")
    with sessions.begin() as session:
        session.add(Lease(name="second", holder="0", held_until=NOON))
        session.flush()
        began = time.monotonic()
        assert names(sessions) == ["first"]
        assert time.monotonic() - began < 10  # who waits for the writer waits for 20


def test_more_threads_than_pooled_connections_all_get_their_turn(sessions: Sessions) -> None:
    put(sessions, "first")
    together = threading.Barrier(32)

    def read() -> list[str]:
        together.wait(10)
        return names(sessions)

    with ThreadPoolExecutor(32) as pool:
        assert list(pool.map(lambda _: read(), range(32))) == [["first"]] * 32


def test_connections_that_the_server_has_ended_are_opened_anew(sessions: Sessions, database_url: str) -> None:
    if database_url.startswith("sqlite"):
        pytest.skip("about a server's connections")
    put(sessions, "first")
    others = sa.text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    operator = Sessions(database_url)
    with operator.begin() as session:
        assert session.scalars(others).all() == [True]
    operator.dispose()
    time.sleep(TRUSTED_SECONDS + 0.1)
    assert names(sessions) == ["first"]


def test_a_glance_sees_what_was_committed_between_its_statements(sessions: Sessions, database_url: str) -> None:
    put(sessions, "first")
    other = Sessions(database_url)
    with sessions.glance() as session:
        assert session.scalars(sa.select(Lease.name)).all() == ["first"]
        put(other, "second")
        assert set(session.scalars(sa.select(Lease.name))) == {"first", "second"}
    other.dispose()


@pytest.mark.parametrize("content", [b"this is no database, but long enough to be read as the header of one" * 9])
def test_a_file_that_is_no_database_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.db").write_bytes(content)
    sessions = Sessions(f"sqlite:///{tmp_path / 'x.db'}")
    with pytest.raises(DatabaseUnavailableError, match=r"file is not a database.*STOREFRONT_DATABASE_URL"):
        names(sessions)
    sessions.dispose()


@pytest.mark.parametrize("url", ["sqlite:////no/such/folder/x.db", "postgresql://u:hunter2@127.0.0.1:9/x"])
def test_a_database_that_does_not_answer_is_one_clear_error(url: str) -> None:
    sessions = Sessions(url)
    with pytest.raises(DatabaseUnavailableError, match="STOREFRONT_DATABASE_URL") as caught:
        names(sessions)
    assert caught.value.retry_after == 1
    assert "hunter2" not in caught.value.detail
    assert "\n" not in caught.value.detail
    sessions.dispose()


@pytest.fixture
def hasty(database_url: str) -> Iterator[Sessions]:
    """Sessions on PostgreSQL whose statements may take a fifth of a second."""
    if database_url.startswith("sqlite"):
        pytest.skip("SQLite has one time-out, for its one lock")
    sessions = Sessions(database_url, 0.2)
    yield sessions
    sessions.dispose()


def test_a_statement_that_takes_too_long_is_cut_off_and_nothing_of_its_transaction_is_kept(
    sessions: Sessions, hasty: Sessions
) -> None:
    def work() -> None:
        with hasty.begin() as session:
            session.add(Lease(name="half", holder="a", held_until=datetime.now(UTC)))
            session.flush()
            session.execute(sa.text("SELECT pg_sleep(30)"))

    with pytest.raises(DatabaseUnavailableError, match=r"statement timeout.*STOREFRONT_STATEMENT_SECONDS") as caught:
        work()
    assert caught.value.retry_after == 1
    assert names(sessions) == names(hasty) == []
    with sessions.begin() as session:
        session.execute(sa.text("SELECT pg_sleep(0.3)"))


def test_a_lock_that_is_not_granted_is_not_waited_for_for_ever(sessions: Sessions, hasty: Sessions) -> None:
    put(sessions, "first")
    with sessions.begin() as session:
        session.execute(sa.select(Lease).with_for_update())
        with pytest.raises(DatabaseUnavailableError, match="timeout"), hasty.begin() as waiting:
            waiting.execute(sa.select(Lease).with_for_update())
    with hasty.begin() as session:
        session.execute(sa.select(Lease).with_for_update())


def test_a_transaction_that_idles_gives_its_locks_back(sessions: Sessions, hasty: Sessions) -> None:
    put(sessions, "first")

    def hang() -> None:
        with hasty.begin() as session:
            session.execute(sa.select(Lease).with_for_update())
            with sessions.begin() as other:
                other.execute(sa.select(Lease).with_for_update())
            session.execute(sa.select(Lease))

    with pytest.raises(DatabaseUnavailableError, match=r"idle-in-transaction|closed|terminat"):
        hang()
    assert names(hasty) == ["first"]


def test_a_database_without_tables_says_to_run_init(tmp_path: Path) -> None:
    sessions = Sessions(f"sqlite:///{tmp_path / 'x.db'}")
    with pytest.raises(DatabaseUnavailableError, match=r"no such table.*storefront init"):
        names(sessions)
    sessions.dispose()


def test_plain_python_types_are_stored_as_the_house_does() -> None:
    class Sample(Base):
        __tablename__ = "sample_of_a_test"
        __table_args__ = {"info": {"is_test": True}}  # noqa: RUF012

        id: Mapped[int] = mapped_column(primary_key=True)
        moment: Mapped[datetime]

    try:
        assert isinstance(Sample.__table__.c.moment.type, UtcDateTime)
        assert str(Sample.__table__.c.id.type.compile(POSTGRESQL)) == "BIGINT"
        assert str(Sample.__table__.c.id.type.compile(SQLITE)) == "INTEGER"
    finally:
        Base.metadata.remove(Sample.__table__)  # type: ignore[arg-type]
    assert utc_now().tzinfo is UTC
