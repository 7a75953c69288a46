"""Migrations: they make exactly the tables that the code has, can be undone, and say what to do when they can't run."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import storefront.services  # noqa: F401  all tables are registered
from catalog_sync import search
from foundation.database import Base, DatabaseUnavailableError, Sessions
from foundation.errors import SettingsError
from storefront.migrating import migrate, must_be_up_to_date, newest_revision, present_revision, unmigrate
from tests.databases import Databases


@pytest.fixture
def nothing(databases: Databases) -> Iterator[Sessions]:
    url = databases.new()
    sessions = Sessions(url)
    yield sessions
    sessions.dispose()
    databases.drop(url)


def tables(sessions: Sessions) -> set[str]:
    with sessions.connect() as connection:
        return set(sa.inspect(connection).get_table_names())


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or not search.is_internal(name or "")


def test_from_nothing_they_make_exactly_the_tables_of_the_code(nothing: Sessions) -> None:
    assert present_revision(nothing) is None
    migrate(nothing)
    assert search.TABLE in tables(nothing)
    made = {name for name in tables(nothing) if not search.is_internal(name)}
    assert made == set(Base.metadata.tables) | {"alembic_version"}
    options = {"include_name": include_name}
    with nothing.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata) == []
    assert present_revision(nothing) == newest_revision()
    must_be_up_to_date(nothing)


def test_they_can_be_undone_and_done_again(nothing: Sessions) -> None:
    migrate(nothing)
    made = tables(nothing)
    unmigrate(nothing)
    assert tables(nothing) == {"alembic_version"}
    assert present_revision(nothing) is None
    migrate(nothing)
    assert tables(nothing) == made


def test_again_is_harmless(sessions: Sessions) -> None:
    before = tables(sessions)
    migrate(sessions)
    assert tables(sessions) == before


def test_a_database_without_tables_is_not_up_to_date(nothing: Sessions) -> None:
    with pytest.raises(SettingsError, match="storefront init"):
        must_be_up_to_date(nothing)


def test_a_database_of_a_newer_version_is_left_alone(sessions: Sessions, sqlite_file: Path) -> None:
    with sessions.begin() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    copy = Path(shutil.copy(sqlite_file, sqlite_file.with_suffix(".copy")))
    for look in (must_be_up_to_date, migrate):
        with pytest.raises(SettingsError, match=r"revision 9999.*newer"):
            look(sessions)
    assert copy.stat().st_size == sqlite_file.stat().st_size


@pytest.mark.parametrize("url", ["sqlite:////no/such/folder/x.db", "postgresql://u:hunter2@127.0.0.1:9/x"])
def test_a_database_that_does_not_answer_is_one_clear_error(url: str) -> None:
    sessions = Sessions(url)
    with pytest.raises(DatabaseUnavailableError, match="STOREFRONT_DATABASE_URL") as caught:
        migrate(sessions)
    assert "hunter2" not in caught.value.detail
    sessions.dispose()
