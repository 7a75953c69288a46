"""Configuration: one frozen object, read once from the environment (or a `.env` in the working directory).

A missing or absurd value stops the start with a message that names the variable.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from environs import EnvValidationError, FileAwareEnv, ValidationError, validate
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from foundation.errors import SettingsError

PREFIX: Final = "STOREFRONT_"


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting of the service. Durations are in seconds."""

    database_url: str
    encryption_keys: list[str]
    public_url: str
    log_format: str
    log_level: str
    sync_interval_seconds: int
    sync_page_workers: int
    sweep_interval_seconds: float
    submission_lease_seconds: int
    submission_give_up_seconds: int
    inbox_interval_seconds: float
    activity_interval_seconds: float
    quote_seconds: int
    checkout_seconds: int
    goody_connect_seconds: float
    goody_read_seconds: float

    def __repr__(self) -> str:
        """Say which database, never a password or a key."""
        return f"Settings({make_url(self.database_url)!r})"


def key_file(database_url: str) -> Path | None:
    """Where `storefront init` keeps the encryption key of a SQLite database; None for other databases."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(url.database + ".key")


def load_settings(dotenv: Path = Path(".env")) -> Settings:
    """Read the settings. SettingsError names every variable that is missing or absurd, all at once.

    A secret may stand in a file that `STOREFRONT_…_FILE` names.
    """
    env = FileAwareEnv(eager=False, prefix=PREFIX, strip_whitespace=True)
    if dotenv.is_file():
        env.read_env(str(dotenv), recurse=False)
    values = _read(env)
    try:
        env.seal()
    except EnvValidationError as error:
        raise SettingsError(_explain(error)) from error
    if not values["encryption_keys"]:
        values["encryption_keys"] = _keys_beside(values["database_url"])
    values["public_url"] = values["public_url"].rstrip("/")
    settings = Settings(**values)
    _agree(settings)
    return settings


def _read(env: FileAwareEnv) -> dict[str, Any]:
    positive = validate.Range(min=0, min_inclusive=False)
    return {
        "database_url": env.str("DATABASE_URL", "sqlite:///storefront.db", validate=_is_database_url),
        "encryption_keys": env.list("ENCRYPTION_KEYS", []),
        "public_url": env.str("PUBLIC_URL", "http://127.0.0.1:8000", validate=_is_http_url),
        "log_format": env.str("LOG_FORMAT", "console", validate=validate.OneOf(("json", "console"))),
        "log_level": env.str("LOG_LEVEL", "INFO", validate=validate.OneOf(("DEBUG", "INFO", "WARNING", "ERROR"))),
        "sync_interval_seconds": env.int("SYNC_INTERVAL_SECONDS", 3600, validate=positive),
        "sync_page_workers": env.int("SYNC_PAGE_WORKERS", 8, validate=validate.Range(min=1, max=32)),
        "sweep_interval_seconds": env.float("SWEEP_INTERVAL_SECONDS", 5.0, validate=positive),
        "submission_lease_seconds": env.int("SUBMISSION_LEASE_SECONDS", 30, validate=positive),
        "submission_give_up_seconds": env.int("SUBMISSION_GIVE_UP_SECONDS", 86_400, validate=positive),
        "inbox_interval_seconds": env.float("INBOX_INTERVAL_SECONDS", 0.1, validate=positive),
        "activity_interval_seconds": env.float("ACTIVITY_INTERVAL_SECONDS", 3.0, validate=positive),
        "quote_seconds": env.int("QUOTE_SECONDS", 1800, validate=positive),
        "checkout_seconds": env.int("CHECKOUT_SECONDS", 86_400, validate=positive),
        "goody_connect_seconds": env.float("GOODY_CONNECT_SECONDS", 5.0, validate=positive),
        "goody_read_seconds": env.float("GOODY_READ_SECONDS", 20.0, validate=positive),
    }


def _keys_beside(database_url: str) -> list[str]:
    file = key_file(database_url)
    if file is not None and file.is_file():
        return file.read_text().split()
    remedy = (
        "run `storefront init`, which writes a key file beside the SQLite database"
        if file is not None
        else "make one with `storefront keys generate` (a PostgreSQL deployment keeps it in the environment)"
    )
    raise SettingsError(f"STOREFRONT_ENCRYPTION_KEYS is not set: {remedy}.")


def _agree(settings: Settings) -> None:
    """Refuse settings that contradict each other."""
    answered_by = settings.goody_connect_seconds + settings.goody_read_seconds
    if settings.submission_lease_seconds <= answered_by:
        raise SettingsError(
            f"STOREFRONT_SUBMISSION_LEASE_SECONDS ({settings.submission_lease_seconds}) must be above "
            f"STOREFRONT_GOODY_CONNECT_SECONDS + STOREFRONT_GOODY_READ_SECONDS ({answered_by:g}): "
            "a lease must outlive the call that it guards."
        )


def _is_database_url(value: str) -> None:
    try:
        backend = make_url(value).get_backend_name()
    except ArgumentError as error:
        raise ValidationError("is no database URL; use sqlite:///FILE or postgresql://…") from error
    if backend not in {"sqlite", "postgresql"}:
        raise ValidationError(f"names {backend}; use sqlite:///FILE or postgresql://…")


def _is_http_url(value: str) -> None:
    if not value.startswith(("http://", "https://")):
        raise ValidationError("must begin with http:// or https://")


def _explain(error: EnvValidationError) -> str:
    messages = error.error_messages
    if isinstance(messages, Mapping):
        parts = [f"{name}: {' '.join(map(str, texts))}" for name, texts in messages.items()]
    else:
        parts = [str(text) for text in messages]
    return "The settings can't be used. " + " ".join(parts)
