"""From an empty folder to a deployment that is ready: init, settings, help."""

import json
import os
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from .terminal import PROGRAM, Terminal, complaint


def test_init_makes_a_database_and_a_private_key_and_again_changes_nothing(terminal: Terminal) -> None:
    first = terminal.run("init")
    assert (first.code, first.err) == (0, "")
    assert "sqlite:///storefront.db is ready" in first.out
    assert "storefront.db.key" in first.out
    key = terminal.folder / "storefront.db.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_text()
    again = terminal.run("init")
    assert again == first
    assert key.read_text() == before
    assert {path.name for path in terminal.folder.iterdir()} == {"storefront.db", "storefront.db.key"}


def test_init_run_by_several_at_once_is_harmless(terminal: Terminal) -> None:
    with ThreadPoolExecutor(3) as pool:
        ended = list(pool.map(lambda _: terminal.run("init"), range(3)))
    assert [(each.code, each.err) for each in ended] == [(0, "")] * 3
    assert terminal.run("submission", "list").code == 0


def test_init_with_a_key_in_the_environment_writes_no_file(stocked: Terminal) -> None:
    assert stocked.run("init").code == 0
    assert not (stocked.folder / "storefront.db.key").exists()


@pytest.mark.parametrize(
    "command",
    [
        ("doctor",),
        ("sync",),
        ("serve",),
        ("worker",),
        ("submission", "list"),
        ("key", "list", "--app", "x"),
        ("app", "create", "x", "--goody-api-key", "k"),
    ],
    ids=lambda command: command[0],
)
def test_before_init_every_command_says_to_run_it(terminal: Terminal, command: tuple[str, ...]) -> None:
    assert "run `storefront init`" in complaint(terminal.run(*command))
    assert list(terminal.folder.iterdir()) == []


def test_an_old_database_says_to_run_init_too(initialised: Terminal) -> None:
    with closing(sqlite3.connect(initialised.folder / "storefront.db")) as connection, connection:
        connection.execute("DELETE FROM alembic_version")
    assert "Run `storefront init`" in complaint(initialised.run("doctor"))


def test_a_database_of_a_newer_version_is_told_from_an_old_one(initialised: Terminal) -> None:
    with closing(sqlite3.connect(initialised.folder / "storefront.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    for command in ("doctor", "init"):
        assert "a newer one migrated it" in complaint(initialised.run(command))


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////no/such/folder/x.db",
        "sqlite:///README.txt",
        "postgresql://u:hunter2@127.0.0.1:9/x",
        "mysql://u:hunter2@db/x",
        "postgresql+psycopg2://u:hunter2@db/x",
    ],
)
def test_a_database_that_can_not_be_used_is_one_line_without_its_password(terminal: Terminal, url: str) -> None:
    (terminal.folder / "README.txt").write_text("This is no database. " * 50)
    key = "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk="
    told = complaint(terminal.run("init", DATABASE_URL=url, ENCRYPTION_KEYS=key))
    assert "STOREFRONT_DATABASE_URL" in told
    assert "hunter2" not in told


def test_a_folder_that_can_not_be_written_is_one_line(terminal: Terminal) -> None:
    told = complaint(terminal.run("init", DATABASE_URL="sqlite:////no/such/folder/x.db"))
    assert "STOREFRONT_DATABASE_URL" in told


def test_bad_settings_are_named_all_at_once(terminal: Terminal) -> None:
    told = complaint(terminal.run("init", LOG_LEVEL="loud", SYNC_PAGE_WORKERS="many", PUBLIC_URL="here"))
    for name in ("LOG_LEVEL", "SYNC_PAGE_WORKERS", "PUBLIC_URL"):
        assert f"STOREFRONT_{name}: " in told


def test_a_dotenv_beside_it_is_read(terminal: Terminal) -> None:
    (terminal.folder / ".env").write_text("STOREFRONT_DATABASE_URL=sqlite:///other.db\n")
    assert terminal.run("init").code == 0
    assert {path.name for path in terminal.folder.iterdir()} == {".env", "other.db", "other.db.key"}


def test_openapi_needs_no_settings_and_leaves_nothing(terminal: Terminal) -> None:
    ended = terminal.run("openapi")
    assert (ended.code, ended.err) == (0, "")
    description = json.loads(ended.out)
    assert description["openapi"].startswith("3.1")
    assert "/v1/checkouts/{checkout_id}/complete" in description["paths"]
    assert list(terminal.folder.iterdir()) == []


def test_a_reader_that_leaves_early_is_no_error_of_ours(terminal: Terminal) -> None:
    with terminal.start("openapi") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()


def test_a_generated_key_is_one_that_the_settings_take(initialised: Terminal) -> None:
    made = initialised.run("keys", "generate").out.strip()
    (initialised.folder / "storefront.db.key").unlink()
    assert initialised.run("submission", "list", ENCRYPTION_KEYS=made).code == 0


def test_the_programs_of_the_package_are_installed() -> None:
    beside = Path(PROGRAM[0]).parent
    for name in ("storefront", "goody-emulator"):
        assert os.access(beside / name, os.X_OK)
