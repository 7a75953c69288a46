"""Settings: read once, all faults named at once, no secret shown."""

import os
import stat
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from foundation.errors import SettingsError
from foundation.settings import DEFAULTS, Settings, key_file, load_settings

KEY = Fernet.generate_key().decode()
OTHER_KEY = Fernet.generate_key().decode()


@pytest.fixture(autouse=True)
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """An empty working directory and none of our variables, after the test too: a `.env` goes into the environment."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("STOREFRONT_")]:
        monkeypatch.delenv(name)
    yield monkeypatch
    for name in [name for name in os.environ if name.startswith("STOREFRONT_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def keyed(clean: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    clean.setenv("STOREFRONT_ENCRYPTION_KEYS", KEY)
    return clean


def complaint() -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings()
    return caught.value.detail


def test_an_empty_environment_but_for_the_key_gives_the_defaults(keyed: pytest.MonkeyPatch) -> None:
    del keyed
    settings = load_settings()
    assert settings.encryption_keys == [KEY]
    for field in fields(Settings):
        if field.name != "encryption_keys":
            assert getattr(settings, field.name) == getattr(DEFAULTS, field.name), field.name
    assert settings.database_url == "sqlite:///storefront.db"


@pytest.mark.parametrize("field", [field.name for field in fields(Settings)])
def test_every_setting_is_read_from_its_variable(keyed: pytest.MonkeyPatch, field: str) -> None:
    texts = {
        "database_url": "postgresql://db/x",
        "encryption_keys": OTHER_KEY,
        "public_url": "https://shop.example.com",
        "log_format": "json",
        "log_level": "DEBUG",
        "allow_local_endpoints": "True",
        "metrics_token": "a-token-of-metrics",
        "stream_bind": "127.0.0.1:8001",
        "stream_url": "https://stream.example.com",
        "metrics_bind": "127.0.0.1:9100",
        "metrics_directory": ".",
        "trusted_proxies": "10.0.0.0/8",
        "forwarded_header": "Forwarded",
    }
    text = texts.get(field, "27")
    keyed.setenv(f"STOREFRONT_{field.upper()}", text)
    if field == "submission_lease_seconds":
        text = "50"
        keyed.setenv("STOREFRONT_SUBMISSION_LEASE_SECONDS", text)
    if field in {"goody_connect_seconds", "goody_read_seconds"}:
        keyed.setenv("STOREFRONT_SUBMISSION_LEASE_SECONDS", "90")
    read = getattr(load_settings(), field)
    several = {"encryption_keys": [text], "payment_reminders": (27.0,), "trusted_proxies": (text,)}
    assert read == (several[field] if field in several else type(read)(text))


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_URL", "mysql://db/x"),
        ("DATABASE_URL", "nonsense"),
        ("PAYMENT_REMINDERS", "60,30"),
        ("PAYMENT_REMINDERS", "0,30"),
        ("PAYMENT_REMINDERS", "soon"),
        ("QUIET_ORDER_SHARE", "0"),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "postgresql+psycopg2://db/x"),
        ("DATABASE_URL", "postgresql+nonsense://db/x"),
        ("PUBLIC_URL", "shop.example.com"),
        ("PUBLIC_URL", "ftp://shop.example.com"),
        ("PUBLIC_URL", "https://"),
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "loud"),
        ("SYNC_INTERVAL_SECONDS", "0"),
        ("SYNC_INTERVAL_SECONDS", "-5"),
        ("SYNC_INTERVAL_SECONDS", "soon"),
        ("SYNC_INTERVAL_SECONDS", "1e3"),
        ("SYNC_INTERVAL_SECONDS", "99999999999999"),
        ("SYNC_PAGE_WORKERS", "0"),
        ("SYNC_PAGE_WORKERS", "33"),
        ("SWEEP_INTERVAL_SECONDS", "nan"),
        ("SWEEP_INTERVAL_SECONDS", "inf"),
        ("INBOX_INTERVAL_SECONDS", "0"),
        ("QUOTE_SECONDS", "1.5"),
        ("GOODY_READ_SECONDS", "-0.1"),
        ("RESPONSE_CACHE_MEGABYTES", "-1"),
        ("RESPONSE_CACHE_MEGABYTES", "1e6"),
        ("METRICS_TOKEN", "short"),
        ("METRICS_TOKEN", "a token with blanks in it"),
        ("METRICS_BIND", "9100"),
        ("METRICS_BIND", "127.0.0.1:99999"),
        ("METRICS_DIRECTORY", "no/such/directory"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,proxy.example.com"),
        ("TRUSTED_PROXIES", "*"),
        ("FORWARDED_HEADER", "X-Real-IP"),
        ("LIMIT_SECRET_PER_MINUTE", "-1"),
        ("LIMIT_SECRET_BURST", "0"),
    ],
)
def test_an_absurd_value_names_its_variable(keyed: pytest.MonkeyPatch, variable: str, value: str) -> None:
    keyed.setenv(f"STOREFRONT_{variable}", value)
    assert f"STOREFRONT_{variable}: " in complaint()


def test_all_faults_are_told_at_once(keyed: pytest.MonkeyPatch) -> None:
    bad = ("DATABASE_URL", "PUBLIC_URL", "LOG_FORMAT", "LOG_LEVEL", "SYNC_PAGE_WORKERS", "SWEEP_INTERVAL_SECONDS")
    for name in bad:
        keyed.setenv(f"STOREFRONT_{name}", "absurd")
    told = complaint()
    assert [name for name in bad if f"STOREFRONT_{name}: " not in told] == []


def test_a_lease_shorter_than_the_call_it_guards_is_refused(keyed: pytest.MonkeyPatch) -> None:
    keyed.setenv("STOREFRONT_SUBMISSION_LEASE_SECONDS", "25")
    told = complaint()
    for name in ("SUBMISSION_LEASE_SECONDS (25)", "GOODY_CONNECT_SECONDS", "GOODY_READ_SECONDS (25)"):
        assert f"STOREFRONT_{name}" in told
    keyed.setenv("STOREFRONT_SUBMISSION_LEASE_SECONDS", "26")
    assert load_settings().submission_lease_seconds == 26


def test_secrets_may_stand_in_files(clean: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(f" {KEY},{OTHER_KEY}\n")
    (tmp_path / "url").write_text("postgresql://u:hunter2@db/x\n")
    clean.setenv("STOREFRONT_ENCRYPTION_KEYS_FILE", str(tmp_path / "keys"))
    clean.setenv("STOREFRONT_DATABASE_URL_FILE", str(tmp_path / "url"))
    settings = load_settings()
    assert settings.encryption_keys == [KEY, OTHER_KEY]
    assert settings.database_url == "postgresql://u:hunter2@db/x"


def test_a_secret_file_that_is_not_there_is_one_clear_error(keyed: pytest.MonkeyPatch) -> None:
    keyed.setenv("STOREFRONT_DATABASE_URL_FILE", "/no/such/secret")
    assert "STOREFRONT_DATABASE_URL_FILE must be a readable file" in complaint()


def test_a_dotenv_in_the_working_directory_is_read_and_the_environment_wins(clean: pytest.MonkeyPatch) -> None:
    Path(".env").write_text(
        f"STOREFRONT_ENCRYPTION_KEYS={KEY}\nSTOREFRONT_LOG_FORMAT=json\nSTOREFRONT_LOG_LEVEL=ERROR\n"
    )
    clean.setenv("STOREFRONT_LOG_LEVEL", "DEBUG")
    settings = load_settings()
    assert (settings.log_format, settings.log_level) == ("json", "DEBUG")
    assert settings.encryption_keys == [KEY]


def test_a_dotenv_of_a_parent_folder_is_not_read(clean: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"STOREFRONT_ENCRYPTION_KEYS={KEY}\n")
    (tmp_path / "below").mkdir()
    clean.chdir(tmp_path / "below")
    assert "STOREFRONT_ENCRYPTION_KEYS" in complaint()


def test_a_missing_key_says_what_to_do() -> None:
    told = complaint()
    assert "STOREFRONT_ENCRYPTION_KEYS" in told
    assert "storefront init" in told


@pytest.mark.parametrize("text", ["", " , "])
def test_an_empty_list_of_keys_is_a_missing_key(clean: pytest.MonkeyPatch, text: str) -> None:
    clean.setenv("STOREFRONT_ENCRYPTION_KEYS", text)
    assert "STOREFRONT_ENCRYPTION_KEYS" in complaint()


def test_postgresql_without_keys_is_refused_even_by_init(clean: pytest.MonkeyPatch) -> None:
    clean.setenv("STOREFRONT_DATABASE_URL", "postgresql://u:hunter2@db/x")
    with pytest.raises(SettingsError, match=r"STOREFRONT_ENCRYPTION_KEYS.*storefront keys generate") as caught:
        load_settings(make_key=True)
    assert "hunter2" not in caught.value.detail
    assert list(Path.cwd().iterdir()) == []


def test_init_makes_a_key_file_that_its_owner_alone_reads() -> None:
    made = load_settings(make_key=True)
    file = Path("storefront.db.key")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(Path.cwd().iterdir()) == [Path.cwd() / file]
    Fernet(made.encryption_keys[0])
    assert load_settings(make_key=True).encryption_keys == load_settings().encryption_keys == made.encryption_keys


def test_a_key_that_is_set_makes_no_file(keyed: pytest.MonkeyPatch) -> None:
    del keyed
    load_settings(make_key=True)
    assert list(Path.cwd().iterdir()) == []


def test_an_empty_key_file_is_named() -> None:
    Path("storefront.db.key").touch()
    assert "storefront.db.key is empty" in complaint()


def test_a_folder_that_does_not_exist_is_named(clean: pytest.MonkeyPatch) -> None:
    clean.setenv("STOREFRONT_DATABASE_URL", "sqlite:////no/such/folder/x.db")
    with pytest.raises(SettingsError, match=r"/no/such/folder/x\.db\.key .*No such file.*STOREFRONT_DATABASE_URL"):
        load_settings(make_key=True)


def test_the_public_url_loses_its_slash(keyed: pytest.MonkeyPatch) -> None:
    keyed.setenv("STOREFRONT_PUBLIC_URL", "https://shop.example.com/")
    assert load_settings().public_url == "https://shop.example.com"


def test_no_password_or_key_is_ever_shown() -> None:
    settings = Settings(database_url="postgresql://u:hunter2@db/x", encryption_keys=[KEY])
    for shown in (repr(settings), str(settings), f"{settings}", settings.shown_database_url):
        assert "hunter2" not in shown
        assert KEY not in shown
        assert "db/x" in shown


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "postgresql://db/x"])
def test_only_a_sqlite_file_has_a_key_beside_it(url: str) -> None:
    assert key_file(url) is None
    assert key_file("sqlite:////srv/shop.db") == Path("/srv/shop.db.key")


def test_a_dotenv_that_is_no_text_is_named() -> None:
    Path(".env").write_bytes(b"\xff\xfe=1\n")
    assert ".env" in complaint()
